using ConcurrencyAnalyzers.Runtime.Tests.Executors;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_concurrent_futures about executors and their maps.</summary>
public class ExecutorConformanceTests
{
    [Fact]
    public async Task Submit()
    {
        await using var executor = new ThreadExecutor();
        Assert.Equal(256, await executor.RunAsync(() => (int)Math.Pow(2, 8)).Bounded());
    }

    [Fact]
    public async Task Submit_keyword_the_state_argument()
    {
        await using var executor = new ThreadExecutor();
        Assert.Equal(16, await executor.RunAsync(static (it, _) => it.X * it.Y, (X: 2, Y: 8)).Bounded());
        await using var io = new AsyncExecutor(1);
        Assert.Equal(16, await io.RunAsync(static (it, _) => Task.FromResult(it.X * it.Y), (X: 2, Y: 8)).Bounded());
    }

    [Fact]
    public async Task Map()
    {
        await using var executor = new ThreadExecutor(4);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * i), await AsCompletedTests.ToListAsync(executor.MapAsync(Enumerable.Range(0, 10), i => i * i)).Bounded());
    }

    [Fact]
    public async Task Map_exception()
    {
        await using var executor = new ThreadExecutor(1);
        var steps = executor.MapAsync([2, 3, 0, 5], i => 60 / i).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync());
        Assert.Equal(30, steps.Current);
        Assert.True(await steps.MoveNextAsync());
        Assert.Equal(20, steps.Current);
        await Assert.ThrowsAsync<DivideByZeroException>(async () => await steps.MoveNextAsync());
        await steps.DisposeAsync();
    }

    [Fact]
    public async Task Map_timeout_finished_ones_come_first()
    {
        var time = new ManualTimeProvider();
        await using var executor = new AsyncExecutor(new AsyncExecutorOptions { MaxConcurrency = 3, TimeProvider = time });
        var results = new List<int>();
        var e = await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var i in executor.MapAsync([0, 0, 6], async (i, token) =>
            {
                if (i > 0)
                    await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                return i;
            }, new MapOptions { Timeout = TimeSpan.FromSeconds(5) }))
            {
                results.Add(i);
                if (results.Count == 2)
                    time.Advance(TimeSpan.FromSeconds(5));
            }
        }).Bounded();
        Assert.Equal([0, 0], results);
        Assert.StartsWith("1 of 3 unfinished", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_timeout_from_callable_is_the_works_own()
    {
        await using var executor = new ThreadExecutor(1);
        var own = new TimeoutException("own");
        var options = new MapOptions { Timeout = TimeSpan.FromHours(1) };
        Assert.Same(own, await Assert.ThrowsAsync<TimeoutException>(() => AsCompletedTests.ToListAsync(executor.MapAsync<int, int>([1], _ => throw own, options)).Bounded()));
    }

    [Fact]
    public async Task Map_close_ends_the_iteration()
    {
        await using var executor = new ThreadExecutor(2);
        var source = new CountingSource();
        var steps = executor.MapAsync(source, i => i).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync());
        await steps.DisposeAsync();
        Assert.Equal(1, source.Disposed);
        Assert.False(await steps.MoveNextAsync());
    }

    [Fact]
    public async Task Map_args_of_several_sequences()
    {
        await using var executor = new ThreadExecutor(2);
        Assert.Equal([8, 81], await AsCompletedTests.ToListAsync(executor.MapAsync(
            Enumerable.Range(2, 2).Zip(Enumerable.Range(3, 2)), it => (int)Math.Pow(it.First, it.Second))).Bounded());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task Map_buffersize_is_validated_by_the_call(int buffer)
    {
        await using var executor = new ThreadExecutor(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = executor.MapAsync([1], i => i, new MapOptions { Buffer = buffer }); });
    }

    [Fact]
    public async Task Map_buffersize_on_empty_iterable()
    {
        await using var executor = new ThreadExecutor(1);
        Assert.Empty(await AsCompletedTests.ToListAsync(executor.MapAsync(Array.Empty<int>(), i => i, new MapOptions { Buffer = 10 })).Bounded());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Map_buffersize_on_infinite_iterable(int buffer)
    {
        await using var executor = new ThreadExecutor(2);
        var results = new List<int>();
        await foreach (var i in executor.MapAsync(GatherAllTests.Forever(), i => i, new MapOptions { Buffer = buffer }))
        {
            results.Add(i);
            if (i == 100)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 101), results);
    }

    [Fact]
    public async Task Map_buffersize_when_buffer_is_full_pulls_only_that_many()
    {
        await using var executor = new AsyncExecutor(1);
        var source = new CountingSource();
        var never = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var steps = executor.MapAsync(source, (i, token) => never.Task.WaitAsync(token), new MapOptions { Buffer = 4 }).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var move = steps.MoveNextAsync();
        Assert.Equal(1 + 4, source.Pulled);
        never.SetResult(1);
        Assert.True(await move.AsTask().Bounded());
        await steps.DisposeAsync();
    }

    [Fact]
    public async Task Map_with_buffersize_on_multiple_infinite_iterables()
    {
        await using var executor = new ThreadExecutor(2);
        var first = await AsCompletedTests.ToListAsync(TakeAsync(executor.MapAsync(GatherAllTests.Forever().Zip(GatherAllTests.Forever()), it => it.First + it.Second, new MapOptions { Buffer = 1 }), 5)).Bounded();
        Assert.Equal([0, 2, 4, 6, 8], first);

        static async IAsyncEnumerable<int> TakeAsync(IAsyncEnumerable<int> source, int count)
        {
            await foreach (var item in source)
            {
                yield return item;
                if (--count == 0)
                    break;
            }
        }
    }

    [Fact]
    public async Task Map_submits_without_iteration_begins_with_the_enumeration_as_sequences_do_in_dotnet()
    {
        await using var executor = new ThreadExecutor(4);
        var ran = new Countdown(5);
        var map = executor.MapAsync(Enumerable.Range(0, 5), i =>
        {
            ran.Signal();
            return i;
        }, new MapOptions { Buffer = 5 });
        Assert.Equal(new ExecutorSnapshot(), executor.GetSnapshot());
        await using var steps = map.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await steps.MoveNextAsync();
        await ran.ReachedAsync(); // All were submitted, though only one was asked for.
    }

    [Fact]
    public async Task Executor_map_current_future_cancel_a_timeout_cancels_the_rest()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 1, TimeProvider = time });
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        var map = AsCompletedTests.ToListAsync(executor.MapAsync(Enumerable.Range(0, 5), (i, token) =>
        {
            calls++;
            started.TrySetResult();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
            return i;
        }, new MapOptions { Timeout = TimeSpan.FromSeconds(1), Buffer = 5 }));
        await started.Task.Bounded();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => map.Bounded());
        Assert.Equal(1, calls);
        Assert.Equal((0, 0), (executor.GetSnapshot().Running, executor.GetSnapshot().Queued));
    }

    [Fact]
    public void Max_workers_negative()
    {
        foreach (var bad in new[] { 0, -1 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadExecutor(bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncExecutor(bad));
        }
    }

    [Fact]
    public void Max_workers_too_large() => Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadExecutor(32_768));

    [Theory, MemberData(nameof(Kinds))]
    public Task No_stale_references(ExecutorKind kind) => new ExecutorLifetimeTests().Nothing_keeps_an_argument_a_result_or_a_closure_after_its_item(kind);

    [Theory, MemberData(nameof(Kinds))]
    public Task Free_reference(ExecutorKind kind) => new ExecutorLifetimeTests().A_withdrawn_item_is_dropped_before_its_turn(kind);

    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];
}
