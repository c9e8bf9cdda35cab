namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What would be lost if nobody kept a value: the faults of a task that it starts.</summary>
internal static class LostTask
{
    /// <summary>
    /// The call whose task is lost if the value is dropped; null where none is, or where nothing is lost with it: it is
    /// safe to forget, part of a mock set-up, can't fault, or starts work in a loop, which is a mistake of its own.
    /// </summary>
    public static IInvocationOperation? In(IOperation? value, AnalyzerOptions options, KnownSymbols known) =>
        StartedTask.Of(value, known) is { } call
        && !SafeToForget.Includes(call, options, known)
        && !MockSetup.Contains(call, known)
        && !HandledFaults.Covers(call, known)
        && !IsUnboundedStart(call, known)
            ? call
            : null;

    // Work started in a loop that nothing bounds; one that awaits something each turn, or counts to a constant, is bounded.
    private static bool IsUnboundedStart(IInvocationOperation call, KnownSymbols known)
    {
        if (!HandledFaults.IsStart(call, known))
            return false;

        for (var current = call.Parent; current is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation; current = current.Parent)
        {
            switch (current)
            {
                case IForLoopOperation { Condition: IBinaryOperation { RightOperand.ConstantValue.HasValue: true } }:
                case ILoopOperation loop when AwaitsInside(loop.Body):
                    return false;
                case ILoopOperation:
                    return true;
            }
        }

        return false;
    }

    private static bool AwaitsInside(IOperation operation)
    {
        foreach (var child in operation.ChildOperations)
        {
            if (child is IAwaitOperation || (child is not IAnonymousFunctionOperation and not ILocalFunctionOperation && AwaitsInside(child)))
                return true;
        }

        return false;
    }
}
