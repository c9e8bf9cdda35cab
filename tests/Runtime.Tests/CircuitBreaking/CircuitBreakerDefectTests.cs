using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

/// <summary>Defects that breakers in use today have, and this one must not.</summary>
public sealed class CircuitBreakerDefectTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_late_success_from_before_the_break_does_not_close_the_circuit()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        var (whileOpen, whileHalfOpen) = (breaker.Acquire(), breaker.Acquire());
        breaker.Open();
        breaker.Complete(whileOpen, CircuitResult.Success);
        Assert.Equal(CircuitState.Open, breaker.State);
        _time.Advance(Breakers.Recovery);
        breaker.Acquire();
        breaker.Complete(whileHalfOpen, CircuitResult.Success);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
    }

    [Fact]
    public void A_late_failure_does_not_reopen_it()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        var late = Enumerable.Range(0, 4).Select(_ => breaker.Acquire()).ToList();
        breaker.Open();
        breaker.Complete(late[0], CircuitResult.Failure);
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
        _time.Advance(Breakers.Recovery);
        var probe = breaker.Acquire();
        breaker.Complete(late[1], CircuitResult.Failure);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Complete(probe, CircuitResult.Success);
        breaker.Complete(late[2], CircuitResult.Failure);
        breaker.Complete(late[3], CircuitResult.Failure);
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task A_cancelled_probe_does_not_close_it()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        using var cancellation = new CancellationTokenSource();
        var call = breaker.ExecuteAsync(
            static async cancellationToken =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                return 0;
            },
            cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Bounded());
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Succeed();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void A_hung_probe_does_not_reject_for_ever()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Acquire();
        Assert.Equal(Breakers.Lease, breaker.Reject().RetryAfter);
        _time.Advance(Breakers.Lease);
        breaker.Succeed();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task A_throwing_callback_does_not_wedge_half_open()
    {
        var options = Breakers.Options(_time);
        options.ShouldHandle = static exception => exception is TimeoutException ? true : throw new InvalidOperationException("predicate");
        options.ShouldHandleResult<int>(static _ => throw new InvalidOperationException("result predicate"));
        options.RecoveryTimeoutByBreakCount = static _ => throw new InvalidOperationException("recovery");
        var breaker = new CircuitBreaker(options);
        breaker.StateChanged += static (_, _) => throw new InvalidOperationException("handler");
        breaker.Open();
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
        _time.Advance(Breakers.Recovery);

        var both = await Assert.ThrowsAsync<AggregateException>(async () =>
            await breaker.ExecuteAsync(static _ => ValueTask.FromException<int>(new FormatException("work"))));
        Assert.Equal(["work", "predicate"], both.InnerExceptions.Select(static exception => exception.Message));
        var alone = await Assert.ThrowsAsync<InvalidOperationException>(async () => await breaker.ExecuteAsync(static _ => ValueTask.FromResult(1)));
        Assert.Equal("result predicate", alone.Message);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Succeed();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void A_clock_set_back_does_not_keep_it_open()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        breaker.Open();
        _time.SetUtcNow(_time.GetUtcNow().AddYears(-10));
        _time.Advance(Breakers.Recovery - Breakers.Tick);
        _time.SetUtcNow(_time.GetUtcNow().AddYears(20));
        breaker.Reject();
        _time.Advance(Breakers.Tick);
        breaker.Acquire();
    }
}
