using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

public class AsCompletedTests
{
    [Fact]
    public async Task Tasks_come_in_the_order_in_which_they_end()
    {
        var sources = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource<int>()).ToArray();
        sources[2].SetResult(2);
        var order = new List<int>();
        var next = new Queue<int>([3, 0, 1]);
        await foreach (var task in Gather.AsCompletedAsync(sources.Select(s => s.Task)))
        {
            order.Add(await task);
            if (next.TryDequeue(out var i))
                sources[i].SetResult(i);
        }

        Assert.Equal([2, 3, 0, 1], order);
    }

    [Fact]
    public async Task Tasks_that_ended_before_come_first_in_the_order_given()
    {
        Task[] tasks = [Task.CompletedTask, Task.FromException(new BoomException()), Task.FromCanceled(new CancellationToken(true))];
        _ = tasks[1].Exception;
        Assert.Equal(tasks, await ToListAsync(Gather.AsCompletedAsync(tasks)));
    }

    [Fact]
    public async Task A_duplicate_comes_once()
    {
        var source = new TaskCompletionSource<int>();
        var all = Gather.AsCompletedAsync([source.Task, source.Task, Task.FromResult(1), source.Task]);
        source.SetResult(0);
        Assert.Equal(2, (await ToListAsync(all)).Count);
    }

    [Fact]
    public async Task A_faulted_task_is_yielded_and_not_thrown()
    {
        await foreach (var task in Gather.AsCompletedAsync([Task.FromException<int>(new BoomException())]))
            await Assert.ThrowsAsync<BoomException>(() => task);
    }

    [Fact]
    public async Task A_second_enumeration_throws()
    {
        var all = Gather.AsCompletedAsync([Task.CompletedTask]);
        await ToListAsync(all);
        Assert.Throws<InvalidOperationException>(() => { _ = all.GetAsyncEnumerator(TestContext.Current.CancellationToken); });
    }

    [Fact]
    public async Task No_task_no_step()
    {
        Assert.Empty(await ToListAsync(Gather.AsCompletedAsync(Array.Empty<Task>())));
        Assert.Throws<ArgumentNullException>(() => { _ = Gather.AsCompletedAsync((IEnumerable<Task>)null!); });
        Assert.Throws<ArgumentException>(() => { _ = Gather.AsCompletedAsync([Task.CompletedTask, null!]); });
    }

    [Fact]
    public async Task The_consumer_never_runs_on_the_thread_that_ends_a_task()
    {
        var source = new TaskCompletionSource();
        var inSet = new ThreadLocal<bool>();
        var consumer = Task.Run(async () =>
        {
            await foreach (var _ in Gather.AsCompletedAsync([source.Task]).ConfigureAwait(false))
                Assert.False(inSet.Value);
        }, TestContext.Current.CancellationToken);
        inSet.Value = true;
        source.SetResult();
        inSet.Value = false;
        await consumer.Bounded();
    }

    [Fact]
    public async Task A_cancelled_enumeration_throws_with_its_token_and_leaves_the_tasks_alone()
    {
        using var cts = new CancellationTokenSource();
        var source = new TaskCompletionSource();
        var step = Gather.AsCompletedAsync([source.Task]).GetAsyncEnumerator(cts.Token);
        var move = step.MoveNextAsync().AsTask();
        Assert.False(move.IsCompleted);
        await cts.CancelAsync();
        Assert.Equal(cts.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => move.Bounded())).CancellationToken);
        Assert.False(source.Task.IsCompleted);
        await step.DisposeAsync();
    }

    [Fact]
    public async Task The_timeout_tells_how_many_of_how_many_are_unfinished()
    {
        var time = new ManualTimeProvider();
        var pending = new TaskCompletionSource();
        await using var step = Gather.AsCompletedAsync([Task.CompletedTask, pending.Task, new TaskCompletionSource().Task], TimeSpan.FromSeconds(5), time)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await step.MoveNextAsync());
        var move = step.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(4.999));
        Assert.False(move.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var e = await Assert.ThrowsAsync<TimeoutException>(() => move.Bounded());
        Assert.StartsWith("2 of 3 unfinished", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timer_is_gone_after_the_enumeration()
    {
        var time = new ManualTimeProvider();
        await ToListAsync(Gather.AsCompletedAsync([Task.CompletedTask], TimeSpan.FromSeconds(5), time));
        Assert.Equal((1, 0), (time.CreatedTimers, time.ArmedTimers));
    }

    [Fact]
    public void A_negative_timeout_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Gather.AsCompletedAsync([Task.CompletedTask], TimeSpan.FromSeconds(-2)); });

    [Fact]
    public async Task Many_tasks_that_end_on_many_threads_each_come_once()
    {
        var sources = Enumerable.Range(0, 20_000).Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var all = Gather.AsCompletedAsync(sources.Select(s => s.Task));
        var setters = Task.Run(() => Parallel.For(0, sources.Length, i => sources[i].SetResult(i)), TestContext.Current.CancellationToken);
        var seen = new HashSet<int>();
        await Task.Run(async () =>
        {
            await foreach (var task in all)
                Assert.True(seen.Add(await task));
        }, TestContext.Current.CancellationToken).Bounded();
        await setters;
        Assert.Equal(sources.Length, seen.Count);
    }

    [Fact]
    public async Task A_completion_costs_the_same_however_many_tasks_there_are()
    {
        var few = await StepsAsync(1_000);
        var many = await StepsAsync(64_000);
        Assert.InRange(many, 0, 64 * few * 2);

        static async Task<long> StepsAsync(int count)
        {
            var sources = Enumerable.Range(0, count).Select(static _ => new TaskCompletionSource()).ToArray();
            var step = Gather.AsCompletedAsync(sources.Select(static source => source.Task)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var source in sources)
            {
                source.SetResult();
                Assert.True(step.MoveNextAsync().AsTask().IsCompletedSuccessfully);
                Assert.Same(source.Task, step.Current);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            await step.DisposeAsync();
            return allocated;
        }
    }

    internal static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> source)
    {
        var list = new List<T>();
        await foreach (var item in source)
            list.Add(item);
        return list;
    }
}
