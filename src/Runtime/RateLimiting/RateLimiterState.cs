namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The state of a limiter with its queue. Each method takes an event and its timestamp, changes the state, and returns as its effect
/// the waiters whose wait has ended, chained by <see cref="PermitWaiter.Next"/>. It reads no clock, takes no lock, completes nothing.
/// </summary>
internal sealed class RateLimiterState(PermitSchedule schedule, int queueLimit)
{
    private static readonly WaiterQueue Nobody = new();

    private readonly WaiterQueue _waiters = new();
    private long _now = long.MinValue;

    public int Limit => schedule.Limit;

    public bool IsDisposed { get; private set; }

    public long Acquired { get; private set; }

    public long Refused { get; private set; }

    public long QueuedPermits => _waiters.Permits;

    /// <summary>When the first waiter can have its permits; never, when nobody waits.</summary>
    public long Due => _waiters.First is { } first ? schedule.ReadyAt(Needed(first.Permits), Nobody) : MonotonicClock.Never;

    public int Available(long now) => schedule.Available(Forward(now));

    /// <summary>How long every permit has been there and nobody has waited; negative while that isn't so.</summary>
    public long IdleTicks(long now) => _waiters.First is null ? Forward(now) - schedule.FullAt : -1;

    /// <summary>A request: who waits goes first, then it gets its permits or not.</summary>
    public bool TryAcquire(int permits, long now, out PermitWaiter? ended)
    {
        ended = Advance(now);
        if (_waiters.First is not null || !schedule.TryTake(permits, _now))
            return false;
        Acquired++;
        return true;
    }

    /// <summary>Whether the queue has room for a request; one for no permits needs that of a single one.</summary>
    public bool HasRoom(int permits) => Needed(permits) <= queueLimit - _waiters.Permits;

    /// <summary>A request that got nothing joins the queue.</summary>
    public void Enqueue(PermitWaiter waiter) => _waiters.Add(waiter);

    /// <summary>A request that got nothing goes away. Returns the ticks after which it would be served.</summary>
    public long Refuse(int permits)
    {
        Refused++;
        var ready = schedule.ReadyAt(Needed(permits), _waiters);
        return ready == MonotonicClock.Never ? ready : Math.Max(ready - _now, 0);
    }

    /// <summary>A waiter gives up; false when its wait has ended already.</summary>
    public bool TryCancel(PermitWaiter waiter, long now, out PermitWaiter? ended)
    {
        if (!waiter.IsQueued)
        {
            ended = null;
            return false;
        }
        _waiters.Remove(waiter);
        ended = Advance(now);
        return true;
    }

    /// <summary>Time passes: serves the queue from its front.</summary>
    public PermitWaiter? Advance(long now)
    {
        Forward(now);
        PermitWaiter? first = null, last = null;
        while (_waiters.First is { } waiter && schedule.TryTake(waiter.Permits, _now))
        {
            Acquired++;
            Chain(waiter, ref first, ref last);
        }
        return first;
    }

    /// <summary>The end: everyone who waits goes away without permits.</summary>
    public PermitWaiter? Dispose()
    {
        IsDisposed = true;
        PermitWaiter? first = null, last = null;
        while (_waiters.First is { } waiter)
        {
            Refused++;
            Chain(waiter, ref first, ref last);
        }
        return first;
    }

    private void Chain(PermitWaiter waiter, ref PermitWaiter? first, ref PermitWaiter? last)
    {
        _waiters.Remove(waiter);
        if (last is null)
            first = waiter;
        else
            last.Next = waiter;
        last = waiter;
    }

    // Threads read the clock before they take the lock, and so may come with an older reading than one who was here before.
    private long Forward(long now) => _now = Math.Max(_now, now);

    private static int Needed(int permits) => Math.Max(permits, 1);
}
