namespace ConcurrencyAnalyzers.Runtime;

public sealed partial class ProcessExecutor
{
    /// <summary>Runs the work for each element in worker processes, and yields the results in the order of the source.</summary>
    /// <remarks>
    /// <para>
    /// Nothing happens before the enumeration. It takes from the source at most <see cref="MaxWorkers"/> plus
    /// <see cref="MapOptions.Buffer"/> chunks ahead of the consumer, so that the source may be infinite; each enumeration
    /// enumerates the source anew, by one thread at a time, and disposes it.
    /// </para>
    /// <para>
    /// The first failure starts nothing more, cancels the rest (so that workers whose work takes no token are killed), waits for
    /// them, yields the results of the chunks that stand before its own, and is thrown; further failures go to
    /// <see cref="TaskObservation.UnhandledFault"/>. Leaving the enumeration early does the same without throwing.
    /// </para>
    /// </remarks>
    /// <param name="source">The elements.</param>
    /// <param name="work">A static method, or a lambda that captures nothing; called once for each element.</param>
    /// <param name="chunkSize">How many elements travel to a worker together, from 1: saves waiting where the work takes less than about a millisecond. Each still fails alone. Progress and the timeout's message count chunks.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole, as a failure does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentException">A worker couldn't call the work; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="chunkSize"/> or an option is out of its range; thrown by the call itself.</exception>
    /// <exception cref="WorkSerializationException">Arguments or results of these types can't be sent; thrown by the call itself.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="MapOptions.Timeout"/> is up, or one item took longer than <see cref="ProcessExecutorOptions.WorkTimeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/>, or that of the enumeration, was cancelled.</exception>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsync(new ChunkedSource<TSource>(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <inheritdoc cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<TResult>> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsync(new ChunkedSource<TSource>(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <inheritdoc cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsync(Chunked(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <summary>As <see cref="MapAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>, but yields the results of each chunk as soon as they are there.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="work">A static method, or a lambda that captures nothing; called once for each element.</param>
    /// <param name="chunkSize">How many elements travel to a worker together, from 1.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole, as a failure does.</param>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsCompletedAsync(new ChunkedSource<TSource>(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <inheritdoc cref="MapAsCompletedAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<TResult>> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsCompletedAsync(new ChunkedSource<TSource>(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <inheritdoc cref="MapAsCompletedAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> MapAsCompletedAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: true);
        return Flatten(_queue.MapAsCompletedAsync(Chunked(source, chunkSize), calls.RunAllAsync, options, cancellationToken));
    }

    /// <summary>Runs the work for each element in worker processes and gives an outcome for each, in the order of the source: no failure of an element, and no worker's death, stops or hides another.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="work">A static method, or a lambda that captures nothing; called once for each element.</param>
    /// <param name="chunkSize">How many elements travel to a worker together, from 1. Each still fails alone.</param>
    /// <param name="options">Read by the call itself; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the whole.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentException">A worker couldn't call the work; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="chunkSize"/> or an option is out of its range; thrown by the call itself.</exception>
    /// <exception cref="WorkSerializationException">Arguments or results of these types can't be sent; thrown by the call itself.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="MapOptions.Timeout"/> is up.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: false);
        return FlattenAsync(_queue.Settle(SourceReader<TSource[]>.Of(new ChunkedSource<TSource>(source, chunkSize)), calls.SettleAsync, options, cancellationToken, ReportLost));
    }

    /// <inheritdoc cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<TResult>> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: false);
        return FlattenAsync(_queue.Settle(SourceReader<TSource[]>.Of(new ChunkedSource<TSource>(source, chunkSize)), calls.SettleAsync, options, cancellationToken, ReportLost));
    }

    /// <inheritdoc cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, Func{TSource, TResult}, int, MapOptions?, CancellationToken)"/>
    public Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, Func<TSource, TResult> work, int chunkSize = 1, MapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var calls = CallsOf<TSource, TResult>(work, chunkSize, stopsAtFault: false);
        return FlattenAsync(_queue.Settle(SourceReader<TSource[]>.Of(Chunked(source, chunkSize)), calls.SettleAsync, options, cancellationToken, ReportLost));
    }

    private ChunkCalls<TSource, TResult> CallsOf<TSource, TResult>(Delegate work, int chunkSize, bool stopsAtFault)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        _serializer.Check(typeof(TSource));
        return new ChunkCalls<TSource, TResult>(this, WorkMethod.Of(work), _serializer.CheckResult<TResult>(), stopsAtFault);
    }

    private static async IAsyncEnumerable<T> Flatten<T>(IAsyncEnumerable<T[]> chunks)
    {
        await foreach (var chunk in chunks.ConfigureAwait(false))
        {
            foreach (var item in chunk)
                yield return item;
        }
    }

    private static async Task<Outcome<TSource, TResult>[]> FlattenAsync<TSource, TResult>(Task<Outcome<TSource[], Outcome<TSource, TResult>[]>[]> settled)
    {
        List<Outcome<TSource, TResult>> flat = [];
        foreach (var chunk in await settled.ConfigureAwait(false))
        {
            if (chunk.TryGetValue(out var outcomes))
                flat.AddRange(outcomes);
            else if (chunk.Exception is OperationCanceledException cancellation)
                flat.AddRange(chunk.Source.Select(item => Outcome.Canceled<TSource, TResult>(item, cancellation)));
            else
                flat.AddRange(chunk.Source.Select(item => Outcome.Failure<TSource, TResult>(item, chunk.Exception!)));
        }

        return [.. flat];
    }

    private static void ReportLost<TSource, TResult>(Outcome<TSource[], Outcome<TSource, TResult>[]> chunk)
    {
        TaskObservation.ReportLost(chunk);
        Array.ForEach(chunk.GetValueOrDefault([]), TaskObservation.ReportLost);
    }

    private static async IAsyncEnumerable<T[]> Chunked<T>(IAsyncEnumerable<T> source, int size)
    {
        List<T> chunk = [];
        await foreach (var item in source.ConfigureAwait(false))
        {
            chunk.Add(item);
            if (chunk.Count == size)
            {
                yield return [.. chunk];
                chunk.Clear();
            }
        }

        if (chunk.Count > 0)
            yield return [.. chunk];
    }

    /// <summary>The work of a map: an item of the queue is a chunk of the source.</summary>
    private sealed class ChunkCalls<TSource, TResult>(ProcessExecutor executor, WorkMethod method, bool readsPlainly, bool stopsAtFault)
    {
        public async Task<TResult[]> RunAllAsync(TSource[] chunk, CancellationToken cancellationToken)
        {
            var batch = BatchOf(Array.ConvertAll<TSource, byte[]?>(chunk, executor.WriteArgument));
            await executor._pool.RunAsync(batch, cancellationToken).ConfigureAwait(OutsideTheCall);
            var results = new TResult[chunk.Length];
            for (var i = 0; i < results.Length; i++)
            {
                var (payload, fault, _) = batch.ResultOf(i);
                if (fault is not null)
                    throw fault;
                results[i] = executor._serializer.ReadResult<TResult>(payload!);
            }

            return results;
        }

        public async Task<Outcome<TSource, TResult>[]> SettleAsync(TSource[] chunk, CancellationToken cancellationToken)
        {
            var outcomes = new Outcome<TSource, TResult>[chunk.Length];
            List<byte[]?> arguments = new(chunk.Length);
            List<int> sent = new(chunk.Length);
            for (var i = 0; i < chunk.Length; i++)
            {
                try
                {
                    arguments.Add(executor.WriteArgument(chunk[i]));
                    sent.Add(i);
                }
                catch (WorkSerializationException e)
                {
                    outcomes[i] = Outcome.Failure<TSource, TResult>(chunk[i], e);
                }
            }

            var batch = BatchOf([.. arguments]);
            try
            {
                await executor._pool.RunAsync(batch, cancellationToken).ConfigureAwait(OutsideTheCall);
            }
            finally
            {
                for (var i = 0; i < batch.Next; i++)
                    outcomes[sent[i]] = OutcomeOf(chunk[sent[i]], batch.ResultOf(i));
                if (!batch.IsDone)
                    Array.ForEach(outcomes, TaskObservation.ReportLost); // Cancelled: what failed before goes down with the chunk.
            }

            return outcomes;
        }

        private WorkBatch BatchOf(byte[]?[] arguments) => new(method, arguments, readsPlainly, stopsAtFault, executor._options.TimeProvider);

        private Outcome<TSource, TResult> OutcomeOf(TSource source, (byte[]? Payload, Exception? Fault, TimeSpan Duration) result)
        {
            try
            {
                return result.Fault switch
                {
                    null => Outcome.Success(source, executor._serializer.ReadResult<TResult>(result.Payload!), result.Duration),
                    OperationCanceledException canceled => Outcome.Canceled<TSource, TResult>(source, canceled, result.Duration),
                    var fault => Outcome.Failure<TSource, TResult>(source, fault, result.Duration),
                };
            }
            catch (WorkSerializationException e)
            {
                return Outcome.Failure<TSource, TResult>(source, e, result.Duration);
            }
        }
    }
}
