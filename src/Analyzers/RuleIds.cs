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

    /// <summary>An async delegate given to a method that can't await it: Parallel.ForEach, List.ForEach.</summary>
    public const string AsyncDelegateInParallel = "CONC204";

    /// <summary>A lazy sequence of tasks enumerated more than once.</summary>
    public const string TasksEnumeratedTwice = "CONC207";

    /// <summary>A lazy sequence of tasks that nothing enumerates.</summary>
    public const string TasksNeverEnumerated = "CONC208";

    /// <summary>WhenAny over the remaining tasks in a loop.</summary>
    public const string WhenAnyInLoop = "CONC209";

    /// <summary>A task whose result and exception nothing observes.</summary>
    public const string UnobservedTask = "CONC301";

    /// <summary>A task discarded with <c>_ =</c>.</summary>
    public const string DiscardedTask = "CONC302";

    /// <summary>An executor, limiter, breaker, scheduler or resilience pipeline made anew by each call.</summary>
    public const string PerCallExecutor = "CONC401";
}
