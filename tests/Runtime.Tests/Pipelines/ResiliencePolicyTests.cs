using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;
using Polly;
using Polly.Retry;

namespace ConcurrencyAnalyzers.Runtime.Tests.Pipelines;

/// <summary>The parts, their order, and what one does not do to another.</summary>
public sealed class ResiliencePolicyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Without_any_part_the_work_is_just_called()
    {
        var policy = new ResiliencePolicy(new());
        using var cancellation = new CancellationTokenSource();
        Assert.Equal(cancellation.Token, await policy.ExecuteAsync(static token => ValueTask.FromResult(token), cancellation.Token));
        Assert.Equal(6, await policy.ExecuteAsync(static (state, _) => ValueTask.FromResult(state * 2), 3));
        var ran = false;
        await policy.ExecuteAsync(_ =>
        {
            ran = true;
            return default;
        });
        Assert.True(ran);
        await Assert.ThrowsAsync<FormatException>(async () => await policy.ExecuteAsync(ValueTask<int> (_) => throw new FormatException()));
    }

    [Fact]
    public async Task The_total_timeout_bounds_the_wait_for_the_bulkhead()
    {
        using var bulkhead = CreateBulkhead(queueLimit: 1);
        using var place = bulkhead.AttemptAcquire();
        var call = Call(new() { TotalTimeout = Second, Bulkhead = bulkhead });
        await _time.WhenArmedAsync().Bounded();
        _time.Advance(Second);
        var timeout = await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal("The call did not end within the total timeout of 00:00:01.", timeout.Message);
        Assert.Equal(0, bulkhead.GetStatistics()!.CurrentQueuedCount);
    }

    [Fact]
    public async Task The_bulkhead_comes_before_the_breaker()
    {
        using var bulkhead = CreateBulkhead();
        var place = bulkhead.AttemptAcquire();
        var breaker = CreateBreaker();
        breaker.Isolate();
        var options = new ResiliencePolicyOptions { Bulkhead = bulkhead, CircuitBreaker = breaker };
        var refused = await Assert.ThrowsAsync<PermitRefusedException>(() => Call(options));
        Assert.Equal(PermitSource.Bulkhead, refused.RefusedBy);
        place.Dispose();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Call(options));
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task The_breaker_comes_before_the_limiter_and_a_rejection_takes_no_permit()
    {
        using var limiter = CreateLimiter();
        var breaker = CreateBreaker();
        breaker.Isolate();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Call(new() { CircuitBreaker = breaker, RateLimiter = limiter }));
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task The_attempt_timeout_begins_after_the_limiter()
    {
        using var limiter = CreateLimiter(queueLimit: 1);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var call = Call(new() { RateLimiter = limiter, AttemptTimeout = Second });
        _time.Advance(10 * Second);
        Assert.Equal(1, await call.Bounded());
    }

    [Fact]
    public async Task The_attempt_timeout_bounds_the_call()
    {
        var call = Hang(new() { TotalTimeout = 10 * Second, AttemptTimeout = Second });
        _time.Advance(Second);
        var timeout = await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal("The call did not end within the attempt timeout of 00:00:01.", timeout.Message);
        Assert.IsAssignableFrom<OperationCanceledException>(timeout.InnerException);
    }

    [Fact]
    public async Task The_total_timeout_bounds_the_call_where_it_ends_sooner()
    {
        using var limiter = CreateLimiter(queueLimit: 1);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var call = Hang(new() { TotalTimeout = 12 * Second, RateLimiter = limiter, AttemptTimeout = 5 * Second });
        _time.Advance(10 * Second);
        await _time.WhenArmedAsync().Bounded();
        await Started.Task.Bounded();
        _time.Advance(2 * Second - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var timeout = await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal("The call did not end within the total timeout of 00:00:12.", timeout.Message);
    }

    [Fact]
    public async Task A_refusal_by_the_bulkhead_never_trips_the_breaker()
    {
        using var bulkhead = CreateBulkhead();
        using var place = bulkhead.AttemptAcquire();
        var breaker = CreateBreaker();
        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAsync<PermitRefusedException>(() => Call(new() { Bulkhead = bulkhead, CircuitBreaker = breaker }));
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task A_refusal_by_the_limiter_never_trips_the_breaker_and_keeps_no_probes_place()
    {
        using var limiter = CreateLimiter();
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var breaker = CreateBreaker();
        var options = new ResiliencePolicyOptions { CircuitBreaker = breaker, RateLimiter = limiter };
        var refused = await Assert.ThrowsAsync<PermitRefusedException>(() => Call(options));
        Assert.Equal(PermitSource.RateLimiter, refused.RefusedBy);
        Assert.Equal(10 * Second, refused.RetryAfter);
        Assert.Equal(CircuitState.Closed, breaker.State);

        Break(breaker);
        _time.Advance(5 * Second);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<PermitRefusedException>(() => Call(options));
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        _time.Advance(5 * Second);
        Assert.Equal(1, await Call(options));
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task Waiting_in_the_limiter_never_outlives_a_probes_lease()
    {
        using var limiter = CreateLimiter(queueLimit: 1);
        var breaker = CreateBreaker();
        Break(breaker);
        _time.Advance(5 * Second);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var call = Call(new() { CircuitBreaker = breaker, RateLimiter = limiter });
        Assert.False(call.IsCompleted);
        _time.Advance(4 * Second); // the lease; the permit would come after ten
        var refused = await Assert.ThrowsAsync<PermitRefusedException>(() => call.Bounded());
        Assert.Equal(PermitSource.RateLimiter, refused.RefusedBy);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);
        Assert.True(breaker.TryAcquire(out var next));
        Assert.True(next.IsProbe);
    }

    [Fact]
    public async Task The_total_timeout_ends_a_probes_wait_when_it_comes_before_the_lease()
    {
        using var limiter = CreateLimiter(queueLimit: 1);
        var breaker = CreateBreaker();
        Break(breaker);
        _time.Advance(5 * Second);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var call = Call(new() { TotalTimeout = Second, CircuitBreaker = breaker, RateLimiter = limiter });
        _time.Advance(Second);
        await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
    }

    [Fact]
    public async Task A_probe_that_waited_within_its_lease_goes_through()
    {
        using var limiter = CreateLimiter(queueLimit: 1);
        var breaker = CreateBreaker();
        Break(breaker);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        _time.Advance(8 * Second);
        var call = Call(new() { CircuitBreaker = breaker, RateLimiter = limiter });
        _time.Advance(2 * Second);
        Assert.Equal(1, await call.Bounded());
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task Places_in_the_bulkhead_come_back_however_the_call_ends()
    {
        using var bulkhead = CreateBulkhead();
        using var limiter = new SlidingWindowLogRateLimiter(new() { PermitLimit = 3, Window = Second, TimeProvider = _time });
        var options = new ResiliencePolicyOptions { Bulkhead = bulkhead, RateLimiter = limiter, AttemptTimeout = Second };
        Assert.Equal(1, await Call(options));
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        await Assert.ThrowsAsync<FormatException>(async () => await new ResiliencePolicy(options).ExecuteAsync(ValueTask<int> (_) => throw new FormatException()));
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        var hanging = Hang(options);
        Assert.Equal(0, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        _time.Advance(Second / 2);
        _time.Advance(Second / 2);
        await Assert.ThrowsAsync<TimeoutException>(() => hanging.Bounded());
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        limiter.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Call(options));
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task Built_once_it_is_shared_by_all_callers()
    {
        using var bulkhead = new ConcurrencyLimiter(new() { PermitLimit = 3, QueueLimit = int.MaxValue });
        var policy = new ResiliencePolicy(new()
        {
            TotalTimeout = TimeSpan.FromMinutes(2),
            Bulkhead = bulkhead,
            CircuitBreaker = new(),
            AttemptTimeout = TimeSpan.FromMinutes(1),
        });
        var (running, peak) = (0, 0);
        var results = await Gather.AllAsync(
            Enumerable.Range(0, 200),
            maxConcurrency: 20,
            async (number, token) => await policy.ExecuteAsync(
                async _ =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref peak, now);
                    await Task.Yield();
                    Interlocked.Decrement(ref running);
                    return number;
                },
                token)).Bounded();
        Assert.Equal(Enumerable.Range(0, 200), results);
        Assert.InRange(peak, 1, 3);
    }

    [Fact]
    public async Task Inside_an_executor_it_gates_each_item()
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 2, TimeProvider = new ManualTimeProvider() });
        var policy = new ResiliencePolicy(new ResiliencePolicyOptions { CircuitBreaker = breaker });
        await using var executor = new AsyncExecutor(1);
        var outcomes = await executor.SettleAsync(
            Enumerable.Range(0, 4),
            (i, token) => policy.ExecuteAsync(_ => i is 1 or 2 ? throw new InvalidOperationException() : ValueTask.FromResult(i), token).AsTask()).Bounded();
        Assert.Equal(
            [null, typeof(InvalidOperationException), typeof(InvalidOperationException), typeof(BrokenCircuitException)],
            outcomes.Select(static outcome => outcome.Exception?.GetType()));
    }

    [Fact]
    public async Task A_retry_of_Pollys_goes_around_it()
    {
        var policy = new ResiliencePolicy(new() { CircuitBreaker = CreateBreaker() });
        var retry = new ResiliencePipelineBuilder<int>()
            .AddRetry(new RetryStrategyOptions<int>
            {
                ShouldHandle = new PredicateBuilder<int>().Handle<FormatException>(),
                MaxRetryAttempts = 3,
                Delay = TimeSpan.Zero,
            })
            .Build();
        var attempts = 0;
        var result = await retry.ExecuteAsync(async token => await policy.ExecuteAsync(
            _ => ++attempts < 2 ? throw new FormatException() : ValueTask.FromResult(attempts),
            token));
        Assert.Equal(2, result);

        // A rejection by the breaker isn't what the retry handles: it comes back at once.
        await Assert.ThrowsAsync<BrokenCircuitException>(async () => await retry.ExecuteAsync(async token => await policy.ExecuteAsync(
            ValueTask<int> (_) => throw new FormatException(),
            token)));
    }

    private TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void InterlockedMax(ref int location, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref location)) < value && Interlocked.CompareExchange(ref location, value, seen) != seen)
        {
        }
    }

    private static void Break(CircuitBreaker breaker)
    {
        for (var i = 0; i < 2; i++)
        {
            Assert.True(breaker.TryAcquire(out var permit));
            breaker.Complete(permit, CircuitResult.Failure);
        }
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    private Task<int> Call(ResiliencePolicyOptions options)
    {
        options.TimeProvider = _time;
        return new ResiliencePolicy(options).ExecuteAsync(static _ => ValueTask.FromResult(1)).AsTask();
    }

    private Task<int> Hang(ResiliencePolicyOptions options)
    {
        options.TimeProvider = _time;
        return new ResiliencePolicy(options).ExecuteAsync(async token =>
        {
            Started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 1;
        }).AsTask();
    }

    private static ConcurrencyLimiter CreateBulkhead(int queueLimit = 0) => new(new() { PermitLimit = 1, QueueLimit = queueLimit });

    private IntervalRateLimiter CreateLimiter(int queueLimit = 0) => new(new() { Interval = 10 * Second, QueueLimit = queueLimit, TimeProvider = _time });

    private CircuitBreaker CreateBreaker() => new(new() { FailureThreshold = 2, RecoveryTimeout = 5 * Second, ProbeLease = 4 * Second, TimeProvider = _time });
}
