namespace Gallery;

/// <summary>Counts who is inside, and how many there were at the most. Safe for many threads.</summary>
public sealed class Gauge
{
    private readonly Lock _lock = new();
    private int _current;
    private int _peak;

    public int Current
    {
        get
        {
            lock (_lock)
                return _current;
        }
    }

    public int Peak
    {
        get
        {
            lock (_lock)
                return _peak;
        }
    }

    public Visit Enter()
    {
        lock (_lock)
            _peak = Math.Max(_peak, ++_current);
        return new Visit(this);
    }

    private void Leave()
    {
        lock (_lock)
            _current--;
    }

    public readonly struct Visit(Gauge gauge) : IDisposable
    {
        public void Dispose() => gauge.Leave();
    }
}
