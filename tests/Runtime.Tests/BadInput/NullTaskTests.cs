using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>Delegates that return null where a task is due, under everything that takes such a delegate: the item fails, its place falls free.</summary>
public sealed class NullTaskTests
{
    [Fact]
    public async Task An_item_of_an_executor_fails_alone_and_frees_its_place()
    {
        await using var executor = new AsyncExecutor(1);
        await AssertFailsAsync(executor.RunAsync<int>(static _ => null!));
        await AssertFailsAsync(executor.RunAsync<int>(static () => null!));
        await AssertFailsAsync(executor.RunAsync(static _ => null!));
        await AssertFailsAsync(executor.RunAsync(static () => null!));
        await AssertFailsAsync(executor.RunAsync<int, int>(static (_, _) => null!, 1));
        Assert.Equal((0, 5L), (executor.GetSnapshot().Running, executor.GetSnapshot().Failed));
        Assert.Equal(1, await executor.RunAsync(static () => Task.FromResult(1)).Bounded());
    }

    [Fact]
    public async Task A_queued_item_of_an_executor_fails_alone_and_frees_its_place()
    {
        await using var executor = new AsyncExecutor(1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = executor.RunAsync(() => gate.Task);
        var queued = executor.RunAsync<int>(static _ => null!);
        var next = executor.RunAsync(static () => Task.FromResult(1));
        gate.SetResult();
        await running.Bounded();
        await AssertFailsAsync(queued);
        Assert.Equal(1, await next.Bounded());
    }

    [Fact]
    public async Task An_item_behind_a_breaker_counts_as_a_failure()
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 2 });
        await using var executor = new AsyncExecutor(new AsyncExecutorOptions { MaxConcurrency = 1, CircuitBreaker = breaker });
        await AssertFailsAsync(executor.RunAsync<int>(static _ => null!));
        await AssertFailsAsync(executor.RunAsync(static _ => null!));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task A_map_fails_and_a_settled_one_says_so()
    {
        await using var executor = new AsyncExecutor(1);
        await using var results = executor.MapAsync([1], static Task<int> (_, _) => null!).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await AssertFailsAsync(results.MoveNextAsync().AsTask());
        AssertFailed(await executor.SettleAsync([1], static Task<int> (_, _) => null!).Bounded());
    }

    [Fact]
    public async Task A_gather_fails_and_a_settled_one_says_so()
    {
        await AssertFailsAsync(Gather.AllAsync([1], 1, static Task<int> (_, _) => null!));
        AssertFailed(await Gather.SettleAsync([1], 1, static Task<int> (_, _) => null!).Bounded());
        var none = await Assert.ThrowsAsync<AggregateException>(() => Gather.FirstAsync([1], 1, static Task<int> (_, _) => null!).Bounded());
        Assert.IsType<InvalidOperationException>(Assert.Single(none.InnerExceptions));
    }

    [Fact]
    public async Task Deadlines_and_groups_fail()
    {
        await AssertFailsAsync(Deadline.RunAsync(static Task (_) => null!, TimeSpan.FromSeconds(1)));
        await AssertFailsAsync(Deadline.RunAsync(static Task<int> (_) => null!, TimeSpan.FromSeconds(1)));
        var body = await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.RunAsync(static Task (_, _) => null!).Bounded());
        Assert.IsType<InvalidOperationException>(Assert.Single(body.InnerExceptions));
    }

    private static async Task AssertFailsAsync(Task task) =>
        Assert.Equal("The work returned null where a task was due.", (await Assert.ThrowsAsync<InvalidOperationException>(() => task.Bounded())).Message);

    private static void AssertFailed(Outcome<int, int>[] outcomes) =>
        Assert.IsType<InvalidOperationException>(Assert.Single(outcomes).Exception);
}
