namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

/// <summary>What a breaker is meant to do, in the simplest words, ticks counted from 0.</summary>
internal sealed class CircuitBreakerModel(Func<IReadOnlyList<CircuitBreakerModel.Result>, bool> breaks, int successThreshold, Func<int, long> recovery, long lease)
{
    private readonly List<Result> _results = [];
    private readonly List<Permit> _probes = [];
    private int _successes;
    private int _breaks;
    private long _opened;

    public readonly record struct Result(long Time, bool Failed);

    /// <summary>A permit knows in which round of the circuit it was given.</summary>
    public sealed record Permit(int Round, bool IsProbe, long LeaseEnds);

    public CircuitState State { get; private set; }

    public List<CircuitState> Changes { get; } = [];

    public int Round { get; private set; }

    public long Now { get; set; }

    /// <summary>The permit; or null, and the ticks after which to come again.</summary>
    public Permit? Acquire(out long? retryAfter)
    {
        retryAfter = null;
        if (State == CircuitState.Open && Now - _opened >= recovery(_breaks))
            Enter(CircuitState.HalfOpen);
        switch (State)
        {
            case CircuitState.Closed:
                return new(Round, false, long.MaxValue);
            case CircuitState.Open:
                retryAfter = _opened + recovery(_breaks) - Now;
                return null;
            case CircuitState.Isolated:
                return null;
        }
        _probes.RemoveAll(probe => probe.LeaseEnds <= Now);
        if (_probes.Count + _successes >= successThreshold)
        {
            retryAfter = _probes.Min(static probe => probe.LeaseEnds) - Now;
            return null;
        }
        var permit = new Permit(Round, true, Now + lease);
        _probes.Add(permit);
        return permit;
    }

    public void Complete(Permit permit, CircuitResult result)
    {
        if (permit.Round != Round)
            return;
        if (!permit.IsProbe)
        {
            if (result != CircuitResult.Neutral)
                _results.Add(new(Now, result == CircuitResult.Failure));
            if (result == CircuitResult.Failure && breaks(_results))
                Enter(CircuitState.Open);
            return;
        }
        if (!_probes.RemoveAll(probe => ReferenceEquals(probe, permit)).Equals(1) || permit.LeaseEnds <= Now)
            return;
        if (result == CircuitResult.Failure)
            Enter(CircuitState.Open);
        else if (result == CircuitResult.Success && ++_successes == successThreshold)
            Enter(CircuitState.Closed);
    }

    public void Isolate()
    {
        if (State != CircuitState.Isolated)
            Enter(CircuitState.Isolated);
    }

    public void Reset()
    {
        if (State != CircuitState.Closed)
            Enter(CircuitState.Closed);
        _results.Clear();
        _breaks = 0;
        Round++;
    }

    private void Enter(CircuitState state)
    {
        State = state;
        Round++;
        _results.Clear();
        _probes.Clear();
        _successes = 0;
        if (state == CircuitState.Closed)
            _breaks = 0;
        if (state == CircuitState.Open)
            (_breaks, _opened) = (_breaks + 1, Now);
        Changes.Add(state);
    }
}
