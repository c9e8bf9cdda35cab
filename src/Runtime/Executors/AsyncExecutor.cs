namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Runs asynchronous work, never more than so many items at once, the others waiting in order. Has no thread of its own: for
/// work that awaits I/O, not for work that blocks (<see cref="ThreadExecutor"/>).
/// </summary>
/// <remarks>
/// <para>
/// An item that finds a place is called at once, on the caller's thread; one that had to wait, on the thread pool. Either way
/// it runs without a synchronization context and with the caller's execution context, and what it writes to an
/// <see cref="AsyncLocal{T}"/> reaches nobody else. It keeps its place until its task has ended.
/// </para>
/// <para>
/// A cancelled item that waits ends at once and gives its turn away; one that runs is asked through its token. Work that
/// submits to its own executor and could only be served after itself throws <see cref="InvalidOperationException"/> instead
/// of waiting for ever; <see cref="Post"/> is for submissions that are not waited for.
/// </para>
/// <para>All members are safe for use by many threads.</para>
/// </remarks>
public sealed partial class AsyncExecutor : IAsyncDisposable
{
    private readonly ExecutorCore _core;
    private readonly ExecutorGate _gate;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes an executor with the default options but for its size.</summary>
    /// <param name="maxConcurrency">The most items in flight at once, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1.</exception>
    public AsyncExecutor(int maxConcurrency)
        : this(new AsyncExecutorOptions { MaxConcurrency = maxConcurrency })
    {
    }

    /// <summary>Makes an executor.</summary>
    /// <param name="options">Read now; later changes change nothing.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public AsyncExecutor(AsyncExecutorOptions options)
        : this(nameof(AsyncExecutor), ExecutorInstruments.Async, options)
    {
    }

    /// <summary>Makes the queue of an executor whose messages are to call it <paramref name="name"/>, its metrics <paramref name="kind"/>.</summary>
    internal AsyncExecutor(string name, string kind, AsyncExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Validated();
        _gate = new ExecutorGate(options);
        _timeProvider = options.TimeProvider;
        _core = new ExecutorCore(name, kind, options.MaxConcurrency, options, static core => new AsyncPlace(core));
    }

    /// <summary>The most items in flight at once.</summary>
    public int MaxConcurrency => _core.Places;

