namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A place of an <see cref="AsyncExecutor"/>: made for one item, known to everything the item's work calls.</summary>
internal sealed class AsyncPlace(ExecutorCore core) : Place(core)
{
    private static readonly AsyncLocal<AsyncPlace?> Current = new();

    private AsyncPlace? _outer;
    private long _startedAt;

    /// <summary>The item of the executor <paramref name="core"/> in whose work the caller is, if any.</summary>
    public static ParentItem ItemOf(ExecutorCore core)
    {
        for (var place = Current.Value; place is not null; place = place._outer)
        {
            if (place.Core == core && place.Generation == 0)
                return new(place, 0);
        }

        return default;
    }

    /// <summary>
    /// Calls the work on this thread, without a synchronization context, and puts the thread's contexts back. Never throws.
    /// </summary>
    public Task Start<TState, TResult>(Func<TState, CancellationToken, Task> work, TState state, long queuedAt, CancellationToken cancellationToken)
    {
        _startedAt = Core.Instruments.Started(queuedAt);
        var execution = ExecutionContext.Capture();
        var synchronization = SynchronizationContext.Current;
        var outer = Current.Value;
        _outer = Living(outer);
        Current.Value = this;
        if (synchronization is not null)
            SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return work(state, cancellationToken) ?? throw TaskFaults.NullTask();
        }
        catch (Exception e) // A delegate that throws where it should return a task fails like one that returns it.
        {
            return TaskFaults.Throw<TResult>(e);
        }
        finally
        {
            if (execution is not null)
                ExecutionContext.Restore(execution);
            else
                Current.Value = outer;
            if (SynchronizationContext.Current != synchronization)
                SynchronizationContext.SetSynchronizationContext(synchronization);
        }
    }

    /// <summary>Frees the place and starts the next item on the pool: not here, where its work could hold up the caller.</summary>
    public void Free(OutcomeStatus status, bool hold, Exception? error = null)
    {
        var (item, place) = Core.Finish(this, status, hold);
        Core.Instruments.Ended(_startedAt, status, error);
        if (item is not null)
            ((IAsyncWorkItem)item).StartOnPool((AsyncPlace)place!);
    }

    // Work that starts work, and so on, would grow a chain of places without end if those of ended items stayed in it.
    private static AsyncPlace? Living(AsyncPlace? place)
    {
        while (place is { Generation: > 0 })
            place = place._outer;
        for (var living = place; living is not null; living = living._outer)
        {
            while (living._outer is { Generation: > 0 } ended)
                living._outer = ended._outer;
        }

        return place;
    }
}
