using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;
using Polly;
using Polly.CircuitBreaker;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>A call that ends at once through a closed circuit.</summary>
[Description("CircuitBreaker, closed, against Polly's")]
public class CircuitBreakerClosedBenchmarks
{
    private readonly ResiliencePipeline<int> _polly = new ResiliencePipelineBuilder<int>().AddCircuitBreaker(new CircuitBreakerStrategyOptions<int>()).Build();
    private readonly CircuitBreaker _consecutive = new();
    private readonly CircuitBreaker _ratio = new(new() { FailureRatio = 0.1, MinimumThroughput = 100 });

    [Benchmark(Baseline = true, Description = "Polly circuit breaker")]
    public ValueTask<int> PollyBreaker() => _polly.ExecuteAsync(static _ => ValueTask.FromResult(1));

    [Benchmark(Description = "ExecuteAsync, failures in a row")]
    public ValueTask<int> Consecutive() => _consecutive.ExecuteAsync(static _ => ValueTask.FromResult(1));

    [Benchmark(Description = "ExecuteAsync, failure ratio")]
    public ValueTask<int> Ratio() => _ratio.ExecuteAsync(static _ => ValueTask.FromResult(1));

    [Benchmark(Description = "TryAcquire and Complete")]
    public bool Permit()
    {
        if (!_consecutive.TryAcquire(out var permit))
            return false;
        _consecutive.Complete(permit, CircuitResult.Success);
        return true;
    }
}

/// <summary>A call that an open circuit rejects, told without a throw.</summary>
[Description("CircuitBreaker, rejection as outcome, against Polly's")]
public class CircuitBreakerRejectionBenchmarks
{
    private readonly ResiliencePipeline<int> _polly = new ResiliencePipelineBuilder<int>()
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<int> { MinimumThroughput = 2, BreakDuration = TimeSpan.FromHours(24) })
        .Build();

    private readonly CircuitBreaker _breaker = new(new() { FailureThreshold = 2, RecoveryTimeout = TimeSpan.FromHours(24) });

    [GlobalSetup]
    public async Task SetupAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var context = ResilienceContextPool.Shared.Get();
            await _polly.ExecuteOutcomeAsync(static (_, _) => ValueTask.FromResult(Polly.Outcome.FromException<int>(new FormatException())), context, 0);
            ResilienceContextPool.Shared.Return(context);
            _breaker.TryAcquire(out var permit);
            _breaker.Complete(permit, CircuitResult.Failure);
        }
    }

    [Benchmark(Baseline = true, Description = "Polly ExecuteOutcomeAsync")]
    public async ValueTask<bool> PollyBreaker()
    {
        var context = ResilienceContextPool.Shared.Get();
        var outcome = await _polly.ExecuteOutcomeAsync(static (_, _) => ValueTask.FromResult(Polly.Outcome.FromResult(1)), context, 0);
        ResilienceContextPool.Shared.Return(context);
        return outcome.Exception is Polly.CircuitBreaker.BrokenCircuitException;
    }

    [Benchmark(Description = "TryExecuteAsync")]
    public async ValueTask<bool> Ours() =>
        (await _breaker.TryExecuteAsync(static _ => ValueTask.FromResult(1))).Status == CircuitOutcomeStatus.Rejected;

    [Benchmark(Description = "TryAcquire")]
    public bool Permit() => _breaker.TryAcquire(out _);
}
