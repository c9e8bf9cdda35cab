using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class RateLimiterDisposalTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public async Task Disposal_while_10000_wait_ends_every_wait_with_a_refusal(LimiterKind kind)
    {
        var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        using var cancellation = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 10_000).Select(number => limiter.Wait(1, number % 2 == 0 ? cancellation.Token : default)).ToList();
        await limiter.DisposeAsync();
        Assert.All(await Task.WhenAll(waits).Bounded(), static lease =>
        {
            Assert.False(lease.IsAcquired);
            Assert.False(lease.TryGetMetadata(MetadataName.RetryAfter, out _));
            Assert.Equal([MetadataName.ReasonPhrase.Name], lease.MetadataNames);
            Assert.True(lease.TryGetMetadata(MetadataName.ReasonPhrase, out var reason));
            Assert.Equal("The limiter was disposed.", reason);
        });
        Assert.Equal(0, _time.ArmedTimers);
        await cancellation.CancelAsync();
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);
        Assert.Equal(10_001, limiter.GetStatistics()!.TotalFailedLeases);
    }

    [Theory, MemberData(nameof(All))]
    public async Task After_disposal_requests_throw_and_disposing_again_does_not(LimiterKind kind)
    {
        var limiter = Limiters.Create(kind, _time);
        limiter.Dispose();
        limiter.Dispose();
        await limiter.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await limiter.AcquireAsync());
        Assert.NotNull(limiter.GetStatistics());
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_grant_before_the_disposal_stands_and_one_after_it_does_not_come(LimiterKind kind)
    {
        var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        var (first, second) = (limiter.Wait(), limiter.Wait());
        _time.Advance(Limiters.Period);
        await limiter.DisposeAsync();
        _time.Advance(Limiters.Period);
        Assert.True((await first.Bounded()).IsAcquired);
        Assert.False((await second.Bounded()).IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public void A_timer_that_fires_after_the_disposal_does_nothing(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        var wait = limiter.Wait();
        limiter.Dispose();
        time.Timestamp = Limiters.Period.Ticks;
        time.Fire();
        Assert.False(wait.Lease().IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public void Disposing_a_lease_gives_nothing_back(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.AttemptAcquire().Dispose();
        Assert.False(limiter.AttemptAcquire().IsAcquired);
    }

    [Theory, MemberData(nameof(All))]
    public void A_request_that_ended_is_not_kept(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        var (served, canceled) = EndTwoWaits(limiter);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(served.IsAlive);
        Assert.False(canceled.IsAlive);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private (WeakReference Served, WeakReference Canceled) EndTwoWaits(RateLimiter limiter)
    {
        using var cancellation = new CancellationTokenSource();
        var served = limiter.Wait(1, cancellation.Token);
        var canceled = limiter.Wait(1, cancellation.Token);
        _time.Advance(Limiters.Period);
        cancellation.Cancel();
        Assert.True(served.IsCompletedSuccessfully);
        Assert.True(canceled.IsCanceled);
        return (new(served), new(canceled));
    }
}
