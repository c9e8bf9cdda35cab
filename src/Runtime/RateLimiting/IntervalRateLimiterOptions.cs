namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Options of an <see cref="IntervalRateLimiter"/>. They are copied and checked when the limiter is made.</summary>
public sealed class IntervalRateLimiterOptions
{
    /// <summary>The name under which metrics show the limiter; null, the default, for none.</summary>
    public string? Name { get; set; }

    /// <summary>The least time from one permit to the next: greater than zero and finite. Required.</summary>
    public required TimeSpan Interval { get; set; }

    /// <summary>
    /// How many permits may be saved up while nobody asks, and then be taken at once, from 1 (none saved: the interval always holds;
    /// the default) to <see cref="int.MaxValue"/>. It is also the most that one request can take.
    /// </summary>
    public int Burst { get; set; } = 1;

    /// <summary>The most permits that may be waited for in total, from 0 (nobody waits; the default) to <see cref="int.MaxValue"/>.</summary>
    public int QueueLimit { get; set; }

    /// <summary>The clock, of which only monotonic timestamps and timers are used. <see cref="TimeProvider.System"/> by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
