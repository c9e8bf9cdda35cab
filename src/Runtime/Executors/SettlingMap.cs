namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A map that gives an outcome for each element; only a failure of the source or the executor ends it.</summary>
internal sealed class SettlingMap<TSource, TResult> : ExecutorMap<TSource, (int Index, Outcome<TSource, TResult> Outcome)>
{
    private readonly Func<TimedItem<TSource>, CancellationToken, Task<TResult>> _submit;
    private readonly TimeProvider _timeProvider;
    private readonly Action<Outcome<TSource, TResult>> _reportLost;
    private int _started;

    private SettlingMap(
        SourceReader<TSource> source,
        Func<TimedItem<TSource>, CancellationToken, Task<TResult>> submit,
        int places,
        MapOptions options,
        TimeProvider timeProvider,
        Action<Outcome<TSource, TResult>> reportLost,
        CancellationToken cancellationToken)
        : base(source, static (map, item, token) => ((SettlingMap<TSource, TResult>)map).SettleAsync(item, token), places, inOrder: false, options, timeProvider, cancellationToken, consumer: default)
    {
        _submit = submit;
        _timeProvider = timeProvider;
        _reportLost = reportLost;
    }

    /// <summary>An outcome for each element, in the order of the source.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="submit">Submits the work for an element; the work starts and stops the element's clock.</param>
    /// <param name="places">The executor's places.</param>
    /// <param name="options">Validated.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="reportLost">Reports the faults in an outcome that nobody will see.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<Outcome<TSource, TResult>[]> RunAsync(
        SourceReader<TSource> source,
        Func<TimedItem<TSource>, CancellationToken, Task<TResult>> submit,
        int places,
        MapOptions options,
        TimeProvider timeProvider,
        Action<Outcome<TSource, TResult>> reportLost,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var outcomes = new List<(int Index, Outcome<TSource, TResult> Outcome)>();
        var map = new SettlingMap<TSource, TResult>(source, submit, places, options, timeProvider, reportLost, cancellationToken);
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
            outcomes.ForEach(map.OnLost);
            throw;
        }

        var inOrder = new Outcome<TSource, TResult>[outcomes.Count];
        foreach (var (index, outcome) in outcomes)
            inOrder[index] = outcome;
        return inOrder;
    }

    protected override OutcomeStatus StatusOf((int Index, Outcome<TSource, TResult> Outcome) result) => result.Outcome.Status;

    protected override void OnLost((int Index, Outcome<TSource, TResult> Outcome) result) => _reportLost(result.Outcome);

    private async Task<(int Index, Outcome<TSource, TResult> Outcome)> SettleAsync(TSource source, CancellationToken cancellationToken)
    {
        var index = _started++;
        var item = new TimedItem<TSource>(source, _timeProvider);
        var task = _submit(item, cancellationToken);
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCanceled)
            cancellationToken.ThrowIfCancellationRequested();
#pragma warning disable CONC105 // The task is complete where it is read.
        return (index, SettledWork.OutcomeOf<TSource, TResult>(source, task, item.Duration));
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
