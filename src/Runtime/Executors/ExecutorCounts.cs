namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What an executor counts. Belongs to the lock of the executor's core.</summary>
internal struct ExecutorCounts
{
    private int _peak;
    private long _completed;
    private long _failed;
    private long _canceled;
    private long _rejected;

    /// <summary>Items that hold a place.</summary>
    public int Running { get; private set; }

    public void Begin()
    {
        if (++Running > _peak)
            _peak = Running;
    }

    /// <summary>An item that ran has ended.</summary>
    public void End(OutcomeStatus status)
    {
        Running--;
        Add(status, 1);
    }

    /// <summary>Items have ended, or ended without having run.</summary>
    public void Add(OutcomeStatus status, int items)
    {
        switch (status)
        {
            case OutcomeStatus.Succeeded:
                _completed += items;
                break;
            case OutcomeStatus.Failed:
                _failed += items;
                break;
            default:
                _canceled += items;
                break;
        }
    }

    public void Reject() => _rejected++;

    public readonly ExecutorSnapshot ToSnapshot(int queued) => new()
    {
        Queued = queued,
        Running = Running,
        PeakRunning = _peak,
        Completed = _completed,
        Failed = _failed,
        Canceled = _canceled,
        Rejected = _rejected,
    };
}
