using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Pipelines;

/// <summary>Timeouts and cancellation: who sees what, and what the breaker learns.</summary>
public sealed class ResiliencePolicyTimeoutTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly CircuitBreaker _breaker = new(new() { FailureThreshold = 1 });

    public static TheoryData<bool> TotalOrAttempt => [true, false];

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task A_call_that_runs_out_of_time_counts_as_failure(bool total)
    {
        var call = Create(total).ExecuteAsync(static async token => await Task.Delay(Timeout.InfiniteTimeSpan, token)).AsTask();
        _time.Advance(Second);
        await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    [Fact]
    public async Task Time_that_is_up_while_waiting_does_not_count()
    {
        using var limiter = new IntervalRateLimiter(new() { Interval = 10 * Second, QueueLimit = 1, TimeProvider = _time });
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        var policy = new ResiliencePolicy(new() { TotalTimeout = Second, CircuitBreaker = _breaker, RateLimiter = limiter, TimeProvider = _time });
        var call = policy.ExecuteAsync(ValueTask<int> (_) => throw new FormatException()).AsTask();
        _time.Advance(Second);
        await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task A_late_result_is_returned(bool total)
    {
        var call = Create(total).ExecuteAsync(async token =>
        {
            await Cancellation(token);
            return 1;
        }).AsTask();
        _time.Advance(Second);
        Assert.Equal(1, await call.Bounded());
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task A_fault_of_its_own_wins_over_the_timeout(bool total)
    {
        var call = Create(total).ExecuteAsync(async token =>
        {
            await Cancellation(token);
            throw new FormatException();
        }).AsTask();
        _time.Advance(Second);
        await Assert.ThrowsAsync<FormatException>(() => call.Bounded());
    }

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task The_timeout_waits_until_the_call_has_ended(bool total)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = Create(total).ExecuteAsync(async token =>
        {
            await gate.Task;
            token.ThrowIfCancellationRequested();
        }).AsTask();
        _time.Advance(Second);
        Assert.False(call.IsCompleted);
        gate.SetResult();
        await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
    }

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task Neither_timeout_is_early(bool total)
    {
        var call = Create(total).ExecuteAsync(static async token => await Task.Delay(Timeout.InfiniteTimeSpan, token)).AsTask();
        _time.Advance(Second - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await call.EndedAsync();
    }

    [Theory, MemberData(nameof(TotalOrAttempt))]
    public async Task The_callers_cancellation_while_working_is_neutral_and_carries_its_token(bool total)
    {
        using var cancellation = new CancellationTokenSource();
        var call = Create(total).ExecuteAsync(static async token => await Task.Delay(Timeout.InfiniteTimeSpan, token), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Bounded());
        Assert.Equal(cancellation.Token, canceled.CancellationToken);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public async Task The_callers_cancellation_after_the_timeout_is_no_timeout()
    {
        using var cancellation = new CancellationTokenSource();
        var call = Create(total: false).ExecuteAsync(
            async token =>
            {
                await Cancellation(token);
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancellation.Token).AsTask();
        _time.Advance(Second);
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Bounded());
        Assert.Equal(cancellation.Token, canceled.CancellationToken);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public async Task The_callers_cancellation_while_waiting_carries_its_token_and_leaves_no_trace()
    {
        using var bulkhead = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 1 });
        using var limiter = new IntervalRateLimiter(new() { Interval = Second, QueueLimit = 1, TimeProvider = _time });
        Assert.True(limiter.AttemptAcquire().IsAcquired);
        foreach (var place in (RateLimitLease?[])[bulkhead.AttemptAcquire(), null])
        {
            using var cancellation = new CancellationTokenSource();
            var policy = new ResiliencePolicy(new() { TotalTimeout = Second, Bulkhead = bulkhead, CircuitBreaker = _breaker, RateLimiter = limiter, TimeProvider = _time });
            var call = policy.ExecuteAsync(ValueTask<int> (_) => throw new FormatException(), cancellation.Token).AsTask();
            Assert.False(call.IsCompleted);
            await cancellation.CancelAsync();
            var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Bounded());
            Assert.Equal(cancellation.Token, canceled.CancellationToken);
            place?.Dispose();
        }
        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentQueuedCount);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public async Task A_cancellation_of_the_works_own_is_neither_timeout_nor_the_callers()
    {
        var foreign = new CancellationToken(canceled: true);
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Create(total: true).ExecuteAsync(_ => ValueTask.FromCanceled<int>(foreign)));
        Assert.Equal(foreign, canceled.CancellationToken);
        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_calls_nothing()
    {
        var token = new CancellationToken(canceled: true);
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Create(total: true).ExecuteAsync(ValueTask<int> (_) => throw new FormatException(), token));
        Assert.Equal(token, canceled.CancellationToken);
    }

    [Fact]
    public async Task Nothing_is_left_behind_by_a_call_that_ended()
    {
        using var cancellation = new CancellationTokenSource();
        CancellationToken seen = default;
        await Create(total: true).ExecuteAsync(
            token =>
            {
                seen = token;
                return default;
            },
            cancellation.Token);
        Assert.Equal(0, _time.ArmedTimers);
        await cancellation.CancelAsync();
        Assert.False(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task A_clock_set_back_changes_nothing()
    {
        var call = Create(total: true).ExecuteAsync(static async token => await Task.Delay(Timeout.InfiniteTimeSpan, token)).AsTask();
        _time.SetUtcNow(_time.GetUtcNow().AddYears(-1));
        _time.Advance(Second);
        await Assert.ThrowsAsync<TimeoutException>(() => call.Bounded());
    }

    [Fact]
    public async Task What_the_work_writes_to_an_async_local_stays_there()
    {
        var local = new AsyncLocal<int> { Value = 1 };
        var seen = await Create(total: true).ExecuteAsync(_ =>
        {
            var before = local.Value;
            local.Value = 2;
            return ValueTask.FromResult(before);
        });
        Assert.Equal((1, 1), (seen, local.Value));
    }

    [Fact]
    public void Options_out_of_range_throw_and_name_property_and_range()
    {
        foreach (var time in (TimeSpan[])[TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.FromMilliseconds(uint.MaxValue)])
        {
            var total = Assert.Throws<ArgumentOutOfRangeException>("TotalTimeout", () => new ResiliencePolicy(new() { TotalTimeout = time }));
            Assert.StartsWith($"TotalTimeout must be from 00:00:00.0000001 to 49.17:02:47.2940000, but was {time}.", total.Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>("AttemptTimeout", () => new ResiliencePolicy(new() { AttemptTimeout = time }));
        }
        Assert.Throws<ArgumentNullException>("options", static () => new ResiliencePolicy(null!));
        Assert.Throws<ArgumentNullException>("options.TimeProvider", static () => new ResiliencePolicy(new() { TimeProvider = null! }));
    }

    [Fact]
    public async Task Work_that_is_null_throws()
    {
        var policy = Create(total: true);
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await policy.ExecuteAsync((Func<CancellationToken, ValueTask>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await policy.ExecuteAsync((Func<CancellationToken, ValueTask<int>>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await policy.ExecuteAsync<int, int>(null!, 1));
    }

    [Fact]
    public void A_refusal_can_be_made_by_hand()
    {
        var inner = new FormatException();
        Assert.Equal("A limiter refused the call.", new PermitRefusedException().Message);
        Assert.Equal("x", new PermitRefusedException("x").Message);
        Assert.Same(inner, new PermitRefusedException("x", inner).InnerException);
        Assert.Equal("The bulkhead refused the call.", new PermitRefusedException(PermitSource.Bulkhead, null).Message);
        Assert.Equal("The rate limiter refused the call. Retry after 00:00:01.", new PermitRefusedException(PermitSource.RateLimiter, Second).Message);
    }

    /// <summary>Waits for the token's cancellation, without throwing.</summary>
    private static Task Cancellation(CancellationToken token)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(canceled.SetResult);
        return canceled.Task;
    }

    private ResiliencePolicy Create(bool total) => new(new()
    {
        TotalTimeout = total ? Second : null,
        CircuitBreaker = _breaker,
        AttemptTimeout = total ? null : Second,
        TimeProvider = _time,
    });
}
