namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Runs blocking work on threads of its own, never more than so many, the other items waiting in order. Keeps work that
/// blocks off the thread pool; for work that awaits, use <see cref="AsyncExecutor"/>.
/// </summary>
/// <remarks>
/// <para>
/// A thread is started when an item finds none idle, and kept. The threads are background threads: they keep no process
/// alive, and those of an executor that nothing refers to any more end when what they were given is done.
/// </para>
/// <para>
/// Work runs with the caller's execution context and without a synchronization context; what it writes to an
/// <see cref="AsyncLocal{T}"/> reaches nobody else. A cancelled item that waits ends at once and gives its turn away; one
/// that runs is asked through its token. Work that submits, on its thread, to its own executor and could only be served after itself throws
/// <see cref="InvalidOperationException"/> instead of waiting for ever; <see cref="Post"/> is for submissions that are not
/// waited for.
/// </para>
/// <para>All members are safe for use by many threads.</para>
/// </remarks>
public sealed partial class ThreadExecutor : IAsyncDisposable
{
    private readonly WorkerThreads _threads;
    private readonly ExecutorGate _gate;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes an executor with the default options: a thread for each processor and 4 more, but at most 32.</summary>
    public ThreadExecutor()
        : this(new ThreadExecutorOptions())
    {
    }

    /// <summary>Makes an executor with the default options but for its size.</summary>
    /// <param name="maxThreads">The most threads, from 1 to 32,767.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxThreads"/> is out of its range.</exception>
    public ThreadExecutor(int maxThreads)
        : this(new ThreadExecutorOptions { MaxThreads = maxThreads })
    {
    }

    /// <summary>Makes an executor.</summary>
    /// <param name="options">Read now; later changes change nothing.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public ThreadExecutor(ThreadExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Validated();
        _gate = new ExecutorGate(options);
        _timeProvider = options.TimeProvider;
        _threads = new WorkerThreads(options);
    }

    /// <summary>Lets the threads of a forgotten executor end, once what they were given is done.</summary>
    ~ThreadExecutor() => _threads?.Close(cancelQueued: false);

    /// <summary>The most threads, and so the most items that run at once.</summary>
    public int MaxThreads => _threads.Core.Places;

    /// <summary>Runs <paramref name="work"/> on a thread of the executor.</summary>
    /// <param name="work">Called once, with <paramref name="cancellationToken"/>.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    /// <returns>The work's result, or its exception. Continuations run on the thread pool.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="BrokenExecutorException">A thread could not be initialized.</exception>
    /// <exception cref="QueueFullException">The queue is full, and <see cref="ExecutorOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</exception>
    /// <exception cref="InvalidOperationException">The caller is work of this executor, and waiting for the new item would be a deadlock.</exception>
    public Task<TResult> RunAsync<TResult>(Func<CancellationToken, TResult> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, token) => work(token), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, TResult}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(Func<TResult> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, _) => work(), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, TResult}, CancellationToken)"/>
    public Task RunAsync(Action<CancellationToken> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, token) => Nothing(work, token), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, TResult}, CancellationToken)"/>
    public Task RunAsync(Action work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (work, _) => Nothing(work), work, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TResult}(Func{CancellationToken, TResult}, CancellationToken)"/>
    /// <param name="work">Called once, with <paramref name="state"/> and the token; a static lambda saves the closure.</param>
    /// <param name="state">What the work needs; dropped when the item ends.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    public Task<TResult> RunAsync<TState, TResult>(Func<TState, CancellationToken, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(work, state, cancellationToken);
    }

    /// <inheritdoc cref="RunAsync{TState, TResult}(Func{TState, CancellationToken, TResult}, TState, CancellationToken)"/>
    public Task RunAsync<TState>(Action<TState, CancellationToken> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Submit(static (it, token) => Nothing(it.work, it.state, token), (work, state), cancellationToken);
    }

    /// <summary>
    /// Runs <paramref name="work"/> on a thread of the executor, without anybody to wait for it: its fault goes to
    /// <see cref="TaskObservation.UnhandledFault"/>. Work of this executor may always post to it.
    /// </summary>
    /// <param name="work">Called once, with <paramref name="cancellationToken"/>.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or asks the work to stop.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="BrokenExecutorException">A thread could not be initialized.</exception>
    /// <exception cref="QueueFullException">The queue is full, and <see cref="ExecutorOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</exception>
    public void Post(Action<CancellationToken> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        Submit(static (work, token) => Nothing(work, token), work, cancellationToken, isWaitedFor: false).Observe();
    }

    /// <summary>The counts of this moment.</summary>
    public ExecutorSnapshot GetSnapshot() => _threads.Core.GetSnapshot();

    /// <summary>
    /// Accepts nothing more; ends when everything accepted, and every thread, has ended. What waits still runs, or is
    /// cancelled. May be called again, also to cancel after all what an earlier call let wait.
    /// </summary>
    /// <param name="cancelQueued">Cancels what waits. What runs is never cancelled by this.</param>
    /// <exception cref="InvalidOperationException">The caller is work of this executor, which would wait for itself; nothing was changed. <see cref="RequestShutdown"/> doesn't wait.</exception>
    public Task ShutdownAsync(bool cancelQueued = false)
    {
        if (WorkerThread.ItemOf(_threads.Core).Runs)
            throw new InvalidOperationException($"Work of this {nameof(ThreadExecutor)} can't wait for its shutdown: it would wait for itself. Call {nameof(RequestShutdown)} instead.");
        RequestShutdown(cancelQueued);
        return _threads.Core.Drained;
    }

    /// <summary>As <see cref="ShutdownAsync"/>, without waiting; work of the executor itself may call it.</summary>
    /// <param name="cancelQueued">Cancels what waits.</param>
    public void RequestShutdown(bool cancelQueued = false) => _threads.Close(cancelQueued);

    /// <summary>Accepts nothing more; ends when everything accepted has run.</summary>
    public ValueTask DisposeAsync()
    {
        var shutdown = ShutdownAsync(); // Throws for work of its own: then the threads are still the finalizer's to end.
        GC.SuppressFinalize(this);
        return new(shutdown);
    }

    private static ValueTuple Nothing(Action work)
    {
        work();
        return default;
    }

    private static ValueTuple Nothing<T>(Action<T> work, T argument)
    {
        work(argument);
        return default;
    }

    private static ValueTuple Nothing<TState>(Action<TState, CancellationToken> work, TState state, CancellationToken cancellationToken)
    {
        work(state, cancellationToken);
        return default;
    }

    private Task<TResult> Submit<TState, TResult>(
        Func<TState, CancellationToken, TResult> work, TState state, CancellationToken cancellationToken, bool mayReject = true, bool isWaitedFor = true)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);
        var parent = isWaitedFor ? WorkerThread.ItemOf(_threads.Core) : default;
        if (_gate.IsOpen)
        {
            var item = new ThreadWorkItem<TState, TResult>(work, state, _threads.Core.Instruments.Queued(), parent, cancellationToken);
            _threads.Submit(item, mayReject);
            GC.KeepAlive(this); // The finalizer must not shut down under a submission.
            return item.Task;
        }
        else
        {
            var item = new ThreadWorkItem<(ExecutorGate, Func<TState, CancellationToken, TResult>, TState), TResult>(
                static (it, token) => it.Item1.Run(it.Item2, it.Item3, token), (_gate, work, state), _threads.Core.Instruments.Queued(), parent, cancellationToken);
            _threads.Submit(item, mayReject);
            GC.KeepAlive(this);
            return item.Task;
        }
    }
}
