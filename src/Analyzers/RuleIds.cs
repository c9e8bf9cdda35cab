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

    /// <summary>Async code calls a synchronous method of the compilation that blocks.</summary>
    public const string BlockingAtDistance = "CONC105";

    /// <summary>Blocking on a task in synchronous code.</summary>
    public const string SyncOverAsync = "CONC106";

    /// <summary>Blocking work on the thread pool.</summary>
    public const string BlockingPoolWork = "CONC107";

    /// <summary>One task started for each element of a sequence of unknown size, all awaited together.</summary>
    public const string UnboundedWhenAll = "CONC201";

    /// <summary>Tasks or threads started in a loop with nothing that bounds them.</summary>
    public const string UnboundedStart = "CONC202";

    /// <summary>A queue with no bound.</summary>
    public const string UnboundedQueue = "CONC203";

    /// <summary>An async delegate given to a method that can't await it: Parallel.ForEach, List.ForEach.</summary>
    public const string AsyncDelegateInParallel = "CONC204";

    /// <summary>Parallel loops and queries that block, with no MaxDegreeOfParallelism.</summary>
    public const string ParallelBlocking = "CONC205";

    /// <summary>Independent awaits one after another in a loop.</summary>
    public const string SequentialAwaits = "CONC206";

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

    /// <summary>An async method or delegate that returns void.</summary>
    public const string AsyncVoid = "CONC303";

    /// <summary>A WhenAll whose catch sees the first failure alone.</summary>
    public const string LostFailures = "CONC304";

    /// <summary>A WhenAny whose losers are neither cancelled nor observed.</summary>
    public const string AbandonedLosers = "CONC305";

    /// <summary>StartNew or ContinueWith with an async delegate, whose task is taken for the work's.</summary>
    public const string NestedTask = "CONC306";

    /// <summary>A task that outlives the using, try or lock it is started in.</summary>
    public const string OutlivedScope = "CONC307";

    /// <summary>A continuation that ignores faults or takes the ambient scheduler.</summary>
    public const string Continuation = "CONC308";

    /// <summary>A catch that swallows cancellation.</summary>
    public const string SwallowedCancellation = "CONC309";

    /// <summary>A ValueTask consumed twice, blocked on before it is complete, or kept in a field.</summary>
    public const string ValueTaskMisuse = "CONC310";

    /// <summary>Null where a task is awaited or returned.</summary>
    public const string NullTask = "CONC311";

    /// <summary>A TaskCompletionSource that runs continuations where it is completed.</summary>
    public const string InlineContinuations = "CONC312";

    /// <summary>An executor, limiter, breaker, scheduler or resilience pipeline made anew by each call.</summary>
    public const string PerCallExecutor = "CONC401";

    /// <summary>A semaphore or lock that each call makes for itself.</summary>
    public const string PerCallLock = "CONC402";

    /// <summary>An HttpClient that each call makes anew.</summary>
    public const string PerCallHttpClient = "CONC403";

    /// <summary>A thread that each call starts.</summary>
    public const string PerCallThread = "CONC404";

    /// <summary>A captured variable or field written concurrently with no lock or Interlocked.</summary>
    public const string UnsynchronizedWrite = "CONC501";

    /// <summary>A collection that isn't thread-safe, changed concurrently.</summary>
    public const string UnsynchronizedCollection = "CONC502";

    /// <summary>A lock, semaphore or lease that an exception leaves taken.</summary>
    public const string UnreleasedLock = "CONC503";

    /// <summary>A check and an act on a concurrent collection that others may come between.</summary>
    public const string CheckThenAct = "CONC504";

    /// <summary>A lock that belongs to a thread, held across an await.</summary>
    public const string LockAcrossAwait = "CONC505";

    /// <summary>A wait, or I/O, while a lock is held.</summary>
    public const string WaitUnderLock = "CONC506";

    /// <summary>A lock on an object that others can lock on, or that isn't always the same.</summary>
    public const string UnsafeLockObject = "CONC507";

    /// <summary>A plain write of a field that is updated through Interlocked elsewhere.</summary>
    public const string MixedInterlocked = "CONC508";

    /// <summary>Thread-bound state where threads change.</summary>
    public const string ThreadBoundState = "CONC509";

    /// <summary>Others' code run while a lock is held.</summary>
    public const string CallbackUnderLock = "CONC510";

    /// <summary>Elapsed time, a deadline or pacing measured with the wall clock.</summary>
    public const string WallClockElapsed = "CONC601";

    /// <summary>A timeout made of WhenAny and Delay.</summary>
    public const string WhenAnyTimeout = "CONC602";

    /// <summary>A call that isn't given the CancellationToken in scope.</summary>
    public const string UnpassedToken = "CONC603";

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

    /// <summary>Work that waits for other work of its own executor.</summary>
    public const string WorkWaitsForItsExecutor = "CONC703";

    /// <summary>Work on an executor that is made for work of another kind.</summary>
    public const string WrongExecutor = "CONC704";

    /// <summary>A lease of a rate limiter that is never checked, or never disposed.</summary>
    public const string UncheckedLease = "CONC705";

    /// <summary>Outcomes whose failures nothing reads.</summary>
    public const string UnreadOutcome = "CONC706";

    /// <summary>A task group or an executor that nobody disposes.</summary>
    public const string UndisposedExecutor = "CONC707";
}
