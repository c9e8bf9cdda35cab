namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A wait that is given no time only asks, and never blocks.</summary>
internal static class ZeroTimeout
{
    /// <summary>Whether an argument of the call is 0 or TimeSpan.Zero.</summary>
    public static bool IsGiven(IInvocationOperation invocation, KnownSymbols known)
    {
        foreach (var argument in invocation.Arguments)
        {
            if (argument.Value.ConstantValue is { HasValue: true, Value: 0 }
                || (AssignedValues.Unwrap(argument.Value) is IFieldReferenceOperation { Field: { Name: "Zero" } zero } && SymbolEqualityComparer.Default.Equals(zero.ContainingType, known.TimeSpan)))
            {
                return true;
            }
        }

        return false;
    }
}
