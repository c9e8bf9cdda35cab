namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Where a caller's code runs: its synchronization context or task scheduler, and its execution context. What is started
/// later on the caller's behalf runs there too, as it would after an await of the caller's own.
/// </summary>
internal sealed class CallerContext
{
    private readonly ExecutionContext? _execution = ExecutionContext.Capture();
    private readonly SynchronizationContext? _synchronization = SynchronizationContext.Current;
    private readonly TaskScheduler? _scheduler = TaskScheduler.Current == TaskScheduler.Default ? null : TaskScheduler.Current;

    /// <summary>Runs <paramref name="callback"/> where the caller's code runs: on this very thread if that is anywhere.</summary>
    public void Dispatch(ContextCallback callback, object state)
    {
        var posts = _synchronization is not null && _synchronization.GetType() != typeof(SynchronizationContext);
        if (!posts && _scheduler is null)
        {
            Run(callback, state);
            return;
        }

        try
        {
            if (posts)
                _synchronization!.Post(_ => Run(callback, state), null);
            else
#pragma warning disable CONC302 // The callback is the run's own pump, which keeps what fails for the run's task.
                _ = Task.Factory.StartNew(() => Run(callback, state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler!);
#pragma warning restore CONC302
        }
        catch (Exception) // A context that takes no more posts (a closed window) must leave nobody hanging.
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Run(callback, state), null);
        }
    }

    /// <summary>Runs <paramref name="callback"/> now, and puts the thread's own contexts back after it.</summary>
    public void Run(ContextCallback callback, object state)
    {
        if (_execution is not null)
        {
            ExecutionContext.Run(_execution, callback, state);
            return;
        }

        // The caller suppressed the flow: there is nothing to restore but what Restore below may change.
        var synchronization = SynchronizationContext.Current;
        try
        {
            callback(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(synchronization);
        }
    }

    /// <summary>Makes the contexts of this thread the caller's again: what user code wrote to an AsyncLocal must not reach the next.</summary>
    public void Restore()
    {
        if (_execution is not null && ExecutionContext.Capture() != _execution)
            ExecutionContext.Restore(_execution);
        if (SynchronizationContext.Current != _synchronization)
            SynchronizationContext.SetSynchronizationContext(_synchronization);
    }
}
