namespace ConcurrencyAnalyzers;

/// <summary>The id of every rule. An id is never reused, not even after its rule is gone.</summary>
internal static class RuleIds
{
    /// <summary>Thread.Sleep in async code.</summary>
    public const string ThreadSleepInAsync = "CONC101";

    /// <summary>Blocking on a task in async code.</summary>
    public const string BlockingOnTaskInAsync = "CONC102";

    /// <summary>One task started for each element of a sequence of unknown size, all awaited together.</summary>
    public const string UnboundedWhenAll = "CONC201";

    /// <summary>Tasks or threads started in a loop with nothing that bounds them.</summary>
    public const string UnboundedStart = "CONC202";

    /// <summary>A task whose result and exception nothing observes.</summary>
    public const string UnobservedTask = "CONC301";

    /// <summary>A task discarded with <c>_ =</c>.</summary>
    public const string DiscardedTask = "CONC302";

    /// <summary>An executor, limiter, breaker, scheduler or resilience pipeline made anew by each call.</summary>
    public const string PerCallExecutor = "CONC401";

    /// <summary>A lock, semaphore or lease that an exception leaves taken.</summary>
    public const string UnreleasedLock = "CONC503";

    /// <summary>A lock that belongs to a thread, held across an await.</summary>
    public const string LockAcrossAwait = "CONC505";

    /// <summary>A lock on an object that others can lock on, or that isn't always the same.</summary>
    public const string UnsafeLockObject = "CONC507";
}
