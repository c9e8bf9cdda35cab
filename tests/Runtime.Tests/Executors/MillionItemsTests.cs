using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>A million items in one run: what is kept does not grow with what has gone through, while it runs as little as afterwards.</summary>
[Collection(RunsAlone.Name)]
public sealed class MillionItemsTests
{
    private const int Items = 1_000_000;
    private const int Step = 200_000;

    // A leak of one reference an item would be 8 MB.
    private const long Allowed = 4_000_000;

    private readonly List<long> _sizes = [];

    public static TheoryData<ExecutorKind, bool> Maps => new()
    {
        { ExecutorKind.Async, true },
        { ExecutorKind.Async, false },
        { ExecutorKind.Thread, true },
        { ExecutorKind.Thread, false },
    };

    [Theory, MemberData(nameof(Maps))]
    public async Task A_map_of_a_million_items_does_not_grow(ExecutorKind kind, bool inOrder)
    {
        await using var executor = kind.Create(4);
        var options = new MapOptions { Buffer = 1024 };
        var results = inOrder
            ? executor.MapAsync(Enumerable.Range(0, Items), WorkAsync, options)
            : executor.MapAsCompletedAsync(Enumerable.Range(0, Items), WorkAsync, options);
        var (count, sum) = (0, 0L);
        await foreach (var result in results)
        {
            sum += result;
            if (count++ % Step == 0)
                Measure();
        }

        Assert.Equal((Items, (long)Items * (Items - 1) / 2), (count, sum));
        AssertNoGrowth();

        Task<int> WorkAsync(int item, CancellationToken cancellationToken) =>
            kind == ExecutorKind.Async && item % 64 == 0 ? YieldAsync(item) : Task.FromResult(item);
    }

    [Fact]
    public async Task A_million_submissions_to_an_executor_that_stays_do_not_grow()
    {
        await using var executor = new AsyncExecutor(4);
        for (var i = 0; i < Items; i++)
        {
            await executor.RunAsync(static (item, _) => item % 64 == 0 ? YieldAsync(item) : Task.FromResult(item), i);
            if (i % Step == 0)
                Measure();
        }

        AssertNoGrowth();
        Assert.Equal(Items, executor.GetSnapshot().Completed);
    }

    [Fact]
    public async Task A_gather_of_a_million_elements_does_not_grow()
    {
        await Gather.AllAsync(Source(), 64, static Task (item, _) => item % 64 == 0 ? YieldAsync(item) : Task.CompletedTask).Bounded();
        AssertNoGrowth();

        IEnumerable<int> Source()
        {
            for (var i = 0; i < Items; i++)
            {
                if (i % Step == 0)
                    Measure();
                yield return i;
            }
        }
    }

    [Fact]
    public async Task A_million_children_of_one_group_do_not_grow()
    {
        await TaskGroup.RunAsync(64, async (group, _) =>
        {
            for (var i = 0; i < Items / 2; i++)
            {
                var child = group.Run(static _ => Task.FromResult(1));
                if (i % 64 == 0)
                    await child;
                if (i % Step == 0)
                    Measure();
            }
        });
        AssertNoGrowth();
    }

    [Fact]
    public async Task A_million_acquisitions_and_calls_do_not_grow()
    {
        var time = new ManualTimeProvider();
        await using var limiter = new SlidingWindowLogRateLimiter(new() { PermitLimit = 100, Window = TimeSpan.FromSeconds(1), QueueLimit = 1000, TimeProvider = time });
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureRatio = 0.9, TimeProvider = time });
        for (var i = 0; i < Items; i++)
        {
            var waiting = limiter.AcquireAsync(1);
            if (!waiting.IsCompleted)
                time.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await waiting).IsAcquired);
            Assert.Equal(i, await breaker.ExecuteAsync(static (item, _) => new ValueTask<int>(item), i));
            if (i % Step == 0)
                Measure();
        }

        AssertNoGrowth();
    }

    private static async Task<int> YieldAsync(int item)
    {
        await Task.Yield();
        return item;
    }

    private void Measure() => _sizes.Add(GC.GetTotalMemory(forceFullCollection: true));

    private void AssertNoGrowth()
    {
        Measure();
        Assert.InRange(_sizes[^2] - _sizes[1], long.MinValue, Allowed);
        Assert.InRange(_sizes[^1] - _sizes[0], long.MinValue, Allowed);
    }
}
