namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The state of a breaker. Each method takes an event and its timestamp, changes the state, and returns as its effect the change that is
/// to be announced, if there was one. It reads no clock, takes no lock, calls nobody.
/// </summary>
internal sealed class CircuitBreakerState(FailureCounter counter, long recovery, int successThreshold, long probeLease)
{
    private const long NoProbe = 0;

    private readonly record struct Probe(long Id, long LeaseEndsAt);

    private readonly Probe[] _probes = new Probe[successThreshold];
    private long _lastProbe;
    private int _successes;
    private int _breakCount;
    private long _generation = 1;
    private long _closedGeneration = 1;
    private long _openedAt;
    private long _rejectsUntil;
    private long _now = long.MinValue;

    /// <summary>May be read without a lock, as the two below.</summary>
    public CircuitState State { get; private set; }

    /// <summary>The generation of a closed circuit's permits; 0 while the circuit isn't closed.</summary>
    public long ClosedGeneration => Volatile.Read(ref _closedGeneration);

    /// <summary>Until when nothing goes through, whatever happens but a reset.</summary>
    public long RejectsUntil => Volatile.Read(ref _rejectsUntil);

    /// <summary>Whether a result would change nothing. May be read without a lock.</summary>
    public bool Ignores(long generation, CircuitResult result) =>
        generation == ClosedGeneration && (result == CircuitResult.Neutral || (result == CircuitResult.Success && counter.IgnoresSuccess));

    /// <summary>A call asks to go through.</summary>
    public CircuitAdmission Acquire(long now, out CircuitStateChangedEventArgs? change)
    {
        Forward(now);
        change = null;
        if (State == CircuitState.Open && _now >= _rejectsUntil)
            change = Enter(CircuitState.HalfOpen);
        return State switch
        {
            CircuitState.Closed => CircuitAdmission.Granted(_generation, NoProbe, MonotonicClock.Never),
            CircuitState.HalfOpen => AcquireProbe(),
            _ => CircuitAdmission.Rejected(Until(_rejectsUntil)),
        };
    }

    /// <summary>A call that went through has ended. A result of an earlier generation, or of a lapsed lease, changes nothing.</summary>
    public CircuitStateChangedEventArgs? Complete(long generation, long probe, CircuitResult result, long now)
    {
        Forward(now);
        if (generation != _generation)
            return null;
        if (State == CircuitState.Closed)
            return result != CircuitResult.Neutral && counter.Record(result == CircuitResult.Failure, _now) ? Enter(CircuitState.Open) : null;

        var place = PlaceOf(probe);
        if (place < 0)
            return null;
        var lapsed = _probes[place].LeaseEndsAt <= _now;
        _probes[place] = default;
        if (lapsed || result == CircuitResult.Neutral)
            return null;
        if (result == CircuitResult.Failure)
            return Enter(CircuitState.Open);
        return ++_successes == successThreshold ? Enter(CircuitState.Closed) : null;
    }

    /// <summary>The length of a break is known, unless that break is over already.</summary>
    public void SetRecovery(long generation, long ticks)
    {
        if (generation == _generation)
            Volatile.Write(ref _rejectsUntil, MonotonicClock.Add(_openedAt, ticks));
    }

    public CircuitStateChangedEventArgs? Isolate(long now)
    {
        Forward(now);
        return State == CircuitState.Isolated ? null : Enter(CircuitState.Isolated);
    }

    public CircuitStateChangedEventArgs? Reset(long now)
    {
        Forward(now);
        var change = Enter(CircuitState.Closed);
        return change.PreviousState == CircuitState.Closed ? null : change;
    }

    private CircuitStateChangedEventArgs Enter(CircuitState state)
    {
        var previous = State;
        State = state;
        _generation++;
        switch (state)
        {
            case CircuitState.Closed:
                counter.Clear();
                _breakCount = 0;
                break;
            case CircuitState.Open:
                _breakCount = Math.Min(_breakCount, int.MaxValue - 1) + 1;
                _openedAt = _now;
                break;
            case CircuitState.HalfOpen:
                _successes = 0;
                Array.Clear(_probes);
                break;
        }
        Volatile.Write(ref _rejectsUntil, state switch
        {
            CircuitState.Open => MonotonicClock.Add(_now, recovery),
            CircuitState.Isolated => MonotonicClock.Never,
            _ => long.MinValue,
        });
        Volatile.Write(ref _closedGeneration, state == CircuitState.Closed ? _generation : 0);
        return new(previous, state, _breakCount, _generation);
    }

    private CircuitAdmission AcquireProbe()
    {
        var (free, inFlight, firstLapse) = (-1, 0, MonotonicClock.Never);
        for (var i = 0; i < _probes.Length; i++)
        {
            if (_probes[i].Id == NoProbe || _probes[i].LeaseEndsAt <= _now)
            {
                free = i;
                continue;
            }
            inFlight++;
            firstLapse = Math.Min(firstLapse, _probes[i].LeaseEndsAt);
        }
        if (inFlight >= successThreshold - _successes)
            return CircuitAdmission.Rejected(Until(firstLapse));
        _probes[free] = new(++_lastProbe, MonotonicClock.Add(_now, probeLease));
        return CircuitAdmission.Granted(_generation, _lastProbe, _probes[free].LeaseEndsAt);
    }

    private int PlaceOf(long probe)
    {
        var place = _probes.Length - 1;
        while (place >= 0 && _probes[place].Id != probe)
            place--;
        return place;
    }

    private long Until(long moment) => moment == MonotonicClock.Never ? moment : moment - _now;

    // Threads read the clock before they take the lock, and so may come with an older reading than one who was here before.
    private void Forward(long now) => _now = Math.Max(_now, now);
}

/// <summary>Whether a call goes through: with which permit, or else after how many ticks to come again.</summary>
internal readonly record struct CircuitAdmission(bool IsGranted, long Generation, long Probe, long LeaseEndsAt, long RetryAfter)
{
    public static CircuitAdmission Granted(long generation, long probe, long leaseEndsAt) => new(true, generation, probe, leaseEndsAt, 0);

    public static CircuitAdmission Rejected(long retryAfter) => new(false, 0, 0, 0, retryAfter);
}
