using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What the executors' maps have in common.</summary>
internal static class ExecutorMaps
{
    /// <summary>The results of one map for each enumeration.</summary>
    public static async IAsyncEnumerable<TResult> EnumerateAsync<TSource, TResult>(
        Func<CancellationToken, ExecutorMap<TSource, TResult>> start, [EnumeratorCancellation] CancellationToken consumer = default)
    {
        var map = start(consumer);
        await using (map.ConfigureAwait(false))
        {
            while (await map.NextAsync().ConfigureAwait(false) is (true, var result))
                yield return result;
        }
    }

    /// <summary>An outcome for each element, in the order of the source.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="submit">Submits the work for an element; the work starts and stops the element's clock.</param>
    /// <param name="places">The executor's places.</param>
    /// <param name="options">Validated.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(
        SourceReader<TSource> source,
        Func<TimedItem<TSource>, CancellationToken, Task<TResult>> submit,
        int places,
        MapOptions options,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var outcomes = new List<(int Index, Outcome<TSource, TResult> Outcome)>();
        var taken = 0;
        var map = new ExecutorMap<TSource, (int Index, Outcome<TSource, TResult> Outcome)>(
            source,
            (_, item, token) => SettleOneAsync(taken++, new TimedItem<TSource>(item, timeProvider), submit, token),
            places,
            inOrder: false,
            options,
            timeProvider,
            static result => result.Outcome.Status,
            cancellationToken,
            consumer: default);
        try
        {
            await using (map.ConfigureAwait(false))
            {
                while (await map.NextAsync().ConfigureAwait(false) is (true, var result))
                    outcomes.Add(result);
            }
        }
        catch
        {
            // The outcomes go down with the map; the faults among them must not go unseen.
            foreach (var (_, outcome) in outcomes)
            {
                if (outcome.Status == OutcomeStatus.Failed)
                    TaskObservation.Report(outcome.Exception!);
            }

            throw;
        }

        var inOrder = new Outcome<TSource, TResult>[outcomes.Count];
        foreach (var (index, outcome) in outcomes)
            inOrder[index] = outcome;
        return inOrder;
    }

    private static async Task<(int Index, Outcome<TSource, TResult> Outcome)> SettleOneAsync<TSource, TResult>(
        int index, TimedItem<TSource> item, Func<TimedItem<TSource>, CancellationToken, Task<TResult>> submit, CancellationToken cancellationToken)
    {
        var task = submit(item, cancellationToken);
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCanceled)
            cancellationToken.ThrowIfCancellationRequested();
#pragma warning disable CONC105 // The task is complete where it is read.
        return (index, SettledWork.OutcomeOf<TSource, TResult>(item.Source, task, item.Duration));
#pragma warning restore CONC105
    }
}

/// <summary>An element, and how long its work took.</summary>
internal sealed class TimedItem<TSource>(TSource source, TimeProvider timeProvider)
{
    private long _startedAt;

    public TSource Source { get; } = source;

    public TimeSpan Duration { get; private set; }

    public void Start() => _startedAt = timeProvider.GetTimestamp();

    public void Stop() => Duration = timeProvider.GetElapsedTime(_startedAt);
}