    /// <summary>Runs <paramref name="work"/> when there is a place for it.</summary>
    /// <param name="work">Called once, with <paramref name="cancellationToken"/>. Throwing, or returning null, fails the item.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    /// <returns>The work's result. Its faults and its cancellation are those of the work.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="QueueFullException">The queue is full, and <see cref="ExecutorOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</exception>
    /// <exception cref="InvalidOperationException">The caller is work of this executor, and waiting for the new item would be a deadlock.</exception>
    public Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, token) => work(token), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, Task{TResult}}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(Func<Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, _) => work(), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, Task{TResult}}, CancellationToken)"/>
    public Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return SubmitVoid(static (work, token) => work(token), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, Task{TResult}}, CancellationToken)"/>
    public Task RunAsync(Func<Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return SubmitVoid(static (work, _) => work(), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, Task{TResult}}, CancellationToken)"/>
    /// <param name="work">Called once, with <paramref name="state"/> and the token; a static lambda saves the closure.</param>
    /// <param name="state">What the work needs; dropped when the item ends.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    public Task<TResult> RunAsync<TState, TResult>(Func<TState, CancellationToken, Task<TResult>> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(work, state, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TState, TResult}(Func{TState, CancellationToken, Task{TResult}}, TState, CancellationToken)"/>
    public Task RunAsync<TState>(Func<TState, CancellationToken, Task> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return SubmitVoid(work, state, cancellationToken);
    }

    /// <summary>
    /// Runs <paramref name="work"/> when there is a place for it, without anybody to wait for it: its fault goes to
    /// <see cref="TaskObservation.UnhandledFault"/>. Work of this executor may always post to it.
    /// </summary>
    /// <param name="work">Called once, with <paramref name="cancellationToken"/>.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="QueueFullException">The queue is full, and <see cref="ExecutorOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</exception>
    public void Post(Func<CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        SubmitVoid(static (work, token) => work(token), work, cancellationToken, isWaitedFor: false).Observe();
    }

    /// <summary>The counts of this moment.</summary>
    public ExecutorSnapshot GetSnapshot() => _core.GetSnapshot();

    /// <summary>
    /// Accepts nothing more; ends when everything accepted has ended. What waits still runs, or is cancelled. May be called
    /// again, also to cancel after all what an earlier call let wait.
    /// </summary>
    /// <param name="cancelQueued">Cancels what waits. What runs is never cancelled by this.</param>
    /// <exception cref="InvalidOperationException">The caller is work of this executor, which would wait for itself; nothing was changed. <see cref="RequestShutdown"/> doesn't wait.</exception>
    public Task ShutdownAsync(bool cancelQueued = false)
    {
        if (AsyncPlace.ItemOf(_core).Runs)
            throw new InvalidOperationException($"Work of this {nameof(AsyncExecutor)} can't wait for its shutdown: it would wait for itself. Call {nameof(RequestShutdown)} instead.");
        RequestShutdown(cancelQueued);
        return _core.Drained;
    }

    /// <summary>As <see cref="ShutdownAsync"/>, without waiting; work of the executor itself may call it.</summary>
    /// <param name="cancelQueued">Cancels what waits.</param>
    public void RequestShutdown(bool cancelQueued = false) => _ = _core.Close(cancelQueued);

    /// <summary>Accepts nothing more; ends when everything accepted has run.</summary>
    public ValueTask DisposeAsync() => new(ShutdownAsync());

    /// <summary>Ends when the executor is shut down and everything accepted has ended.</summary>
    internal Task Drained => _core.Drained;

    /// <summary>Fails everything that waits, and every later submission. What runs goes on.</summary>
    internal void Break(Exception cause, string what) => _core.Break(cause, what);

    private Task<TResult> Submit<TState, TResult>(Func<TState, CancellationToken, Task<TResult>> work, TState state, CancellationToken cancellationToken, bool mayReject = true) =>
        (Task<TResult>)(_gate.IsOpen
            ? Submit<TState, TResult>(work, state, mayReject, isWaitedFor: true, cancellationToken)
            : Submit<(ExecutorGate, Func<TState, CancellationToken, Task<TResult>>, TState), TResult>(
                static (it, token) => it.Item1.RunAsync(it.Item2, it.Item3, token), (_gate, work, state), mayReject, isWaitedFor: true, cancellationToken));

    private Task SubmitVoid<TState>(Func<TState, CancellationToken, Task> work, TState state, CancellationToken cancellationToken, bool isWaitedFor = true) =>
        _gate.IsOpen
            ? Submit<TState, ValueTuple>(work, state, mayReject: true, isWaitedFor, cancellationToken)
            : Submit<(ExecutorGate, Func<TState, CancellationToken, Task>, TState), ValueTuple>(
                static (it, token) => it.Item1.RunAsync(it.Item2, it.Item3, token), (_gate, work, state), mayReject: true, isWaitedFor, cancellationToken);

    /// <summary>A <see cref="Task{TResult}"/> if the work returns such.</summary>
    private Task Submit<TState, TResult>(
        Func<TState, CancellationToken, Task> work, TState state, bool mayReject, bool isWaitedFor, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);
        var parent = isWaitedFor ? AsyncPlace.ItemOf(_core) : default;
        var queuedAt = _core.Instruments.Queued();
        var place = new AsyncPlace(_core);
        if (!_core.TryEnter(place, parent))
            return Enqueue<TState, TResult>(work, state, mayReject, queuedAt, parent, cancellationToken);

        var task = place.Start<TState, TResult>(work, state, queuedAt, cancellationToken);
        if (!task.IsCompletedSuccessfully)
            return RunningAsyncWork<TResult>.Follow(place, task, cancellationToken);
        place.Free(OutcomeStatus.Succeeded, hold: false);
        return task;
    }

    private Task<TResult> Enqueue<TState, TResult>(
        Func<TState, CancellationToken, Task> work, TState state, bool mayReject, long queuedAt, ParentItem parent, CancellationToken cancellationToken)
    {
        var item = new QueuedAsyncWork<TState, TResult>(work, state, queuedAt, parent, cancellationToken);
        item.Submission?.Register(_core, item);
        try
        {
            // A place may have fallen free since.
            if (_core.Admit(item, mayReject) is { } place)
            {
                item.Submission?.Unregister();
#pragma warning disable CONC105 // The task is complete where it is read.
                item.Start((AsyncPlace)place);
#pragma warning restore CONC105
            }
        }
        catch (Exception e)
        {
            item.Submission?.Unregister();
            if (e is QueueFullException)
                _core.Instruments.Rejected();
            throw;
        }

        return item.Task;
    }
}
