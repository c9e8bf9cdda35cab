using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>An item of a thousand, eight at once, the results in order.</summary>
[Description("Gather against Parallel.ForEachAsync, an item, results in order")]
public class GatherBenchmarks
{
    private const int Items = 1000;
    private static readonly ParallelOptions Eight = new() { MaxDegreeOfParallelism = 8 };

    [Params(false, true)]
    public bool Yields { get; set; }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items, Description = "Parallel.ForEachAsync")]
    public async Task<int[]> ForEachAsync()
    {
        var results = new int[Items];
        await Parallel.ForEachAsync(Enumerable.Range(0, Items), Eight, async (i, token) => results[i] = await WorkAsync(i, token));
        return results;
    }

    [Benchmark(OperationsPerInvoke = Items, Description = "Gather.AllAsync")]
    public Task<int[]> AllAsync() => Gather.AllAsync(Enumerable.Range(0, Items), 8, WorkAsync);

    private async Task<int> WorkAsync(int item, CancellationToken token)
    {
        if (Yields)
            await Task.Yield();
        return token.IsCancellationRequested ? -1 : item;
    }
}

/// <summary>How the tasks of a list end.</summary>
public enum TaskEnds
{
    /// <summary>They have ended before.</summary>
    Before,

    /// <summary>They end on the pool while the list is read.</summary>
    Meanwhile,
}

/// <summary>A task of a thousand.</summary>
[Description("As completed against Task.WhenEach, a task")]
[BenchmarkNote("""
    For tasks that end while they are read, `Task.WhenEach` registers itself by an internal interface. A library has to hand
    each task a delegate of its own, one allocation and one indirection a task more.
    """)]
public class AsCompletedBenchmarks
{
    private const int Items = 1000;

    [Params(TaskEnds.Before, TaskEnds.Meanwhile)]
    public TaskEnds Ends { get; set; }

    [Benchmark(Baseline = true, OperationsPerInvoke = Items, Description = "Task.WhenEach")]
    public async Task<int> WhenEach()
    {
        var sum = 0;
        await foreach (var task in Task.WhenEach(Start()))
            sum += await task;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Items, Description = "Gather.AsCompletedAsync")]
    public async Task<int> AsCompletedAsync()
    {
        var sum = 0;
        await foreach (var task in Gather.AsCompletedAsync(Start()))
            sum += await task;
        return sum;
    }

    private Task<int>[] Start()
    {
        var tasks = new Task<int>[Items];
        for (var i = 0; i < tasks.Length; i++)
            tasks[i] = WorkAsync(i);
        return tasks;
    }

    private async Task<int> WorkAsync(int item)
    {
        if (Ends == TaskEnds.Meanwhile)
            await Task.Yield();
        return item;
    }
}
