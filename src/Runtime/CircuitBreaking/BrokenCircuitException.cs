namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A <see cref="CircuitBreaker"/> rejected a call; the work wasn't called. Each rejection has an instance of its own.</summary>
public sealed class BrokenCircuitException : Exception
{
    private const string DefaultMessage = "The circuit is open: the call was rejected.";

    /// <summary>Makes an exception without a <see cref="RetryAfter"/>.</summary>
    public BrokenCircuitException()
        : base(DefaultMessage)
    {
    }

    /// <summary>Makes an exception with a message of your own.</summary>
    public BrokenCircuitException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message of your own and a cause.</summary>
    public BrokenCircuitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception that says when to come again.</summary>
    public BrokenCircuitException(TimeSpan? retryAfter)
        : base(retryAfter is null ? DefaultMessage : $"{DefaultMessage} Retry after {retryAfter}.") => RetryAfter = retryAfter;

    /// <summary>The time until a call may go through; null when nobody knows, as while the circuit is isolated.</summary>
    public TimeSpan? RetryAfter { get; }
}
