using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

/// <summary>What holds for every limiter: waiting, refusing, giving up.</summary>
public sealed class RateLimiterQueueTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public void Who_waits_is_served_in_the_order_of_arrival(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        var waits = Enumerable.Range(0, 4).Select(_ => limiter.Wait()).ToList();
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(Limiters.Period);
            Assert.Equal([.. Enumerable.Range(0, 4).Select(number => number <= i)], waits.Select(static wait => wait.IsCompleted));
        }
        waits.ForEach(Limiters.AssertGranted);
    }

    [Theory, MemberData(nameof(All))]
    public void Nobody_overtakes_a_large_request_that_waits(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, limit: 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var large = limiter.Wait(2);
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        var small = limiter.Wait();
        Assert.False(small.IsCompleted);
        _time.Advance(Limiters.Period);
        Limiters.AssertGranted(large);
        Assert.False(small.IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public void Who_comes_when_a_permit_is_due_finds_those_served_first_who_wait(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        var wait = limiter.Wait();
        time.Timestamp = Limiters.Period.Ticks;
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        Limiters.AssertGranted(wait);
    }

    [Theory, MemberData(nameof(All))]
    public void The_queue_limit_counts_permits_and_refuses_at_once(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, limit: 3, queueLimit: 3);
        limiter.Drain();
        var wait = limiter.Wait(2);
        var refused = limiter.Wait(2);
        Assert.False(refused.Lease().IsAcquired);
        Assert.False(limiter.Wait(1).IsCompleted);
        Assert.False(limiter.Wait(1).Lease().IsAcquired);
        Assert.Equal(3, limiter.GetStatistics()!.CurrentQueuedCount);
        Assert.False(wait.IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_cancelled_wait_gives_its_place_back_and_ends_with_the_callers_token(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, queueLimit: 1);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        var wait = limiter.Wait(1, cancellation.Token);
        Assert.False(limiter.Wait().Lease().IsAcquired);
        await cancellation.CancelAsync();
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(cancellation.Token, canceled.CancellationToken);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);

        var next = limiter.Wait();
        _time.Advance(Limiters.Period);
        Limiters.AssertGranted(next);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_cancelled_wait_wakes_who_follows(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, limit: 3);
        using var cancellation = new CancellationTokenSource();
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var large = limiter.Wait(3, cancellation.Token);
        var small = limiter.Wait(2);
        Assert.False(small.IsCompleted);
        await cancellation.CancelAsync();
        Assert.True(large.IsCanceled);
        Limiters.AssertGranted(small);
    }

    [Theory, MemberData(nameof(All))]
    public void A_token_cancelled_beforehand_takes_nothing(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        var wait = limiter.Wait(1, new CancellationToken(canceled: true));
        Assert.True(wait.IsCanceled);
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Theory, MemberData(nameof(All))]
    public void Retry_after_is_exact(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        _time.Advance(Limiters.Period * 0.3);
        var retryAfter = limiter.AttemptAcquire().RetryAfter();
        Assert.Equal(Limiters.Period * 0.7, retryAfter);
        _time.Advance(retryAfter!.Value - Limiters.Tick);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(Limiters.Tick);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public void Retry_after_counts_those_who_wait(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, queueLimit: 2);
        limiter.Drain();
        Assert.False(limiter.Wait().IsCompleted);
        Assert.False(limiter.Wait().IsCompleted);
        Assert.Equal(3 * Limiters.Period, limiter.Wait().Lease().RetryAfter());
        Assert.Equal(3 * Limiters.Period, limiter.AttemptAcquire(0).RetryAfter());
    }

    [Theory, MemberData(nameof(All))]
    public void A_refused_lease_names_its_metadata_and_an_acquired_one_has_none(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, queueLimit: 0);
        using var acquired = limiter.AttemptAcquire();
        using var refused = limiter.AttemptAcquire();
        Assert.Empty(acquired.MetadataNames);
        Assert.False(acquired.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.Equal([MetadataName.RetryAfter.Name, MetadataName.ReasonPhrase.Name], refused.MetadataNames);
        Assert.True(refused.TryGetMetadata(MetadataName.ReasonPhrase, out var reason));
        Assert.Equal("No permits left.", reason);
        Assert.False(refused.TryGetMetadata("unheard of", out _));
    }

    [Theory, MemberData(nameof(All))]
    public void A_request_for_no_permits_waits_for_one_and_takes_none(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        Assert.True(limiter.AttemptAcquire(0).IsAcquired);
        Assert.True(limiter.AttemptAcquire(1).IsAcquired);
        Assert.False(limiter.AttemptAcquire(0).IsAcquired);
        var wait = limiter.Wait(0);
        Assert.False(wait.IsCompleted);
        _time.Advance(Limiters.Period);
        Limiters.AssertGranted(wait);
        Assert.True(limiter.AttemptAcquire(1).IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public void A_request_for_no_permits_waits_only_where_one_for_a_single_permit_would(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, queueLimit: 0);
        limiter.Drain();
        Assert.Equal(Limiters.Period, limiter.Wait(0).Lease().RetryAfter());
    }

    [Theory, MemberData(nameof(All))]
    public void No_timer_runs_while_nobody_waits(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        Assert.Equal(0, _time.CreatedTimers);
        var (served, canceled) = (limiter.Wait(), limiter.Wait(1, cancellation.Token));
        Assert.Equal(1, _time.ArmedTimers);
        _time.Advance(Limiters.Period);
        Assert.True(served.IsCompleted);
        Assert.Equal(1, _time.ArmedTimers);
        cancellation.Cancel();
        Assert.True(canceled.IsCanceled);
        Assert.Equal(0, _time.ArmedTimers);
        Assert.Equal(1, _time.CreatedTimers);
    }

    [Theory, MemberData(nameof(All))]
    public void The_timer_follows_the_head_of_the_queue(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time, limit: 2);
        using var cancellation = new CancellationTokenSource();
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        time.Timestamp = (Limiters.Period / 2).Ticks;
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var large = limiter.Wait(2, cancellation.Token);
        Assert.Equal(kind == LimiterKind.SlidingWindowLog ? Limiters.Period : 1.5 * Limiters.Period, time.Delays[^1]);
        var small = limiter.Wait();
        cancellation.Cancel();
        Assert.True(large.IsCanceled);
        Assert.False(small.IsCompleted);
        Assert.Equal(Limiters.Period / 2, time.Delays[^1]);
    }

    [Theory, MemberData(nameof(All))]
    public void A_timer_that_fires_early_serves_nobody_early_and_is_set_again_to_whole_milliseconds(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        var wait = limiter.Wait();
        time.Timestamp = Limiters.Period.Ticks - 1;
        time.Fire();
        Assert.False(wait.IsCompleted);
        Assert.Equal(TimeSpan.FromMilliseconds(1), time.Delays[^1]);
        time.Timestamp++;
        time.Fire();
        Limiters.AssertGranted(wait);
    }

    [Theory, MemberData(nameof(All))]
    public void A_clock_set_back_or_forward_changes_nothing(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        var wait = limiter.Wait();
        _time.SetUtcNow(_time.GetUtcNow().AddYears(-1));
        _time.Advance(Limiters.Period - Limiters.Tick);
        _time.SetUtcNow(_time.GetUtcNow().AddYears(2));
        Assert.False(wait.IsCompleted);
        Assert.Equal(2 * Limiters.Period - (Limiters.Period - Limiters.Tick), limiter.AttemptAcquire().RetryAfter());
        _time.Advance(Limiters.Tick);
        Limiters.AssertGranted(wait);
    }

    [Theory, MemberData(nameof(All))]
    public void Idle_time_counts_from_when_everything_is_back(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        _time.Advance(Limiters.Period);
        Assert.Equal(Limiters.Period, limiter.IdleDuration);
        limiter.Drain();
        Assert.Null(limiter.IdleDuration);
        _time.Advance(Limiters.Period);
        Assert.Equal(TimeSpan.Zero, limiter.IdleDuration);
        _time.Advance(Limiters.Period);
        Assert.Equal(Limiters.Period, limiter.IdleDuration);
    }

    [Theory, MemberData(nameof(All))]
    public void Statistics_count_served_refused_waiting_and_there(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time, limit: 2, queueLimit: 2);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        Assert.False(limiter.Wait(2).IsCompleted);
        var statistics = limiter.GetStatistics()!;
        Assert.Equal(0, statistics.CurrentAvailablePermits);
        Assert.Equal(2, statistics.CurrentQueuedCount);
        Assert.Equal(2, statistics.TotalSuccessfulLeases);
        Assert.Equal(1, statistics.TotalFailedLeases);
    }
}
