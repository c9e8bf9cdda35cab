namespace ConcurrencyAnalyzers.Runtime;

public static partial class Gather
{
    /// <summary>The result of the first work that succeeds. The others are cancelled and awaited; their failures are observed.</summary>
    /// <remarks>
    /// The contenders start in order, <paramref name="maxConcurrency"/> at once; a further one starts when one has failed. Where the
    /// caller's cancellation or a failure of the source ends the run, the failures so far go to <see cref="TaskObservation.UnhandledFault"/>.
    /// </remarks>
    /// <typeparam name="TSource">The type of an element.</typeparam>
    /// <typeparam name="TResult">The type of a result.</typeparam>
    /// <param name="source">The elements; may be infinite where the run can end early.</param>
    /// <param name="maxConcurrency">The most work in flight at any time, from 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="work">Called once for each element. Throwing, or returning null, fails its element.</param>
    /// <param name="cancellationToken">Cancels what runs, starts nothing more, and waits for what was started.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1; thrown by the call itself.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled before any work succeeded.</exception>
    /// <exception cref="AggregateException">No work succeeded: every failure and cancellation, in the order in which they came.</exception>
    /// <exception cref="InvalidOperationException">The source has no elements.</exception>
    public static Task<TResult> FirstAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work that takes no token.</summary>
    public static Task<TResult> FirstAsync<TSource, TResult>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result.</summary>
    public static Task FirstAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for work without a result and for work that takes no token.</summary>
    public static Task FirstAsync<TSource>(IEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token.</summary>
    public static Task<TResult> FirstAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work that takes no token.</summary>
    public static Task<TResult> FirstAsync<TSource, TResult>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, TResult>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result.</summary>
    public static Task FirstAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, work, cancellationToken).RunAsync();
    }

    /// <summary>As <see cref="FirstAsync{TSource, TResult}(IEnumerable{TSource}, int, Func{TSource, CancellationToken, Task{TResult}}, CancellationToken)"/>, for an asynchronous source, which gets the work's token and for work without a result and for work that takes no token.</summary>
    public static Task FirstAsync<TSource>(IAsyncEnumerable<TSource> source, int maxConcurrency, Func<TSource, Task> work, CancellationToken cancellationToken = default)
    {
        Check(source, maxConcurrency, work);
        return new GatherFirstRun<TSource, ValueTuple>(SourceReader<TSource>.Of(source), maxConcurrency, (item, _) => work(item), cancellationToken).RunAsync();
    }

    /// <summary>The result of the first contender that succeeds; all are started at once. The others are cancelled and awaited; their failures are observed.</summary>
    /// <param name="contenders">The work; may be neither empty nor infinite.</param>
    /// <param name="cancellationToken">Cancels all contenders, and waits for them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="contenders"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled before any contender succeeded.</exception>
    /// <exception cref="AggregateException">No contender succeeded: every failure and cancellation, in the order in which they came.</exception>
    /// <exception cref="InvalidOperationException">There is no contender.</exception>
    public static Task<TResult> FirstAsync<TResult>(IEnumerable<Func<CancellationToken, Task<TResult>>> contenders, CancellationToken cancellationToken = default) =>
        FirstAsync(contenders, int.MaxValue, static (contender, token) => contender(token), cancellationToken);

    /// <inheritdoc cref="FirstAsync{TResult}(IEnumerable{Func{CancellationToken, Task{TResult}}}, CancellationToken)"/>
    public static Task<TResult> FirstAsync<TResult>(params Func<CancellationToken, Task<TResult>>[] contenders) =>
        FirstAsync(contenders, int.MaxValue, static (contender, token) => contender(token), CancellationToken.None);

    /// <summary>
    /// The result of the first of these tasks that succeeds. Tasks already started can't be cancelled, so the others are not
    /// waited for; their failures are observed. Prefer the forms that start the work.
    /// </summary>
    /// <param name="tasks">The tasks; the sequence is read once, by the call itself.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tasks"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="tasks"/> holds a null.</exception>
    /// <exception cref="AggregateException">No task succeeded: every failure and cancellation, in the order in which they came.</exception>
    /// <exception cref="InvalidOperationException">There is no task.</exception>
    public static Task<TResult> FirstAsync<TResult>(IEnumerable<Task<TResult>> tasks)
    {
        var all = CopyOf(tasks);
        return FirstOfAsync(all);

        static async Task<TResult> FirstOfAsync(List<Task<TResult>> tasks)
        {
            if (tasks.Count == 0)
                throw new InvalidOperationException("There is no contender: the source has no elements.");
            foreach (var task in tasks)
                task.Observe(static _ => { });
            var losses = new List<Exception>();
            await foreach (var task in AsCompletedAsync(tasks).ConfigureAwait(false))
            {
                if (task.IsCompletedSuccessfully)
                    return await task.ConfigureAwait(false);
                if (task.IsFaulted)
                    losses.AddRange(task.Exception!.InnerExceptions);
                else
                    losses.Add(TaskFaults.CancellationOf(task));
            }

            throw new AggregateException("None of the contenders succeeded.", losses);
        }
    }
}
