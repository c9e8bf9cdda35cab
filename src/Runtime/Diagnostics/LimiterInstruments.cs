using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using static ConcurrencyAnalyzers.Runtime.RuntimeDiagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The measurements of one rate limiter. Listeners run inside these calls: never make them under a lock.</summary>
/// <example><code>
/// instruments.Acquired(permitCount);                       // a permit was there
/// long queuedAt = instruments.Queued();                    // a caller begins to wait
/// instruments.Acquired(permitCount, queuedAt);             // and gets its permits
/// instruments.Canceled(permitCount);                       // or gives up
/// instruments.Rejected(permitCount);                       // the queue was full, or the limiter was disposed
/// </code></example>
internal sealed class LimiterInstruments
{
    public const string SlidingWindowLog = "sliding_window_log";
    public const string Interval = "interval";
    public const string TokenBucket = "token_bucket";

    /// <summary>The outcome of a request that got its permits.</summary>
    public const string AcquiredOutcome = "acquired";

    private static readonly ObservedInstances<RateLimiter, LimiterInstruments> Limiters = new();

    private static readonly Counter<long> Permits = RuntimeMeter.CreateCounter<long>(
        Prefix + "limiter.permits", "{permit}", "Permits that were asked for, by outcome.");

    private static readonly Histogram<double> WaitDuration = CreateDuration(
        Prefix + "limiter.wait.duration", "Time that an acquisition waited in the limiter's queue.");

    private readonly string _kind;
    private readonly string? _name;
    private readonly TimeProvider _time;

    static LimiterInstruments()
    {
        RuntimeMeter.CreateObservableUpDownCounter(
            Prefix + "limiter.available_permits",
            static () => Limiters.Sum(static (_, it) => (it._kind, it._name, null), static limiter => limiter.GetStatistics()?.CurrentAvailablePermits ?? 0),
            "{permit}",
            "Permits that could be acquired now.");
        RuntimeMeter.CreateObservableUpDownCounter(
            Prefix + "limiter.queued_permits",
            static () => Limiters.Sum(static (_, it) => (it._kind, it._name, null), static limiter => limiter.GetStatistics()?.CurrentQueuedCount ?? 0),
            "{permit}",
            "Permits that callers wait for.");
    }

    private LimiterInstruments(string kind, string? name, TimeProvider time)
    {
        _kind = kind;
        _name = name;
        _time = time;
    }

    /// <summary>Makes a limiter visible; it is held weakly.</summary>
    public static LimiterInstruments Attach(RateLimiter limiter, string kind, string? name, TimeProvider time)
    {
        var instruments = new LimiterInstruments(kind, name, time);
        Limiters.Add(limiter, instruments);
        return instruments;
    }

    /// <summary>Takes a limiter out of the observable instruments, when it is disposed.</summary>
    public static void Detach(RateLimiter limiter) => Limiters.Remove(limiter);

    /// <summary>A caller begins to wait; hand the result to <see cref="Acquired"/>.</summary>
    public long Queued() => WaitDuration.Enabled ? _time.GetTimestamp() : DurationClock.NotMeasured;

    /// <summary>Permits were given.</summary>
    public void Acquired(int permitCount, long queuedAt = DurationClock.NotMeasured)
    {
        if (WaitDuration.Enabled && DurationClock.TryGetSeconds(_time, queuedAt, out var seconds))
            RecordWait(seconds);
        if (Permits.Enabled)
            Count(permitCount, AcquiredOutcome);
    }

    /// <summary>Permits were refused.</summary>
    public void Rejected(int permitCount)
    {
        if (Permits.Enabled)
            Count(permitCount, Tags.Rejected);
    }

    /// <summary>A caller gave up waiting for permits.</summary>
    public void Canceled(int permitCount)
    {
        if (Permits.Enabled)
            Count(permitCount, Tags.Canceled);
    }

    private void Count(int permitCount, string outcome)
    {
        var tags = Tags.For(_kind, _name);
        tags.Add(Tags.Outcome, outcome);
        try
        {
            Permits.Add(permitCount, in tags);
        }
        catch (Exception)
        {
            // A listener that throws must not change what an acquisition returns.
        }
    }

    private void RecordWait(double seconds)
    {
        var tags = Tags.For(_kind, _name);
        try
        {
            WaitDuration.Record(seconds, in tags);
        }
        catch (Exception)
        {
            // As in Count.
        }
    }
}
