namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Runs asynchronous work whose lifetime is a block of code: when the block is left, every child has ended, and no
/// fault is lost.
/// </summary>
/// <remarks>
/// <para>
/// The first fault that is no cancellation cancels <see cref="Token"/>, and with it the siblings and the body.
/// <see cref="DisposeAsync"/> waits for all children and then throws an <see cref="AggregateException"/> with each
/// fault once, in the order in which the children were started, the body's first. When nothing faulted and the
/// caller's token was cancelled, it throws an <see cref="OperationCanceledException"/> with that token.
/// </para>
/// <para>
/// <c>await using</c> cannot tell a group that its block threw. A body that may throw while children run belongs into
/// <see cref="RunAsync(Func{TaskGroup, CancellationToken, Task}, CancellationToken)"/>, which counts it as one more
/// member of the group.
/// </para>
/// <para>All members are safe for concurrent use, children included. A child must not wait for the group's disposal.</para>
/// </remarks>
public sealed class TaskGroup : IAsyncDisposable
{
    private const long BodyOrder = -1;
    private const long CallbackOrder = long.MaxValue;

    private readonly Gate _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(long Order, Exception Error)> _faults = [];
    private readonly Queue<TaskGroupChild> _waiting = new();
    private readonly int _maxConcurrency;

    // The body, the children that have not ended, and the cancellation's callbacks while they run.
    private int _members = 1;
    private int _children;
    private int _running;
    private long _started;
    private Cause _cause;
    private bool _disposing;

    /// <summary>Opens a group whose children all run at once.</summary>
    /// <param name="cancellationToken">Cancels the group; then its disposal throws an <see cref="OperationCanceledException"/> with this token, unless a member faulted.</param>
    public TaskGroup(CancellationToken cancellationToken = default)
        : this(int.MaxValue, cancellationToken)
    {
    }

    /// <summary>Opens a group of whose children at most a given number run at once; the others wait, first come, first served.</summary>
    /// <param name="maxConcurrency">The number of children that may run at once, from 1 to <see cref="int.MaxValue"/>. A child that waits for another child of the same full group waits for ever.</param>
    /// <param name="cancellationToken">Cancels the group; then its disposal throws an <see cref="OperationCanceledException"/> with this token, unless a member faulted.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1.</exception>
    public TaskGroup(int maxConcurrency, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        _maxConcurrency = maxConcurrency;
        _callerToken = cancellationToken;
        Token = _cancellation.Token;
        _callerRegistration = cancellationToken.UnsafeRegister(static group => ((TaskGroup)group!).Abort(Cause.Caller), this);
    }

    private enum Cause
    {
        None,
        Fault,
        Caller,
        Cancel,
    }

    /// <summary>Cancelled by the first fault, by the caller's token and by <see cref="Cancel"/>. Stays readable after disposal.</summary>
    public CancellationToken Token { get; }

