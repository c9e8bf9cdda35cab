namespace ConcurrencyAnalyzers;

/// <summary>The id of every rule. An id is never reused, not even after its rule is gone.</summary>
internal static class RuleIds
{
    /// <summary>Thread.Sleep in async code.</summary>
    public const string ThreadSleepInAsync = "CONC101";

    /// <summary>Blocking on a task in async code.</summary>
    public const string BlockingOnTaskInAsync = "CONC102";

    /// <summary>Blocking synchronization in async code.</summary>
    public const string BlockingSynchronizationInAsync = "CONC103";

    /// <summary>A synchronous call in async code that has an async sibling.</summary>
    public const string AsyncSiblingAvailable = "CONC104";

    /// <summary>One task started for each element of a sequence of unknown size, all awaited together.</summary>
    public const string UnboundedWhenAll = "CONC201";

    /// <summary>Tasks or threads started in a loop with nothing that bounds them.</summary>
    public const string UnboundedStart = "CONC202";

    /// <summary>A task whose result and exception nothing observes.</summary>
    public const string UnobservedTask = "CONC301";

    /// <summary>A task discarded with <c>_ =</c>.</summary>
    public const string DiscardedTask = "CONC302";

    /// <summary>A WhenAll whose catch sees the first failure alone.</summary>
    public const string LostFailures = "CONC304";

    /// <summary>A WhenAny whose losers are neither cancelled nor observed.</summary>
    public const string AbandonedLosers = "CONC305";

    /// <summary>StartNew or ContinueWith with an async delegate, whose task is taken for the work's.</summary>
    public const string NestedTask = "CONC306";

    /// <summary>A continuation that ignores faults or takes the ambient scheduler.</summary>
    public const string Continuation = "CONC308";

    /// <summary>A catch that swallows cancellation.</summary>
    public const string SwallowedCancellation = "CONC309";

    /// <summary>An executor, limiter, breaker, scheduler or resilience pipeline made anew by each call.</summary>
    public const string PerCallExecutor = "CONC401";

    /// <summary>Elapsed time, a deadline or pacing measured with the wall clock.</summary>
    public const string WallClockElapsed = "CONC601";

    /// <summary>A timeout made of WhenAny and Delay.</summary>
    public const string WhenAnyTimeout = "CONC602";

    /// <summary>A loop that tries again for ever, and at once.</summary>
    public const string UnboundedRetry = "CONC604";

    /// <summary>Calls in a loop that are spaced out by a constant delay.</summary>
    public const string DelayPacing = "CONC605";

    /// <summary>A CancellationTokenSource with a timeout, or linked, that nobody disposes.</summary>
    public const string UndisposedTokenSource = "CONC606";

    /// <summary>A registration on a CancellationToken that is dropped, and with it the way to end it.</summary>
    public const string DroppedTokenRegistration = "CONC607";

    /// <summary>Work for a worker process that captures state or belongs to an object.</summary>
    public const string CapturingProcessWork = "CONC701";

    /// <summary>An argument or result that can't be sent to a worker process.</summary>
    public const string UnserializableProcessData = "CONC702";

    /// <summary>A lease of a rate limiter that is never checked, or never disposed.</summary>
    public const string UncheckedLease = "CONC705";

    /// <summary>Outcomes whose failures nothing reads.</summary>
    public const string UnreadOutcome = "CONC706";

    /// <summary>A task group or an executor that nobody disposes.</summary>
    public const string UndisposedExecutor = "CONC707";
}
