namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Counts the results of a closed circuit and says when they open it.</summary>
internal abstract class FailureCounter
{
    /// <summary>Whether a success would change nothing. Read without a lock.</summary>
    public abstract bool IgnoresSuccess { get; }

    /// <summary>Counts a result; true when the circuit must open.</summary>
    public abstract bool Record(bool failed, long now);

    public abstract void Clear();
}

/// <summary>Opens after a number of failures in a row.</summary>
internal sealed class ConsecutiveFailures(int threshold) : FailureCounter
{
    private int _failures;

    public override bool IgnoresSuccess => Volatile.Read(ref _failures) == 0;

    public override bool Record(bool failed, long now)
    {
        _failures = failed ? _failures + 1 : 0;
        return _failures == threshold;
    }

    public override void Clear() => _failures = 0;
}

/// <summary>Opens when the share of failures in a window that moves on in tenths reaches the ratio. Only a failure can open.</summary>
internal sealed class FailuresInWindow(double ratio, int minimumThroughput, long window, long created) : FailureCounter
{
    private const int Parts = 10;

    private readonly long _width = (window - 1) / Parts + 1;
    private readonly Part[] _parts = new Part[Parts];

    // The part of the last result, so that most results cost no division.
    private long _number;
    private int _slot;
    private long _ends = long.MinValue;

    public override bool IgnoresSuccess => false;

    public override bool Record(bool failed, long now)
    {
        if (now >= _ends)
            MoveTo((now - created) / _width);
        ref var part = ref _parts[_slot];
        if (!failed)
        {
            part.Successes++;
            return false;
        }

        part.Failures++;
        long failures = 0, results = 0;
        foreach (var counted in _parts)
        {
            if (counted.Number <= _number - Parts)
                continue;
            failures += counted.Failures;
            results += counted.Failures + counted.Successes;
        }
        // A quotient: the product with a ratio such as 0.07 would be a little more than the failures it stands for.
        return results >= minimumThroughput && (double)failures / results >= ratio;
    }

    public override void Clear()
    {
        Array.Clear(_parts);
        _ends = long.MinValue;
    }

    private void MoveTo(long number)
    {
        _number = number;
        _slot = (int)(number % Parts);
        _ends = (Int128)created + (Int128)(number + 1) * _width is var ends && ends < MonotonicClock.Never ? (long)ends : MonotonicClock.Never;
        if (_parts[_slot].Number != number)
            _parts[_slot] = new() { Number = number };
    }

    private struct Part
    {
        public long Number;
        public long Successes;
        public long Failures;
    }
}
