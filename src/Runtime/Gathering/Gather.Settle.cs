namespace ConcurrencyAnalyzers.Runtime;

public static partial class Gather
{
    /// <summary>An outcome for each element, in the order of the source: no failure of an element stops or hides another.</summary>
    /// <remarks>
    /// Throws for no element. A failure of the source itself, or a cancellation by the caller, ends the run; the failures
    /// among the outcomes that are then lost go to <see cref="TaskObservation.UnhandledFault"/>.
    /// </remarks>
    /// <typeparam name="TSource">The type of an element.</typeparam>
    /// <typeparam name="TResult">The type of a result.</typeparam>
    /// <param name="source">The elements; may be infinite where the run can end early.</param>
    /// <param name="maxConcurrency">The most work in flight at any time, from 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="work">Called once for each element. Throwing, or returning null, fails its element.</param>
    /// <param name="cancellationToken">Cancels what runs, starts nothing more, and waits for what was started.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1; thrown by the call itself.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work that takes no token.</summary>
    public static Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result.</summary>
    public static Task<Outcome<TSource, ValueTuple>[]> SettleAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result and for work that takes no token.</summary>
    public static Task<Outcome<TSource, ValueTuple>[]> SettleAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token.</summary>
    public static Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work that takes no token.</summary>
    public static Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result.</summary>
    public static Task<Outcome<TSource, ValueTuple>[]> SettleAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken);
    }

    /// <summary>As <see cref="SettleAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result and for work that takes no token.</summary>
    public static Task<Outcome<TSource, ValueTuple>[]> SettleAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return SettleAsync<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken);
    }

    /// <summary>An outcome for each task, in order. The tasks may have been started long ago; none of them is left unobserved.</summary>
    /// <param name="tasks">The tasks; the sequence is read once, by the call itself.</param>
    /// <returns>The outcomes; each has its task as the source, and as duration the time from this call to the task's end.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="tasks"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="tasks"/> holds a null.</exception>
    public static Task<Outcome<Task<TResult>, TResult>[]> SettleAsync<TResult>(IEnumerable<Task<TResult>> tasks)
    {
        var all = CopyOf(tasks);
        return SettleAsync<Task<TResult>, TResult>(SourceReader<Task<TResult>>.Of(all), Math.Max(1, all.Count), static (task, _) => task, CancellationToken.None);
    }

    /// <inheritdoc cref="SettleAsync{TResult}(IEnumerable{Task{TResult}})"/>
    public static Task<Outcome<Task, ValueTuple>[]> SettleAsync(IEnumerable<Task> tasks)
    {
        var all = CopyOf(tasks);
        return SettleAsync<Task, ValueTuple>(SourceReader<Task>.Of(all), Math.Max(1, all.Count), static (task, _) => task, CancellationToken.None);
    }

    private static Task<Outcome<TSource, TResult>[]> SettleAsync<TSource, TResult>(
        SourceReader<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        new GatherSettleRun<TSource, TResult>(
            source,
            maxConcurrency,
            (item, token) => SettledWork.RunAsync<TSource, TResult>(work, item, TimeProvider.System, token),
            cancellationToken).RunAsync();

    private static List<TTask> CopyOf<TTask>(IEnumerable<TTask> tasks)
        where TTask : Task
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var all = tasks.ToList();
        if (all.Contains(null!))
            throw new ArgumentException("The tasks hold a null.", nameof(tasks));
        return all;
    }
}
