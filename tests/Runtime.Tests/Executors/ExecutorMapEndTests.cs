using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>What surfaces of a map that ends before its time, and what is reported.</summary>
public class ExecutorMapEndTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_linked_token_of_the_work_surfaces_as_the_callers(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var caller = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var map = AsCompletedTests.ToListAsync(executor.MapAsync([0], async (i, _) =>
        {
            // The callbacks come last registered first: the work ends before the map has heard of the cancellation.
            caller.Token.Register(() => ended.Task.Bounded().GetAwaiter().GetResult());
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(caller.Token);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, linked.Token).ConfigureAwait(false);
            return i;
        }, cancellationToken: caller.Token));
        await started.Task.Bounded();
        var canceling = Task.Run(caller.Cancel);
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => map.Bounded());
        ended.SetResult();
        await canceling.Bounded();
        Assert.Equal(caller.Token, e.CancellationToken);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_failure_that_comes_after_the_timeout_of_a_settled_map_is_reported(ExecutorKind kind)
    {
        using var faults = new UnhandledFaults();
        var time = new ManualTimeProvider();
        await using var executor = kind.Create(2, options => options.TimeProvider = time);
        var started = new Countdown(1);
        var settling = executor.SettleAsync([0, 1], async Task<int> (i, token) =>
        {
            if (i == 0)
                throw new BoomException($"{kind} settled early");
            started.Signal();
            await Task.WhenAny(Task.Delay(Timeout.Infinite, token)).ConfigureAwait(false);
            throw new BoomException($"{kind} settled late");
        }, new MapOptions { Timeout = TimeSpan.FromSeconds(1) });
        await started.ReachedAsync().Bounded();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => settling.Bounded());
        await faults.WaitForAsync($"{kind} settled early");
        await faults.WaitForAsync($"{kind} settled late");
    }

    [Fact]
    public async Task Work_that_was_cancelled_by_a_token_of_its_own_is_settled_as_cancelled()
    {
        await using var executor = new AsyncExecutor(1);
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        var outcomes = await executor.SettleAsync([0], async Task<int> (_, _) =>
        {
            await Task.Yield();
            throw new OperationCanceledException("why", own.Token);
        }).Bounded();
        Assert.Equal((OutcomeStatus.Canceled, "why"), (outcomes[0].Status, outcomes[0].Exception!.Message));
        Assert.Equal(1, executor.GetSnapshot().Canceled);
    }

    [Fact]
    public async Task A_broken_executor_fails_the_map_and_is_reported_no_second_time()
    {
        using var faults = new UnhandledFaults();
        using var initialize = new SemaphoreSlim(0);
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 1,
            Initializer = () =>
            {
                initialize.Wait();
                throw new BoomException("map of a broken executor");
            },
        });
        var map = AsCompletedTests.ToListAsync(executor.MapAsync(Enumerable.Range(0, 10), static i => i, new MapOptions { Buffer = 5 }));
        initialize.Release();
        Assert.IsType<BoomException>((await Assert.ThrowsAsync<BrokenExecutorException>(() => map.Bounded())).InnerException);
        Assert.DoesNotContain(faults.Messages, static message => message.Contains("map of a broken executor", StringComparison.Ordinal));
    }
}
