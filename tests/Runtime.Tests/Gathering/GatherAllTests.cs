using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

public class GatherAllTests
{
    [Fact]
    public async Task Results_come_in_the_order_of_the_source_whatever_order_the_work_ends_in()
    {
        var gates = Gates(5);
        var all = Gather.AllAsync(Enumerable.Range(0, 5), maxConcurrency: 5, async (i, ct) =>
        {
            await gates[i].Task;
            return i * 10;
        });
        foreach (var i in new[] { 3, 0, 4, 1, 2 })
            gates[i].SetResult();
        Assert.Equal((int[])[0, 10, 20, 30, 40], await all.Bounded());
    }

    [Fact]
    public async Task All_eight_shapes_run_every_element()
    {
        var seen = 0;
        Assert.Equal((int[])[1, 2], await Gather.AllAsync([1, 2], 1, (i, ct) => Task.FromResult(i)));
        Assert.Equal((int[])[1, 2], await Gather.AllAsync([1, 2], 1, i => Task.FromResult(i)));
        await Gather.AllAsync([1, 2], 1, async (i, ct) => { await Task.Yield(); Interlocked.Add(ref seen, i); });
        await Gather.AllAsync([1, 2], 1, async i => { await Task.Yield(); Interlocked.Add(ref seen, i); });
        Assert.Equal((int[])[1, 2], await Gather.AllAsync(Stream(1, 2), 1, (i, ct) => Task.FromResult(i)));
        Assert.Equal((int[])[1, 2], await Gather.AllAsync(Stream(1, 2), 1, i => Task.FromResult(i)));
        await Gather.AllAsync(Stream(1, 2), 1, async (i, ct) => { await Task.Yield(); Interlocked.Add(ref seen, i); });
        await Gather.AllAsync(Stream(1, 2), 1, async i => { await Task.Yield(); Interlocked.Add(ref seen, i); });
        Assert.Equal(12, seen);
    }

