namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Delegates that the very code which makes them runs, and before it goes on: called at once, by a list's or an array's
/// own loop, by a LINQ query that is enumerated on the spot, or by a method of the compilation that only calls what it is given.
/// </summary>
internal static class InPlaceDelegate
{
    public static bool Is(IDelegateCreationOperation creation, KnownSymbols known)
    {
        IOperation value = creation;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        return value.Parent switch
        {
            IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke } call => call.Instance == value,
            IArgumentOperation { Parent: IInvocationOperation call } argument => IsLoop(call.TargetMethod)
                || (known.IsLinq(call.TargetMethod.ContainingType) && !SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.ParallelLinq) && IsEnumerated(call, known))
                || (argument.Parameter is { } parameter && ParameterUse.IsCalledInPlace(parameter)),
            _ => false,
        };
    }

    private static bool IsLoop(IMethodSymbol method) => method.ContainingType switch
    {
        { SpecialType: SpecialType.System_Array } => true,
        { Name: "List" or "ImmutableList", ContainingNamespace: { Name: "Generic" or "Immutable", ContainingNamespace.Name: "Collections" } } => true,
        _ => false,
    };

    // A query is run by the first operator that yields no sequence, or by the loop over it.
    private static bool IsEnumerated(IInvocationOperation query, KnownSymbols known)
    {
        IOperation current = query;
        while (true)
        {
            switch (current.Parent)
            {
                case IConversionOperation or IParenthesizedOperation or ITranslatedQueryOperation:
                    current = current.Parent;
                    break;
                case IForEachLoopOperation { IsAsynchronous: false } loop when loop.Collection == current:
                    return true;
                case IArgumentOperation { Parent: IInvocationOperation outer } argument when known.IsLinq(outer.TargetMethod.ContainingType) && outer.Arguments[0] == argument && IsLazy(((IInvocationOperation)AssignedValues.Unwrap(current)).Type):
                    current = outer;
                    break;
                default:
                    return AssignedValues.Unwrap(current) is IInvocationOperation last && !IsLazy(last.Type);
            }
        }
    }

    private static bool IsLazy(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IOrderedEnumerable" or "ILookup" or "IGrouping" } or null;
}
