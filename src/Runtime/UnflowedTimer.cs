namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Timers that don't hold on to the execution context of whoever made them.</summary>
internal static class UnflowedTimer
{
    public static ITimer Create(TimeProvider timeProvider, TimerCallback callback, object state, TimeSpan dueTime)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return timeProvider.CreateTimer(callback, state, dueTime, Timeout.InfiniteTimeSpan);
        using (ExecutionContext.SuppressFlow())
            return timeProvider.CreateTimer(callback, state, dueTime, Timeout.InfiniteTimeSpan);
    }
}
