using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// How the work for one element of a source ended: with a value, with an exception, or cancelled. Work without a result
/// has outcomes of <see cref="ValueTuple"/>.
/// </summary>
/// <typeparam name="TSource">The type of the element the work was done for.</typeparam>
/// <typeparam name="TResult">The type of the work's result.</typeparam>
/// <remarks>Immutable, and so safe for use by many threads.</remarks>
public readonly struct Outcome<TSource, TResult>
{
    private readonly TResult? _value;

    internal Outcome(TSource source, OutcomeStatus status, TResult? value, Exception? exception, TimeSpan duration)
    {
        Source = source;
        Status = status;
        _value = value;
        Exception = exception;
        Duration = duration;
    }

    /// <summary>The element the work was done for.</summary>
    public TSource Source { get; }

    /// <summary>How the work ended.</summary>
    public OutcomeStatus Status { get; }

    /// <summary>The exception that ended the work, an <see cref="OperationCanceledException"/> if it was cancelled; null after a success.</summary>
    public Exception? Exception { get; }

    /// <summary>How long the work took, without its wait for a place; zero if it never started.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Whether the work returned a value.</summary>
    [MemberNotNullWhen(false, nameof(Exception))]
    public bool IsSuccess => Status == OutcomeStatus.Succeeded;

    /// <summary>The result of the work.</summary>
    /// <exception cref="System.Exception">The work did not succeed: its own exception, with its stack trace.</exception>
    public TResult Value => GetValueOrThrow();

    /// <summary>The result of the work; throws the work's own exception, with its stack trace, if there is none.</summary>
    public TResult GetValueOrThrow()
    {
        if (!IsSuccess)
            ExceptionDispatchInfo.Throw(Exception);
        return _value!;
    }

    /// <summary>The result of the work, or <paramref name="fallback"/> if there is none.</summary>
    [return: NotNullIfNotNull(nameof(fallback))]
    public TResult? GetValueOrDefault(TResult? fallback = default) => IsSuccess ? _value! : fallback;

    /// <summary>Gives the result of the work and true, or false if there is none.</summary>
    public bool TryGetValue([MaybeNullWhen(false)] out TResult value)
    {
        value = _value!;
        return IsSuccess;
    }

    /// <summary>Takes the outcome apart; <paramref name="value"/> is the type's default if there is no result.</summary>
    public void Deconstruct(out TSource source, out TResult? value, out Exception? exception) =>
        (source, value, exception) = (Source, _value, Exception);

    /// <summary>The element, the status and what came of it, for logs.</summary>
    public override string ToString() => Status switch
    {
        OutcomeStatus.Succeeded => $"{Source}: {_value}",
        OutcomeStatus.Canceled => $"{Source}: canceled",
        _ => $"{Source}: {Exception?.GetType().Name}: {Exception?.Message}",
    };
}
