using ConcurrencyAnalyzers.Runtime.Tests.Executors;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_concurrent_futures about the end of executors.</summary>
public class ShutdownConformanceTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Run_after_shutdown(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        await executor.ShutdownAsync().Bounded();
        Assert.Throws<ObjectDisposedException>(() => { executor.Gate(); });
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Hang_issue12364_fifty_queued_items_finish(ExecutorKind kind)
    {
        var executor = kind.Create(5);
        var items = Enumerable.Range(0, 50).Select(i => executor.RunAsync(async _ =>
        {
            await Task.Yield();
            return i;
        })).ToArray();
        await executor.ShutdownAsync().Bounded();
        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(items));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cancel_futures(ExecutorKind kind)
    {
        var executor = kind.Create(2);
        var running = new[] { executor.Gate(), executor.Gate() };
        await Task.WhenAll(running.Select(item => item.StartedAsync()));
        var queued = Enumerable.Range(0, 48).Select(_ => executor.Gate()).ToArray();
        var shutdown = executor.ShutdownAsync(cancelQueued: true);
        foreach (var item in running)
            item.End(1);
        await shutdown.Bounded();
        Assert.All(running, item => Assert.True(item.Task.IsCompletedSuccessfully));
        Assert.All(queued, item => Assert.True(item.Task.IsCanceled));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cancel_futures_wait_false(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var running = executor.Gate();
        await running.StartedAsync();
        var queued = executor.Gate();
        executor.RequestShutdown(cancelQueued: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Task.Bounded());
        Assert.False(running.Task.IsCompleted);
        running.End(3);
        Assert.Equal(3, await running.Task.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Shutdown_no_wait_results_still_arrive(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        var items = Enumerable.Range(0, 5).Select(i => executor.RunAsync(_ => Task.FromResult(i))).ToArray();
        executor.RequestShutdown();
        Assert.Equal(Enumerable.Range(0, 5), await Task.WhenAll(items).Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Hang_gh94440_cancel_then_shutdown(ExecutorKind kind)
    {
        var executor = kind.Create(1);
        using var cts = new CancellationTokenSource();
        var running = executor.Gate();
        await running.StartedAsync();
        var queued = executor.Gate(cts.Token);
        await cts.CancelAsync();
        var shutdown = executor.ShutdownAsync();
        running.End();
        await shutdown.Bounded();
        Assert.True(queued.Task.IsCanceled);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Context_manager_shutdown(ExecutorKind kind)
    {
        Task<int> item;
        await using (var executor = kind.Create(1))
        {
            item = executor.RunAsync(async _ =>
            {
                await Task.Yield();
                return 5;
            });
        }

        Assert.True(item.IsCompletedSuccessfully);
    }

    [Fact]
    public Task Threads_terminate() => new ThreadExecutorTests().The_threads_have_ended_with_the_shutdown();

    [Fact]
    public Task Del_shutdown() => new ThreadExecutorTests().Threads_of_a_forgotten_executor_end_when_their_work_is_done();

    [Theory, MemberData(nameof(Kinds))]
    public Task Shutdown_race_issue12456(ExecutorKind kind) => new ExecutorShutdownTests().A_submission_that_races_the_shutdown_runs_or_throws_and_never_hangs(kind);

    [Fact]
    public async Task Interpreter_shutdown_and_hang_gh83386_threads_keep_no_process_alive()
    {
        await using var executor = new ThreadExecutor(1);
        Assert.True(await executor.RunAsync(() => Thread.CurrentThread.IsBackground).Bounded());
    }
}
