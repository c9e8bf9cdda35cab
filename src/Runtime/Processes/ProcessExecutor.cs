using System.Diagnostics.CodeAnalysis;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Runs work in worker processes, each item alone in one: for computing that may crash, hang, eat memory or not be trusted to
/// end. What happens to a worker fails the item it was working on, and no other.
/// </summary>
/// <remarks>
/// <para>
/// The work is a static method, or a lambda that captures nothing; its argument and its result go through System.Text.Json. A
/// worker is this very program started again, without its Main. It starts when an item needs it and stays for further ones.
/// </para>
/// <para>
/// A cancelled item that waits ends at once. One that runs is asked through its token, if it takes one, and its worker is
/// killed if that doesn't help; the executor's tasks end when the process has. Workers end with the executor and with this
/// process, also if that is killed.
/// </para>
/// <para>All members are safe for use by many threads.</para>
/// </remarks>
public sealed partial class ProcessExecutor : IAsyncDisposable
{
    internal const string TrimmingMessage = "Worker processes find methods by metadata token and arguments by reflection, which trimming and native compilation remove.";

    // Reading a result runs the user's code, which must not hold up whoever submits, even where the reply is here at once.
    private const ConfigureAwaitOptions OutsideTheCall = ConfigureAwaitOptions.ForceYielding;

    private readonly AsyncExecutor _queue;
    private readonly WorkerPool _pool;
    private readonly WorkSerializer _serializer;
    private readonly ProcessExecutorOptions _options;
    private readonly Lazy<Task> _closed;

    /// <summary>Makes an executor with the default options but for its size. Starts no worker yet.</summary>
    /// <param name="maxWorkers">The most worker processes, from 1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxWorkers"/> is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">This program can't be started as a worker; the message says why, and what to do.</exception>
    [RequiresUnreferencedCode(TrimmingMessage)]
    [RequiresDynamicCode(TrimmingMessage)]
    public ProcessExecutor(int maxWorkers)
        : this(new ProcessExecutorOptions { MaxWorkers = maxWorkers })
    {
    }

    /// <summary>Makes an executor. Starts no worker yet.</summary>
    /// <param name="options">Read now; later changes change nothing.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    /// <exception cref="WorkSerializationException">The initializer's argument can't be sent.</exception>
    /// <exception cref="PlatformNotSupportedException">This program can't be started as a worker; the message says why, and what to do.</exception>
    [RequiresUnreferencedCode(TrimmingMessage)]
    [RequiresDynamicCode(TrimmingMessage)]
    public ProcessExecutor(ProcessExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options = options.Validated();
        _serializer = new WorkSerializer(options.SerializerContext?.GetType());
        var launch = WorkerLaunch.Discover(options);
        var queue = _queue = new AsyncExecutor(nameof(ProcessExecutor), ExecutorInstruments.Process, new AsyncExecutorOptions
        {
            Name = options.Name,
            MaxConcurrency = options.MaxWorkers,
            QueueCapacity = options.QueueCapacity,
            QueueFullMode = options.QueueFullMode,
            CircuitBreaker = options.CircuitBreaker,
            RateLimiter = options.RateLimiter,
            TimeProvider = options.TimeProvider,
        });
        var pool = _pool = new WorkerPool(options, launch, StartMessageOf(options, launch, _serializer), queue.Break);
        _closed = new(async () =>
        {
            await queue.Drained.ConfigureAwait(false);
            await pool.CloseAsync().ConfigureAwait(false);
        });
    }

    /// <summary>Ends the workers of an executor that nobody holds any more.</summary>
    ~ProcessExecutor()
    {
        if (_closed is not null) // Else the constructor threw.
            Close(cancelQueued: false).Observe();
    }

    /// <summary>The most worker processes, and so the most items that run at once.</summary>
    public int MaxWorkers => _options.MaxWorkers;

    /// <summary>The ids of the worker processes that live at this moment.</summary>
    public IReadOnlyList<int> GetProcessIds() => _pool.GetProcessIds();

    /// <summary>Runs <paramref name="work"/> in a worker process when one is free.</summary>
    /// <typeparam name="TArgument">A type that System.Text.Json writes and reads.</typeparam>
    /// <typeparam name="TResult">A type that System.Text.Json writes and reads.</typeparam>
    /// <param name="work">A static method, or a lambda that captures nothing.</param>
    /// <param name="argument">What the work needs: written by this call, read in the worker.</param>
    /// <param name="cancellationToken">Takes the item out of the queue, or ends its worker.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null; thrown by the call itself.</exception>
    /// <exception cref="ArgumentException">A worker couldn't call the work; the message says why. Thrown by the call itself.</exception>
    /// <exception cref="WorkSerializationException">The argument or the result can't be sent; the message names the member. Thrown by the call itself, but for results that show it only when they are there.</exception>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="QueueFullException">The queue is full, and <see cref="ExecutorOptions.QueueFullMode"/> is <see cref="QueueFullMode.Reject"/>.</exception>
    /// <exception cref="BrokenExecutorException">The initializer failed, too many workers died, or the executor was terminated.</exception>
    /// <exception cref="RemoteException">The work threw.</exception>
    /// <exception cref="WorkerProcessException">The worker ended before its work did.</exception>
    /// <exception cref="TimeoutException">The work took longer than <see cref="ProcessExecutorOptions.WorkTimeout"/>; its worker was killed.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<TResult> RunAsync<TArgument, TResult>(Func<TArgument, TResult> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, TResult>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task<TResult> RunAsync<TArgument, TResult>(Func<TArgument, CancellationToken, TResult> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, TResult>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task<TResult> RunAsync<TArgument, TResult>(Func<TArgument, Task<TResult>> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, TResult>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task<TResult> RunAsync<TArgument, TResult>(Func<TArgument, CancellationToken, Task<TResult>> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, TResult>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task RunAsync<TArgument>(Action<TArgument> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, ValueTuple>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task RunAsync<TArgument>(Func<TArgument, Task> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, ValueTuple>(work, argument, cancellationToken);

