using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Which functions of the compilation an operation calls, where no other body than theirs can run: methods, accessors,
/// constructors, operators, method groups run in place.
/// </summary>
internal sealed class CallLinks(Compilation compilation)
{
    private readonly IAssemblySymbol _assembly = compilation.Assembly;

    public KnownSymbols Known { get; } = KnownSymbols.Of(compilation);

    /// <summary>The member that the operation calls, be it of this compilation or not; null where it calls none.</summary>
    public static ISymbol? MemberOf(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { MethodKind: not MethodKind.DelegateInvoke } method } => method,
        IPropertyReferenceOperation property => property.Property,
        IObjectCreationOperation creation => creation.Constructor,
        IBinaryOperation binary => binary.OperatorMethod,
        IUnaryOperation unary => unary.OperatorMethod,
        IConversionOperation conversion => conversion.OperatorMethod,
        ICompoundAssignmentOperation compound => compound.OperatorMethod,
        IIncrementOrDecrementOperation increment => increment.OperatorMethod,
        IMethodReferenceOperation { Parent: IDelegateCreationOperation } reference => reference.Method,
        _ => null,
    };

    public IEnumerable<IMethodSymbol> Of(IOperation operation) => MemberOf(operation) switch
    {
        null => [],
        IPropertySymbol property => Accessors((IPropertyReferenceOperation)operation, property),
        IMethodSymbol method when operation is IMethodReferenceOperation { Parent: IDelegateCreationOperation creation } reference =>
            Are(method, reference.Instance) && InPlaceDelegate.Is(creation, Known) ? [Definition(method)] : [],
        IMethodSymbol method => Linked(method, (operation as IInvocationOperation)?.Instance),
        _ => [],
    };

    /// <summary>Whether a call of the method leads to a body of this compilation, and to no other, and runs it to its end.</summary>
    public bool Are(IMethodSymbol method, IOperation? instance) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, _assembly)
        && IsSynchronous(method)
        && HasOneTarget(method, instance);

    /// <summary>Whether the function runs to its end before its caller goes on.</summary>
    public bool IsSynchronous(IMethodSymbol function) => !AsyncContext.IsAsyncCode(function, Known);

    /// <summary>Whether the lambda runs, to its end, as a part of the function around it.</summary>
    public bool IsRunInPlace(IAnonymousFunctionOperation lambda) =>
        IsSynchronous(lambda.Symbol) && lambda.Parent is IDelegateCreationOperation creation && InPlaceDelegate.Is(creation, Known);

    public static IMethodSymbol Definition(IMethodSymbol method)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        return method.PartialImplementationPart ?? method;
    }

    private IEnumerable<IMethodSymbol> Linked(IMethodSymbol method, IOperation? instance) => Are(method, instance) ? [Definition(method)] : [];

    private IEnumerable<IMethodSymbol> Accessors(IPropertyReferenceOperation reference, IPropertySymbol property)
    {
        if (!SymbolEqualityComparer.Default.Equals(property.ContainingAssembly, _assembly))
            return [];

        var (reads, writes) = reference.Parent switch
        {
            ISimpleAssignmentOperation assignment when assignment.Target == reference => (false, true),
            ICompoundAssignmentOperation compound when compound.Target == reference => (true, true),
            ICoalesceAssignmentOperation coalesce when coalesce.Target == reference => (true, true),
            IIncrementOrDecrementOperation => (true, true),
            _ => (true, false),
        };
        return (reads && property.GetMethod is { } getter ? Linked(getter, reference.Instance) : [])
            .Concat(writes && property.SetMethod is { } setter ? Linked(setter, reference.Instance) : []);
    }

    private static bool HasOneTarget(IMethodSymbol method, IOperation? instance)
    {
        if (method.IsStatic || method.MethodKind is MethodKind.Constructor or MethodKind.LocalFunction)
            return !method.IsAbstract && !method.IsVirtual;

        return !method.IsAbstract && !method.IsExtern && method.ContainingType is { TypeKind: not TypeKind.Interface } type
            && (!(method.IsVirtual || method.IsOverride) || method.IsSealed || type.IsSealed || instance?.Syntax is BaseExpressionSyntax);
    }
}