    /// <summary>The number of children that were handed to <see cref="Run(Func{CancellationToken, Task})"/> and have not ended.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _children;
        }
    }

    /// <summary>Runs a body with a group of its own and waits for it and for all children.</summary>
    /// <param name="body">Gets the group and its token; runs on the caller's thread up to its first await. Its fault cancels the children and comes first in the AggregateException.</param>
    /// <param name="cancellationToken">Cancels the group. When it is cancelled beforehand, the body isn't called.</param>
    /// <returns>Ends when the body and all children have. <see cref="Cancel"/> ends it without an exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> is null.</exception>
    /// <exception cref="AggregateException">The body or a child faulted.</exception>
    /// <exception cref="OperationCanceledException">Nothing faulted and <paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task RunAsync(Func<TaskGroup, CancellationToken, Task> body, CancellationToken cancellationToken = default) =>
        RunAsync(int.MaxValue, body, cancellationToken);

    /// <inheritdoc cref="RunAsync(Func{TaskGroup, CancellationToken, Task}, CancellationToken)"/>
    /// <param name="maxConcurrency">The number of children that may run at once, from 1 to <see cref="int.MaxValue"/>; the body is not counted.</param>
    /// <param name="body">Gets the group and its token; runs on the caller's thread up to its first await. Its fault cancels the children and comes first in the AggregateException.</param>
    /// <param name="cancellationToken">Cancels the group. When it is cancelled beforehand, the body isn't called.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1.</exception>
    public static Task RunAsync(int maxConcurrency, Func<TaskGroup, CancellationToken, Task> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : RunBodyAsync(new TaskGroup(maxConcurrency, cancellationToken), body);
    }

    /// <summary>Runs a body with a group of its own, waits for it and for all children, and returns the body's result.</summary>
    /// <inheritdoc cref="RunAsync(Func{TaskGroup, CancellationToken, Task}, CancellationToken)"/>
    /// <typeparam name="TResult">The type of the body's result.</typeparam>
    /// <returns>The body's result.</returns>
    /// <exception cref="OperationCanceledException">Nothing faulted and <paramref name="cancellationToken"/> was cancelled; or <see cref="Cancel"/> left the body without a result.</exception>
    public static Task<TResult> RunAsync<TResult>(Func<TaskGroup, CancellationToken, Task<TResult>> body, CancellationToken cancellationToken = default) =>
        RunAsync(int.MaxValue, body, cancellationToken);

    /// <summary>Runs a body with a group of its own, waits for it and for all children, and returns the body's result.</summary>
    /// <inheritdoc cref="RunAsync(int, Func{TaskGroup, CancellationToken, Task}, CancellationToken)"/>
    /// <typeparam name="TResult">The type of the body's result.</typeparam>
    /// <returns>The body's result.</returns>
    /// <exception cref="OperationCanceledException">Nothing faulted and <paramref name="cancellationToken"/> was cancelled; or <see cref="Cancel"/> left the body without a result.</exception>
    public static Task<TResult> RunAsync<TResult>(int maxConcurrency, Func<TaskGroup, CancellationToken, Task<TResult>> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<TResult>(cancellationToken)
            : GetResultAsync(new TaskGroup(maxConcurrency, cancellationToken), body);
    }

    /// <summary>Starts a child on the thread pool, in the caller's ExecutionContext.</summary>
    /// <param name="work">Gets <see cref="Token"/>. Isn't called when the group is cancelled before its turn comes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The group was cancelled, by a fault, by the caller or by <see cref="Cancel"/>; the delegate is not called.</exception>
    /// <exception cref="ObjectDisposedException">The group was disposed and its last child has ended; the delegate is not called.</exception>
#pragma warning disable CONC302 // The group itself keeps the faults of its children.
    public void Run(Func<CancellationToken, Task> work) => _ = Start(work);
