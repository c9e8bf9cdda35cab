using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class RateLimiterBadInputTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public async Task More_permits_than_the_limit_throw(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, limit: 3);
        Assert.Throws<ArgumentOutOfRangeException>("permitCount", () => limiter.AttemptAcquire(4));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("permitCount", async () => await limiter.AcquireAsync(4));
        Assert.Throws<ArgumentOutOfRangeException>("permitCount", () => limiter.AttemptAcquire(int.MaxValue));
        Assert.True(limiter.AttemptAcquire(3).IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Fewer_permits_than_none_throw(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        Assert.Throws<ArgumentOutOfRangeException>("permitCount", () => limiter.AttemptAcquire(-1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("permitCount", async () => await limiter.AcquireAsync(-1));
    }

    [Fact]
    public void Options_that_are_null_throw()
    {
        Assert.Throws<ArgumentNullException>("options", static () => new SlidingWindowLogRateLimiter(null!));
        Assert.Throws<ArgumentNullException>("options", static () => new IntervalRateLimiter(null!));
        Assert.Throws<ArgumentNullException>("options", static () => new OnDemandTokenBucketRateLimiter(null!));
        foreach (var kind in All)
            Assert.Throws<ArgumentNullException>("options.TimeProvider", () => Limiters.Create(kind, null!));
    }

    [Theory, MemberData(nameof(All))]
    public void A_limit_below_one_throws_and_names_property_and_range(LimiterKind kind)
    {
        var property = kind switch
        {
            LimiterKind.SlidingWindowLog => "PermitLimit",
            LimiterKind.Interval => "Burst",
            _ => "TokenLimit",
        };
        foreach (var limit in (int[])[0, -1, int.MinValue])
        {
            var exception = Assert.Throws<ArgumentOutOfRangeException>(property, () => Limiters.Create(kind, _time, limit));
            Assert.StartsWith($"{property} must be from 1 to 2147483647, but was {limit}.", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_negative_queue_limit_throws_and_names_property_and_range(LimiterKind kind)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>("QueueLimit", () => Limiters.Create(kind, _time, queueLimit: -1));
        Assert.StartsWith("QueueLimit must be from 0 to 2147483647, but was -1.", exception.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(All))]
    public void A_time_of_zero_less_or_infinite_throws_and_names_property_and_range(LimiterKind kind)
    {
        var property = kind switch
        {
            LimiterKind.SlidingWindowLog => "Window",
            LimiterKind.Interval => "Interval",
            _ => "ReplenishmentPeriod",
        };
        foreach (var time in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.MinValue])
        {
            var exception = Assert.Throws<ArgumentOutOfRangeException>(property, () => Limiters.Create(kind, _time, period: time));
            Assert.StartsWith($"{property} must be greater than 00:00:00 and finite, but was {time}.", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tokens_per_period_below_one_throw() =>
        Assert.Throws<ArgumentOutOfRangeException>("TokensPerPeriod", static () => new OnDemandTokenBucketRateLimiter(new()
        {
            TokenLimit = 1,
            TokensPerPeriod = 0,
            ReplenishmentPeriod = Limiters.Period,
        }));

    [Theory, MemberData(nameof(All))]
    public void Options_changed_afterwards_change_nothing(LimiterKind kind)
    {
        var window = new SlidingWindowLogRateLimiterOptions { PermitLimit = 1, Window = Limiters.Period, TimeProvider = _time };
        using var limiter = kind == LimiterKind.SlidingWindowLog ? new SlidingWindowLogRateLimiter(window) : Limiters.Create(kind, _time, queueLimit: 0);
        (window.PermitLimit, window.Window, window.QueueLimit) = (100, TimeSpan.FromTicks(1), 100);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.Equal(Limiters.Period, limiter.AttemptAcquire().RetryAfter());
        Assert.True(limiter.Wait().IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public void The_longest_times_and_largest_limits_saturate_instead_of_overflowing(LimiterKind kind)
    {
        _time.Advance(TimeSpan.FromDays(1));
        using var limiter = Limiters.Create(kind, _time, limit: int.MaxValue, period: TimeSpan.MaxValue);
        Assert.True(limiter.AttemptAcquire(int.MaxValue).IsAcquired);
        var wait = limiter.Wait(int.MaxValue);
        Assert.False(wait.IsCompleted);
        Assert.Equal(0, _time.ArmedTimers); // for a moment that no clock will reach
        Assert.Equal(TimeSpan.MaxValue, limiter.AttemptAcquire().RetryAfter());
        Assert.Null(limiter.IdleDuration);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentAvailablePermits);
        _time.Advance(TimeSpan.FromDays(100));
        Assert.False(wait.IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public void A_wait_longer_than_a_timer_can_last_is_served_in_time(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, period: TimeSpan.FromDays(100));
        limiter.Drain();
        var wait = limiter.Wait();
        _time.Advance(TimeSpan.FromDays(100) - Limiters.Tick);
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Limiters.AssertGranted(wait);
    }
}
