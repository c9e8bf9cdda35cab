namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// A bucket of tokens that fills evenly, not in gulps: the level is computed when somebody asks, and no timer runs while nobody waits.
/// Allows bursts up to <see cref="OnDemandTokenBucketRateLimiterOptions.TokenLimit"/> at a steady rate in the long run.
/// </summary>
/// <remarks>
/// In any span of time t at most TokenLimit + t × TokensPerPeriod ÷ ReplenishmentPeriod tokens are given.
/// Every member may be called from any thread at any time; see <see cref="QueueingRateLimiter"/> for waiting, cancellation and disposal.
/// </remarks>
public sealed class OnDemandTokenBucketRateLimiter : QueueingRateLimiter
{
    /// <summary>Makes a limiter with a full bucket.</summary>
    /// <exception cref="ArgumentNullException">The options or their TimeProvider are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public OnDemandTokenBucketRateLimiter(OnDemandTokenBucketRateLimiterOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), MonotonicClock.Of(options.TimeProvider))
    {
    }

    private OnDemandTokenBucketRateLimiter(OnDemandTokenBucketRateLimiterOptions options, MonotonicClock clock)
        : base(
            new RefillSchedule(
                OptionRange.Require(options.TokenLimit, 1, int.MaxValue),
                unitsPerPermit: clock.ToTicks(OptionRange.RequirePositive(options.ReplenishmentPeriod)),
                unitsPerTick: OptionRange.Require(options.TokensPerPeriod, 1, int.MaxValue),
                clock.Now),
            OptionRange.Require(options.QueueLimit, 0, int.MaxValue),
            clock,
            LimiterInstruments.TokenBucket,
            options.Name)
    {
    }
}
