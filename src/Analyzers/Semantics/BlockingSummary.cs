using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Options;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Which synchronous functions of a compilation block the thread that calls them, at any depth, and by which chain. Each
/// function's body is read once, when it is first asked for; what a call leads to is then decided for all that it
/// reaches together, so that cycles are no special case.
/// </summary>
internal sealed class BlockingSummary
{
    private const int MaxSteps = 64;
    private const int MaxNames = 6;

    private static readonly ConditionalWeakTable<Compilation, BlockingSummary> Cache = new();

    private readonly ConcurrentDictionary<IMethodSymbol, BlockingFunction> _functions = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IMethodSymbol, int> _distances = new(SymbolEqualityComparer.Default);
    private readonly IAssemblySymbol _assembly;
    private readonly AnalyzerOptions _options;

    private BlockingSummary(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken)
    {
        _assembly = compilation.Assembly;
        _options = options;
        Known = KnownSymbols.Of(compilation);
        Names = new BlockingNames(compilation, options, cancellationToken);
    }

    public KnownSymbols Known { get; }

    public SiblingNames Siblings { get; } = new();

    /// <summary>What can't be a name of a function that blocks needs no further look.</summary>
    public BlockingNames Names { get; }

    public static BlockingSummary Of(Compilation compilation, AnalyzerOptions options, CancellationToken cancellationToken) =>
        Cache.TryGetValue(compilation, out var summary) ? summary : Cache.GetValue(compilation, one => new BlockingSummary(one, options, cancellationToken));

    /// <summary>By which chain the method blocks; null where it doesn't, or isn't synchronous, or isn't known.</summary>
    public BlockingChain? Of(IMethodSymbol method, SemanticModel model, CancellationToken cancellationToken)
    {
        method = Definition(method);
        return Distance(method, model, cancellationToken) is > 0 and var distance ? Chain(NameOf(method), _functions[method], distance) : null;
    }

    /// <summary>By which chain a lambda blocks, and where its own part of it stands.</summary>
    public (BlockingChain Chain, SyntaxNode Place)? Of(IAnonymousFunctionOperation lambda, CancellationToken cancellationToken)
    {
        if (!IsSynchronous(lambda.Symbol) || lambda.SemanticModel is not { } model)
            return null;

        var function = BlockingFunction.Read(lambda, isGetter: false, this, cancellationToken);
        if (function.Wait is { } wait)
            return (new(wait.Name, [wait.Place.GetLocation()]), wait.Place);

        foreach (var (callee, place) in function.Calls)
        {
            if (Of(callee, model, cancellationToken) is { } chain)
                return (chain, place);
        }

        return null;
    }

    /// <summary>The functions that the operation calls, if they are of those that may block: methods, accessors, constructors, operators, method groups run in place.</summary>
    public IEnumerable<IMethodSymbol> Callees(IOperation operation)
    {
        switch (operation)
        {
            case IInvocationOperation { TargetMethod: { MethodKind: not MethodKind.DelegateInvoke } method } call:
                return Linked(method, call.Instance);
            case IPropertyReferenceOperation property:
                return Accessors(property);
            case IObjectCreationOperation { Constructor: { } constructor }:
                return Linked(constructor, null);
            case IBinaryOperation { OperatorMethod: { } method }:
                return Linked(method, null);
            case IUnaryOperation { OperatorMethod: { } method }:
                return Linked(method, null);
            case IConversionOperation { OperatorMethod: { } method }:
                return Linked(method, null);
            case ICompoundAssignmentOperation { OperatorMethod: { } method }:
                return Linked(method, null);
            case IIncrementOrDecrementOperation { OperatorMethod: { } method }:
                return Linked(method, null);
            case IMethodReferenceOperation { Parent: IDelegateCreationOperation creation } reference when Links(reference.Method, reference.Instance) && InPlaceDelegate.Is(creation, Known):
                return Linked(reference.Method, reference.Instance);
            default:
                return [];
        }
    }

