using System.ComponentModel;
using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;
using Polly;
using Polly.CircuitBreaker;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>A call that ends at once through total timeout, bulkhead, breaker, limiter and attempt timeout.</summary>
[Description("ResiliencePolicy of five parts against Polly's five")]
public class ResiliencePolicyBenchmarks
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrencyLimiter _bulkhead = new(new() { PermitLimit = 100 });
    private readonly ConcurrencyLimiter _pollyBulkhead = new(new() { PermitLimit = 100 });
    private readonly SlidingWindowRateLimiter _bclLimiter = new(new() { PermitLimit = int.MaxValue, Window = Window, SegmentsPerWindow = 2 });
    private readonly SlidingWindowLogRateLimiter _limiter = new(new() { PermitLimit = int.MaxValue, Window = Window });
    private readonly ResiliencePipeline<int> _polly;
    private readonly ResiliencePolicy _policy;

    public ResiliencePolicyBenchmarks()
    {
        _polly = new ResiliencePipelineBuilder<int>()
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddStrategy(_ => new PollyLimiter(_pollyBulkhead), new PollyLimiterOptions())
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<int>())
            .AddStrategy(_ => new PollyLimiter(_bclLimiter), new PollyLimiterOptions())
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();
        _policy = new(new()
        {
            TotalTimeout = TimeSpan.FromSeconds(30),
            Bulkhead = _bulkhead,
            CircuitBreaker = new(new() { FailureRatio = 0.1, MinimumThroughput = 100 }),
            RateLimiter = _limiter,
            AttemptTimeout = TimeSpan.FromSeconds(10),
        });
    }

    [Benchmark(Baseline = true, Description = "Polly, five strategies")]
    public ValueTask<int> PollyFive() => _polly.ExecuteAsync(static _ => ValueTask.FromResult(1));

    [Benchmark(Description = "ResiliencePolicy")]
    public ValueTask<int> Ours() => _policy.ExecuteAsync(static _ => ValueTask.FromResult(1));

    [GlobalCleanup]
    public void Cleanup()
    {
        _bulkhead.Dispose();
        _pollyBulkhead.Dispose();
        _bclLimiter.Dispose();
        _limiter.Dispose();
    }

    /// <summary>Stands for Polly.RateLimiting, which not every registry serves: it acquires, calls, and gives back.</summary>
    private sealed class PollyLimiter(RateLimiter limiter) : ResilienceStrategy<int>
    {
        protected override async ValueTask<Polly.Outcome<int>> ExecuteCore<TState>(
            Func<ResilienceContext, TState, ValueTask<Polly.Outcome<int>>> callback, ResilienceContext context, TState state)
        {
            using var lease = await limiter.AcquireAsync(1, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
            return lease.IsAcquired
                ? await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext)
                : Polly.Outcome.FromException<int>(new InvalidOperationException());
        }
    }

    private sealed class PollyLimiterOptions : ResilienceStrategyOptions;
}
