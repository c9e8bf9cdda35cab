using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A request that waits for its permits.</summary>
internal sealed class PermitWaiter(QueueingRateLimiter limiter, int permits, long queuedAt, CancellationToken cancellationToken)
    : TaskCompletionSource<RateLimitLease>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public int Permits => permits;

    public long QueuedAt => queuedAt;

    /// <summary>In the queue: the neighbours. Taken out of it: the next one whose wait has ended.</summary>
    public PermitWaiter? Previous { get; set; }

    public PermitWaiter? Next { get; set; }

    public bool IsQueued { get; set; }

    /// <summary>Written and read under the limiter's lock.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    public CancellationToken CancellationToken => cancellationToken;

    public void Cancel() => limiter.Cancel(this);
}

/// <summary>Those who wait, in the order in which they came; who gives up leaves from the middle.</summary>
internal sealed class WaiterQueue
{
    public PermitWaiter? First { get; private set; }

    public PermitWaiter? Last { get; private set; }

    /// <summary>The permits of all who wait.</summary>
    public long Permits { get; private set; }

    public void Add(PermitWaiter waiter)
    {
        (waiter.Previous, Last) = (Last, waiter);
        if (waiter.Previous is { } previous)
            previous.Next = waiter;
        else
            First = waiter;
        Permits += waiter.Permits;
        waiter.IsQueued = true;
    }

    public void Remove(PermitWaiter waiter)
    {
        if (waiter.Previous is { } previous)
            previous.Next = waiter.Next;
        else
            First = waiter.Next;
        if (waiter.Next is { } next)
            next.Previous = waiter.Previous;
        else
            Last = waiter.Previous;
        (waiter.Previous, waiter.Next) = (null, null);
        Permits -= waiter.Permits;
        waiter.IsQueued = false;
    }
}
