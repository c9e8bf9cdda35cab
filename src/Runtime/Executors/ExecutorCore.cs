namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The state of an executor: who holds a place, who waits for one, what was counted. Decides, under its lock, and hands the
/// deed to its caller: it runs no work, completes no task and starts no thread while it holds the lock.
/// </summary>
internal sealed partial class ExecutorCore : IObservedExecutor
{
    private readonly Gate _lock = new();
    private readonly string _name;
    private readonly int _places;
    private readonly int _queueCapacity;
    private readonly bool _rejects;
    private readonly Func<ExecutorCore, Place> _newPlace;
    private readonly Stack<Place> _idle = new();
    private readonly WorkQueue _queue = new();
    private ExecutorCounts _counts;
    private PlaceTree _tree;

    /// <summary>Makes the core of an executor.</summary>
    /// <param name="name">What messages call the executor.</param>
    /// <param name="kind">What measurements call the executor.</param>
    /// <param name="places">The most items that run at once.</param>
    /// <param name="options">The validated options.</param>
    /// <param name="newPlace">Makes a place; called under the lock.</param>
    public ExecutorCore(string name, string kind, int places, ExecutorOptions options, Func<ExecutorCore, Place> newPlace)
    {
        Instruments = ExecutorInstruments.Attach(this, kind, options.Name, options.TimeProvider);
        _newPlace = newPlace;
        _name = name;
        _places = places;
        _tree = new PlaceTree(places);
        _queueCapacity = options.QueueCapacity;
        _rejects = options.QueueFullMode == QueueFullMode.Reject;
    }

    public int Places => _places;

    public ExecutorInstruments Instruments { get; }

    long IObservedExecutor.QueuedItems => GetSnapshot().Queued;

    long IObservedExecutor.ActiveItems => GetSnapshot().Running;

    /// <summary>
    /// Gives <paramref name="fresh"/> to an item that can start at once. False: the item must be made ready for the queue and
    /// handed to <see cref="Admit"/>.
    /// </summary>
    public bool TryEnter(Place fresh, ParentItem parent)
    {
        lock (_lock)
        {
            ThrowIfEnded();
            if (_counts.Running == _places)
                return false;
            _tree.AddChild(parent);
            Begin(fresh, parent);
            return true;
        }
    }

    /// <summary>
    /// Gives the item a place, an idle one or a new one, or queues it and returns null. An item withdrawn by now gets neither.
    /// </summary>
    /// <param name="item">The item, already registered with its token.</param>
    /// <param name="mayReject">False for submissions that bound themselves.</param>
    /// <exception cref="ObjectDisposedException">The executor was shut down.</exception>
    /// <exception cref="BrokenExecutorException">The executor is broken.</exception>
    /// <exception cref="QueueFullException">The queue is full, and the executor rejects.</exception>
    /// <exception cref="InvalidOperationException">Waiting for the item would be a deadlock.</exception>
    public Place? Admit(IWorkItem item, bool mayReject)
    {
        var submission = item.Submission;
        lock (_lock)
        {
            ThrowIfEnded();
            if (submission?.State == SubmissionState.Withdrawn)
                return null;
            var parent = submission?.Parent ?? default;
            if (_counts.Running < _places)
            {
                if (submission is not null)
                    submission.State = SubmissionState.Started;
                if (!_idle.TryPop(out var place))
                {
                    place = _newPlace(this);
                    if (place.IsReusable)
                        Hold();
                }

                _tree.AddChild(parent);
                Begin(place, parent);
                return place;
            }

            if (mayReject && _rejects && _queue.Count >= _queueCapacity)
            {
                _counts.Reject();
                throw new QueueFullException($"The queue of the {_name} is full: {_queueCapacity} items wait.");
            }

            _tree.AddChild(parent);
            if (_tree.IsDeadlocked)
            {
                _tree.RemoveChild(parent);
                throw Deadlock();
            }

            if (submission is not null)
                submission.State = SubmissionState.Queued;
            _queue.Enqueue(item);
            return null;
        }
    }

    /// <summary>
    /// Takes in that the item on a place ended. Returns the next item and its place, if one waits: the same place, or a new one if
    /// places are not reused. Else a reusable place is idle; or done with, if <see cref="Place.IsDismissed"/>.
    /// </summary>
    /// <param name="place">The place the item held.</param>
    /// <param name="status">How the item ended.</param>
    /// <param name="hold">Holds the core until the caller has completed the item's task and calls <see cref="Release"/>.</param>
    /// <param name="isLost">The place has no thread and takes nothing more.</param>
    public (IWorkItem? Item, Place? Place) Finish(Place place, OutcomeStatus status, bool hold, bool isLost = false)
    {
        IWorkItem? next;
        Place? nextPlace = null;
        bool drained;
        lock (_lock)
        {
            _counts.End(status);
            _tree.Leave(place);
            if (hold)
                Hold();
            next = _queue.Dequeue();
            if (next is not null)
                Begin(nextPlace = place.IsReusable ? place : _newPlace(this), next.Submission?.Parent ?? default);
            else if (_closed)
                place.IsDismissed = true;
            else if (place.IsReusable && !isLost)
                _idle.Push(place);
            drained = IsDrained();
        }

        next?.Submission?.Unregister();
        if (drained)
            SignalDrained();
        return (next, nextPlace);
    }

    /// <summary>Takes a waiting item out of the queue and cancels it; does nothing if it has started.</summary>
    public void Withdraw(IWorkItem item)
    {
        var submission = item.Submission!;
        lock (_lock)
        {
            if (submission.State is SubmissionState.Started or SubmissionState.Withdrawn)
                return;
            if (submission.State == SubmissionState.Queued)
            {
                _tree.RemoveChild(submission.Parent);
                _queue.Withdraw(submission);
            }

            submission.State = SubmissionState.Withdrawn;
            _counts.Add(OutcomeStatus.Canceled, 1);
            Hold();
        }

        item.Cancel(submission.CancellationToken);
        Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
        Release();
    }

    public ExecutorSnapshot GetSnapshot()
    {
        lock (_lock)
        {
            return _counts.ToSnapshot(_queue.Count);
        }
    }

    private void Begin(Place place, ParentItem parent)
    {
        _counts.Begin();
        place.Parent = parent;
    }

    private InvalidOperationException Deadlock() => new(
        $"Deadlock: each of the {_places} places of the {_name} is held by work that has submitted further work to it. If all wait for what they submitted, nothing will ever start. "
        + "Submit work that isn't waited for by Post, use another executor for inner work, or give this one more places.");
}
