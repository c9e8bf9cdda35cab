using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using Polly;
using Polly.Timeout;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>Work that ends in time, under a caller's token.</summary>
[Description("Deadline against CancelAfter by hand, WaitAsync and Polly's timeout")]
public class DeadlineBenchmarks
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _caller = new();
    private readonly ResiliencePipeline _polly = new ResiliencePipelineBuilder().AddTimeout(new TimeoutStrategyOptions { Timeout = Limit }).Build();

    [Params(false, true)]
    public bool Yields { get; set; }

    [Benchmark(Baseline = true, Description = "linked CTS and CancelAfter")]
    public async Task<int> CancelAfterByHand()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_caller.Token);
        cancellation.CancelAfter(Limit);
        try
        {
            return await WorkAsync(cancellation.Token);
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    [Benchmark(Description = "Task.WaitAsync, which abandons")]
    public Task<int> WaitAsync() => WorkAsync(_caller.Token).WaitAsync(Limit, _caller.Token);

    [Benchmark(Description = "Polly timeout")]
    public async Task<int> Polly() => await _polly.ExecuteAsync(async token => await WorkAsync(token), _caller.Token);

    [Benchmark(Description = "Deadline.RunAsync")]
    public Task<int> Deadline() => Runtime.Deadline.RunAsync(WorkAsync, Limit, _caller.Token);

    [GlobalCleanup]
    public void Cleanup() => _caller.Dispose();

    private async Task<int> WorkAsync(CancellationToken token)
    {
        if (Yields)
            await Task.Yield();
        return token.IsCancellationRequested ? 0 : 1;
    }
}
