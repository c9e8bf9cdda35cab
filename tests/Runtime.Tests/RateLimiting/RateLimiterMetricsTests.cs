using ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

[Collection(ListensToDiagnostics.Name)]
public sealed class RateLimiterMetricsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Every_request_is_measured_by_how_it_ended()
    {
        var limiter = new SlidingWindowLogRateLimiter(new()
        {
            Name = nameof(Every_request_is_measured_by_how_it_ended),
            PermitLimit = 2,
            Window = Limiters.Period,
            QueueLimit = 2,
            TimeProvider = _time,
        });
        using var recorder = new MeterRecorder(nameof(Every_request_is_measured_by_how_it_ended));
        using var cancellation = new CancellationTokenSource();
        limiter.AttemptAcquire(2);
        limiter.AttemptAcquire();
        var served = limiter.Wait();
        var canceled = limiter.Wait(1, cancellation.Token);
        Assert.Equal(
            [
                new("limiter.permits", 2, "kind=sliding_window_log outcome=acquired"),
                new("limiter.permits", 1, "kind=sliding_window_log outcome=rejected"),
                new("limiter.available_permits", 0, "kind=sliding_window_log"),
                new("limiter.queued_permits", 2, "kind=sliding_window_log"),
            ],
            recorder.Take().OrderBy(static measured => measured.Instrument == "limiter.permits" ? 0 : 1).ThenBy(static measured => measured.Instrument, StringComparer.Ordinal));

        cancellation.Cancel();
        Assert.True(canceled.IsCanceled);
        _time.Advance(Limiters.Period);
        Limiters.AssertGranted(served);
        var later = recorder.Take();
        Assert.Contains(new("limiter.permits", 1, "kind=sliding_window_log outcome=canceled"), later);
        Assert.Contains(new("limiter.permits", 1, "kind=sliding_window_log outcome=acquired"), later);
        Assert.Contains(new("limiter.wait.duration", Limiters.Period.TotalSeconds, "kind=sliding_window_log"), later);
        Assert.Contains(new("limiter.available_permits", 1, "kind=sliding_window_log"), later);

        limiter.Drain();
        _ = limiter.Wait();
        recorder.Take();
        limiter.Dispose();
        Assert.Equal([new("limiter.permits", 1, "kind=sliding_window_log outcome=rejected")], recorder.Take());
    }

    [Fact]
    public void Each_kind_says_what_it_is()
    {
        using var recorder = new MeterRecorder(nameof(Each_kind_says_what_it_is));
        using var interval = new IntervalRateLimiter(new() { Name = nameof(Each_kind_says_what_it_is), Interval = Limiters.Period });
        using var bucket = new OnDemandTokenBucketRateLimiter(new()
        {
            Name = nameof(Each_kind_says_what_it_is),
            TokenLimit = 1,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = Limiters.Period,
        });
        interval.AttemptAcquire();
        bucket.AttemptAcquire();
        var measured = recorder.Take();
        Assert.Contains(new("limiter.permits", 1, "kind=interval outcome=acquired"), measured);
        Assert.Contains(new("limiter.permits", 1, "kind=token_bucket outcome=acquired"), measured);
    }
}
