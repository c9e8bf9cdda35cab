namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The answer of <see cref="CircuitBreaker.TryAcquire"/>. A permit that was acquired is handed back exactly once, to
/// <see cref="CircuitBreaker.Complete"/> of the same breaker.
/// </summary>
/// <remarks>An immutable value, safe to use from any thread.</remarks>
public readonly struct CircuitPermit
{
    private readonly TimeSpan _retryAfter;

    internal CircuitPermit(CircuitBreaker breaker, long generation, long probe = 0, long leaseEndsAt = MonotonicClock.Never)
    {
        Breaker = breaker;
        Generation = generation;
        Probe = probe;
        LeaseEndsAt = leaseEndsAt;
    }

    internal CircuitPermit(TimeSpan? retryAfter) => _retryAfter = retryAfter ?? Timeout.InfiniteTimeSpan;

    /// <summary>Whether the call may go through.</summary>
    public bool IsAcquired => Breaker is not null;

    /// <summary>Whether the call is one of the probes that decide whether the circuit closes.</summary>
    public bool IsProbe => Probe != 0;

    /// <summary>After a rejection: the time until a call may go through; null when nobody knows, or when the permit was acquired.</summary>
    public TimeSpan? RetryAfter => IsAcquired || _retryAfter == Timeout.InfiniteTimeSpan ? null : _retryAfter;

    internal CircuitBreaker? Breaker { get; }

    internal long Generation { get; }

    internal long Probe { get; }

    internal long LeaseEndsAt { get; }
}
