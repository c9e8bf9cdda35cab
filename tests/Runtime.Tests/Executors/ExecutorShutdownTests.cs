using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

public class ExecutorShutdownTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Shutdown_waits_for_what_runs_and_what_is_queued_and_accepts_nothing_more(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var running = executor.Gate();
        var queued = executor.Gate();
        var shutdown = executor.ShutdownAsync();
        Assert.Throws<ObjectDisposedException>(() => { executor.Gate(); });
        Assert.Throws<ObjectDisposedException>(() => executor.Post(_ => Task.CompletedTask));
        running.End();
        await queued.StartedAsync();
        Assert.False(shutdown.IsCompleted);
        queued.End();
        await shutdown.Bounded();
        Assert.True(running.Task.IsCompletedSuccessfully && queued.Task.IsCompletedSuccessfully);
        await executor.ShutdownAsync().Bounded();
        await executor.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task CancelQueued_cancels_what_waits_and_lets_what_runs_finish(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var running = executor.Gate();
        await running.StartedAsync();
        var queued = Enumerable.Range(0, 10).Select(_ => executor.Gate()).ToArray();
        var shutdown = executor.ShutdownAsync(cancelQueued: true);
        foreach (var item in queued)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.Task.Bounded());
            Assert.True(item.Task.IsCanceled);
            Assert.False(item.HasStarted);
        }

        Assert.False(shutdown.IsCompleted);
        running.End(7);
        await shutdown.Bounded();
        Assert.Equal(7, await running.Task);
        Assert.Equal(10, executor.GetSnapshot().Canceled);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_later_call_may_still_cancel_what_an_earlier_one_let_wait(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var running = executor.Gate();
        await running.StartedAsync();
        var queued = executor.Gate();
        var first = executor.ShutdownAsync();
        var second = executor.ShutdownAsync(cancelQueued: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Task.Bounded());
        running.End();
        await Task.WhenAll(first, second).Bounded();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Waiting_for_the_shutdown_from_own_work_throws_and_changes_nothing(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => executor.RunAsync(async _ =>
        {
            await executor.ShutdownAsync();
            return 0;
        }).Bounded());
        Assert.Contains("RequestShutdown", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, await executor.RunAsync(_ => Task.FromResult(1)).Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Own_work_may_request_the_shutdown(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        await executor.RunAsync(_ =>
        {
            executor.RequestShutdown();
            return Task.FromResult(0);
        }).Bounded();
        Assert.Throws<ObjectDisposedException>(() => { executor.Gate(); });
        await executor.ShutdownAsync().Bounded();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_submission_that_races_the_shutdown_runs_or_throws_and_never_hangs(ExecutorKind kind)
    {
        for (var round = 0; round < 200; round++)
        {
            var executor = kind.Create(2);
            var (accepted, refused, ran) = (0, 0, 0);
            var start = new Barrier(3);
            var submitters = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                start.SignalAndWait();
                var tasks = new List<Task>();
                for (var i = 0; i < 20; i++)
                {
                    try
                    {
                        tasks.Add(executor.RunAsync(_ => Task.FromResult(Interlocked.Increment(ref ran))));
                        Interlocked.Increment(ref accepted);
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }

                await Task.WhenAll(tasks);
            }, TestContext.Current.CancellationToken)).ToArray();
            var shutdown = Task.Run(() =>
            {
                start.SignalAndWait();
                return executor.ShutdownAsync();
            }, TestContext.Current.CancellationToken);
            await Task.WhenAll(submitters.Append(shutdown)).Bounded();
            Assert.Equal(40, accepted + refused);
            Assert.Equal(accepted, ran);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposal_while_ten_thousand_items_wait_ends_them_all(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var first = executor.Gate();
        await first.StartedAsync();
        var items = Enumerable.Range(0, 10_000).Select(i => executor.RunAsync(_ => Task.FromResult(i))).ToArray();
        var disposal = executor.DisposeAsync().AsTask();
        first.End();
        await disposal.Bounded();
        Assert.All(items, item => Assert.True(item.IsCompletedSuccessfully));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task All_tasks_have_ended_when_the_shutdown_has(ExecutorKind kind)
    {
        for (var round = 0; round < 200; round++)
        {
            var executor = kind.Create(2);
            using var cts = new CancellationTokenSource();
            var items = Enumerable.Range(0, 10).Select(i => executor.RunAsync(async token =>
            {
                await Task.Yield();
                return i;
            }, i % 2 == 0 ? cts.Token : default)).ToArray();
            var cancel = cts.CancelAsync();
            await executor.ShutdownAsync(cancelQueued: round % 2 == 0).Bounded();
            Assert.All(items, item => Assert.True(item.IsCompleted));
            await cancel;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_map_over_an_executor_that_is_shut_down_throws(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        await executor.ShutdownAsync().Bounded();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Gathering.AsCompletedTests.ToListAsync(executor.MapAsync([1], (i, _) => Task.FromResult(i))).Bounded());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => executor.SettleAsync([1], (i, _) => Task.FromResult(i)).Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Each_caller_gets_an_exception_of_its_own(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        await executor.ShutdownAsync().Bounded();
        var exceptions = Enumerable.Range(0, 3).Select(_ => Assert.Throws<ObjectDisposedException>(() => { executor.Gate(); })).ToArray();
        Assert.Equal(3, exceptions.Distinct().Count());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_fault_after_the_shutdown_began_reaches_its_caller(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var running = executor.Gate();
        var shutdown = executor.ShutdownAsync();
        running.Fail(new BoomException());
        await Assert.ThrowsAsync<BoomException>(() => running.Task.Bounded());
        await shutdown.Bounded();
    }
}
