namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The moment of each permit of the last window. A permit taken at t is free again at t + window, exactly:
/// the windows are half-open, [t, t + window).
/// </summary>
internal sealed class SlidingWindowLog(int limit, long window, long created) : PermitSchedule(limit)
{
    // Permits are numbered from 1. An entry holds the moment and the last number taken in it.
    private readonly record struct Entry(long Time, long LastNumber);

    private Entry[] _entries = new Entry[4];
    private int _head;
    private int _count;
    private long _taken;
    private long _expired;
    private long _lastTaken = created - window;

    public override long FullAt => MonotonicClock.Add(_lastTaken, window);

    public override bool TryTake(int permits, long now)
    {
        if (_count > 0)
            Expire(now);
        if (_taken - _expired + Math.Max(permits, 1) > Limit)
            return false;
        if (permits > 0)
            Append(permits, now);
        return true;
    }

    public override int Available(long now)
    {
        Expire(now);
        return (int)(Limit - (_taken - _expired));
    }

    /// <summary>
    /// A permit can be taken one window after the permit that is <see cref="PermitSchedule.Limit"/> numbers before it.
    /// When that one is itself still waited for, the same holds for the request that will take it, one window earlier.
    /// </summary>
    public override long ReadyAt(int permits, WaiterQueue ahead)
    {
        var waiting = ahead.Permits;
        var waiter = ahead.Last;
        var place = waiting + permits - Limit; // > 0: a place in the queue; otherwise counted back from the last permit taken
        long windows = 1;
        while (place > 0)
        {
            for (; waiting - waiter!.Permits >= place; waiter = waiter.Previous)
                waiting -= waiter.Permits;
            place = waiting - Limit;
            windows++;
        }
        var number = _taken + place;
        var ready = (number <= _expired ? _lastTaken : TimeOf(number)) + (Int128)windows * window;
        return ready > MonotonicClock.Never ? MonotonicClock.Never : (long)ready;
    }

    private void Expire(long now)
    {
        while (_count > 0 && now - _entries[_head].Time >= window)
        {
            _expired = _entries[_head].LastNumber;
            _head = _head + 1 == _entries.Length ? 0 : _head + 1;
            _count--;
        }
    }

    private void Append(int permits, long now)
    {
        _taken += permits;
        if (_count > 0 && _lastTaken == now)
        {
            _entries[Slot(_count - 1)] = new(now, _taken);
            return;
        }
        if (_count == _entries.Length)
            Grow();
        _entries[Slot(_count++)] = new(now, _taken);
        _lastTaken = now;
    }

    private long TimeOf(long number)
    {
        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[Slot(middle)].LastNumber >= number)
                high = middle;
            else
                low = middle + 1;
        }
        return _entries[Slot(low)].Time;
    }

    private int Slot(int index)
    {
        var slot = _head + index;
        return slot >= _entries.Length ? slot - _entries.Length : slot;
    }

    private void Grow()
    {
        var larger = new Entry[_entries.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = _entries[Slot(i)];
        (_entries, _head) = (larger, 0);
    }
}
