namespace ConcurrencyAnalyzers.TestKit;

/// <summary>
/// Time that stands still until a test moves it. <see cref="Advance"/> moves the monotonic timestamp and the wall
/// clock together and fires the timers that fall due; <see cref="SetUtcNow"/> moves the wall clock alone, as a user or
/// a time server does, and fires nothing.
/// </summary>
/// <remarks>
/// Timers fire on the thread that calls <see cref="Advance"/>, in the order in which they fall due (those of one
/// instant in the order in which they were set), with the clock standing at the instant of each, and outside every
/// lock: a callback may create, change and dispose timers, and may advance the time itself.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly object _lock = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _armedWaiters = [];
    private long _elapsedTicks;
    private DateTimeOffset _wallBase;
    private long _nextOrder;
    private int _created;

    /// <summary>Starts at 2000-01-01 00:00 UTC, or at <paramref name="utcNow"/>.</summary>
    public ManualTimeProvider(DateTimeOffset? utcNow = null) =>
        _wallBase = utcNow ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The time passed since this provider was created.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>The number of timers waiting to fire.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
                return _armed.Count;
        }
    }

    /// <summary>The number of timers ever created.</summary>
    public int CreatedTimers => Volatile.Read(ref _created);

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_lock)
            return _elapsedTicks;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _wallBase.AddTicks(_elapsedTicks);
    }

    /// <summary>Sets the wall clock, forward or back. Timestamps and timers don't notice.</summary>
    public void SetUtcNow(DateTimeOffset utcNow)
    {
        lock (_lock)
            _wallBase = utcNow.AddTicks(-_elapsedTicks);
    }

    /// <summary>Moves the time forward by <paramref name="time"/> and fires what falls due on the way.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        long target;
        lock (_lock)
            target = checked(_elapsedTicks + time.Ticks);
        while (TakeNextDue(target) is { } timer)
            timer.Fire();
    }

    /// <summary>Completes once at least <paramref name="count"/> timers wait to fire: the gate before an Advance.</summary>
    public Task WhenArmedAsync(int count = 1)
    {
        lock (_lock)
        {
            if (_armed.Count >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _armedWaiters.Add((count, reached));
            return reached.Task;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        Interlocked.Increment(ref _created);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeNextDue(long target)
    {
        lock (_lock)
        {
            ManualTimer? next = null;
            foreach (var timer in _armed)
            {
                if (timer.DueAt <= target && (next is null || (timer.DueAt, timer.Order).CompareTo((next.DueAt, next.Order)) < 0))
                    next = timer;
            }

            // A callback may have advanced further than the call it runs in: time never goes back.
            _elapsedTicks = Math.Max(_elapsedTicks, next?.DueAt ?? target);
            if (next is null)
                return null;
            _armed.Remove(next);
            if (next.PeriodTicks > 0)
                Arm(next, next.DueAt + next.PeriodTicks);
            return next;
        }
    }

    private void Arm(ManualTimer timer, long dueAt)
    {
        timer.DueAt = dueAt;
        timer.Order = _nextOrder++;
        _armed.Add(timer);
        for (var i = _armedWaiters.Count - 1; i >= 0; i--)
        {
            if (_armedWaiters[i].Count > _armed.Count)
                continue;
            // The source runs its continuations asynchronously, so none of them runs under the lock.
            _armedWaiters[i].Reached.TrySetResult();
            _armedWaiters.RemoveAt(i);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private bool _disposed;

        public long DueAt { get; set; }

        public long Order { get; set; }

        public long PeriodTicks { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Validate(dueTime, nameof(dueTime));
            Validate(period, nameof(period));
            bool fireNow;
            lock (owner._lock)
            {
                if (_disposed)
                    return false;
                owner._armed.Remove(this);
                PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                fireNow = dueTime == TimeSpan.Zero;
                if (fireNow && PeriodTicks > 0)
                    owner.Arm(this, owner._elapsedTicks + PeriodTicks);
                else if (!fireNow && dueTime != Timeout.InfiniteTimeSpan)
                    owner.Arm(this, checked(owner._elapsedTicks + dueTime.Ticks));
            }

            // Due at once: as with the system's timers, the callback never runs inside the call that set it.
            if (fireNow)
                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
            return true;
        }

        public void Fire()
        {
            lock (owner._lock)
            {
                if (_disposed)
                    return;
            }

            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, static timer => ((ManualTimer)timer!).Call(), this);
        }

        private void Call() => callback(state);

        public void Dispose()
        {
            lock (owner._lock)
            {
                _disposed = true;
                owner._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private static void Validate(TimeSpan time, string name)
        {
            // The system's timers count whole milliseconds in an unsigned 32-bit number, with -1 for "never".
            if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
                throw new ArgumentOutOfRangeException(name, time, "A time must be zero, positive or Timeout.InfiniteTimeSpan.");
            ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, 0xfffffffeL, name);
        }
    }
}
