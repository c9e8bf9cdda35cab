using ConcurrencyAnalyzers.Runtime.Tests.Executors;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_concurrent_futures about futures, which are tasks here.</summary>
public class FutureConformanceTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cancel_and_cancelled_and_done_and_running_in_each_state(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var cts = new CancellationTokenSource();
        var ended = await executor.RunAsync(_ => Task.FromResult(executor.RunAsync(_ => Task.FromResult(0), new CancellationToken(true)))).Bounded();
        Assert.True(ended.IsCanceled);

        var running = executor.Gate();
        await running.StartedAsync();
        var pending = executor.Gate(cts.Token);
        Assert.Equal((false, false, 1, 1), (running.Task.IsCompleted, pending.Task.IsCompleted, executor.GetSnapshot().Running, executor.GetSnapshot().Queued));
        await cts.CancelAsync();
        await pending.Task.EndedAsync();
        Assert.True(pending.Task.IsCanceled);
        Assert.False(running.Task.IsCompleted);
        running.End(1);
        Assert.Equal(1, await running.Task.Bounded());
        await cts.CancelAsync();
        Assert.True(running.Task.IsCompletedSuccessfully);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Result_with_timeout_and_exception_with_timeout(ExecutorKind kind)
    {
        var time = new ManualTimeProvider();
        await using var executor = kind.Create(1);
        var item = executor.Gate();
        var wait = item.Task.WaitAsync(TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => wait.Bounded());
        item.Fail(new BoomException());
        await Assert.ThrowsAsync<BoomException>(() => item.Task.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Result_with_success(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var item = executor.Gate();
        item.End(42);
        Assert.Equal(42, await item.Task.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Result_with_cancel(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var cts = new CancellationTokenSource();
        var item = executor.Gate(cts.Token);
        await cts.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.Task.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Done_callback_raises_and_the_others_still_run(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var item = executor.Gate();
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var raises = item.Task.ContinueWith(_ => throw new BoomException(), TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _ = item.Task.ContinueWith(_ => second.SetResult(), TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        item.End();
        await second.Task.Bounded();
        await Assert.ThrowsAsync<BoomException>(() => raises.Bounded());
        Assert.Equal(1, await executor.RunAsync(_ => Task.FromResult(1)).Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Done_callback_already_failed(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var task = executor.RunAsync<int>(_ => throw new BoomException("done"));
        await task.EndedAsync();
        var fault = new TaskCompletionSource<Exception>();
        task.Observe(fault.SetResult);
        Assert.Equal("done", (await fault.Task.Bounded()).Message);
    }
}