    /// <inheritdoc cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>
    public Task RunAsync<TArgument>(Func<TArgument, CancellationToken, Task> work, TArgument argument, CancellationToken cancellationToken = default) =>
        Submit<TArgument, ValueTuple>(work, argument, cancellationToken);

    /// <summary>As <see cref="RunAsync{TArgument, TResult}(Func{TArgument, TResult}, TArgument, CancellationToken)"/>, for work that needs no argument.</summary>
    public Task<TResult> RunAsync<TResult>(Func<TResult> work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, TResult>(work, default, cancellationToken, hasArgument: false);

    /// <inheritdoc cref="RunAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(Func<Task<TResult>> work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, TResult>(work, default, cancellationToken, hasArgument: false);

    /// <inheritdoc cref="RunAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(Func<CancellationToken, TResult> work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, TResult>(work, default, cancellationToken, hasArgument: false);

    /// <inheritdoc cref="RunAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, TResult>(work, default, cancellationToken, hasArgument: false);

    /// <inheritdoc cref="RunAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task RunAsync(Action work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, ValueTuple>(work, default, cancellationToken, hasArgument: false);

    /// <inheritdoc cref="RunAsync{TResult}(Func{TResult}, CancellationToken)"/>
    public Task RunAsync(Func<Task> work, CancellationToken cancellationToken = default) =>
        Submit<ValueTuple, ValueTuple>(work, default, cancellationToken, hasArgument: false);

    /// <summary>The counts of this moment.</summary>
    public ExecutorSnapshot GetSnapshot() => _queue.GetSnapshot();

    /// <summary>
    /// Accepts nothing more; ends when everything accepted has ended and no worker process is left. What waits still runs, or
    /// is cancelled. May be called again, also to cancel after all what an earlier call let wait.
    /// </summary>
    /// <param name="cancelQueued">Cancels what waits. What runs is never cancelled by this.</param>
    public Task ShutdownAsync(bool cancelQueued = false) => Close(cancelQueued);

    /// <summary>As <see cref="ShutdownAsync"/>, without waiting.</summary>
    /// <param name="cancelQueued">Cancels what waits.</param>
    public void RequestShutdown(bool cancelQueued = false) => ShutdownAsync(cancelQueued).Observe();

    /// <summary>
    /// Kills every worker with its children, at once, and shuts down: what waits is cancelled, what runs fails with a
    /// <see cref="WorkerProcessException"/>. Ends when no worker process is left.
    /// </summary>
    public Task TerminateAsync()
    {
        var closed = Close(cancelQueued: true);
        _pool.Terminate();
        return closed;
    }

    /// <summary>Accepts nothing more; ends when everything accepted has run and no worker process is left.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return new(Close(cancelQueued: false));
    }

    private static StartMessage StartMessageOf(ProcessExecutorOptions options, WorkerLaunch launch, WorkSerializer serializer)
    {
        var initializer = options.WorkerInitializer;
        if (initializer?.ArgumentType is { } type)
            serializer.Check(type);
        return new StartMessage
        {
            MaxMessageSize = options.MaxMessageSize,
            Environment = launch.ParentEnvironment,
            SerializerContext = options.SerializerContext?.GetType().AssemblyQualifiedName,
            Initializer = initializer?.Method.Message,
            InitializerArgument = initializer?.ArgumentType is { } argument ? serializer.Write(initializer.Argument, argument) : null,
        };
    }

    private Task Close(bool cancelQueued)
    {
        _queue.RequestShutdown(cancelQueued);
        return _closed.Value;
    }

    private Task<TResult> Submit<TArgument, TResult>(Delegate work, TArgument argument, CancellationToken cancellationToken, bool hasArgument = true)
    {
        ArgumentNullException.ThrowIfNull(work);
        var method = WorkMethod.Of(work);
        var readsPlainly = _serializer.CheckResult<TResult>();
        var call = new SingleCall<TResult>(_pool, _serializer, new WorkBatch(method, [hasArgument ? WriteArgument(argument) : null], readsPlainly, stopsAtFault: true, _options.TimeProvider));
        var task = _queue.RunAsync(static (call, token) => call.RunAsync(token), call, cancellationToken);
        GC.KeepAlive(this); // The finalizer must not shut down under a submission.
        return task;
    }

    private byte[] WriteArgument<TArgument>(TArgument argument)
    {
        _serializer.Check(typeof(TArgument));
        var json = _serializer.Write(argument);
        return json.Length <= _options.MaxMessageSize
            ? json
            : throw new WorkSerializationException($"The argument has {json.Length} bytes; {nameof(ProcessExecutorOptions.MaxMessageSize)} is {_options.MaxMessageSize}.");
    }

    private sealed class SingleCall<TResult>(WorkerPool pool, WorkSerializer serializer, WorkBatch batch)
    {
        public async Task<TResult> RunAsync(CancellationToken cancellationToken)
        {
            await pool.RunAsync(batch, cancellationToken).ConfigureAwait(OutsideTheCall);
            var (payload, fault, _) = batch.ResultOf(0);
            if (fault is not null)
                throw fault;
            return serializer.ReadResult<TResult>(payload!);
        }
    }
}
