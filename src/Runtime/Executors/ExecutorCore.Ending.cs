namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How an executor ends: shut down, or broken; and when nothing of it is left.</summary>
internal sealed partial class ExecutorCore
{
    public const string NotInitialized = "a worker could not be initialized";

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _holds;
    private bool _closed;
    private (Exception Cause, string What)? _breakage;

    /// <summary>
    /// Ends when the core is closed, nothing waits or runs, and nobody holds it: a thread that has not ended, or the code that
    /// is about to complete an item's task.
    /// </summary>
    public Task Drained => _drained.Task;

    /// <summary>Accepts nothing more. Returns the idle places, which are dismissed.</summary>
    public IReadOnlyList<Place> Close(bool cancelQueued)
    {
        List<IWorkItem> canceled;
        Place[] idle;
        lock (_lock)
        {
            Volatile.Write(ref _closed, true);
            idle = [.. _idle];
            _idle.Clear();
            foreach (var place in idle)
                place.IsDismissed = true;
            canceled = cancelQueued ? TakeQueue() : [];
            _counts.Add(OutcomeStatus.Canceled, canceled.Count);
            Hold();
        }

        foreach (var item in canceled)
        {
            item.Submission?.Unregister();
            item.Cancel(new CancellationToken(canceled: true));
            Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
        }

        Release();
        return idle;
    }

    /// <summary>Fails everything that waits, and every later submission. What runs goes on.</summary>
    public void Break(Exception cause, string what = NotInitialized)
    {
        List<IWorkItem> pending;
        lock (_lock)
        {
            _breakage ??= (cause, what);
            pending = TakeQueue();
            _counts.Add(OutcomeStatus.Failed, pending.Count);
            Hold();
        }

        foreach (var item in pending)
        {
            item.Submission?.Unregister();
            item.Fail(Broken(cause, what));
            Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Failed, cause);
        }

        Release();
    }

    public BrokenExecutorException Broken(Exception cause, string what = NotInitialized) =>
        new($"The {_name} is broken: {what} ({MessageOf(cause)})", cause);

    // Somebody else's code, and nobody may be left waiting because of it.
    private static string MessageOf(Exception cause)
    {
        try
        {
            return cause.Message;
        }
        catch (Exception)
        {
            return cause.GetType().Name;
        }
    }

    /// <summary>Gives a hold back.</summary>
    public void Release()
    {
        // The lock only where it may matter: who closes the core holds it, and comes here afterwards itself.
        if (Interlocked.Decrement(ref _holds) != 0 || !Volatile.Read(ref _closed))
            return;
        bool drained;
        lock (_lock)
            drained = IsDrained();
        if (drained)
            SignalDrained();
    }

    private void ThrowIfEnded()
    {
        if (_breakage is { } breakage)
            throw Broken(breakage.Cause, breakage.What);
        if (_closed)
            throw new ObjectDisposedException(_name, $"The {_name} was shut down and accepts nothing more.");
    }

    private void Hold() => Interlocked.Increment(ref _holds);

    private List<IWorkItem> TakeQueue()
    {
        List<IWorkItem> items = new(_queue.Count);
        while (_queue.Dequeue() is { } item)
        {
            _tree.RemoveChild(item.Submission?.Parent ?? default);
            items.Add(item);
        }

        return items;
    }

    private void SignalDrained()
    {
        ExecutorInstruments.Detach(this);
        _drained.TrySetResult();
    }

    private bool IsDrained() => _closed && _counts.Running == 0 && _queue.Count == 0 && Volatile.Read(ref _holds) == 0;
}
