using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

/// <summary>Both orders of each race, and the races themselves on real threads.</summary>
public sealed class RateLimiterRaceTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public async Task Cancelled_before_the_permit_comes_the_permit_stays(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        var wait = limiter.Wait(1, cancellation.Token);
        await cancellation.CancelAsync();
        _time.Advance(Limiters.Period);
        Assert.True(wait.IsCanceled);
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Cancelled_after_the_permit_came_the_lease_stands(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        var wait = limiter.Wait(1, cancellation.Token);
        _time.Advance(Limiters.Period);
        await cancellation.CancelAsync();
        Limiters.AssertGranted(wait);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_token_that_is_cancelled_while_the_wait_begins_ends_it(LimiterKind kind)
    {
        // The clock is read before the request joins the queue: that is when the caller gives up.
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        time.OnUse = cancellation.Cancel;
        var wait = limiter.Wait(1, cancellation.Token);
        time.OnUse = static () => { };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.Bounded());
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Whoever_reads_the_clock_or_holds_the_timer_may_use_the_limiter(LimiterKind kind)
    {
        // Would hang if the limiter called its TimeProvider under its lock.
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        var asks = true;
        time.OnUse = () =>
        {
            if (!asks)
                return;
            asks = false;
            var other = Task.Run(limiter.GetStatistics);
            Assert.True(other.Wait(TimeSpan.FromSeconds(60)));
            asks = true;
        };
        await Task.Run(() => { _ = limiter.Wait(); }).Bounded();
        var refused = await Task.Run(() => limiter.AttemptAcquire()).Bounded();
        Assert.False(refused.IsAcquired);
        asks = false;
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_continuation_does_not_run_on_the_thread_that_grants(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        limiter.Drain();
        var wait = limiter.Wait();
        Assert.True(wait.CreationOptions.HasFlag(TaskCreationOptions.RunContinuationsAsynchronously));
        using var granted = new ManualResetEventSlim();
        var continuation = wait.ContinueWith(
            _ => Assert.True(granted.Wait(TimeSpan.FromSeconds(60))),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        _time.Advance(Limiters.Period);
        granted.Set();
        await continuation.Bounded();
    }

    [Theory, MemberData(nameof(All))]
    public void Timers_do_not_capture_the_callers_context(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        _ = limiter.Wait();
        Assert.Single(time.Delays);
        Assert.False(time.SawFlow);
    }

    [Theory, MemberData(nameof(All))]
    public void Timers_are_made_where_the_flow_is_suppressed_already(LimiterKind kind)
    {
        var time = new HandFiredTimeProvider();
        using var limiter = Limiters.Create(kind, time);
        limiter.Drain();
        using (ExecutionContext.SuppressFlow())
            _ = limiter.Wait();
        Assert.Single(time.Delays);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Each_cancelled_wait_has_an_exception_of_its_own(LimiterKind kind)
    {
        using var limiter = Limiters.Create(kind, _time);
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();
        var (first, second) = (limiter.Wait(1, cancellation.Token), limiter.Wait(1, cancellation.Token));
        await cancellation.CancelAsync();
        Assert.NotSame(
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first),
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second));
    }

    [Theory, MemberData(nameof(All))]
    public async Task On_real_threads_every_request_ends_and_is_counted_once(LimiterKind kind)
    {
        await using var limiter = Limiters.Create(kind, TimeProvider.System, limit: 5, queueLimit: 20, period: TimeSpan.FromMilliseconds(1));
        long served = 0, refused = 0, canceled = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var cancellation = new CancellationTokenSource();
                var request = limiter.Wait(1 + i % 5, cancellation.Token);
                if (i % 3 == worker % 3)
                    await cancellation.CancelAsync();
                await request.EndedAsync();
                if (request.IsCanceled)
                    Interlocked.Increment(ref canceled);
                else if (request.Lease().IsAcquired)
                    Interlocked.Increment(ref served);
                else
                    Interlocked.Increment(ref refused);
            }
        }))).Bounded();
        var statistics = limiter.GetStatistics()!;
        Assert.Equal(8 * 200, served + refused + canceled);
        Assert.Equal(served, statistics.TotalSuccessfulLeases);
        Assert.Equal(refused, statistics.TotalFailedLeases);
        Assert.Equal(0, statistics.CurrentQueuedCount);
    }

    [Theory, MemberData(nameof(All))]
    public async Task On_real_threads_disposal_leaves_nobody_waiting(LimiterKind kind)
    {
        for (var round = 0; round < 20; round++)
        {
            var limiter = Limiters.Create(kind, TimeProvider.System, period: TimeSpan.FromMilliseconds(1));
            using var start = new Barrier(5);
            var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                start.SignalAndWait();
                try
                {
                    while (true)
                        await limiter.AcquireAsync();
                }
                catch (ObjectDisposedException)
                {
                    // the end that is expected
                }
            })).ToList();
            start.SignalAndWait();
            limiter.Dispose();
            await Task.WhenAll(workers).Bounded();
        }
    }
}
