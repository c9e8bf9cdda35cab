namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Gives at most <see cref="SlidingWindowLogRateLimiterOptions.PermitLimit"/> permits in <em>any</em> half-open window of length
/// <see cref="SlidingWindowLogRateLimiterOptions.Window"/>, exactly, by remembering when each permit of the last window was taken.
/// </summary>
/// <remarks>
/// A permit taken at t is there again at t + window. Memory: 16 bytes for each request of the last window, kept once it was needed.
/// Every member may be called from any thread at any time; see <see cref="QueueingRateLimiter"/> for waiting, cancellation and disposal.
/// </remarks>
public sealed class SlidingWindowLogRateLimiter : QueueingRateLimiter
{
    /// <summary>Makes a limiter with all its permits there.</summary>
    /// <exception cref="ArgumentNullException">The options or their TimeProvider are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public SlidingWindowLogRateLimiter(SlidingWindowLogRateLimiterOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), MonotonicClock.Of(options.TimeProvider))
    {
    }

    private SlidingWindowLogRateLimiter(SlidingWindowLogRateLimiterOptions options, MonotonicClock clock)
        : base(
            new SlidingWindowLog(
                OptionRange.Require(options.PermitLimit, 1, int.MaxValue),
                clock.ToTicks(OptionRange.RequirePositive(options.Window)),
                clock.Now),
            OptionRange.Require(options.QueueLimit, 0, int.MaxValue),
            clock,
            LimiterInstruments.SlidingWindowLog,
            options.Name)
    {
    }
}
