namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Options of an <see cref="OnDemandTokenBucketRateLimiter"/>. They are copied and checked when the limiter is made.</summary>
public sealed class OnDemandTokenBucketRateLimiterOptions
{
    /// <summary>The name under which metrics show the limiter; null, the default, for none.</summary>
    public string? Name { get; set; }

    /// <summary>The most tokens in the bucket, from 1 to <see cref="int.MaxValue"/>. Required.</summary>
    public required int TokenLimit { get; set; }

    /// <summary>How many tokens come back, evenly, during each period, from 1 to <see cref="int.MaxValue"/>. Required.</summary>
    public required int TokensPerPeriod { get; set; }

    /// <summary>The period in which <see cref="TokensPerPeriod"/> come back: greater than zero and finite. Required.</summary>
    public required TimeSpan ReplenishmentPeriod { get; set; }

    /// <summary>The most tokens that may be waited for in total, from 0 (nobody waits; the default) to <see cref="int.MaxValue"/>.</summary>
    public int QueueLimit { get; set; }

    /// <summary>The clock, of which only monotonic timestamps and timers are used. <see cref="TimeProvider.System"/> by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
