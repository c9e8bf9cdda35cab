namespace ConcurrencyAnalyzers.Runtime;

public sealed partial class ThreadExecutor
{
    /// <summary>Runs the work for each element, and yields the results in the order of the source.</summary>
    /// <remarks>
    /// <para>
    /// Nothing happens before the enumeration. It takes from the source at most <see cref="MaxThreads"/> plus
    /// <see cref="MapOptions.Buffer"/> elements ahead of the consumer, so that the source may be infinite; each enumeration
    /// enumerates the source anew, by one thread at a time, and disposes it.
    /// </para>
    /// <para>
    /// The first failure starts nothing more, cancels the token of the rest, waits for them, yields the results that stand
    /// before it, and is thrown; further failures go to <see cref="TaskObservation.UnhandledFault"/>. Leaving the enumeration
    /// early does the same without throwing. The items wait in the executor's queue among all others; they are never rejected.
    /// </para>
    /// </remarks>
    /// <param name="source">The elements.</param>
    /// <param name="work">Called once for each element.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole, as a failure does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; thrown by the call itself.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="MapOptions.Timeout"/> is up.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/>, or that of the enumeration, was cancelled.</exception>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), work, inOrder: true, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), (item, _) => work(item), inOrder: true, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), work, inOrder: true, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), (item, _) => work(item), inOrder: true, options, cancellationToken);
    }

    /// <summary>As <see cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>, but yields each result as soon as it is there.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="work">Called once for each element.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole, as a failure does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; thrown by the call itself.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="MapOptions.Timeout"/> is up.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/>, or that of the enumeration, was cancelled.</exception>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), work, inOrder: false, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsCompletedAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), (item, _) => work(item), inOrder: false, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsCompletedAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), work, inOrder: false, options, cancellationToken);
    }

    /// <inheritdoc cref="MapAsCompletedAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Map(() => SourceReader<TSource>.Of(source), (item, _) => work(item), inOrder: false, options, cancellationToken);
    }

    /// <summary>Runs the work for each element and gives an outcome for each, in the order of the source: no failure of an element stops or hides another.</summary>
    /// <remarks>
    /// Throws for no element. A failure of the source or the executor, a timeout and a cancellation by the caller end it; the
    /// failures among the outcomes that are then lost go to <see cref="TaskObservation.UnhandledFault"/>.
    /// </remarks>
    /// <param name="source">The elements.</param>
    /// <param name="work">Called once for each element.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole, as a failure does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; thrown by the call itself.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="MapOptions.Timeout"/> is up.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/>, or that of the enumeration, was cancelled.</exception>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Settle(SourceReader<TSource>.Of(source), work, options, cancellationToken);
    }

    /// <inheritdoc cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Settle(SourceReader<TSource>.Of(source), (item, _) => work(item), options, cancellationToken);
    }

    /// <inheritdoc cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Settle(SourceReader<TSource>.Of(source), work, options, cancellationToken);
    }

    /// <inheritdoc cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, CancellationToken, TResult}, MapOptions?, CancellationToken)"/>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        return Settle(SourceReader<TSource>.Of(source), (item, _) => work(item), options, cancellationToken);
    }

    private IAsyncEnumerable<TResult> Map<TSource, TResult>(
        Func<SourceReader<TSource>> source, Func<TSource, CancellationToken, TResult> work, bool inOrder, MapOptions? options, CancellationToken cancellationToken)
    {
        options = (options ?? new MapOptions()).Validated();
        return ExecutorMaps.EnumerateAsync(
            consumer => new ExecutorMap<TSource, TResult>(
                source(), Submit, MaxThreads, inOrder, options, _timeProvider, cancellationToken, consumer),
            consumer: CancellationToken.None);

        Task<TResult> Submit(ExecutorMap<TSource, TResult> map, TSource item, CancellationToken token) =>
            this.Submit(Run, (map, item), token, mayReject: false);

        TResult Run((ExecutorMap<TSource, TResult> Map, TSource Item) it, CancellationToken token)
        {
            try
            {
                return work(it.Item, token);
            }
            catch (Exception e) when (it.Map.StopsFor(e))
            {
                throw;
            }
        }
    }

    private Task<Outcome<TSource, TResult>[]> Settle<TSource, TResult>(
        SourceReader<TSource> source, Func<TSource, CancellationToken, TResult> work, MapOptions? options, CancellationToken cancellationToken)
    {
        return SettlingMap<TSource, TResult>.RunAsync(
            source, Submit, MaxThreads, (options ?? new MapOptions()).Validated(), _timeProvider, TaskObservation.ReportLost, cancellationToken);

        Task<TResult> Submit(TimedItem<TSource> item, CancellationToken token) => this.Submit(Run, item, token, mayReject: false);

        TResult Run(TimedItem<TSource> item, CancellationToken token)
        {
            item.Start();
            try
            {
                return work(item.Source, token);
            }
            finally
            {
                item.Stop();
            }
        }
    }
}
