namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Options of a <see cref="SlidingWindowLogRateLimiter"/>. They are copied and checked when the limiter is made.</summary>
public sealed class SlidingWindowLogRateLimiterOptions
{
    /// <summary>The name under which metrics show the limiter; null, the default, for none.</summary>
    public string? Name { get; set; }

    /// <summary>The most permits in any window, from 1 to <see cref="int.MaxValue"/>. Required.</summary>
    public required int PermitLimit { get; set; }

    /// <summary>The length of the window: greater than zero and finite. Required.</summary>
    public required TimeSpan Window { get; set; }

    /// <summary>The most permits that may be waited for in total, from 0 (nobody waits; the default) to <see cref="int.MaxValue"/>.</summary>
    public int QueueLimit { get; set; }

    /// <summary>The clock, of which only monotonic timestamps and timers are used. <see cref="TimeProvider.System"/> by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
