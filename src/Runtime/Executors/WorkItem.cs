namespace ConcurrencyAnalyzers.Runtime;

/// <summary>An item in the queue of an executor. Its members are called outside of locks.</summary>
internal interface IWorkItem
{
    /// <summary>What only those submissions have that can be cancelled, that come from work of the executor itself, or that are measured.</summary>
    Submission? Submission { get; }

    /// <summary>Ends the item, which never ran, and drops what it refers to.</summary>
    void Cancel(CancellationToken cancellationToken);

    /// <summary>Ends the item, which never ran, and drops what it refers to.</summary>
    void Fail(Exception exception);
}

internal enum SubmissionState
{
    New,
    Queued,
    Started,
    Withdrawn,
}

/// <summary>How an item can be withdrawn from the queue, who submitted it, and when. State and parent belong to the core's lock.</summary>
internal sealed class Submission(ParentItem parent, CancellationToken cancellationToken)
{
    private CancellationTokenRegistration _registration;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ParentItem Parent { get; } = parent;

    /// <summary>When the item was submitted, if that is measured.</summary>
    public long QueuedAt { get; init; } = DurationClock.NotMeasured;

    /// <summary>The submitter's execution context, where the item keeps it here.</summary>
    public ExecutionContext? Context { get; set; }

    public SubmissionState State { get; set; }

    /// <summary>Withdraws the item from the core's queue when the token is cancelled; at once, if it is already.</summary>
    public void Register(ExecutorCore core, IWorkItem item)
    {
        if (CancellationToken.CanBeCanceled)
        {
            _registration = CancellationToken.UnsafeRegister(
                static state =>
                {
                    var (core, item) = ((ExecutorCore, IWorkItem))state!;
                    core.Withdraw(item);
                },
                (core, item));
        }
    }

    /// <summary>Lets go of the token. Doesn't wait for a callback that runs: that one finds the item started.</summary>
    public void Unregister() => _registration.Unregister();
}
