using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

public class GatherSettleTests
{
    [Fact]
    public async Task An_outcome_for_each_element_in_order_and_no_exception()
    {
        var outcomes = await Gather.SettleAsync(["a", "b", "c", "d"], maxConcurrency: 2, async (s, ct) =>
        {
            await Task.Yield();
            return s switch
            {
                "b" => throw new BoomException("b"),
                "c" => throw new OperationCanceledException("c"),
                _ => s.Length,
            };
        }).Bounded();
        Assert.Equal(["a", "b", "c", "d"], outcomes.Select(o => o.Source));
        Assert.Equal([OutcomeStatus.Succeeded, OutcomeStatus.Failed, OutcomeStatus.Canceled, OutcomeStatus.Succeeded], outcomes.Select(o => o.Status));
        Assert.Equal("b", Assert.IsType<BoomException>(outcomes[1].Exception).Message);
        Assert.Equal("c", Assert.IsType<OperationCanceledException>(outcomes[2].Exception).Message);
        Assert.Equal([1, 1], outcomes.Values());
    }

    [Fact]
    public async Task All_eight_shapes_settle_every_element()
    {
        Assert.Equal([1, 2], (await Gather.SettleAsync([1, 2], 1, (i, ct) => Task.FromResult(i))).Values());
        Assert.Equal([1, 2], (await Gather.SettleAsync([1, 2], 1, i => Task.FromResult(i))).Values());
        Assert.All(await Gather.SettleAsync([1, 2], 1, (_, ct) => Task.CompletedTask), o => Assert.True(o.IsSuccess));
        Assert.All(await Gather.SettleAsync([1, 2], 1, _ => Task.CompletedTask), o => Assert.True(o.IsSuccess));
        Assert.Equal([1, 2], (await Gather.SettleAsync(GatherAllTests.Stream(1, 2), 1, (i, ct) => Task.FromResult(i))).Values());
        Assert.Equal([1, 2], (await Gather.SettleAsync(GatherAllTests.Stream(1, 2), 1, i => Task.FromResult(i))).Values());
        Assert.Equal(2, (await Gather.SettleAsync(GatherAllTests.Stream(1, 2), 1, (_, ct) => Task.CompletedTask)).Length);
        Assert.Equal(2, (await Gather.SettleAsync(GatherAllTests.Stream(1, 2), 1, _ => Task.CompletedTask)).Length);
    }

    [Fact]
    public async Task A_failure_stops_no_other_element_and_cancels_nothing()
    {
        var outcomes = await Gather.SettleAsync(Enumerable.Range(0, 10), 1, async (i, ct) =>
        {
            await Task.Yield();
            ct.ThrowIfCancellationRequested();
            return i == 0 ? throw new BoomException() : i;
        }).Bounded();
        Assert.Equal(9, outcomes.Successes().Count());
        Assert.Single(outcomes.Failures());
    }

    [Fact]
    public async Task A_task_with_several_faults_keeps_them_all()
    {
        var outcomes = await Gather.SettleAsync([1], 1, _ => Task.WhenAll(Task.FromException(new BoomException("a")), Task.FromException(new BoomException("b"))));
        Assert.Equal(["a", "b"], Assert.IsType<AggregateException>(outcomes[0].Exception).InnerExceptions.Select(e => e.Message));
    }

    [Fact]
    public async Task The_callers_cancellation_surfaces_with_the_own_token()
    {
        using var cts = new CancellationTokenSource();
        var started = new Countdown(2);
        var settle = Gather.SettleAsync(Enumerable.Range(0, 5), 2, async (_, ct) =>
        {
            started.Signal();
            await Task.Delay(Timeout.Infinite, ct);
        }, cts.Token);
        await started.ReachedAsync();
        await cts.CancelAsync();
        Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => settle.Bounded())).CancellationToken);
    }

    [Fact]
    public async Task A_source_that_throws_ends_the_run_after_what_was_started()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var settle = Gather.SettleAsync(Broken(), 2, _ => gate.Task);
        Assert.False(settle.IsCompleted);
        gate.SetResult();
        await Assert.ThrowsAsync<BoomException>(() => settle.Bounded());

        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new BoomException();
        }
    }

    [Fact]
    public async Task Started_tasks_settle_with_the_task_as_the_source()
    {
        var gate = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int>[] tasks = [Task.FromResult(1), Task.FromException<int>(new BoomException()), Task.FromCanceled<int>(new CancellationToken(true)), gate.Task];
        var settle = Gather.SettleAsync(tasks);
        Assert.False(settle.IsCompleted);
        gate.SetResult(4);
        var outcomes = await settle.Bounded();
        Assert.Equal(tasks, outcomes.Select(o => o.Source));
        Assert.Equal([OutcomeStatus.Succeeded, OutcomeStatus.Failed, OutcomeStatus.Canceled, OutcomeStatus.Succeeded], outcomes.Select(o => o.Status));
        Assert.Equal([1, 4], outcomes.Values());
    }

    [Fact]
    public async Task Started_tasks_without_results_settle_too()
    {
        var outcomes = await Gather.SettleAsync([Task.CompletedTask, Task.FromException(new BoomException())]);
        Assert.Equal([true, false], outcomes.Select(o => o.IsSuccess));
        Assert.Empty(await Gather.SettleAsync(Array.Empty<Task>()));
    }

    [Fact]
    public void Started_tasks_must_not_be_null()
    {
        Assert.Throws<ArgumentNullException>(() => { _ = Gather.SettleAsync((IEnumerable<Task>)null!); });
        Assert.Throws<ArgumentException>(() => { _ = Gather.SettleAsync(new Task<int>[] { null! }); });
    }
}
