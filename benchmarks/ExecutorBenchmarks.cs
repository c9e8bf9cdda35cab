using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>One asynchronous call within a bound of eight.</summary>
[Description("AsyncExecutor against SemaphoreSlim around the call")]
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
