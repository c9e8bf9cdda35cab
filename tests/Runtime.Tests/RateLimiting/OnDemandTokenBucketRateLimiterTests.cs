using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class OnDemandTokenBucketRateLimiterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Tokens_come_back_evenly_not_in_gulps()
    {
        using var limiter = Create(tokenLimit: 10, tokensPerPeriod: 10);
        limiter.Drain();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Limiters.Period / 10 - Limiters.Tick);
            Assert.False(limiter.AttemptAcquire().IsAcquired);
            _time.Advance(Limiters.Tick);
            Assert.True(limiter.AttemptAcquire().IsAcquired);
        }
    }

    [Fact]
    public void A_full_bucket_overflows()
    {
        using var limiter = Create(tokenLimit: 2, tokensPerPeriod: 10);
        _time.Advance(Limiters.Period * 1_000);
        Assert.True(limiter.AttemptAcquire(2).IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
    }

    [Fact]
    public void Fractions_of_a_tick_are_not_lost_over_a_long_time()
    {
        // 3 tokens in 100 ms, one every 333,333⅓ ticks.
        using var limiter = Create(tokenLimit: 3, tokensPerPeriod: 3);
        limiter.Drain();
        var taken = 0;
        for (var i = 0; i < 1_000_000; i++)
        {
            _time.Advance(TimeSpan.FromTicks(1_000));
            if (limiter.AttemptAcquire().IsAcquired)
                taken++;
        }
        Assert.Equal(3_000, taken);
    }

    [Fact]
    public void Many_tokens_a_tick_are_counted_whole()
    {
        using var limiter = new OnDemandTokenBucketRateLimiter(new()
        {
            TokenLimit = int.MaxValue,
            TokensPerPeriod = int.MaxValue,
            ReplenishmentPeriod = TimeSpan.FromTicks(1_000),
            TimeProvider = _time,
        });
        Assert.True(limiter.AttemptAcquire(int.MaxValue).IsAcquired);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(int.MaxValue / 1_000, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void A_daily_quota_of_millions_does_not_overflow()
    {
        using var limiter = new OnDemandTokenBucketRateLimiter(new()
        {
            TokenLimit = 999_999_937,
            TokensPerPeriod = 999_999_937,
            ReplenishmentPeriod = TimeSpan.FromDays(1),
            TimeProvider = _time,
        });
        Assert.True(limiter.AttemptAcquire(999_999_937).IsAcquired);
        _time.Advance(TimeSpan.FromHours(12));
        Assert.True(limiter.AttemptAcquire(499_999_968).IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(TimeSpan.FromDays(1_000_000));
        Assert.Equal(999_999_937, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    private OnDemandTokenBucketRateLimiter Create(int tokenLimit, int tokensPerPeriod) => new(new()
    {
        TokenLimit = tokenLimit,
        TokensPerPeriod = tokensPerPeriod,
        ReplenishmentPeriod = Limiters.Period,
        TimeProvider = _time,
    });
}
