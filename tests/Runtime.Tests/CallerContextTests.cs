namespace ConcurrencyAnalyzers.Runtime.Tests;

/// <summary>What holds for every primitive: whose context is needed, and which one is kept.</summary>
public sealed class CallerContextTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static TheoryData<string> Operations =>
    [
        "AsyncExecutor.RunAsync", "AsyncExecutor.MapAsync", "AsyncExecutor.SettleAsync", "AsyncExecutor.ShutdownAsync",
        "ThreadExecutor.RunAsync", "ThreadExecutor.MapAsync", "ThreadExecutor.ShutdownAsync",
        "TaskGroup.RunAsync", "Deadline.RunAsync", "CircuitBreaker.ExecuteAsync", "ResiliencePolicy.ExecuteAsync", "RateLimiter.AcquireAsync",
        "Gather.AsCompletedAsync",
    ];

    public static TheoryData<string> Timed =>
        ["map of AsyncExecutor", "map of ThreadExecutor", "settled map", "as completed", "deadline", "attempt timeout", "total timeout", "limiter"];

    /// <summary>A thread that blocks on the result, under a context that never runs what is posted to it.</summary>
    [Theory, MemberData(nameof(Operations))]
    public void Nothing_of_the_runtime_needs_the_callers_synchronization_context(string operation)
    {
        var result = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeadContext());
            try
            {
                result.SetResult(RunAsync(operation).Wait(Minute));
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        thread.Join();
#pragma warning disable xUnit1031 // The thread has ended, and with it the task.
        Assert.True(result.Task.GetAwaiter().GetResult());
#pragma warning restore xUnit1031
    }

    [Theory, MemberData(nameof(Timed))]
    public async Task Timers_are_created_where_the_execution_context_does_not_flow(string what)
    {
        var time = new FlowWatch();
        await using var async = new AsyncExecutor(new AsyncExecutorOptions { MaxConcurrency = 1, TimeProvider = time });
        await using var thread = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 1, TimeProvider = time });
        var timeout = new MapOptions { Timeout = Minute };
        switch (what)
        {
            case "map of AsyncExecutor":
                await ReadAsync(async.MapAsync([1], static i => Task.FromResult(i), timeout));
                break;
            case "map of ThreadExecutor":
                await ReadAsync(thread.MapAsync([1], static i => i, timeout));
                break;
            case "settled map":
                await thread.SettleAsync([1], static i => i, timeout);
                break;
            case "as completed":
                await ReadAsync(Gather.AsCompletedAsync([Task.CompletedTask], Minute, time));
                break;
            case "deadline":
                await Deadline.RunAsync(static _ => Task.CompletedTask, Minute, new DeadlineOptions { TimeProvider = time });
                break;
            case "attempt timeout":
                await new ResiliencePolicy(new() { AttemptTimeout = Minute, TimeProvider = time }).ExecuteAsync(static async _ => await Task.Yield());
                break;
            case "total timeout":
                await new ResiliencePolicy(new() { TotalTimeout = Minute, TimeProvider = time }).ExecuteAsync(static async _ => await Task.Yield());
                break;
            case "limiter":
                await using (var limiter = new IntervalRateLimiter(new() { Interval = Minute, QueueLimit = 1, TimeProvider = time }))
                {
                    (await limiter.AcquireAsync(1)).Dispose();
                    _ = limiter.AcquireAsync(1).AsTask();
                }

                break;
        }

        Assert.Equal((1, 0), (time.Created, time.Flowing));
    }

    private static async Task RunAsync(string operation)
    {
        var (async, thread) = (new AsyncExecutor(2), new ThreadExecutor(2));
        await (operation switch
        {
            "AsyncExecutor.RunAsync" => async.RunAsync(YieldAsync),
            "AsyncExecutor.MapAsync" => ReadAsync(async.MapAsync([1, 2, 3], static _ => YieldAsync())),
            "AsyncExecutor.SettleAsync" => async.SettleAsync([1, 2, 3], static _ => YieldAsync()),
            "AsyncExecutor.ShutdownAsync" => ShutDownAsync(new AsyncExecutor(1)),
            "ThreadExecutor.RunAsync" => thread.RunAsync(static () => 1),
            "ThreadExecutor.MapAsync" => ReadAsync(thread.MapAsync([1, 2, 3], static i => i)),
            "ThreadExecutor.ShutdownAsync" => thread.ShutdownAsync(),
            "TaskGroup.RunAsync" => TaskGroup.RunAsync(static (group, _) =>
            {
                group.Run(static _ => YieldAsync());
                return YieldAsync();
            }),
            "Deadline.RunAsync" => Deadline.RunAsync(static _ => YieldAsync(), Minute),
            "CircuitBreaker.ExecuteAsync" => new CircuitBreaker().ExecuteAsync(static _ => new ValueTask<int>(YieldAsync())).AsTask(),
            "ResiliencePolicy.ExecuteAsync" => new ResiliencePolicy(new() { CircuitBreaker = new(), TotalTimeout = Minute, AttemptTimeout = Minute })
                .ExecuteAsync(static _ => new ValueTask<int>(YieldAsync())).AsTask(),
            "RateLimiter.AcquireAsync" => AcquireTwiceAsync(),
            _ => ReadAsync(Gather.AsCompletedAsync([YieldAsync(), YieldAsync()])),
        }).ConfigureAwait(false);
        await async.ShutdownAsync().ConfigureAwait(false);
        await thread.ShutdownAsync().ConfigureAwait(false);
    }

    private static async Task ShutDownAsync(AsyncExecutor executor)
    {
        _ = executor.RunAsync(YieldAsync);
        await executor.ShutdownAsync().ConfigureAwait(false);
    }

    private static async Task AcquireTwiceAsync()
    {
        var limiter = new IntervalRateLimiter(new() { Interval = TimeSpan.FromMilliseconds(1), QueueLimit = 1 });
        for (var i = 0; i < 2; i++)
            (await limiter.AcquireAsync(1).ConfigureAwait(false)).Dispose();
        await limiter.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<int> YieldAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return 1;
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> results)
    {
        await foreach (var _ in results.ConfigureAwait(false))
        {
        }
    }

    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }

    /// <summary>The system's time; counts the timers, and those that could capture the context of whoever makes them.</summary>
    private sealed class FlowWatch : TimeProvider
    {
        public int Created { get; private set; }

        public int Flowing { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Created++;
            if (!ExecutionContext.IsFlowSuppressed())
                Flowing++;
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
