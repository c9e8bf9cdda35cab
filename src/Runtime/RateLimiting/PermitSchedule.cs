namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The arithmetic of one kind of limiter: what may be taken when. It knows neither clock nor lock;
/// the timestamps that it is given never go back.
/// </summary>
internal abstract class PermitSchedule(int limit)
{
    /// <summary>The most permits that one request can take.</summary>
    public int Limit => limit;

    /// <summary>Takes permits if they are there at <paramref name="now"/>. Asking for none tells whether one is there.</summary>
    public abstract bool TryTake(int permits, long now);

    /// <summary>When <paramref name="permits"/> can be taken if everyone in <paramref name="ahead"/> takes theirs first, as soon as possible.</summary>
    public abstract long ReadyAt(int permits, WaiterQueue ahead);

    /// <summary>The permits that are there at <paramref name="now"/>.</summary>
    public abstract int Available(long now);

    /// <summary>Since when, or from when on, every permit is there.</summary>
    public abstract long FullAt { get; }
}
