using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>One asynchronous call within a bound of eight.</summary>
[Description("AsyncExecutor against SemaphoreSlim around the call")]
[BenchmarkNote("""
    More than the semaphore where the work ends at once, since each item is known to whatever it calls: that takes an
    `AsyncLocal`, whose change costs about 46 ns and two allocations, and is what finds work that waits for itself (a
    semaphore would hang). Where the work really waits, the difference drowns.
    """)]
public class AsyncExecutorBenchmarks
{
    private readonly SemaphoreSlim _semaphore = new(8);
    private readonly AsyncExecutor _executor = new(8);

    [Params(false, true)]
    public bool Yields { get; set; }

    [Benchmark(Baseline = true, Description = "SemaphoreSlim")]
    public async Task<int> Semaphore()
    {
        await _semaphore.WaitAsync();
        try
        {
            return await WorkAsync();
        }
        finally
        {
            _semaphore.Release();
        }
    }

    [Benchmark(Description = "AsyncExecutor.RunAsync")]
    public Task<int> RunAsync() => _executor.RunAsync(WorkAsync);

    [GlobalCleanup]
    public async Task CleanUp()
    {
        _semaphore.Dispose();
        await _executor.DisposeAsync();
    }

    private async Task<int> WorkAsync()
    {
        if (Yields)
            await Task.Yield();
        return Yields ? 1 : 0;
    }
}

/// <summary>Work of no length: what it costs to hand it over and to learn that it has ended.</summary>
[Description("ThreadExecutor, submission, against Task.Run")]
[BenchmarkNote("""
    `Task.Run` queues the task itself on the pool's lock-free local queues. Here each item takes the executor's lock twice,
    at submission and at its end, which buys first in, first out, a bound, exact counts and a shutdown that loses nothing;
    the result goes through a `TaskCompletionSource`, so that no continuation runs on the executor's threads.
    """)]
public class ThreadExecutorBenchmarks
{
    private const int Items = 1000;
    private static readonly Func<int> Work = static () => 1;

    private readonly Task[] _tasks = new Task[Items];
    private readonly ThreadExecutor _executor = new(Environment.ProcessorCount);

    [Benchmark(Baseline = true, OperationsPerInvoke = Items, Description = "Task.Run")]
    public void TaskRun()
    {
        for (var i = 0; i < Items; i++)
            _tasks[i] = Task.Run(Work);
        Task.WaitAll(_tasks);
    }

    [Benchmark(OperationsPerInvoke = Items, Description = "ThreadExecutor.RunAsync")]
    public void RunAsync()
    {
        for (var i = 0; i < Items; i++)
            _tasks[i] = _executor.RunAsync(Work);
        Task.WaitAll(_tasks);
    }

    [GlobalCleanup]
    public async Task CleanUp() => await _executor.DisposeAsync();
}
