using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Calls that hand work to an executor of this package's runtime.</summary>
internal static class ExecutorWork
{
    public static bool IsSubmission(IInvocationOperation call, KnownSymbols known) =>
        call.TargetMethod.Name is "RunAsync" or "Post" or "MapAsync" or "MapAsCompletedAsync" && IsExecutor(call.Instance?.Type, known);

    public static bool IsExecutor(ITypeSymbol? type, KnownSymbols known) => IsAsync(type, known) || IsThread(type, known);

    public static bool IsAsync(ITypeSymbol? type, KnownSymbols known) => known.AsyncExecutor is { } executor && SymbolEqualityComparer.Default.Equals(type, executor);

    public static bool IsThread(ITypeSymbol? type, KnownSymbols known) => known.ThreadExecutor is { } executor && SymbolEqualityComparer.Default.Equals(type, executor);

    /// <summary>The variable that holds the executor: a local, a parameter, a field or property of the same object.</summary>
    public static ISymbol? VariableOf(IOperation? executor) => AssignedValues.UnwrapOrNull(executor) switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } field => field.Field,
        IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation, Arguments.IsEmpty: true } property => property.Property,
        _ => null,
    };

    /// <summary>The lambda or method that is the work.</summary>
    public static IOperation? CodeOf(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            var value = AssignedValues.Unwrap(argument.Value);
            if (value is ILocalReferenceOperation { Type.TypeKind: TypeKind.Delegate } local)
                value = AssignedValues.Single(local.Local, AssignedValues.Root(local)) ?? value;

            if (value is IDelegateCreationOperation { Target: IAnonymousFunctionOperation or IMethodReferenceOperation } creation)
                return creation.Target;
        }

        return null;
    }
}
