using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of test_concurrent_futures about thread pools and their initializers.</summary>
public class ThreadConformanceTests
{
    [Fact]
    public async Task Default_workers()
    {
        await using var executor = new ThreadExecutor();
        Assert.Equal(Math.Min(32, Environment.ProcessorCount + 4), executor.MaxThreads);
    }

    [Fact]
    public async Task Saturation()
    {
        await using var executor = new ThreadExecutor(4);
        var (full, open) = (new CountdownEvent(4), new ManualResetEventSlim());
        var threads = Enumerable.Range(0, 15 * 4).Select(_ => executor.RunAsync(() =>
        {
            if (!full.IsSet)
                full.Signal();
            open.Wait();
            return Environment.CurrentManagedThreadId;
        })).ToArray();
        await Task.Run(() => full.Wait(), TestContext.Current.CancellationToken).Bounded();
        Assert.Equal((4, 56), (executor.GetSnapshot().Running, executor.GetSnapshot().Queued));
        open.Set();
        Assert.Equal(4, (await Task.WhenAll(threads).Bounded()).Distinct().Count());
        Assert.Equal(4, executor.GetSnapshot().PeakRunning);
    }

    [Fact]
    public async Task Idle_thread_reuse()
    {
        await using var executor = new ThreadExecutor(8);
        var ids = new HashSet<int>();
        for (var i = 0; i < 200; i++)
            ids.Add(await executor.RunAsync(() => Environment.CurrentManagedThreadId).Bounded());
        Assert.Single(ids);
    }

    [Fact]
    public async Task Thread_names_assigned()
    {
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 2, NamePrefix = "SpecialPool" });
        await using var unnamed = new ThreadExecutor(1);
        var both = new CountdownEvent(2);
        var names = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => executor.RunAsync(() =>
        {
            both.Signal();
            both.Wait();
            return Thread.CurrentThread.Name!;
        }))).Bounded();
        Assert.Equal(["SpecialPool-1", "SpecialPool-2"], names.Order());
        Assert.Equal("ThreadExecutor-1", await unnamed.RunAsync(() => Thread.CurrentThread.Name));
    }

    [Fact]
    public async Task Map_submits()
    {
        await using var executor = new ThreadExecutor(3);
        await using var steps = executor.MapAsync(Enumerable.Range(0, 3), i => i).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync());
        Assert.True(await steps.MoveNextAsync());
        Assert.True(await steps.MoveNextAsync());
        Assert.Equal(3, executor.GetSnapshot().Completed);
    }

    [Fact]
    public async Task Initializer()
    {
        var initialized = new ThreadLocal<string>();
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 2, Initializer = () => initialized.Value = "initialized" });
        var seen = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => executor.RunAsync(() => initialized.Value))).Bounded();
        Assert.Equal(Enumerable.Repeat("initialized", 5), seen);
    }

    [Fact]
    public async Task Failing_initializer_breaks_pending_and_later_submissions()
    {
        var open = new ManualResetEventSlim();
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 1,
            Initializer = () =>
            {
                open.Wait();
                throw new BoomException("initializer");
            },
        });
        var pending = Enumerable.Range(0, 5).Select(_ => executor.RunAsync(() => 1)).ToArray();
        open.Set();
        foreach (var task in pending)
            await Assert.ThrowsAsync<BrokenExecutorException>(() => task.Bounded());
        Assert.Throws<BrokenExecutorException>(() => { _ = executor.RunAsync(() => 1); });
        Assert.Equal(5, executor.GetSnapshot().Failed);
    }
}
