namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

/// <summary>Short words for what the tests do to a breaker again and again.</summary>
internal static class Breakers
{
    public static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static CircuitBreakerOptions Options(TimeProvider time) => new()
    {
        FailureThreshold = 2,
        RecoveryTimeout = Recovery,
        ProbeLease = Lease,
        TimeProvider = time,
    };

    public static CircuitPermit Acquire(this CircuitBreaker breaker)
    {
        Assert.True(breaker.TryAcquire(out var permit));
        Assert.True(permit.IsAcquired);
        Assert.Null(permit.RetryAfter);
        return permit;
    }

    public static CircuitPermit Reject(this CircuitBreaker breaker)
    {
        Assert.False(breaker.TryAcquire(out var permit));
        Assert.False(permit.IsAcquired);
        return permit;
    }

    public static void Call(this CircuitBreaker breaker, CircuitResult result) => breaker.Complete(breaker.Acquire(), result);

    public static void Succeed(this CircuitBreaker breaker) => breaker.Call(CircuitResult.Success);

    public static void Fail(this CircuitBreaker breaker) => breaker.Call(CircuitResult.Failure);

    /// <summary>Two failures, as <see cref="Options"/> has it.</summary>
    public static void Break(this CircuitBreaker breaker)
    {
        breaker.Fail();
        breaker.Fail();
    }

    public static void Open(this CircuitBreaker breaker)
    {
        breaker.Break();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    public static List<CircuitState> Watch(this CircuitBreaker breaker)
    {
        var states = new List<CircuitState>();
        breaker.StateChanged += (_, change) => states.Add(change.State);
        return states;
    }
}