    /// <summary>Whether a call of the method leads to a body of this compilation, and to no other, that may block.</summary>
    public bool Links(IMethodSymbol method, IOperation? instance) =>
        Names.Include(method)
        && SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, _assembly)
        && IsSynchronous(method)
        && HasOneTarget(method, instance);

    /// <summary>Whether the function runs to its end before its caller goes on.</summary>
    public bool IsSynchronous(IMethodSymbol function) => !AsyncContext.IsAsyncCode(function, Known);

    public bool IsRunInPlace(IAnonymousFunctionOperation lambda) =>
        IsSynchronous(lambda.Symbol) && lambda.Parent is IDelegateCreationOperation creation && InPlaceDelegate.Is(creation, Known);

    /// <summary>Whether <c>concurrency.additional_blocking_methods</c> names the method.</summary>
    public bool IsSaidToBlock(IInvocationOperation call) =>
        Names.HasAdditional
        && IsSynchronous(call.TargetMethod)
        && NamedMethods.Include(ConcurrencyOptions.AdditionalBlockingMethods.In(_options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree)), call.TargetMethod);

    public static IMethodSymbol Definition(IMethodSymbol method)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        return method.PartialImplementationPart ?? method;
    }

    /// <summary>As a message names the function.</summary>
    public static string NameOf(IMethodSymbol method) => method.MethodKind switch
    {
        MethodKind.PropertyGet or MethodKind.PropertySet => method.AssociatedSymbol is IPropertySymbol { IsIndexer: false } property ? property.Name : method.ContainingType.Name + "[]",
        MethodKind.Constructor => "new " + method.ContainingType.Name,
        MethodKind.UserDefinedOperator or MethodKind.Conversion => "an operator of " + method.ContainingType.Name,
        _ => method.Name,
    };

    private IEnumerable<IMethodSymbol> Linked(IMethodSymbol method, IOperation? instance) => Links(method, instance) ? [Definition(method)] : [];

    private IEnumerable<IMethodSymbol> Accessors(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (!Names.IncludeProperty(property) || !SymbolEqualityComparer.Default.Equals(property.ContainingAssembly, _assembly))
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

    // How many steps lead from the method to a wait, the wait counted; 0 where none do.
    private int Distance(IMethodSymbol method, SemanticModel model, CancellationToken cancellationToken)
    {
        if (_distances.TryGetValue(method, out var known))
            return known;

        if (FunctionOf(method, model, cancellationToken) == BlockingFunction.None)
            return _distances.GetOrAdd(method, 0);

        // What is reached and not decided yet, and who calls whom there.
        var reached = new List<IMethodSymbol> { method };
        var places = new Dictionary<IMethodSymbol, int>(SymbolEqualityComparer.Default) { [method] = 0 };
        var callers = new List<List<int>> { new() };
        var byDistance = new SortedDictionary<int, List<int>>();
        for (var i = 0; i < reached.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var function = FunctionOf(reached[i], model, cancellationToken);
            if (function.Wait is not null)
            {
                Enter(byDistance, 1, i);
                continue;
            }

            foreach (var (callee, _) in function.Calls)
            {
                if (_distances.TryGetValue(callee, out var decided))
                {
                    if (decided > 0)
                        Enter(byDistance, decided + 1, i);
                    continue;
                }

                if (!places.TryGetValue(callee, out var place))
                {
                    place = reached.Count;
                    places.Add(callee, place);
                    reached.Add(callee);
                    callers.Add([]);
                }

                callers[place].Add(i);
            }
        }

        // From the waits back to those who call them, the nearest first.
        var distances = new int[reached.Count];
        while (byDistance.Count > 0)
        {
            var nearest = byDistance.First();
            var distance = nearest.Key;
            byDistance.Remove(distance);
            foreach (var place in nearest.Value)
            {
                if (distances[place] > 0)
                    continue;

                distances[place] = distance;
                foreach (var caller in callers[place])
                {
                    if (distances[caller] == 0)
                        Enter(byDistance, distance + 1, caller);
                }
            }
        }

        for (var i = 0; i < reached.Count; i++)
            _distances[reached[i]] = distances[i];

        return distances[0];
    }

    private static void Enter(SortedDictionary<int, List<int>> byDistance, int distance, int place)
    {
        if (!byDistance.TryGetValue(distance, out var those))
            byDistance.Add(distance, those = []);
        those.Add(place);
    }

    private BlockingFunction FunctionOf(IMethodSymbol method, SemanticModel model, CancellationToken cancellationToken)
    {
        if (_functions.TryGetValue(method, out var function))
            return function;

        function = !Names.IncludeBody(method) || IsIterator(method, cancellationToken) || MethodBodies.Of(method, model, cancellationToken) is not { } body
            ? BlockingFunction.None
            : BlockingFunction.Read(body, method.MethodKind == MethodKind.PropertyGet, this, cancellationToken);
        return _functions.GetOrAdd(method, function);
    }

    // Nothing of an iterator runs when it is called.
    private static bool IsIterator(IMethodSymbol method, CancellationToken cancellationToken) =>
        method.ReturnType is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IEnumerator" }
        && method.DeclaringSyntaxReferences is [var declaration]
        && declaration.GetSyntax(cancellationToken) is var function
        && function.DescendantNodes(node => node == function || node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or ExpressionSyntax)).OfType<YieldStatementSyntax>().Any();

    private BlockingChain Chain(string name, BlockingFunction function, int distance)
    {
        var names = new List<string> { name };
        var links = ImmutableArray.CreateBuilder<Location>();
        for (var step = 0; step < MaxSteps; step++)
        {
            if (function.Wait is { } wait)
            {
                names.Add(wait.Name);
                links.Add(wait.Place.GetLocation());
                break;
            }

            var (callee, place) = function.Calls.Find(call => _distances.TryGetValue(call.Callee, out var next) && next == distance - 1);
            if (callee is null)
                break;

            names.Add(NameOf(callee));
            links.Add(place.GetLocation());
            function = _functions[callee];
            distance--;
        }

        if (names.Count > MaxNames)
        {
            names.RemoveRange(MaxNames - 2, names.Count - MaxNames + 1);
            names.Insert(MaxNames - 2, "…");
        }

        return new(string.Join(" → ", names), links.ToImmutable());
    }
}
