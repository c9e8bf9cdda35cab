using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class IntervalRateLimiterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task From_one_start_to_the_next_the_interval_passes_and_never_less()
    {
        await using var limiter = Create();
        var starts = Enumerable.Range(0, 5).Select(_ => limiter.Wait()).ToList();
        for (var served = 1; served <= 5; served++)
        {
            Assert.Equal(served, starts.Count(static start => start.IsCompleted));
            _time.Advance(Limiters.Period - Limiters.Tick);
            Assert.Equal(served, starts.Count(static start => start.IsCompleted));
            _time.Advance(Limiters.Tick);
        }
    }

    [Fact]
    public void A_late_start_is_not_caught_up()
    {
        using var limiter = Create();
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period * 10.5);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.Equal(Limiters.Period, limiter.AttemptAcquire().RetryAfter());
    }

    [Fact]
    public void A_wait_served_late_delays_the_next_one()
    {
        var time = new HandFiredTimeProvider();
        using var limiter = new IntervalRateLimiter(new() { Interval = Limiters.Period, QueueLimit = 2, TimeProvider = time });
        limiter.Drain();
        var (first, second) = (limiter.Wait(), limiter.Wait());
        time.Timestamp = (Limiters.Period * 2.5).Ticks;
        time.Fire();
        Limiters.AssertGranted(first);
        Assert.False(second.IsCompleted);
        Assert.Equal(Limiters.Period, time.Delays[^1]);
    }

    [Fact]
    public void A_burst_saves_up_what_nobody_took_and_no_more()
    {
        using var limiter = Create(burst: 3);
        Assert.True(limiter.AttemptAcquire(3).IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period * 100);
        Assert.True(limiter.AttemptAcquire(3).IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
    }

    [Fact]
    public void An_interval_that_is_no_whole_number_of_ticks_is_rounded_up()
    {
        // Three ticks a microsecond: 100 ns are 0.3 of a tick, so one whole tick has to pass.
        var time = new CoarseTimeProvider(3_000_000);
        using var limiter = new IntervalRateLimiter(new() { Interval = TimeSpan.FromTicks(1), TimeProvider = time });
        limiter.Drain();
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        time.Timestamp = 1;
        Assert.True(limiter.AttemptAcquire().IsAcquired);
    }

    private IntervalRateLimiter Create(int burst = 1) => new(new()
    {
        Interval = Limiters.Period,
        Burst = burst,
        QueueLimit = 10,
        TimeProvider = _time,
    });

    private sealed class CoarseTimeProvider(long frequency) : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => Timestamp;
    }
}
