namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Spaces permits: from one to the next passes at least <see cref="IntervalRateLimiterOptions.Interval"/>, never less, unless a
/// <see cref="IntervalRateLimiterOptions.Burst"/> allows that permits nobody took are saved up.
/// </summary>
/// <remarks>
/// A late start delays those after it, it is never caught up: the interval counts from the permit before, not from a timetable.
/// Every member may be called from any thread at any time; see <see cref="QueueingRateLimiter"/> for waiting, cancellation and disposal.
/// </remarks>
public sealed class IntervalRateLimiter : QueueingRateLimiter
{
    /// <summary>Makes a limiter whose first permits, as many as the burst, are there.</summary>
    /// <exception cref="ArgumentNullException">The options or their TimeProvider are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public IntervalRateLimiter(IntervalRateLimiterOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), MonotonicClock.Of(options.TimeProvider))
    {
    }

    private IntervalRateLimiter(IntervalRateLimiterOptions options, MonotonicClock clock)
        : base(
            new RefillSchedule(
                OptionRange.Require(options.Burst, 1, int.MaxValue),
                unitsPerPermit: clock.ToTicks(OptionRange.RequirePositive(options.Interval)),
                unitsPerTick: 1,
                clock.Now),
            OptionRange.Require(options.QueueLimit, 0, int.MaxValue),
            clock,
            LimiterInstruments.Interval,
            options.Name)
    {
    }
}
