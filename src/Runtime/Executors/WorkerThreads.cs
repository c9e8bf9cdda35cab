namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The threads of a <see cref="ThreadExecutor"/>. They refer to this object and not to the executor, so that an executor that
/// everybody forgot is collected, and its finalizer lets the threads end.
/// </summary>
internal sealed class WorkerThreads
{
    private readonly string _namePrefix;
    private readonly Action? _initializer;
    private int _started;

    public WorkerThreads(ThreadExecutorOptions options)
    {
        _namePrefix = options.NamePrefix;
        _initializer = options.Initializer;
        Core = new ExecutorCore(nameof(ThreadExecutor), ExecutorInstruments.Thread, options.MaxThreads, options, core => new WorkerThread(core, this));
    }

    public ExecutorCore Core { get; }

    /// <summary>Hands the item to an idle thread or a new one, or queues it.</summary>
    public void Submit(IThreadWorkItem item, bool mayReject)
    {
        item.Submission?.Register(Core, item);
        try
        {
            if (Core.Admit(item, mayReject) is not WorkerThread worker)
                return;
            item.Submission?.Unregister();
            if (worker.IsStarted)
                worker.Assign(item);
            else
                Start(worker, item);
        }
        catch (Exception e)
        {
            item.Submission?.Unregister();
            if (e is QueueFullException)
                Core.Instruments.Rejected();
            throw;
        }
    }

    public void Close(bool cancelQueued)
    {
        foreach (var idle in Core.Close(cancelQueued))
            ((WorkerThread)idle).Dismiss();
    }

    /// <summary>Runs the initializer on the worker's thread. If it throws, the executor is broken, and the worker's item with it.</summary>
    public bool Initialize(WorkerThread worker)
    {
        if (_initializer is null)
            return true;
        try
        {
            _initializer();
            worker.Enter(null);
            return true;
        }
        catch (Exception e) // Whatever it is, it is told to everybody who waits.
        {
            var item = worker.TakeAssigned()!;
            Core.Break(e);
            _ = Core.Finish(worker, OutcomeStatus.Failed, hold: false, isLost: true);
            Core.Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Failed, e);
            item.Fail(Core.Broken(e));
            return false;
        }
    }

    private void Start(WorkerThread worker, IThreadWorkItem item)
    {
        for (var next = item; next is not null;)
        {
            worker.Assign(next);
            try
            {
                worker.Start($"{_namePrefix}-{Interlocked.Increment(ref _started)}");
                return;
            }
            catch (Exception e) // No memory for another thread: the item fails; the next may fare better.
            {
                _ = worker.TakeAssigned();
                var failed = next;
                next = (IThreadWorkItem?)Core.Finish(worker, OutcomeStatus.Failed, hold: false, isLost: true).Item;
                Core.Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Failed, e);
                failed.Fail(e);
            }
        }

        Core.Release();
    }
}
