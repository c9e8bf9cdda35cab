namespace ConcurrencyAnalyzers.Runtime;

internal interface IAsyncWorkItem : IWorkItem
{
    void StartOnPool(AsyncPlace place);
}

/// <summary>The caller's task for work that goes on: when it ends, first its place falls free, then the task ends, then a shutdown may.</summary>
internal class RunningAsyncWork<TResult>() : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private AsyncPlace? _place;
    private Task? _task;

    protected CancellationToken Token { get; init; }

    public static Task<TResult> Follow(AsyncPlace place, Task task, CancellationToken cancellationToken)
    {
        var running = new RunningAsyncWork<TResult> { Token = cancellationToken };
#pragma warning disable CONC105 // The task is complete where it is read.
        running.Follow(place, task);
#pragma warning restore CONC105
        return running.Task;
    }

    protected void Follow(AsyncPlace place, Task task)
    {
        _place = place;
        _task = task;
        if (task.IsCompleted)
            Complete();
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Complete);
    }

    private void Complete()
    {
        var (place, task) = (_place!, _task!);
        _place = null;
        _task = null;
        place.Free(task.OutcomeStatus(), hold: true, task.Exception?.InnerException);
        if (task.IsCanceled && Token.IsCancellationRequested)
            TrySetCanceled(Token);
        else
            TaskFaults.Copy(task, this);
        place.Core.Release();
    }
}

/// <summary>An item that had to wait for its place.</summary>
internal sealed class QueuedAsyncWork<TState, TResult> : RunningAsyncWork<TResult>, IAsyncWorkItem, IThreadPoolWorkItem
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly long _queuedAt;
    private Func<TState, CancellationToken, Task>? _work;
    private TState _state;
    private AsyncPlace? _place;

    public QueuedAsyncWork(Func<TState, CancellationToken, Task> work, TState state, long queuedAt, ParentItem parent, CancellationToken cancellationToken)
    {
        _queuedAt = queuedAt;
        _work = work;
        _state = state;
        Token = cancellationToken;
        if (cancellationToken.CanBeCanceled || parent.Place is not null)
            Submission = new Submission(parent, cancellationToken);
    }

    public Submission? Submission { get; }

    public void Cancel(CancellationToken cancellationToken)
    {
        Drop();
        TrySetCanceled(cancellationToken);
    }

    public void Fail(Exception exception)
    {
        Drop();
        TrySetException(exception);
    }

    public void StartOnPool(AsyncPlace place)
    {
        _place = place;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_context is null)
            Start();
        else
            ExecutionContext.Run(_context, static item => ((QueuedAsyncWork<TState, TResult>)item!).Start(), this);
    }

    public void Start(AsyncPlace place)
    {
        _place = place;
        Start();
    }

    private void Start()
    {
        var (place, work, state) = (_place!, _work!, _state);
        Drop();
        Follow(
            place,
            Token.IsCancellationRequested
                ? System.Threading.Tasks.Task.FromCanceled(Token)
                : place.Start<TState, TResult>(work, state, _queuedAt, Token));
    }

    private void Drop()
    {
        _place = null;
        _work = null;
        _state = default!;
    }
}
