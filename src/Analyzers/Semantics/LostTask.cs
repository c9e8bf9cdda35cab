namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What would be lost if nobody kept a value: the faults of a task that it starts.</summary>
internal static class LostTask
{
    /// <summary>
    /// The call whose task is lost if the value is dropped; null where none is, or where nothing is lost with it: it is
    /// safe to forget, part of a mock set-up, or can't fault. A task of a task is CONC306's, one that works on what is
    /// disposed is CONC307's.
    /// </summary>
    public static IInvocationOperation? In(IOperation? value, AnalyzerOptions options, KnownSymbols known) =>
        StartedTask.Of(value, known) is { } call
        && !(NestedTasks.AreStartedBy(call, known) && (call == value || NestedTasks.LosesInner(call, known)))
        && Starts(call, options, known)
        && !(AwaitedValue.IsDropped(call) && DisposedResource.OfDropped(call) is not null)
            ? call
            : null;

    /// <summary>Whether something is lost with the call's task.</summary>
    public static bool Starts(IInvocationOperation call, AnalyzerOptions options, KnownSymbols known) =>
        !SafeToForget.Includes(call, options, known)
        && !MockSetup.Contains(call, known)
        && !IsCancellation(call, known)
        && !HandledFaults.Covers(call, known);

    // What CancelAsync's callbacks throw is theirs to handle; to drop its task is the idiom.
    private static bool IsCancellation(IInvocationOperation call, KnownSymbols known) =>
        call.TargetMethod.Name == "CancelAsync" && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.CancellationTokenSource);
}
