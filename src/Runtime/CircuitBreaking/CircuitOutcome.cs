using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How a call through a <see cref="CircuitBreaker"/> ended.</summary>
public enum CircuitOutcomeStatus
{
    /// <summary>The breaker let nothing through; the work wasn't called.</summary>
    Rejected,

    /// <summary>The work returned a value.</summary>
    Succeeded,

    /// <summary>The work threw.</summary>
    Failed,

    /// <summary>The caller's token was cancelled, before the work was called or while it ran.</summary>
    Canceled,
}

/// <summary>The result of <see cref="CircuitBreaker.TryExecuteAsync{TResult}"/>: a value, an exception, or a rejection without one.</summary>
/// <remarks>An immutable value, safe to use from any thread.</remarks>
/// <typeparam name="TResult">What the work returns.</typeparam>
public readonly struct CircuitOutcome<TResult>
{
    private readonly TResult _value;

    private CircuitOutcome(CircuitOutcomeStatus status, TResult value, Exception? exception, TimeSpan? retryAfter)
    {
        Status = status;
        _value = value;
        Exception = exception;
        RetryAfter = retryAfter;
    }

    /// <summary>How the call ended.</summary>
    public CircuitOutcomeStatus Status { get; }

    /// <summary>What the work threw, an <see cref="OperationCanceledException"/> after a cancellation; null after a success or a rejection.</summary>
    public Exception? Exception { get; }

    /// <summary>After a rejection: the time until a call may go through; null when nobody knows.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>What the work returned.</summary>
    /// <exception cref="BrokenCircuitException">The call was rejected; each read throws a fresh one.</exception>
    /// <exception cref="Exception">The work's own exception, with its stack, if it threw.</exception>
    public TResult Value
    {
        get
        {
            if (Status == CircuitOutcomeStatus.Rejected)
                throw new BrokenCircuitException(RetryAfter);
            if (Exception is not null)
                ExceptionDispatchInfo.Throw(Exception);
            return _value;
        }
    }

    internal static CircuitOutcome<TResult> Succeeded(TResult value) => new(CircuitOutcomeStatus.Succeeded, value, null, null);

    internal static CircuitOutcome<TResult> Failed(Exception exception) => new(CircuitOutcomeStatus.Failed, default!, exception, null);

    internal static CircuitOutcome<TResult> Canceled(Exception exception) => new(CircuitOutcomeStatus.Canceled, default!, exception, null);

    internal static CircuitOutcome<TResult> Rejected(TimeSpan? retryAfter) => new(CircuitOutcomeStatus.Rejected, default!, null, retryAfter);
}
