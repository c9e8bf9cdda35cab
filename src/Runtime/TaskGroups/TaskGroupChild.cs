namespace ConcurrencyAnalyzers.Runtime;

/// <summary>One child of a group, from its submission to its end. Only its turn in the queue or on the pool holds it.</summary>
internal abstract class TaskGroupChild(TaskGroup group) : IThreadPoolWorkItem
{
    private const string RunActivity = "task_group.run";

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>The number of children that were started before.</summary>
    public long Order { get; set; }

    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Ends a child whose turn has not come.</summary>
    public void Cancel()
    {
        CompleteCanceled(group.Token);
        group.LeaveChild(ran: false);
    }

#pragma warning disable CONC302 // The child keeps its own outcome for the group.
    public void Execute()
    {
        if (_context is null)
            _ = RunAsync();
        else
            ExecutionContext.Run(_context, static child => _ = ((TaskGroupChild)child!).RunAsync(), this);
    }
#pragma warning restore CONC302

    /// <summary>Calls the work of this child.</summary>
    protected abstract Task Invoke(CancellationToken cancellationToken);

    /// <summary>Completes the task that the caller of Run holds.</summary>
    protected abstract void Complete(Task work, IReadOnlyList<Exception> errors);

    /// <summary>Completes the task that the caller of Run holds as cancelled.</summary>
    protected abstract void CompleteCanceled(CancellationToken cancellationToken);

    private async Task RunAsync()
    {
        if (group.Token.IsCancellationRequested)
        {
            CompleteCanceled(group.Token);
        }
        else
        {
            var activity = RuntimeDiagnostics.Start(RunActivity);
            var work = Invoke(group.Token);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var errors = Work.ErrorsOf(work);
            RuntimeDiagnostics.Stop(activity, errors is [var first, ..] ? first : null);

            // Who awaits a failed child finds the group cancelled; who awaits the group finds the child ended.
            group.Settle(Order, errors);
            Complete(work, errors);
        }

        group.LeaveChild(ran: true);
    }
}

/// <inheritdoc/>
/// <typeparam name="TResult">The type of the child's result; any type for a child without one.</typeparam>
internal sealed class TaskGroupChild<TResult>(TaskGroup group, Func<CancellationToken, Task> work) : TaskGroupChild(group)
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Completion => _completion.Task;

    protected override Task Invoke(CancellationToken cancellationToken) => Work.Start(work, cancellationToken, Task.FromException);

    protected override void Complete(Task work, IReadOnlyList<Exception> errors)
    {
        switch (errors)
        {
            case []:
                _completion.TrySetResult(work is Task<TResult> { Result: var result } ? result : default!);
                break;
            case [OperationCanceledException canceled]:
                CompleteCanceled(canceled.CancellationToken);
                break;
            default:
                _completion.TrySetException(errors);
                // The group reports it, so nobody has to await this task.
                _ = Completion.Exception;
                break;
        }
    }

    protected override void CompleteCanceled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}
