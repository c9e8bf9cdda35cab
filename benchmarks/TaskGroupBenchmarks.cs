using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>Children that yield once, and are cancelled together if one fails.</summary>
[Description("TaskGroup against Task.WhenAll with a CancellationTokenSource by hand")]
public class TaskGroupBenchmarks
{
    [Params(1, 10, 1_000)]
    public int Children { get; set; }

    [Benchmark(Baseline = true, Description = "WhenAll and CTS")]
    public async Task WhenAllByHand()
    {
        using var cancellation = new CancellationTokenSource();
        var token = cancellation.Token;
        var children = new Task[Children];
        for (var i = 0; i < children.Length; i++)
            children[i] = Task.Run(() => CancelOnFailureAsync(cancellation), token);
        await Task.WhenAll(children);
    }

    [Benchmark(Description = "await using TaskGroup")]
    public async Task Group()
    {
        await using var group = new TaskGroup();
        for (var i = 0; i < Children; i++)
            group.Run(static token => WorkAsync(token));
    }

    [Benchmark(Description = "TaskGroup.RunAsync, 8 at once")]
    public Task GroupOfEight() => TaskGroup.RunAsync(8, (group, _) =>
    {
        for (var i = 0; i < Children; i++)
            group.Run(static token => WorkAsync(token));
        return Task.CompletedTask;
    });

    private static async Task WorkAsync(CancellationToken token)
    {
        await Task.Yield();
        token.ThrowIfCancellationRequested();
    }

    private static async Task CancelOnFailureAsync(CancellationTokenSource cancellation)
    {
        try
        {
            await WorkAsync(cancellation.Token);
        }
        catch
        {
            await cancellation.CancelAsync();
            throw;
        }
    }
}
