namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The states of a <see cref="CircuitBreaker"/>.</summary>
public enum CircuitState
{
    /// <summary>Calls go through and their results are counted.</summary>
    Closed,

    /// <summary>Calls are rejected until the recovery timeout has passed.</summary>
    Open,

    /// <summary>A few probes go through; their results decide between <see cref="Closed"/> and <see cref="Open"/>.</summary>
    HalfOpen,

    /// <summary>Calls are rejected until <see cref="CircuitBreaker.Reset"/>.</summary>
    Isolated,
}
