using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>What holds for every executor: places, queue, cancellation.</summary>
public class ExecutorTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Work_returns_its_result_its_exception_and_its_cancellation(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        Assert.Equal(1, await executor.RunAsync(_ => Task.FromResult(1)).Bounded());
        var boom = new BoomException();
        Assert.Same(boom, await Assert.ThrowsAsync<BoomException>(() => executor.RunAsync<int>(_ => throw boom).Bounded()));
        var own = new OperationCanceledException("own");
        Assert.Same(own, await Assert.ThrowsAsync<OperationCanceledException>(() => executor.RunAsync<int>(_ => throw own).Bounded()));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Never_more_than_its_places_run_and_the_others_wait_in_order(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var items = Enumerable.Range(0, 5).Select(_ => executor.Gate()).ToArray();
        await Task.WhenAll(items[0].StartedAsync(), items[1].StartedAsync());
        Assert.Equal((2, 3, 2), (executor.GetSnapshot().Running, executor.GetSnapshot().Queued, executor.GetSnapshot().PeakRunning));
        for (var i = 2; i < 5; i++)
        {
            Assert.False(items[i].HasStarted);
            items[i - 1].End(i);
            await items[i].StartedAsync();
            Assert.Equal(i, await items[i - 1].Task.Bounded());
        }

        items[0].End();
        items[4].End();
        await Task.WhenAll(items.Select(item => item.Task)).Bounded();
        Assert.Equal(new ExecutorSnapshot { PeakRunning = 2, Completed = 5 }, executor.GetSnapshot());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_snapshot_counts_what_ended_and_how(ExecutorKind kind)
    {
        await using var executor = kind.Create(1, options => (options.QueueCapacity, options.QueueFullMode) = (1, QueueFullMode.Reject));
        using var cts = new CancellationTokenSource();
        var running = executor.Gate();
        await running.StartedAsync();
        var queued = executor.Gate(cts.Token);
        Assert.Throws<QueueFullException>(() => { executor.Gate(); });
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Task.Bounded());
        running.Fail(new BoomException());
        await Assert.ThrowsAsync<BoomException>(() => running.Task.Bounded());
        await executor.RunAsync(_ => Task.FromResult(1)).Bounded();
        Assert.Equal(new ExecutorSnapshot { PeakRunning = 1, Completed = 1, Failed = 1, Canceled = 1, Rejected = 1 }, executor.GetSnapshot());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_queued_item_that_is_cancelled_ends_at_once_and_frees_its_place(ExecutorKind kind)
    {
        await using var executor = kind.Create(1, options => (options.QueueCapacity, options.QueueFullMode) = (1, QueueFullMode.Reject));
        using var cts = new CancellationTokenSource();
        var running = executor.Gate();
        await running.StartedAsync();
        var canceled = executor.Gate(cts.Token);
        await cts.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled.Task.Bounded());
        Assert.Equal(cts.Token, e.CancellationToken);
        Assert.True(canceled.Task.IsCanceled);
        var next = executor.Gate(); // The queue has room again, though nothing that ran has ended.
        running.End();
        await next.StartedAsync();
        Assert.False(canceled.HasStarted);
        next.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_running_item_is_asked_through_its_token_and_keeps_its_place_until_it_ends(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var cts = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = executor.RunAsync(async token =>
        {
            using var registration = token.Register(asked.SetResult);
            started.SetResult();
            await asked.Task.ConfigureAwait(false);
            await end.Task.ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            return 1;
        }, cts.Token);
        await started.Task.Bounded();
        var next = executor.Gate();
        await cts.CancelAsync();
        await asked.Task.Bounded();
        Assert.False(running.IsCompleted);
        Assert.False(next.HasStarted);
        end.SetResult();
        Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Bounded())).CancellationToken);
        await next.StartedAsync();
        next.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_linked_token_surfaces_as_the_callers(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var cts = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = executor.RunAsync(async token =>
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(token);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, linked.Token).ConfigureAwait(false);
            return 1;
        }, cts.Token);
        await started.Task.Bounded();
        await cts.CancelAsync();
        Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Bounded())).CancellationToken);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_token_cancelled_before_the_call_never_calls_the_work(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var item = executor.Gate(new CancellationToken(canceled: true));
        Assert.True(item.Task.IsCanceled);
        Assert.False(item.HasStarted);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_full_queue_makes_submissions_wait_in_order_by_default(ExecutorKind kind)
    {
        await using var executor = kind.Create(1, options => options.QueueCapacity = 1);
        var items = Enumerable.Range(0, 4).Select(_ => executor.Gate()).ToArray();
        for (var i = 0; i < 4; i++)
        {
            await items[i].StartedAsync();
            items[i].End(i);
            Assert.Equal(i, await items[i].Task.Bounded());
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Each_item_sees_the_AsyncLocals_of_its_submission_and_none_of_another_item(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var local = new AsyncLocal<string?>();
        var first = executor.Gate();
        var seen = new List<string?>();
        var tasks = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            local.Value = $"caller {i}";
            tasks.Add(executor.RunAsync(_ =>
            {
                seen.Add(local.Value);
                local.Value = "item";
                return Task.FromResult(0);
            }));
        }

        local.Value = "caller";
        first.End();
        await Task.WhenAll(tasks).Bounded();
        Assert.Equal(["caller 0", "caller 1", "caller 2"], seen);
        await executor.RunAsync(_ =>
        {
            local.Value = "item";
            return Task.FromResult(0);
        }).Bounded();
        Assert.Equal("caller", local.Value);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Work_has_no_synchronization_context(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new NeverPostedTo());
        Task<SynchronizationContext?> work;
        try
        {
            work = executor.RunAsync(_ => Task.FromResult(SynchronizationContext.Current));
            Assert.IsType<NeverPostedTo>(SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        Assert.Null(await work.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_is_posted_runs_and_its_fault_is_reported(ExecutorKind kind)
    {
        using var faults = new Gathering.UnhandledFaults();
        await using var executor = kind.Create(1);
        executor.Post(_ => throw new BoomException($"posted to {kind}"));
        await faults.WaitForAsync($"posted to {kind}");
    }

    private sealed class NeverPostedTo : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => Assert.Fail("Posted to.");
    }
}
