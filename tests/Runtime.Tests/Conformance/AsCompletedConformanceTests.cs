using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_concurrent_futures about as_completed and wait.</summary>
public class AsCompletedConformanceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task No_timeout()
    {
        var (first, second) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        Task[] tasks = [Task.FromCanceled(new CancellationToken(true)), Task.FromException(new BoomException()), Task.CompletedTask, first.Task, second.Task];
        var completed = AsCompletedTests.ToListAsync(Gather.AsCompletedAsync(tasks));
        second.SetResult(2);
        first.SetResult(1);
        Assert.Equal(tasks.ToHashSet(), (await completed.Bounded()).ToHashSet());
        await tasks[1].EndedAsync();
    }

    [Fact]
    public async Task Future_times_out_finished_ones_come_first()
    {
        var time = new ManualTimeProvider();
        var pending = new TaskCompletionSource();
        var seen = new List<Task>();
        var e = await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var task in Gather.AsCompletedAsync([Task.CompletedTask, pending.Task], Minute, time))
            {
                seen.Add(task);
                time.Advance(Minute);
            }
        }).Bounded();
        Assert.Equal([Task.CompletedTask], seen);
        Assert.StartsWith("1 of 2 unfinished", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zero_timeout_takes_what_has_ended_first()
    {
        var pending = new TaskCompletionSource();
        var seen = 0;
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var _ in Gather.AsCompletedAsync([pending.Task, Task.CompletedTask, Task.FromCanceled(new CancellationToken(true))], TimeSpan.Zero))
                seen++;
        }).Bounded();
        Assert.Equal(2, seen);
    }

    [Fact]
    public async Task Duplicate_futures_come_once()
    {
        var source = new TaskCompletionSource();
        var completed = AsCompletedTests.ToListAsync(Gather.AsCompletedAsync(Enumerable.Repeat(source.Task, 5)));
        source.SetResult();
        Assert.Equal([source.Task], await completed.Bounded());
    }

    [Fact]
    public async Task Free_reference_yielded_future()
    {
        var sources = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var steps = Gather.AsCompletedAsync(sources.Select(s => s.Task)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var dead = await TakeFirstAsync(steps, sources);
        sources[1].SetResult(1);
        Assert.True(await steps.MoveNextAsync());
        await Task.Yield(); // Off the stack of the method that made it.
        for (var i = 0; dead.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(dead.IsAlive);
        await steps.DisposeAsync();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> TakeFirstAsync(IAsyncEnumerator<Task<object>> steps, TaskCompletionSource<object>[] sources)
        {
            sources[0].SetResult(new object());
            Assert.True(await steps.MoveNextAsync());
            var dead = new WeakReference(steps.Current);
            sources[0] = null!;
            return dead;
        }
    }

    [Fact]
    public async Task Correct_timeout_exception_msg()
    {
        var tasks = Enumerable.Range(0, 4).Select(i => i == 0 ? Task.CompletedTask : new TaskCompletionSource().Task);
        var e = await Assert.ThrowsAsync<TimeoutException>(() => AsCompletedTests.ToListAsync(Gather.AsCompletedAsync(tasks, TimeSpan.Zero)).Bounded());
        Assert.StartsWith("3 of 4 unfinished", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_20369_duplicates_end_with_their_task()
    {
        var source = new TaskCompletionSource<int>();
        var settle = Gather.SettleAsync([source.Task, source.Task]);
        source.SetResult(1);
        Assert.Equal([1, 1], (await settle.Bounded()).Values());
    }

    [Fact]
    public async Task First_completed()
    {
        var (first, second) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        await using var steps = Gather.AsCompletedAsync([first.Task, second.Task]).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var move = steps.MoveNextAsync();
        Assert.False(move.IsCompleted);
        second.SetResult(2);
        Assert.True(await move.AsTask().Bounded());
        Assert.Same(second.Task, steps.Current);
        Assert.False(first.Task.IsCompleted);
    }

    [Fact]
    public async Task First_completed_some_already_completed()
    {
        var pending = new TaskCompletionSource<int>();
        await using var steps = Gather.AsCompletedAsync([pending.Task, Task.FromResult(1)]).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var move = steps.MoveNextAsync();
        Assert.True(move.IsCompletedSuccessfully && await move);
        Assert.NotSame(pending.Task, steps.Current);
    }

    [Fact]
    public async Task First_exception()
    {
        var gates = GatherAllTests.Gates(3);
        var all = Gather.AllAsync(Enumerable.Range(0, 3), 3, async (i, ct) =>
        {
            await gates[i].Task.WaitAsync(ct);
            if (i == 1)
                throw new BoomException();
        });
        gates[0].SetResult();
        gates[1].SetResult();
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
        Assert.False(gates[2].Task.IsCompleted);
    }

    [Fact]
    public async Task First_exception_some_already_complete()
    {
        var pending = new TaskCompletionSource();
        var all = Gather.AllAsync([Task.CompletedTask, Task.FromException(new BoomException()), pending.Task], 3, (task, ct) => task.WaitAsync(ct));
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
    }

    [Fact]
    public async Task First_exception_one_already_failed()
    {
        var started = 0;
        var all = Gather.AllAsync([Task.FromException(new BoomException()), Task.CompletedTask], 1, task =>
        {
            started++;
            return task;
        });
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
        Assert.Equal(1, started);
    }

    [Fact]
    public async Task All_completed()
    {
        Task<int>[] tasks = [Task.FromResult(1), Task.FromCanceled<int>(new CancellationToken(true)), Task.FromException<int>(new BoomException())];
        Assert.Equal([OutcomeStatus.Succeeded, OutcomeStatus.Canceled, OutcomeStatus.Failed], (await Gather.SettleAsync(tasks).Bounded()).Select(o => o.Status));
    }

    [Fact]
    public async Task Timeout_leaves_the_unfinished_ones_alone()
    {
        var time = new ManualTimeProvider();
        var pending = new TaskCompletionSource();
        var completed = AsCompletedTests.ToListAsync(Gather.AsCompletedAsync([Task.CompletedTask, pending.Task], Minute, time));
        time.Advance(Minute);
        await Assert.ThrowsAsync<TimeoutException>(() => completed.Bounded());
        Assert.False(pending.Task.IsCompleted);
    }

    [Fact]
    public async Task Pending_calls_race()
    {
        // The tasks end on other threads at the very moment in which they are handed over.
        for (var round = 0; round < 500; round++)
        {
            var sources = Enumerable.Range(0, 8).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
            var end = Task.Run(() => Array.ForEach(sources, s => s.SetResult()), TestContext.Current.CancellationToken);
            Assert.Equal(8, (await AsCompletedTests.ToListAsync(Gather.AsCompletedAsync(sources.Select(s => s.Task))).Bounded()).Count);
            await end;
        }
    }
}
