namespace ConcurrencyAnalyzers.Runtime;

public static partial class Gather
{
    /// <summary>
    /// The results of the work for all elements, in the order of the source: <see cref="Task.WhenAll{TResult}(IEnumerable{Task{TResult}})"/>
    /// with a bound.
    /// </summary>
    /// <remarks>
    /// The first failure starts nothing more, cancels the token of the rest, waits for them, and is what an await throws; the
    /// returned task's <see cref="Task.Exception"/> holds every failure. Work that cancels itself, with nothing cancelled,
    /// ends the run in the same way.
    /// </remarks>
    /// <typeparam name="TSource">The type of an element.</typeparam>
    /// <typeparam name="TResult">The type of a result.</typeparam>
    /// <param name="source">The elements; may be infinite where the run can end early.</param>
    /// <param name="maxConcurrency">The most work in flight at any time, from 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="work">Called once for each element. Throwing, or returning null, fails its element.</param>
    /// <param name="cancellationToken">Cancels what runs, starts nothing more, and waits for what was started.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1; thrown by the call itself.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled and no work failed.</exception>
    public static Task<TResult[]> AllAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work that takes no token.</summary>
    public static Task<TResult[]> AllAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result.</summary>
    public static Task AllAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result and for work that takes no token.</summary>
    public static Task AllAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token.</summary>
    public static Task<TResult[]> AllAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work that takes no token.</summary>
    public static Task<TResult[]> AllAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result.</summary>
    public static Task AllAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="AllAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result and for work that takes no token.</summary>
    public static Task AllAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherAllRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }
}
