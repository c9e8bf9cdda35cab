using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The base of this library's rate limiters: permits counted from monotonic timestamps when somebody asks, a FIFO queue without
/// barging, and a timer that runs only while somebody waits. It can't be derived from outside.
/// </summary>
/// <remarks>
/// <para>Every member may be called from any thread at any time.</para>
/// <para>
/// A request for more permits than the limiter can ever give throws <see cref="ArgumentOutOfRangeException"/>. A request for no permits
/// succeeds, or waits, as one for a single permit would, and takes nothing. A refused lease carries
/// <see cref="MetadataName.RetryAfter"/>: the exact time after which the same request would be served, if those who wait now stay
/// and nobody else comes.
/// </para>
/// <para>
/// A wait that is cancelled ends with an <see cref="OperationCanceledException"/> that carries the caller's token, takes no permits and
/// lets who stands behind move up. Disposal ends every wait with a refused lease; afterwards requests throw
/// <see cref="ObjectDisposedException"/>. Disposing a lease gives nothing back: only time does.
/// </para>
/// </remarks>
public abstract class QueueingRateLimiter : RateLimiter
{
    private readonly Gate _gate = new();
    private readonly RateLimiterState _state;
    private readonly MonotonicClock _clock;
    private readonly LimiterInstruments _instruments;

    private ITimer? _timer;
    private long _armed = MonotonicClock.Never;
    private bool _arming;
    private bool _timerFiresEarly;

    private protected QueueingRateLimiter(PermitSchedule schedule, int queueLimit, MonotonicClock clock, string kind, string? name)
    {
        _state = new(schedule, queueLimit);
        _clock = clock;
        _instruments = LimiterInstruments.Attach(this, kind, name, clock.Provider);
    }

    /// <summary>How long every permit has been there and nobody has waited; null while that isn't so.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            var now = _clock.Now;
            long idle;
            lock (_gate)
                idle = _state.IdleTicks(now);
            return idle < 0 ? null : _clock.ToTimeSpan(idle);
        }
    }

    /// <summary>The permits there now, the permits waited for, and the requests served and refused since construction.</summary>
    /// <returns>A snapshot. A wait that was cancelled counts as neither.</returns>
    public override RateLimiterStatistics? GetStatistics()
    {
        var now = _clock.Now;
        lock (_gate)
        {
            return new()
            {
                CurrentAvailablePermits = _state.Available(now),
                CurrentQueuedCount = _state.QueuedPermits,
                TotalSuccessfulLeases = _state.Acquired,
                TotalFailedLeases = _state.Refused,
            };
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Check(permitCount);
        var now = _clock.Now;
        bool acquired;
        PermitWaiter? served;
        long retryAfter = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_state.IsDisposed, this);
            acquired = _state.TryAcquire(permitCount, now, out served);
            if (!acquired)
                retryAfter = _state.Refuse(permitCount);
        }
        if (served is not null)
            Serve(served);
        return acquired ? Acquire(permitCount) : Refuse(permitCount, retryAfter);
    }

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        Check(permitCount);
        var now = _clock.Now;
        bool acquired;
        PermitWaiter? served, waiter = null;
        long retryAfter = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_state.IsDisposed, this);
            acquired = _state.TryAcquire(permitCount, now, out served);
            if (!acquired && _state.HasRoom(permitCount))
                _state.Enqueue(waiter = new(this, permitCount, queuedAt: now, cancellationToken));
            else if (!acquired)
                retryAfter = _state.Refuse(permitCount);
        }
        if (served is not null)
            Serve(served);
        if (acquired)
            return new(Acquire(permitCount));
        return waiter is null ? new(Refuse(permitCount, retryAfter)) : new(Wait(waiter));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        PermitWaiter? refused;
        ITimer? timer;
        lock (_gate)
        {
            refused = _state.Dispose();
            timer = _timer;
        }
        timer?.Dispose();
        Complete(refused, RefusedLease.Disposed);
        LimiterInstruments.Detach(this);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(true);
        return base.DisposeAsyncCore();
    }

    internal void Cancel(PermitWaiter waiter)
    {
        var now = _clock.Now;
        bool canceled;
        PermitWaiter? served;
        lock (_gate)
            canceled = _state.TryCancel(waiter, now, out served);
        if (!canceled)
            return;
        _instruments.Canceled(waiter.Permits);
        waiter.TrySetCanceled(waiter.CancellationToken);
        Serve(served);
    }

    private AcquiredLease Acquire(int permits)
    {
        _instruments.Acquired(permits);
        return AcquiredLease.Instance;
    }

    private RefusedLease Refuse(int permits, long retryAfter)
    {
        _instruments.Rejected(permits);
        return new(_clock.ToTimeSpan(retryAfter));
    }

    private Task<RateLimitLease> Wait(PermitWaiter waiter)
    {
        if (waiter.CancellationToken.CanBeCanceled)
        {
            var registration = waiter.CancellationToken.UnsafeRegister(static waiter => ((PermitWaiter)waiter!).Cancel(), waiter);
            bool waits;
            lock (_gate)
            {
                waits = waiter.IsQueued;
                if (waits)
                    waiter.Registration = registration;
            }
            if (!waits)
                registration.Unregister();
        }
        Arm();
        return waiter.Task;
    }

    private void Serve(PermitWaiter? served)
    {
        Complete(served, AcquiredLease.Instance);
        Arm();
    }

    private void Complete(PermitWaiter? waiter, RateLimitLease lease)
    {
        while (waiter is not null)
        {
            (var next, waiter.Next) = (waiter.Next, null);
            waiter.Registration.Unregister();
            if (lease.IsAcquired)
                _instruments.Acquired(waiter.Permits, waiter.QueuedAt);
            else
                _instruments.Rejected(waiter.Permits);
            waiter.TrySetResult(lease);
            waiter = next;
        }
    }

    private void OnTimer()
    {
        var now = _clock.Now;
        PermitWaiter? served;
        lock (_gate)
        {
            _timerFiresEarly |= now < _armed && _armed != MonotonicClock.Never;
            _armed = MonotonicClock.Never;
            served = _state.Advance(now);
        }
        Serve(served);
    }

    /// <summary>
    /// Brings the timer into line with the head of the queue. The timer belongs to somebody else's TimeProvider and isn't touched under
    /// the lock; one thread at a time sets it, and looks again afterwards whether the queue has moved meanwhile.
    /// </summary>
    private void Arm()
    {
        lock (_gate)
        {
            if (_arming || _state.Due == _armed)
                return;
            _arming = true;
        }
        while (true)
        {
            long due;
            bool wholeMilliseconds;
            lock (_gate)
            {
                due = _state.Due;
                if (due == _armed)
                {
                    _arming = false;
                    return;
                }
                _armed = due;
                wholeMilliseconds = _timerFiresEarly;
            }
            _timer ??= _clock.CreateTimer(static limiter => ((QueueingRateLimiter)limiter!).OnTimer(), this);
            _timer.Change(_clock.DelayUntil(due, _clock.Now, wholeMilliseconds), Timeout.InfiniteTimeSpan);
        }
    }

    private void Check(int permitCount)
    {
        if (permitCount > _state.Limit)
            throw new ArgumentOutOfRangeException(nameof(permitCount), permitCount, $"The limiter never gives more than {_state.Limit} permits at once.");
    }
}
