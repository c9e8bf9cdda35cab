namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The counts of an executor, all of one moment.</summary>
public readonly record struct ExecutorSnapshot
{
    /// <summary>The items that wait for a place, those waiting for room in the queue included.</summary>
    public int Queued { get; init; }

    /// <summary>The items that run.</summary>
    public int Running { get; init; }

    /// <summary>The most items that ever ran at once.</summary>
    public int PeakRunning { get; init; }

    /// <summary>The items that ended well.</summary>
    public long Completed { get; init; }

    /// <summary>The items that ended with an exception.</summary>
    public long Failed { get; init; }

    /// <summary>The items that were cancelled, in the queue or while they ran.</summary>
    public long Canceled { get; init; }

    /// <summary>The submissions that were refused because the queue was full.</summary>
    public long Rejected { get; init; }
}
