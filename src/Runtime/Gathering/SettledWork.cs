namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Work whose failures are values.</summary>
internal static class SettledWork
{
    /// <summary>Runs <paramref name="work"/> and returns what came of it; throws only if <paramref name="cancellationToken"/> cancelled it.</summary>
    public static async Task<Outcome<TSource, TResult>> RunAsync<TSource, TResult>(
        Func<TSource, CancellationToken, Task> work, TSource item, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        Task task;
        try
        {
            task = work(item, cancellationToken) ?? throw TaskFaults.NullTask();
        }
        catch (Exception e) // A delegate that throws where it should return a task fails like one that returns it.
        {
            task = TaskFaults.Throw<TResult>(e);
        }

        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCanceled)
            cancellationToken.ThrowIfCancellationRequested();
#pragma warning disable CONC105 // The task is complete where it is read.
        return OutcomeOf<TSource, TResult>(item, task, timeProvider.GetElapsedTime(startedAt));
#pragma warning restore CONC105
    }

    /// <summary>What came of a task that has ended; a task without a result gives the default of <typeparamref name="TResult"/>.</summary>
    public static Outcome<TSource, TResult> OutcomeOf<TSource, TResult>(TSource item, Task task, TimeSpan duration) => task.Status switch
    {
        TaskStatus.RanToCompletion => Outcome.Success(item, task is Task<TResult> { Result: var result } ? result : default!, duration),
        TaskStatus.Canceled => Outcome.Canceled<TSource, TResult>(item, TaskFaults.CancellationOf(task), duration),
        _ => Outcome.Failure<TSource, TResult>(item, TaskFaults.FaultOf(task), duration),
    };
}
