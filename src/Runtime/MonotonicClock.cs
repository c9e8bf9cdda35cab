using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The monotonic side of a <see cref="TimeProvider"/>: timestamps, durations in its ticks, timers.
/// Durations are rounded up, so that nothing happens earlier than it was asked for, and saturate instead of overflowing.
/// </summary>
internal readonly struct MonotonicClock(TimeProvider provider)
{
    /// <summary>A moment that never comes.</summary>
    public const long Never = long.MaxValue;

    /// <summary>The longest delay given to a timer; a longer wait arms the timer again.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>The clock of an option that mustn't be null.</summary>
    public static MonotonicClock Of(TimeProvider timeProvider, [CallerArgumentExpression(nameof(timeProvider))] string expression = "")
    {
        ArgumentNullException.ThrowIfNull(timeProvider, expression);
        return new(timeProvider);
    }

    public TimeProvider Provider => provider;

    public long Now => provider.GetTimestamp();

    /// <summary>The ticks of this clock in <paramref name="duration"/>, rounded up.</summary>
    public long ToTicks(TimeSpan duration) => CeilingScale(duration.Ticks, provider.TimestampFrequency, TimeSpan.TicksPerSecond);

    /// <summary>The duration of <paramref name="ticks"/> of this clock, rounded up.</summary>
    public TimeSpan ToTimeSpan(long ticks) => new(CeilingScale(ticks, TimeSpan.TicksPerSecond, provider.TimestampFrequency));

    public static long Add(long timestamp, long ticks) => timestamp > Never - ticks ? Never : timestamp + ticks;

    /// <summary>Creates a timer that isn't running and doesn't capture the caller's ExecutionContext.</summary>
    public ITimer CreateTimer(TimerCallback callback, object state) =>
        UnflowedTimer.Create(provider, callback, state, Timeout.InfiniteTimeSpan);

    /// <summary>The delay after which a timer set at <paramref name="now"/> fires at <paramref name="due"/>.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="due">When the timer should fire; <see cref="Never"/> for a timer that stands still.</param>
    /// <param name="wholeMilliseconds">For timers that cut off fractions of a millisecond, and so fire early.</param>
    public TimeSpan DelayUntil(long due, long now, bool wholeMilliseconds)
    {
        if (due == Never)
            return Timeout.InfiniteTimeSpan;
        if (due <= now)
            return TimeSpan.Zero;
        var delay = ToTimeSpan(due - now);
        if (delay >= LongestDelay)
            return LongestDelay;
        return wholeMilliseconds ? TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)) : delay;
    }

    private static long CeilingScale(long value, long numerator, long denominator)
    {
        if (numerator == denominator)
            return value;
        var scaled = ((Int128)value * numerator + denominator - 1) / denominator;
        return scaled > long.MaxValue ? long.MaxValue : (long)scaled;
    }
}
