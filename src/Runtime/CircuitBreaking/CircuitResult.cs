namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a call that went through tells the <see cref="CircuitBreaker"/>.</summary>
public enum CircuitResult
{
    /// <summary>Nothing: the call was cancelled by its caller, or never came to the point. A probe's place is given back.</summary>
    Neutral,

    /// <summary>The dependency works.</summary>
    Success,

    /// <summary>The dependency failed.</summary>
    Failure,
}
