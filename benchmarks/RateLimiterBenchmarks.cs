using System.ComponentModel;
using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;
using ConcurrencyAnalyzers.Runtime;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>An acquisition of a permit that is there. The peer reads no clock: a timer gives its permits back.</summary>
[Description("Rate limiters, permit there, against the BCL's sliding window")]
[BenchmarkNote("""
    Each acquisition reads the monotonic clock, and that reading alone (the last row) costs more than the BCL's whole
    acquisition, which reads none: a timer that always runs gives its permits back by segments. Exactness to the tick,
    without a timer, is what the reading buys.
    """)]
public class RateLimiterBenchmarks
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(1);

    private readonly SlidingWindowRateLimiter _bcl = new(new() { PermitLimit = int.MaxValue, Window = Window, SegmentsPerWindow = 2 });
    private readonly SlidingWindowLogRateLimiter _log = new(new() { PermitLimit = int.MaxValue, Window = Window });
    private readonly IntervalRateLimiter _interval = new(new() { Interval = TimeSpan.FromTicks(1), Burst = int.MaxValue });

    private readonly OnDemandTokenBucketRateLimiter _bucket = new(new()
    {
        TokenLimit = int.MaxValue,
        TokensPerPeriod = int.MaxValue,
        ReplenishmentPeriod = Window,
    });

    [Benchmark(Baseline = true, Description = "BCL's SlidingWindowRateLimiter")]
    public ValueTask<RateLimitLease> Bcl() => _bcl.AcquireAsync();

    [Benchmark(Description = "SlidingWindowLogRateLimiter")]
    public ValueTask<RateLimitLease> Log() => _log.AcquireAsync();

    [Benchmark(Description = "IntervalRateLimiter")]
    public ValueTask<RateLimitLease> Interval() => _interval.AcquireAsync();

    [Benchmark(Description = "OnDemandTokenBucketRateLimiter")]
    public ValueTask<RateLimitLease> Bucket() => _bucket.AcquireAsync();

    [Benchmark(Description = "the clock alone")]
    public long Clock() => TimeProvider.System.GetTimestamp();

    [GlobalCleanup]
    public void Cleanup()
    {
        _bcl.Dispose();
        _log.Dispose();
        _interval.Dispose();
        _bucket.Dispose();
    }
}
