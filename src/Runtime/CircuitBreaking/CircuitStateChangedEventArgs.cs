namespace ConcurrencyAnalyzers.Runtime;

/// <summary>One change of a breaker's state.</summary>
public sealed class CircuitStateChangedEventArgs : EventArgs
{
    internal CircuitStateChangedEventArgs(CircuitState previousState, CircuitState state, int breakCount, long generation)
    {
        PreviousState = previousState;
        State = state;
        BreakCount = breakCount;
        Generation = generation;
    }

    /// <summary>The state that was left.</summary>
    public CircuitState PreviousState { get; }

    /// <summary>The state that was entered. <see cref="CircuitBreaker.State"/> may be a later one already.</summary>
    public CircuitState State { get; }

    /// <summary>How often the circuit has opened without closing in between; 0 once it is closed.</summary>
    public int BreakCount { get; }

    internal long Generation { get; }
}
