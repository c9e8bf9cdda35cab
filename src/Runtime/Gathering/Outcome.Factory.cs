using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Makes outcomes, and reads sequences of them.</summary>
public static class Outcome
{
    /// <summary>The outcome of work that returned <paramref name="value"/>.</summary>
    public static Outcome<TSource, TResult> Success<TSource, TResult>(TSource source, TResult value, TimeSpan duration = default) =>
        new(source, OutcomeStatus.Succeeded, value, null, duration);

    /// <summary>The outcome of work that threw <paramref name="exception"/>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is null.</exception>
    public static Outcome<TSource, TResult> Failure<TSource, TResult>(TSource source, Exception exception, TimeSpan duration = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new(source, OutcomeStatus.Failed, default, exception, duration);
    }

    /// <summary>The outcome of work that was cancelled.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is null.</exception>
    public static Outcome<TSource, TResult> Canceled<TSource, TResult>(TSource source, OperationCanceledException exception, TimeSpan duration = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new(source, OutcomeStatus.Canceled, default, exception, duration);
    }

    /// <summary>The outcomes that have no value: those that failed and those that were cancelled, in order.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="outcomes"/> is null.</exception>
    public static IEnumerable<Outcome<TSource, TResult>> Failures<TSource, TResult>(this IEnumerable<Outcome<TSource, TResult>> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        return outcomes.Where(static outcome => !outcome.IsSuccess);
    }

    /// <summary>The outcomes that have a value, in order.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="outcomes"/> is null.</exception>
    public static IEnumerable<Outcome<TSource, TResult>> Successes<TSource, TResult>(this IEnumerable<Outcome<TSource, TResult>> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        return outcomes.Where(static outcome => outcome.IsSuccess);
    }

    /// <summary>The values of those outcomes that have one, in order.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="outcomes"/> is null.</exception>
    public static IEnumerable<TResult> Values<TSource, TResult>(this IEnumerable<Outcome<TSource, TResult>> outcomes) =>
        Successes(outcomes).Select(static outcome => outcome.GetValueOrThrow());

    /// <summary>Does nothing if every outcome is a success; else throws what the others hold.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="outcomes"/> is null.</exception>
    /// <exception cref="AggregateException">At least one outcome failed: every failure once, in order.</exception>
    /// <exception cref="OperationCanceledException">None failed, and at least one was cancelled: the first cancellation.</exception>
    public static void ThrowIfAnyFailed<TSource, TResult>(this IEnumerable<Outcome<TSource, TResult>> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        List<Exception>? failures = null;
        Exception? cancellation = null;
        foreach (var outcome in outcomes)
        {
            if (outcome.Status == OutcomeStatus.Failed)
                (failures ??= []).Add(outcome.Exception!);
            else if (outcome.Status == OutcomeStatus.Canceled)
                cancellation ??= outcome.Exception;
        }

        if (failures is not null)
            throw new AggregateException(failures);
        if (cancellation is not null)
            ExceptionDispatchInfo.Throw(cancellation);
    }
}
