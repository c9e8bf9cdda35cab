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

    // The context alone, or within a submission where there must be one: a field less for each item.
    private object? _origin;

    public ThreadWorkItem(Func<TState, CancellationToken, TResult> work, TState state, long queuedAt, ParentItem parent, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _work = work;
        _state = state;
        var context = ExecutionContext.Capture();
        _origin = cancellationToken.CanBeCanceled || parent.Place is not null || queuedAt != DurationClock.NotMeasured
            ? new Submission(parent, cancellationToken) { QueuedAt = queuedAt, Context = context }
            : context;
    }

    public Submission? Submission => _origin as Submission;

    public IThreadWorkItem? RunOn(WorkerThread worker)
    {
        var (work, state, submission) = (_work!, _state, Submission);
        var context = submission is null ? (ExecutionContext?)_origin : submission.Context;
        var token = submission is null ? default : submission.CancellationToken;
        Drop();
        if (token.IsCancellationRequested)
        {
            var afterCanceled = worker.Core.Finish(worker, OutcomeStatus.Canceled, hold: false).Item;
            TrySetCanceled(token);
            worker.Core.Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
            return (IThreadWorkItem?)afterCanceled;
        }

        var startedAt = worker.Core.Instruments.Started(submission is null ? DurationClock.NotMeasured : submission.QueuedAt);
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
        if (_origin is Submission submission)
            submission.Context = null;
        else
            _origin = null;
    }
}
