using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

public class ExecutorMapTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Map_yields_in_the_order_of_the_source_and_as_completed_as_they_end(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var gates = GatherAllTests.Gates(2);
        async Task<int> WorkAsync(int i, CancellationToken token)
        {
            await gates[i].Task.WaitAsync(token).ConfigureAwait(false);
            return i;
        }

        var inOrder = AsCompletedTests.ToListAsync(executor.MapAsync([0, 1], WorkAsync));
        var asCompleted = executor.MapAsCompletedAsync([0, 1], WorkAsync).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        gates[1].SetResult();
        Assert.False(inOrder.IsCompleted);
        gates[0].SetResult();
        Assert.Equal([0, 1], await inOrder.Bounded());
        await asCompleted.DisposeAsync();

        gates = GatherAllTests.Gates(2);
        asCompleted = executor.MapAsCompletedAsync([0, 1], WorkAsync).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        gates[1].SetResult();
        Assert.True(await asCompleted.MoveNextAsync().AsTask().Bounded());
        Assert.Equal(1, asCompleted.Current);
        gates[0].SetResult();
        Assert.True(await asCompleted.MoveNextAsync().AsTask().Bounded());
        Assert.Equal(0, asCompleted.Current);
        Assert.False(await asCompleted.MoveNextAsync().AsTask().Bounded());
        await asCompleted.DisposeAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Map_takes_at_most_places_plus_buffer_ahead_from_an_infinite_source(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var source = new CountingSource();
        var steps = executor.MapAsync(source, (i, _) => Task.FromResult(i), new MapOptions { Buffer = 3 }).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.Equal(0, source.Pulled);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(await steps.MoveNextAsync().AsTask().Bounded());
            Assert.Equal(i, steps.Current);
            Assert.InRange(source.Pulled, i + 1, i + 5);
        }

        await steps.DisposeAsync();
        Assert.Equal((1, 1), (source.Disposed, source.Enumerated));
        Assert.False(source.WasShared);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Map_takes_asynchronous_sources_and_hands_out_results_while_the_source_is_pending(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var steps = executor.MapAsync(Source(), (i, _) => Task.FromResult(i)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync().AsTask().Bounded());
        Assert.Equal(1, steps.Current);
        more.SetResult();
        Assert.True(await steps.MoveNextAsync().AsTask().Bounded());
        Assert.False(await steps.MoveNextAsync().AsTask().Bounded());
        await steps.DisposeAsync();

        async IAsyncEnumerable<int> Source()
        {
            yield return 1;
            await more.Task;
            yield return 2;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_first_failure_cancels_and_awaits_the_rest_and_comes_after_the_results_before_it(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var source = new CountingSource();
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cleanup = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var steps = executor.MapAsync(source, async (i, token) =>
        {
            if (i == 0)
                return i;
            if (i == 1)
            {
                await other.Task.ConfigureAwait(false);
                throw new BoomException("first");
            }

            using var registration = token.Register(() => canceled.TrySetResult());
            other.TrySetResult();
            await canceled.Task.ConfigureAwait(false);
            await cleanup.Task.ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            return i;
        }, new MapOptions { Buffer = 0 }).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync().AsTask().Bounded());
        var move = steps.MoveNextAsync().AsTask();
        await canceled.Task.Bounded();
        Assert.False(move.IsCompleted);
        cleanup.SetResult();
        Assert.Equal("first", (await Assert.ThrowsAsync<BoomException>(() => move.Bounded())).Message);
        await steps.DisposeAsync();
        Assert.InRange(source.Pulled, 3, 3);
        Assert.Equal(1, source.Disposed);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_second_failure_is_reported_as_unhandled(ExecutorKind kind)
    {
        using var faults = new UnhandledFaults();
        await using var executor = kind.Create(2);
        var both = new Countdown(2);
        var map = AsCompletedTests.ToListAsync(executor.MapAsync([0, 1], async Task<int> (i, _) =>
        {
            both.Signal();
            await both.ReachedAsync().ConfigureAwait(false);
            throw new BoomException($"{kind} map {i}");
        }));
        var thrown = await Assert.ThrowsAsync<BoomException>(() => map.Bounded());
        await faults.WaitForAsync($"{kind} map {(thrown.Message.EndsWith('0') ? 1 : 0)}");
        Assert.DoesNotContain(thrown.Message, faults.Messages);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Leaving_early_cancels_waits_and_does_not_throw(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var source = new CountingSource();
        var running = 0;
        await foreach (var i in executor.MapAsync(source, async (i, token) =>
        {
            if (i == 0)
                return i;
            Interlocked.Increment(ref running);
            try
            {
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }

            return i;
        }))
        {
            break;
        }

        Assert.Equal((0, 1), (running, source.Disposed));
        Assert.Equal((0, 0), (executor.GetSnapshot().Running, executor.GetSnapshot().Queued));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_timeout_says_how_many_of_how_many_are_unfinished(ExecutorKind kind)
    {
        var time = new ManualTimeProvider();
        await using var executor = kind.Create(1, options => options.TimeProvider = time);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var steps = executor.MapAsync([0, 1, 2], async (i, token) =>
        {
            if (i == 0)
                return i;
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
            return i;
        }, new MapOptions { Timeout = TimeSpan.FromSeconds(10) }).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync().AsTask().Bounded());
        await started.Task.Bounded();
        var move = steps.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.False(move.IsCompleted);
        time.SetUtcNow(new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero));
        time.Advance(TimeSpan.FromMilliseconds(1));
        var e = await Assert.ThrowsAsync<TimeoutException>(() => move.Bounded());
        Assert.StartsWith("2 of 3 unfinished", e.Message, StringComparison.Ordinal);
        await steps.DisposeAsync();
        Assert.Equal(0, time.ArmedTimers);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Either_token_ends_the_map_and_surfaces_as_itself(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var caller = new CancellationTokenSource();
        using var consumer = new CancellationTokenSource();
        foreach (var cts in new[] { caller, consumer })
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var steps = executor.MapAsync([0, 1], async (i, token) =>
            {
                started.TrySetResult();
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                return i;
            }, cancellationToken: cts == caller ? caller.Token : default).GetAsyncEnumerator(cts == consumer ? consumer.Token : default);
            var move = steps.MoveNextAsync().AsTask();
            await started.Task.Bounded();
            await cts.CancelAsync();
            Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => move.Bounded())).CancellationToken);
            await steps.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_source_that_throws_ends_the_map_after_the_results_before(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var seen = new List<int>();
        var e = await Assert.ThrowsAsync<BoomException>(async () =>
        {
            await foreach (var i in executor.MapAsync(Broken(), (i, _) => Task.FromResult(i)))
                seen.Add(i);
        }).Bounded();
        Assert.Equal("source", e.Message);
        Assert.Equal([1], seen);

        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new BoomException("source");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Settle_gives_an_outcome_each_with_the_duration_of_the_work_alone(ExecutorKind kind)
    {
        var time = new ManualTimeProvider();
        await using var executor = kind.Create(1, options => options.TimeProvider = time);
        var outcomes = await executor.SettleAsync([1, 2, 3], (i, token) =>
        {
            time.Advance(TimeSpan.FromSeconds(i));
            return i == 2 ? throw new BoomException() : Task.FromResult(i);
        }).Bounded();
        Assert.Equal([1, 2, 3], outcomes.Select(o => o.Source));
        Assert.Equal([OutcomeStatus.Succeeded, OutcomeStatus.Failed, OutcomeStatus.Succeeded], outcomes.Select(o => o.Status));
        Assert.Equal([1.0, 2.0, 3.0], outcomes.Select(o => o.Duration.TotalSeconds));
        Assert.Equal((2, 1), (executor.GetSnapshot().Completed, executor.GetSnapshot().Failed));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Progress_is_told_of_each_item_one_after_another(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        var progress = new Progress();
        var options = new MapOptions { Progress = progress };
        await executor.SettleAsync(Enumerable.Range(0, 20), async (i, _) =>
        {
            await Task.Yield();
            return i % 4 == 0 ? throw new BoomException() : i;
        }, options).Bounded();
        Assert.Equal(Enumerable.Range(1, 20), progress.Reports.Select(r => r.Completed + r.Failed + r.Canceled));
        Assert.Equal(new ExecutorProgress { Completed = 15, Failed = 5, Total = 20 }, progress.Reports[^1]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Progress_that_throws_changes_nothing_and_is_reported(ExecutorKind kind)
    {
        using var faults = new UnhandledFaults();
        await using var executor = kind.Create(2);
        var options = new MapOptions { Progress = new Progress { Throws = $"progress {kind}" } };
        Assert.Equal([1, 2], await AsCompletedTests.ToListAsync(executor.MapAsync([1, 2], (i, _) => Task.FromResult(i), options)).Bounded());
        await faults.WaitForAsync($"progress {kind}");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_map_is_never_rejected_by_a_full_queue(ExecutorKind kind)
    {
        await using var executor = kind.Create(1, options => (options.QueueCapacity, options.QueueFullMode) = (0, QueueFullMode.Reject));
        Assert.Equal(10, (await AsCompletedTests.ToListAsync(executor.MapAsync(Enumerable.Range(0, 10), (i, _) => Task.FromResult(i))).Bounded()).Count);
    }

    [Fact]
    public async Task All_shapes_of_the_maps_compile_and_run()
    {
        await using var io = new AsyncExecutor(1);
        await using var threads = new ThreadExecutor(1);
        Assert.Equal(1, (await io.SettleAsync([1], i => Task.FromResult(i)))[0].Value);
        Assert.Equal(1, (await io.SettleAsync(GatherAllTests.Stream(1), (i, _) => Task.FromResult(i)))[0].Value);
        Assert.Equal(1, (await threads.SettleAsync([1], i => i))[0].Value);
        Assert.Equal(1, (await threads.SettleAsync(GatherAllTests.Stream(1), (i, _) => i))[0].Value);
        IAsyncEnumerable<int>[] maps =
        [
            io.MapAsync([1], i => Task.FromResult(i)), io.MapAsync(GatherAllTests.Stream(1), i => Task.FromResult(i)),
            io.MapAsCompletedAsync([1], i => Task.FromResult(i)), io.MapAsCompletedAsync(GatherAllTests.Stream(1), (i, _) => Task.FromResult(i)),
            threads.MapAsync([1], i => i), threads.MapAsync(GatherAllTests.Stream(1), i => i),
            threads.MapAsCompletedAsync([1], i => i), threads.MapAsCompletedAsync(GatherAllTests.Stream(1), (i, _) => i),
        ];
        foreach (var map in maps)
            Assert.Equal(1, Assert.Single(await AsCompletedTests.ToListAsync(map)));
    }

    [Fact]
    public async Task Options_out_of_range_are_refused_by_the_call_itself()
    {
        await using var executor = new AsyncExecutor(1);
        Assert.Equal("Buffer", Assert.Throws<ArgumentOutOfRangeException>(() => { _ = executor.MapAsync([1], i => Task.FromResult(i), new MapOptions { Buffer = -1 }); }).ParamName);
        Assert.Equal("Timeout", Assert.Throws<ArgumentOutOfRangeException>(() => { _ = executor.MapAsync([1], i => Task.FromResult(i), new MapOptions { Timeout = TimeSpan.FromSeconds(-5) }); }).ParamName);
        Assert.Throws<ArgumentNullException>(() => { _ = executor.MapAsync((IEnumerable<int>)null!, i => Task.FromResult(i)); });
        Assert.Throws<ArgumentNullException>(() => { _ = executor.MapAsync([1], (Func<int, Task<int>>)null!); });
    }

    private sealed class Progress : IProgress<ExecutorProgress>
    {
        public List<ExecutorProgress> Reports { get; } = [];

        public string? Throws { get; init; }

        public void Report(ExecutorProgress value)
        {
            Reports.Add(value);
            if (Throws is not null)
                throw new BoomException(Throws);
        }
    }
}

/// <summary>0, 1, 2, … without end; counts what is done to it.</summary>
internal sealed class CountingSource : IEnumerable<int>, IEnumerator<int>
{
    private int _inside;

    public int Pulled { get; private set; }

    public int Enumerated { get; private set; }

    public int Disposed { get; private set; }

    public bool WasShared { get; private set; }

    public int Current => Pulled - 1;

    object System.Collections.IEnumerator.Current => Current;

    public bool MoveNext()
    {
        if (Interlocked.Increment(ref _inside) != 1)
            WasShared = true;
        Pulled++;
        Interlocked.Decrement(ref _inside);
        return true;
    }

    public IEnumerator<int> GetEnumerator()
    {
        Enumerated++;
        return this;
    }

    public void Dispose() => Disposed++;

    public void Reset() => throw new NotSupportedException();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
