namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How an executor maps a sequence. Read once, when the map is made.</summary>
public sealed class MapOptions
{
    /// <summary>
    /// How many elements beyond the executor's places are taken from the source ahead of the consumer, from 0. A larger
    /// buffer keeps the places busy behind one slow item. Default: null, as many as the executor has places.
    /// </summary>
    public int? Buffer { get; set; }

    /// <summary>
    /// The time for the whole map, from the start of its enumeration; at most 4,294,967,294 ms. When it is up the map stops as on a failure and
    /// throws a <see cref="TimeoutException"/> that says how many of how many are unfinished. Default: infinite.
    /// </summary>
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Told of each item that ended. Called while the consumer waits for the next result, never twice at once; what it
    /// throws goes to <see cref="TaskObservation.UnhandledFault"/>. Default: null.
    /// </summary>
    public IProgress<ExecutorProgress>? Progress { get; set; }

    internal MapOptions Validated()
    {
        if (Buffer < 0)
            throw new ArgumentOutOfRangeException(nameof(Buffer), Buffer, $"Buffer must be between 0 and {int.MaxValue}, or null.");
        if (Timeout != System.Threading.Timeout.InfiniteTimeSpan && (Timeout < TimeSpan.Zero || Timeout.TotalMilliseconds > 0xfffffffe))
            throw new ArgumentOutOfRangeException(nameof(Timeout), Timeout, "Timeout must be between 0 and 4,294,967,294 ms, or infinite.");
        return (MapOptions)MemberwiseClone();
    }
}
