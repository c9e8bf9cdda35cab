using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public enum LimiterKind
{
    SlidingWindowLog,
    Interval,
    TokenBucket,
}

/// <summary>The limiters, so that what holds for all is tested on all: <c>limit</c> permits at once, one more every <see cref="Period"/>.</summary>
internal static class Limiters
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<LimiterKind> All => [LimiterKind.SlidingWindowLog, LimiterKind.Interval, LimiterKind.TokenBucket];

    public static QueueingRateLimiter Create(LimiterKind kind, TimeProvider time, int limit = 1, int queueLimit = int.MaxValue, TimeSpan? period = null) => kind switch
    {
        LimiterKind.SlidingWindowLog => new SlidingWindowLogRateLimiter(new()
        {
            PermitLimit = limit,
            Window = period ?? Period,
            QueueLimit = queueLimit,
            TimeProvider = time,
        }),
        LimiterKind.Interval => new IntervalRateLimiter(new()
        {
            Interval = period ?? Period,
            Burst = limit,
            QueueLimit = queueLimit,
            TimeProvider = time,
        }),
        _ => new OnDemandTokenBucketRateLimiter(new()
        {
            TokenLimit = limit,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = period ?? Period,
            QueueLimit = queueLimit,
            TimeProvider = time,
        }),
    };

    public static Task<RateLimitLease> Wait(this RateLimiter limiter, int permits = 1, CancellationToken cancellationToken = default) =>
        limiter.AcquireAsync(permits, cancellationToken).AsTask();

    public static TimeSpan? RetryAfter(this RateLimitLease lease) => lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : null;

    public static void Drain(this RateLimiter limiter)
    {
        while (limiter.AttemptAcquire().IsAcquired)
        {
        }
    }

    /// <summary>The lease of a request that has ended already.</summary>
    public static RateLimitLease Lease(this Task<RateLimitLease> request)
    {
        Assert.True(request.IsCompletedSuccessfully);
        return request.Result;
    }

    public static void AssertGranted(Task<RateLimitLease> wait) => Assert.True(wait.Lease().IsAcquired);
}
