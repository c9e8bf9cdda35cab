namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

/// <summary>A clock whose timers fire when the test says so: early, late, or never.</summary>
internal sealed class HandFiredTimeProvider : TimeProvider
{
    private readonly List<Timer> _timers = [];

    public long Timestamp { get; set; }

    /// <summary>Called by whoever reads the clock, sets or creates a timer.</summary>
    public Action OnUse { get; set; } = static () => { };

    public IReadOnlyList<TimeSpan> Delays => [.. _timers.Select(static timer => timer.Delay)];

    public bool SawFlow { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        OnUse();
        return Timestamp;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        OnUse();
        SawFlow |= !ExecutionContext.IsFlowSuppressed();
        var timer = new Timer(this, callback, state) { Delay = dueTime };
        _timers.Add(timer);
        return timer;
    }

    public void Fire() => _timers.ForEach(static timer => timer.Fire());

    private sealed class Timer(HandFiredTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Delay { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.OnUse();
            Delay = dueTime;
            return true;
        }

        public void Dispose() => Delay = Timeout.InfiniteTimeSpan;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
