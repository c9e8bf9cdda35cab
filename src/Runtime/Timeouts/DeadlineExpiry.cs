namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What happens to work whose deadline expires.</summary>
public enum DeadlineExpiry
{
    /// <summary>The work is cancelled and awaited: when the call returns, nothing runs any more.</summary>
    Await,

    /// <summary>The work is cancelled and left to itself: the call returns at once, what the work does later is ignored, and its faults are observed.</summary>
    Abandon,
}
