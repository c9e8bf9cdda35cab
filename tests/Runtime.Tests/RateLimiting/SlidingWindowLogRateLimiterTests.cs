using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class SlidingWindowLogRateLimiterTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_permit_is_there_again_exactly_one_window_after_it_was_taken()
    {
        using var limiter = Create(permitLimit: 1);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period - Limiters.Tick);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Tick);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
    }

    [Fact]
    public void Permits_taken_at_the_end_of_one_window_do_not_come_back_with_the_next()
    {
        using var limiter = Create(permitLimit: 4);
        _time.Advance(Limiters.Period * 0.9);
        Assert.True(limiter.AttemptAcquire(4).IsAcquired);
        for (var i = 1; i <= 9; i++)
        {
            _time.Advance(Limiters.Period / 10);
            Assert.False(limiter.AttemptAcquire().IsAcquired);
        }
        _time.Advance(Limiters.Period / 10);
        Assert.True(limiter.AttemptAcquire(4).IsAcquired);
    }

    [Fact]
    public void Each_permit_comes_back_in_its_own_time()
    {
        using var limiter = Create(permitLimit: 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period / 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period / 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Period / 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
    }

    [Fact]
    public void A_log_that_has_grown_and_wrapped_around_stays_exact()
    {
        using var limiter = Create(permitLimit: 100);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(limiter.AttemptAcquire().IsAcquired);
            _time.Advance(Limiters.Period / 100);
        }
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.Equal(Limiters.Period / 100, limiter.AttemptAcquire().RetryAfter());
    }

    [Fact]
    public void Retry_after_beyond_a_whole_window_counts_those_who_wait()
    {
        using var limiter = Create(permitLimit: 2, queueLimit: 5);
        limiter.Drain();
        for (var i = 0; i < 5; i++)
            Assert.False(limiter.Wait().IsCompleted);
        Assert.Equal(3 * Limiters.Period, limiter.AttemptAcquire().RetryAfter());
        Assert.Equal(4 * Limiters.Period, limiter.AttemptAcquire(2).RetryAfter());
    }

    [Fact]
    public async Task On_real_threads_no_window_ever_holds_more_than_the_limit()
    {
        const int limit = 40;
        var window = TimeSpan.FromMilliseconds(25);
        await using var limiter = new SlidingWindowLogRateLimiter(new() { PermitLimit = limit, Window = window, QueueLimit = 1_000 });
        var clock = TimeProvider.System;
        var calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var own = new List<(long Before, long After)>();
            for (var i = 0; i < 50; i++)
            {
                var before = clock.GetTimestamp();
                using var lease = i % 2 == 0 ? await limiter.AcquireAsync() : limiter.AttemptAcquire();
                if (lease.IsAcquired)
                    own.Add((before, clock.GetTimestamp()));
            }
            return own;
        }))).Bounded();

        // More than the limit begun and ended within less than a window: whenever in between the permits were given, they were too many.
        var all = calls.SelectMany(static own => own).OrderBy(static call => call.Before).ToList();
        Assert.True(all.Count > limit);
        for (var i = 0; i < all.Count; i++)
        {
            var ends = all.Skip(i).Select(static call => call.After).Order().Skip(limit).ToList();
            if (ends.Count > 0)
                Assert.True(clock.GetElapsedTime(all[i].Before, ends[0]) >= window);
        }
    }

    private SlidingWindowLogRateLimiter Create(int permitLimit, int queueLimit = 0) => new(new()
    {
        PermitLimit = permitLimit,
        Window = Limiters.Period,
        QueueLimit = queueLimit,
        TimeProvider = _time,
    });
}
