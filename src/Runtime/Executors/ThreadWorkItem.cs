namespace ConcurrencyAnalyzers.Runtime;

internal interface IThreadWorkItem : IWorkItem
{
    /// <summary>Runs the work on the worker's thread, completes the task, and returns the worker's next item.</summary>
    IThreadWorkItem? RunOn(WorkerThread worker);
}

/// <summary>Blocking work, and its caller's task. One object, since each submission makes one.</summary>
internal sealed class ThreadWorkItem<TState, TResult> : TaskCompletionSource<TResult>, IThreadWorkItem
{
    private Func<TState, CancellationToken, TResult>? _work;
    private TState _state;
    private ExecutionContext? _context;

    public ThreadWorkItem(Func<TState, CancellationToken, TResult> work, TState state, long queuedAt, ParentItem parent, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _work = work;
        _state = state;
        _context = ExecutionContext.Capture();
        if (cancellationToken.CanBeCanceled || parent.Place is not null || queuedAt != DurationClock.NotMeasured)
            Submission = new Submission(parent, cancellationToken) { QueuedAt = queuedAt };
    }

    public Submission? Submission { get; }

    public IThreadWorkItem? RunOn(WorkerThread worker)
    {
        var (work, state, context, token) = (_work!, _state, _context, Submission?.CancellationToken ?? default);
        Drop();
        if (token.IsCancellationRequested)
        {
            var afterCanceled = worker.Core.Finish(worker, OutcomeStatus.Canceled, hold: false).Item;
            TrySetCanceled(token);
            worker.Core.Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
            return (IThreadWorkItem?)afterCanceled;
        }

        var startedAt = worker.Core.Instruments.Started(Submission?.QueuedAt ?? DurationClock.NotMeasured);
        TResult? result = default;
        Exception? fault = null;
        worker.Enter(context);
        try
        {
            result = work(state, token);
        }
        catch (Exception e) // The fault is the caller's, who gets it from the task.
        {
            fault = e;
        }

        var isCanceled = fault is OperationCanceledException && token.IsCancellationRequested;
        var status = fault is null ? OutcomeStatus.Succeeded : isCanceled ? OutcomeStatus.Canceled : OutcomeStatus.Failed;
        var next = worker.Core.Finish(worker, status, hold: false).Item;
        worker.Core.Instruments.Ended(startedAt, status, fault);
        if (fault is null)
            TrySetResult(result!);
        else if (isCanceled)
            TrySetCanceled(token);
        else
            TrySetException(fault);
        return (IThreadWorkItem?)next;
    }

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

    private void Drop()
    {
        _work = null;
        _state = default!;
        _context = null;
    }
}
