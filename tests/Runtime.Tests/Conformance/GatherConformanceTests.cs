using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_tasks about gather.</summary>
public class GatherConformanceTests
{
    [Fact]
    public Task Success_in_order() => new GatherAllTests().Results_come_in_the_order_of_the_source_whatever_order_the_work_ends_in();

    [Fact]
    public async Task One_exception()
    {
        var gates = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var all = Gather.AllAsync(gates, 5, gate => gate.Task);
        gates[0].SetResult(1);
        gates[3].SetException(new BoomException());
        foreach (var i in new[] { 1, 2, 4 })
            gates[i].SetResult(0); // asyncio leaves the others running; we wait for them.
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
    }

    [Fact]
    public async Task Return_exceptions()
    {
        Task<int>[] tasks = [Task.FromResult(1), Task.FromException<int>(new BoomException("x")), Task.FromCanceled<int>(new CancellationToken(true)), Task.FromException<int>(new BoomException("y"))];
        var outcomes = await Gather.SettleAsync(tasks, 4, task => task).Bounded();
        Assert.Equal([null, typeof(BoomException), typeof(TaskCanceledException), typeof(BoomException)], outcomes.Select(o => o.Exception?.GetType()));
        Assert.Equal(1, outcomes[0].Value);
    }

    [Fact]
    public async Task One_cancellation()
    {
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var all = Gather.AllAsync(gates, 3, (gate, ct) => gate.Task.WaitAsync(ct));
        gates[1].SetCanceled(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.Bounded());
        Assert.True(all.IsCanceled);
    }

    [Fact]
    public async Task Result_exception_one_cancellation()
    {
        var gates = Enumerable.Range(0, 2).Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var all = Gather.AllAsync(gates, 2, gate => gate.Task);
        gates[0].SetCanceled(TestContext.Current.CancellationToken);
        gates[1].SetException(new BoomException());
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded()); // asyncio gives the first; here a fault wins over a cancellation.
    }

    [Fact]
    public async Task Cancellation_broadcast()
    {
        using var cts = new CancellationTokenSource();
        var (started, canceled) = (new Countdown(3), 0);
        var all = Gather.AllAsync(Enumerable.Range(0, 3), 3, async (_, ct) =>
        {
            started.Signal();
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                Interlocked.Increment(ref canceled);
            }
        }, cts.Token);
        await started.ReachedAsync();
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.Bounded());
        Assert.Equal(3, canceled);
    }

    [Fact]
    public async Task Duplicate_coroutines_each_element_is_called_for_itself()
    {
        var calls = 0;
        Assert.Equal([1, 1, 1], (await Gather.AllAsync([1, 1, 1], 2, async i =>
        {
            await Task.Yield();
            Interlocked.Increment(ref calls);
            return i;
        }).Bounded()).AsEnumerable());
        Assert.Equal(3, calls);
    }

    [Fact]
    public Task Exception_marking_all_are_observed() => new Executors.ExecutorLifetimeTests().No_unobserved_fault_comes_from_maps_that_fail_or_are_left(Executors.ExecutorKind.Async);
}