#pragma warning restore CONC302

    /// <inheritdoc cref="Run(Func{CancellationToken, Task})"/>
    /// <typeparam name="TResult">The type of the child's result.</typeparam>
    /// <returns>
    /// Ends as the child does. Nobody needs to await it, for the group does. A fault that is awaited elsewhere as well
    /// is still reported once.
    /// </returns>
    public Task<TResult> Run<TResult>(Func<CancellationToken, Task<TResult>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var child = new TaskGroupChild<TResult>(this, work);
        Enter(child);
        return child.Completion;
    }

    /// <summary>Like <see cref="Run(Func{CancellationToken, Task})"/>, for a child without a result that somebody wants to await.</summary>
    /// <inheritdoc cref="Run(Func{CancellationToken, Task})"/>
    /// <returns>
    /// Ends as the child does. Nobody needs to await it, for the group does. A fault that is awaited elsewhere as well
    /// is still reported once.
    /// </returns>
    public Task Start(Func<CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var child = new TaskGroupChild<bool>(this, work);
        Enter(child);
        return child.Completion;
    }

    /// <summary>Cancels the children and ends the group without an exception, unless a member faults. Has no effect once the group is cancelled or has ended.</summary>
    public void Cancel() => Abort(Cause.Cancel);

    /// <summary>Waits until all children have ended, those included that children start meanwhile.</summary>
    /// <returns>Ends after the last child. A second call waits as well, but throws nothing.</returns>
    /// <exception cref="AggregateException">A member faulted.</exception>
    /// <exception cref="OperationCanceledException">Nothing faulted and the caller's token was cancelled.</exception>
    public async ValueTask DisposeAsync()
    {
        bool first;
        lock (_lock)
        {
            first = !_disposing;
            _disposing = true;
        }

        if (first)
            Leave();
        await _ended.Task.ConfigureAwait(false);
        if (first)
            ThrowOutcome();
    }

    /// <summary>Books how a member ended: its faults count, and cancel the others; a cancellation counts only while nothing was cancelled.</summary>
    internal void Settle(long order, IReadOnlyList<Exception> errors)
    {
        if (errors.Count == 0)
            return;

        bool isFault;
        lock (_lock)
        {
            // The caller's token may be cancelled before its callback has reached this group.
            var canceled = _cause != Cause.None || _callerToken.IsCancellationRequested;
            var faults = errors.Where(error => !(canceled && error is OperationCanceledException)).Select(error => (order, error));
            var before = _faults.Count;
            _faults.AddRange(faults);
            isFault = _faults.Count > before;
        }

        Abort(isFault ? Cause.Fault : Cause.Caller);
    }

    /// <summary>A child has ended: its place goes to the one that waits longest.</summary>
    internal void LeaveChild(bool ran)
    {
        TaskGroupChild? next = null;
        lock (_lock)
        {
            _children--;
            if (ran && !_waiting.TryDequeue(out next))
                _running--;
        }

        next?.Start();
        Leave();
    }

    private static async Task RunBodyAsync(TaskGroup group, Func<TaskGroup, CancellationToken, Task> body)
    {
        await using (group.ConfigureAwait(false))
        {
            var task = Work.Start(self => body(self, self.Token), group, Task.FromException);
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            group.Settle(BodyOrder, Work.ErrorsOf(task));
        }
    }

    private static async Task<TResult> GetResultAsync<TResult>(TaskGroup group, Func<TaskGroup, CancellationToken, Task<TResult>> body)
    {
        Task<TResult>? result = null;
        await RunBodyAsync(group, (self, token) => result = body(self, token)).ConfigureAwait(false);

        // Nothing faulted, but a body that Cancel has stopped has no result to give.
        return result is { IsCompletedSuccessfully: true }
            ? await result.ConfigureAwait(false)
            : throw new OperationCanceledException("The group was cancelled before its body returned a result.", group.Token);
    }

    private void Enter(TaskGroupChild child)
    {
        bool start;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_members == 0, this);
            if (_cause != Cause.None)
                throw new OperationCanceledException("The group was cancelled and takes no more children.", Token);

            child.Order = _started++;
            _members++;
            _children++;
            start = _running < _maxConcurrency;
            if (start)
                _running++;
            else
                _waiting.Enqueue(child);
        }

        if (start)
            child.Start();
    }

    private void Abort(Cause cause)
    {
        TaskGroupChild[] waiting;
        lock (_lock)
        {
            if (_cause != Cause.None || _members == 0)
                return;
            _cause = cause;
            _members++;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        // The callbacks run on the pool: whatever they do, they hold up neither the caller nor the child that failed.
        var callbacks = _cancellation.CancelAsync();
        if (callbacks.IsCompletedSuccessfully)
            Leave();
        else
#pragma warning disable CONC302 // It keeps what fails for the group's own fault.
            _ = LeaveAfterAsync(callbacks);
#pragma warning restore CONC302
        foreach (var child in waiting)
            child.Cancel();
    }

    private async Task LeaveAfterAsync(Task callbacks)
    {
        await callbacks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (callbacks.Exception is { } thrown)
        {
            lock (_lock)
                _faults.AddRange(thrown.Flatten().InnerExceptions.Select(static error => (CallbackOrder, error)));
        }

        Leave();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_members > 0)
                return;
        }

        // Unregister doesn't wait for a callback that runs; it would find the group ended.
        _callerRegistration.Unregister();
        _cancellation.Dispose();
        _ended.TrySetResult();
    }

    private void ThrowOutcome()
    {
        if (_faults.Count > 0)
        {
            // A child's fault that the body or a sibling awaited arrives more than once.
            var errors = _faults.OrderBy(static fault => fault.Order).Select(static fault => fault.Error).Distinct<Exception>(ReferenceEqualityComparer.Instance);
            throw new AggregateException("One or more members of the group failed.", errors);
        }

        if (_cause == Cause.Caller || (_cause == Cause.None && _callerToken.IsCancellationRequested))
            throw new OperationCanceledException(_callerToken);
    }
}