    [Fact]
    public async Task Method_groups_and_the_named_argument_that_the_fixes_write_compile()
    {
        Assert.Equal((int[])[2, 4], await Gather.AllAsync([1, 2], maxConcurrency: 32, Twice));
        Assert.Equal((int[])[2, 4], await Gather.AllAsync([1, 2], maxConcurrency: 32, (i, ct) => TwiceWithToken(i, ct)));
        Assert.Equal((int[])[2, 4], await Gather.AllAsync([1, 2], maxConcurrency: 32, TwiceWithToken));
        await Gather.AllAsync([1, 2], maxConcurrency: 32, Nothing);

        static Task<int> Twice(int i) => Task.FromResult(i * 2);
        static Task<int> TwiceWithToken(int i, CancellationToken cancellationToken) => Task.FromResult(i * 2);
        static Task Nothing(int i) => Task.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Never_more_than_maxConcurrency_are_in_flight_and_all_places_are_used(int maxConcurrency)
    {
        var (running, peak) = (0, 0);
        var full = new Countdown(maxConcurrency);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Gather.AllAsync(Enumerable.Range(0, 20), maxConcurrency, async i =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref peak, now);
            full.Signal();
            await open.Task;
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return i;
        });
        await full.ReachedAsync();
        open.SetResult();
        Assert.Equal(20, (await all.Bounded()).Length);
        Assert.Equal(maxConcurrency, peak);
    }

    [Fact]
    public async Task The_first_failure_stops_new_starts_cancels_the_rest_and_waits_for_them()
    {
        var gates = Gates(2);
        var cleanup = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = 0;
        var all = Gather.AllAsync(Enumerable.Range(0, 10), 2, async (i, ct) =>
        {
            started++;
            if (i == 1)
            {
                await gates[1].Task;
                throw new BoomException("first");
            }

            using var registration = ct.Register(canceled.SetResult);
            await canceled.Task;
            await cleanup.Task;
            ct.ThrowIfCancellationRequested();
            return i;
        });
        gates[1].SetResult();
        await canceled.Task.Bounded();
        Assert.False(all.IsCompleted);
        cleanup.SetResult();
        var e = await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
        Assert.Equal("first", e.Message);
        Assert.Equal(2, started);
        Assert.Single(all.Exception!.InnerExceptions);
    }

    [Fact]
    public async Task Await_throws_the_first_failure_and_the_task_holds_all()
    {
        var gates = Gates(3);
        var all = Gather.AllAsync(Enumerable.Range(0, 3), 3, async (i, ct) =>
        {
            await gates[i].Task;
            throw new BoomException($"{i}");
        });
        gates[2].SetResult();
        gates[0].SetResult();
        gates[1].SetResult();
        await all.EndedAsync();
        Assert.Equal(3, all.Exception!.InnerExceptions.Count);
        Assert.Equal(["0", "1", "2"], all.Exception.InnerExceptions.Select(e => e.Message).Order());
        var first = await Assert.ThrowsAsync<BoomException>(() => all);
        Assert.Same(all.Exception.InnerExceptions[0], first);
    }

    [Fact]
    public async Task All_faults_of_one_task_are_kept()
    {
        var all = Gather.AllAsync([1], 1, _ => Task.WhenAll(Task.FromException(new BoomException("a")), Task.FromException(new BoomException("b"))));
        await all.EndedAsync();
        Assert.Equal(["a", "b"], all.Exception!.InnerExceptions.Select(e => e.Message));
    }

    [Fact]
    public async Task A_delegate_that_throws_before_it_returns_a_task_fails_its_element()
    {
        var all = Gather.AllAsync<int, int>([1], 1, (_, _) => throw new BoomException());
        await Assert.ThrowsAsync<BoomException>(() => all);
    }

    [Fact]
    public async Task A_delegate_that_returns_null_fails_its_element()
    {
        var all = Gather.AllAsync([1], 1, Task<int> (_) => null!);
        Assert.Contains("null", (await Assert.ThrowsAsync<InvalidOperationException>(() => all)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_caller_gets_the_own_token_back()
    {
        using var cts = new CancellationTokenSource();
        var started = new Countdown(2);
        var all = Gather.AllAsync(Enumerable.Range(0, 5), 2, async (_, ct) =>
        {
            started.Signal();
            await Task.Delay(Timeout.Infinite, ct);
        }, cts.Token);
        await started.ReachedAsync();
        await cts.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.Bounded());
        Assert.Equal(cts.Token, e.CancellationToken);
        Assert.True(all.IsCanceled);
    }

    [Fact]
    public async Task A_failure_beside_the_callers_cancellation_is_not_lost()
    {
        using var cts = new CancellationTokenSource();
        var started = new Countdown(2);
        var all = Gather.AllAsync(Enumerable.Range(0, 2), 2, async (i, ct) =>
        {
            started.Signal();
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            catch (OperationCanceledException) when (i == 1)
            {
                throw new BoomException();
            }
        }, cts.Token);
        await started.ReachedAsync();
        await cts.CancelAsync();
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
    }

    [Fact]
    public async Task A_token_cancelled_before_the_call_touches_neither_source_nor_work()
    {
        var all = Gather.AllAsync(Untouchable(), 2, (int _, CancellationToken _) => Task.FromResult(1), new CancellationToken(canceled: true));
        Assert.True(all.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);

        static IEnumerable<int> Untouchable()
        {
            Assert.Fail("The source was enumerated.");
            yield break;
        }
    }

    [Fact]
    public async Task Cancellation_stops_an_infinite_source_between_two_elements()
    {
        using var cts = new CancellationTokenSource();
        var all = Gather.AllAsync(Forever(), 4, (i, ct) =>
        {
            if (i == 1000)
                cts.Cancel();
            return Task.CompletedTask;
        }, cts.Token);
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.Bounded());
        Assert.Equal(cts.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Work_that_cancels_itself_ends_the_run_as_cancelled_with_its_own_exception()
    {
        var timeout = new TaskCanceledException("timed out", new TimeoutException());
        var all = Gather.AllAsync([1, 2], 1, async i =>
        {
            await Task.Yield();
            throw timeout;
        });
        Assert.Same(timeout, await Assert.ThrowsAsync<TaskCanceledException>(() => all.Bounded()));
        Assert.True(all.IsCanceled);
    }

    [Fact]
    public async Task An_empty_source_gives_an_empty_array()
    {
        Assert.Empty(await Gather.AllAsync(Array.Empty<int>(), 1, i => Task.FromResult(i)));
        await Gather.AllAsync(Stream<int>(), 1, _ => Task.CompletedTask);
    }

    [Fact]
    public void Arguments_are_checked_by_the_call_itself()
    {
        var work = (int i) => Task.FromResult(i);
        Assert.Equal("source", Assert.Throws<ArgumentNullException>(() => { _ = Gather.AllAsync((IEnumerable<int>)null!, 1, work); }).ParamName);
        Assert.Equal("work", Assert.Throws<ArgumentNullException>(() => { _ = Gather.AllAsync([1], 1, (Func<int, Task<int>>)null!); }).ParamName);
        foreach (var bad in new[] { 0, -1, int.MinValue })
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Gather.AllAsync([1], bad, work); });
            Assert.Equal("maxConcurrency", e.ParamName);
            Assert.Contains("between 1 and 2147483647", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_million_elements_that_complete_synchronously_neither_recurse_nor_block()
    {
        var results = await Gather.AllAsync(Enumerable.Range(0, 1_000_000), int.MaxValue, (i, ct) => Task.FromResult(i)).Bounded();
        Assert.Equal(999_999, results[^1]);
    }

    [Fact]
    public async Task Work_that_completes_other_work_of_the_same_run_does_not_recurse()
    {
        var gates = Gates(10_000);
        gates[^1].SetResult();
        var all = Gather.AllAsync(Enumerable.Range(0, 10_000), 10_000, async i =>
        {
            await gates[i].Task.ConfigureAwait(false);
            if (i > 0)
                gates[i - 1].SetResult();
        });
        await all.Bounded();
    }

    internal static TaskCompletionSource[] Gates(int count) => [.. Enumerable.Range(0, count).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

    internal static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    internal static async IAsyncEnumerable<T> Stream<T>(params T[] items)
    {
        foreach (var item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }

    internal static IEnumerable<int> Forever()
    {
        for (var i = 0; ; i++)
            yield return i;
    }
}
