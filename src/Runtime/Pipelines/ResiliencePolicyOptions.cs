using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The parts of a <see cref="ResiliencePolicy"/>, each optional, from the outermost in. They are copied and checked when the policy is made.</summary>
/// <remarks>The policy uses the limiters and the breaker that it is given, shares them with whoever else has them, and doesn't dispose them.</remarks>
public sealed class ResiliencePolicyOptions
{
    /// <summary>
    /// The time for everything, waiting included: greater than zero and at most 2³²−2 ms, counted in whole milliseconds, rounded up.
    /// Null, the default, for no limit.
    /// </summary>
    public TimeSpan? TotalTimeout { get; set; }

    /// <summary>Bounds how many calls run at a time, as a <see cref="ConcurrencyLimiter"/> does; its lease is held until the call has ended. Null, the default, for none.</summary>
    public RateLimiter? Bulkhead { get; set; }

    /// <summary>Rejects calls while the dependency fails. Null, the default, for none.</summary>
    public CircuitBreaker? CircuitBreaker { get; set; }

    /// <summary>Bounds how many calls start in a time. Null, the default, for none.</summary>
    public RateLimiter? RateLimiter { get; set; }

    /// <summary>
    /// The time for the call alone, once everything has let it through: greater than zero and at most 2³²−2 ms, counted in whole
    /// milliseconds, rounded up. Null, the default, for no limit.
    /// </summary>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>The clock of the timeouts, of which only monotonic timestamps and timers are used. <see cref="TimeProvider.System"/> by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
