using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>Real threads against each other; every wait is bounded, every count must add up.</summary>
public class ExecutorStressTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Submissions_and_cancellations_from_many_threads_each_end_once(ExecutorKind kind)
    {
        const int Threads = 4;
        const int ItemsEach = 2_000;
        await using var executor = kind.Create(3);
        var (running, peak, ran) = (0, 0, 0);
        var tasks = await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            var mine = new List<Task>();
            for (var i = 0; i < ItemsEach; i++)
            {
                var cts = i % 3 == 0 ? new CancellationTokenSource() : null;
                mine.Add(executor.RunAsync(async token =>
                {
                    GatherAllTests.InterlockedMax(ref peak, Interlocked.Increment(ref running));
                    if (kind == ExecutorKind.Async)
                        await Task.Yield();
                    Interlocked.Increment(ref ran);
                    Interlocked.Decrement(ref running);
                    return 0;
                }, cts?.Token ?? default));
                cts?.Cancel();
            }

            return mine;
        }))).Bounded();
        foreach (var task in tasks.SelectMany(mine => mine))
            await task.EndedAsync();
        var snapshot = executor.GetSnapshot();
        Assert.InRange(peak, 1, 3);
        Assert.Equal((0, 0, 0L), (snapshot.Running, snapshot.Queued, snapshot.Failed));
        Assert.Equal(Threads * ItemsEach, snapshot.Completed + snapshot.Canceled);
        Assert.Equal(snapshot.Completed, tasks.SelectMany(mine => mine).Count(task => task.IsCompletedSuccessfully));
        Assert.InRange(ran, snapshot.Completed, Threads * ItemsEach);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Maps_of_many_consumers_share_one_executor(ExecutorKind kind)
    {
        await using var executor = kind.Create(2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(consumer => Task.Run(async () =>
        {
            var map = consumer % 2 == 0
                ? executor.MapAsync(Enumerable.Range(0, 500), (i, _) => Task.FromResult(i))
                : executor.MapAsCompletedAsync(Enumerable.Range(0, 500), (i, _) => Task.FromResult(i));
            Assert.Equal(Enumerable.Range(0, 500).Sum(), (await AsCompletedTests.ToListAsync(map)).Sum());
        }))).Bounded();
    }

    [Fact]
    public async Task Gathers_that_fail_at_random_always_end()
    {
        for (var round = 0; round < 300; round++)
        {
            var all = Gather.AllAsync(GatherAllTests.Forever(), 8, async (i, ct) =>
            {
                await Task.Yield();
                if (i % 97 == 96)
                    throw new BoomException();
                if (i % 13 == 0)
                    ct.ThrowIfCancellationRequested();
            });
            await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
        }
    }
}
