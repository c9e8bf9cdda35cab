using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Executors;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>Callbacks that throw, and callbacks that use what has called them.</summary>
public sealed class CallbackTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_a_callback_of_a_maps_token_throws_is_reported_and_changes_nothing(ExecutorKind kind)
    {
        using var faults = new UnhandledFaults();
        await using var executor = kind.Create(2);
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var map = ReadAsync(executor.MapAsync([0, 1], async (i, token) =>
        {
            if (i == 0)
            {
                token.Register(() => throw new BoomException($"callback of {kind}"));
                registered.SetResult();
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
            }

            await registered.Task.ConfigureAwait(false);
            return i == 1 ? throw new BoomException("work") : i;
        }));
        Assert.Equal("work", (await Assert.ThrowsAsync<BoomException>(() => map.Bounded())).Message);
        var reported = await faults.WaitForAsync($"One or more errors occurred. (callback of {kind})");
        Assert.IsType<BoomException>(Assert.Single(Assert.IsType<AggregateException>(reported).InnerExceptions));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_callback_of_an_items_token_may_use_the_executor(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        using var cancellation = new CancellationTokenSource();
        var fromCallback = new TaskCompletionSource<Task<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var item = executor.RunAsync(
            async token =>
            {
                token.Register(() => fromCallback.SetResult(executor.RunAsync(_ => Task.FromResult(executor.GetSnapshot().Running))));
                registered.SetResult();
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                return 0;
            },
            cancellation.Token);
        await registered.Task.Bounded();
        await cancellation.CancelAsync();
        Assert.InRange(await (await fromCallback.Task.Bounded()).Bounded(), 1, 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.Bounded());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Progress_may_use_the_executor_that_reports(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var inner = new List<Task<int>>();
        var progress = new Progress(() => inner.Add(executor.RunAsync(_ => Task.FromResult(1))));
        await ReadAsync(executor.MapAsync(Enumerable.Range(0, 20), (i, _) => Task.FromResult(i), new MapOptions { Progress = progress })).Bounded();
        Assert.Equal(20, (await Task.WhenAll(inner).Bounded()).Sum());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_subscriber_of_unhandled_faults_may_use_the_executor_whose_fault_it_is_told(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var fromHandler = new TaskCompletionSource<Task<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        EventHandler<UnhandledFaultEventArgs> handler = (_, e) =>
        {
            if (e.Exception.Message == $"posted to {kind}")
                fromHandler.TrySetResult(executor.RunAsync(_ => Task.FromResult(1)));
        };
        TaskObservation.UnhandledFault += handler;
        executor.Post(_ => throw new BoomException($"posted to {kind}"));
        Assert.Equal(1, await (await fromHandler.Task.Bounded()).Bounded());
        TaskObservation.UnhandledFault -= handler;
    }

    [Fact]
    public async Task A_callback_of_a_deadlines_token_may_ask_the_deadline_and_can_no_longer_move_it()
    {
        var time = new ManualTimeProvider();
        var seen = new TaskCompletionSource<(bool, TimeSpan)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Deadline.RunAsync(
            async (deadline, token) =>
            {
                token.Register(() =>
                {
                    Assert.Throws<InvalidOperationException>(() => deadline.Reschedule(TimeSpan.FromSeconds(1)));
                    seen.SetResult((deadline.HasExpired, deadline.Remaining));
                });
                await Task.Delay(Timeout.Infinite, token);
            },
            TimeSpan.FromSeconds(1),
            new DeadlineOptions { TimeProvider = time });
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, TimeSpan.Zero), await seen.Task.Bounded());
        await Assert.ThrowsAsync<TimeoutException>(() => run.Bounded());
    }

    [Fact]
    public async Task Work_of_a_gather_may_gather_and_a_callback_of_its_token_too()
    {
        var fromCallback = new TaskCompletionSource<Task<int[]>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var outer = Gather.AllAsync([1, 2], 2, async (i, token) =>
        {
            if (i == 2)
            {
                var inner = await Gather.AllAsync([1, 2, 3], 2, static j => Task.FromResult(j), token);
                throw new BoomException(string.Concat(inner));
            }

            token.Register(() => fromCallback.SetResult(Gather.AllAsync([4], 1, static j => Task.FromResult(j))));
            await Task.Delay(Timeout.Infinite, token);
        });
        Assert.Equal("123", (await Assert.ThrowsAsync<BoomException>(() => outer.Bounded())).Message);
        Assert.Equal(4, Assert.Single(await (await fromCallback.Task.Bounded()).Bounded()));
    }

    [Fact]
    public async Task A_continuation_of_a_cancelled_item_does_not_run_inside_the_cancellation()
    {
        await using var executor = new AsyncExecutor(1);
        using var cancellation = new CancellationTokenSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = executor.RunAsync(() => gate.Task);
        var queued = executor.RunAsync(static () => Task.FromResult(1), cancellation.Token);
        var canceling = new ThreadLocal<bool>();
        var ran = queued.ContinueWith(_ => canceling.Value, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        canceling.Value = true;
#pragma warning disable CA1849, CONC106 // Whether continuations run inside the synchronous call is what is tested.
        cancellation.Cancel();
#pragma warning restore CA1849, CONC106
        canceling.Value = false;
        Assert.False(await ran.Bounded());
        gate.SetResult();
        await running.Bounded();
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> results)
    {
        await foreach (var _ in results)
        {
        }
    }

    private sealed class Progress(Action report) : IProgress<ExecutorProgress>
    {
        public void Report(ExecutorProgress value) => report();
    }
}
