namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What an executor does with a submission when its queue is full.</summary>
public enum QueueFullMode
{
    /// <summary>The submission waits, in order, until there is room; its task shows nothing of it.</summary>
    Wait,

    /// <summary>The submission throws <see cref="QueueFullException"/>.</summary>
    Reject,
}
