namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Timestamps that are taken only while a listener wants them.</summary>
internal static class DurationClock
{
    /// <summary>Stands for a start that nobody measured. Zero won't do: a clock may well begin there.</summary>
    public const long NotMeasured = long.MinValue;

    public static bool TryGetSeconds(TimeProvider time, long start, out double seconds)
    {
        seconds = start == NotMeasured ? 0 : time.GetElapsedTime(start).TotalSeconds;
        return start != NotMeasured;
    }
}
