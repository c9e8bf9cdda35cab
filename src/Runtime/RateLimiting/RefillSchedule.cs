namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Permits that come back at a steady rate, computed when somebody asks. The level is counted in units of which each tick of the
/// clock brings <paramref name="unitsPerTick"/> and a permit costs <paramref name="unitsPerPermit"/>; no fraction is ever lost.
/// </summary>
internal sealed class RefillSchedule(int limit, long unitsPerPermit, long unitsPerTick, long created) : PermitSchedule(limit)
{
    private readonly Int128 _full = (Int128)limit * unitsPerPermit;

    // Level and moment of the last permit taken; a question changes nothing.
    private Int128 _level = (Int128)limit * unitsPerPermit;
    private long _at = created;

    public override long FullAt => After(_full - _level);

    public override bool TryTake(int permits, long now)
    {
        var level = LevelAt(now);
        if (level < (Int128)Math.Max(permits, 1) * unitsPerPermit)
            return false;
        if (permits > 0)
            (_level, _at) = (level - (Int128)permits * unitsPerPermit, now);
        return true;
    }

    public override int Available(long now) => (int)Int128.Min(LevelAt(now) / unitsPerPermit, Limit);

    public override long ReadyAt(int permits, WaiterQueue ahead) => After((Int128)(ahead.Permits + permits) * unitsPerPermit - _level);

    // Within its last tick a refill may pass the limit: that rest counts, or each rounding to a tick would cost a little of the rate.
    private Int128 LevelAt(long now) => Int128.Min(_level + (Int128)(now - _at) * unitsPerTick, _full + unitsPerTick - 1);

    private long After(Int128 units)
    {
        if (units <= 0)
            return _at;
        var ticks = (units + unitsPerTick - 1) / unitsPerTick;
        return ticks > MonotonicClock.Never - _at ? MonotonicClock.Never : _at + (long)ticks;
    }
}
