namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The state of an executor: who holds a place, who waits for one, what was counted. Decides, under its lock, and hands the
/// deed to its caller: it runs no work, completes no task and starts no thread while it holds the lock.
/// </summary>
internal sealed class ExecutorCore : IObservedExecutor
{
    public const string NotInitialized = "a worker could not be initialized";

    private readonly object _lock = new();
    private readonly string _name;
    private readonly int _places;
    private readonly int _queueCapacity;
    private readonly bool _rejects;
    private readonly Func<ExecutorCore, Place> _newPlace;
    private readonly Stack<Place> _idle = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<IWorkItem> _queue = new();
    private int _queued;
    private int _withdrawn;
    private int _running;
    private int _holds;
    private int _waitingParents;
    private int _peak;
    private long _completed;
    private long _failed;
    private long _canceled;
    private long _rejected;
    private bool _closed;
    private (Exception Cause, string What)? _breakage;

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
        _queueCapacity = options.QueueCapacity;
        _rejects = options.QueueFullMode == QueueFullMode.Reject;
    }

    public int Places => _places;

    public ExecutorInstruments Instruments { get; }

    long IObservedExecutor.QueuedItems => GetSnapshot().Queued;

    long IObservedExecutor.ActiveItems => GetSnapshot().Running;

    /// <summary>
    /// Ends when the core is closed, nothing waits or runs, and nobody holds it: a thread that has not ended, or the code that
    /// is about to complete an item's task.
    /// </summary>
    public Task Drained => _drained.Task;

    /// <summary>
    /// Gives <paramref name="fresh"/> to an item that can start at once. False: the item must be made ready for the queue and
    /// handed to <see cref="Admit"/>.
    /// </summary>
    public bool TryEnter(Place fresh, ParentItem parent)
    {
        lock (_lock)
        {
            ThrowIfEnded();
            if (_running == _places)
                return false;
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
            if (_running < _places)
            {
                if (submission is not null)
                    submission.State = SubmissionState.Started;
                if (!_idle.TryPop(out var place))
                {
                    place = _newPlace(this);
                    if (place.IsReusable)
                        _holds++;
                }

                Begin(place, parent);
                return place;
            }

            if (mayReject && _rejects && _queued >= _queueCapacity)
            {
                _rejected++;
                throw new QueueFullException($"The queue of the {_name} is full: {_queueCapacity} items wait.");
            }

            AddChild(parent);
            if (_waitingParents == _places)
            {
                RemoveChild(parent);
                throw new InvalidOperationException(
                    $"Deadlock: each of the {_places} places of the {_name} is held by work that has submitted further work to it. If all wait for what they submitted, nothing will ever start. "
                    + "Submit work that isn't waited for by Post, use another executor for inner work, or give this one more places.");
            }

            if (submission is not null)
                submission.State = SubmissionState.Queued;
            _queue.Enqueue(item);
            _queued++;
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
            Count(status);
            End(place);
            if (hold)
                _holds++;
            next = Dequeue();
            if (next is not null)
                Begin(nextPlace = place.IsReusable ? place : _newPlace(this), next.Submission?.Parent ?? default, isChildCounted: true);
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

    /// <summary>Gives a hold back.</summary>
    public void Release()
    {
        bool drained;
        lock (_lock)
        {
            _holds--;
            drained = IsDrained();
        }

        if (drained)
            SignalDrained();
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
                RemoveChild(submission.Parent);
                _queued--;
                _withdrawn++;
                if (_withdrawn > _queued + 32)
                    DropWithdrawn();
            }

            submission.State = SubmissionState.Withdrawn;
            _canceled++;
            _holds++;
        }

        item.Cancel(submission.CancellationToken);
        Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
        Release();
    }

    /// <summary>Accepts nothing more. Returns the idle places, which are dismissed.</summary>
    public IReadOnlyList<Place> Close(bool cancelQueued)
    {
        List<IWorkItem> canceled;
        Place[] idle;
        lock (_lock)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
            foreach (var place in idle)
                place.IsDismissed = true;
            canceled = cancelQueued ? TakeQueue() : [];
            _canceled += canceled.Count;
            _holds++;
        }

        foreach (var item in canceled)
        {
            item.Submission?.Unregister();
            item.Cancel(new CancellationToken(canceled: true));
            Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Canceled);
        }

        Release();
        return idle;
    }

    /// <summary>Fails everything that waits, and every later submission. What runs goes on.</summary>
    public void Break(Exception cause, string what = NotInitialized)
    {
        List<IWorkItem> pending;
        lock (_lock)
        {
            _breakage ??= (cause, what);
            pending = TakeQueue();
            _failed += pending.Count;
            _holds++;
        }

        foreach (var item in pending)
        {
            item.Submission?.Unregister();
            item.Fail(Broken(cause, what));
            Instruments.Ended(DurationClock.NotMeasured, OutcomeStatus.Failed, cause);
        }

        Release();
    }

    public BrokenExecutorException Broken(Exception cause, string what = NotInitialized) =>
        new($"The {_name} is broken: {what} ({cause.Message})", cause);

    public ExecutorSnapshot GetSnapshot()
    {
        lock (_lock)
        {
            return new ExecutorSnapshot
            {
                Queued = _queued,
                Running = _running,
                PeakRunning = _peak,
                Completed = _completed,
                Failed = _failed,
                Canceled = _canceled,
                Rejected = _rejected,
            };
        }
    }

    private void ThrowIfEnded()
    {
        if (_breakage is { } breakage)
            throw Broken(breakage.Cause, breakage.What);
        if (_closed)
            throw new ObjectDisposedException(_name, $"The {_name} was shut down and accepts nothing more.");
    }

    private void Begin(Place place, ParentItem parent, bool isChildCounted = false)
    {
        _running++;
        _peak = Math.Max(_peak, _running);
        place.Parent = parent;
        if (!isChildCounted)
            AddChild(parent);
    }

    private void End(Place place)
    {
        _running--;
        place.Generation++;
        if (place.Children > 0)
            _waitingParents--;
        place.Children = 0;
        RemoveChild(place.Parent);
        place.Parent = default;
    }

    private void AddChild(ParentItem parent)
    {
        if (parent.Runs && parent.Place!.Children++ == 0)
            _waitingParents++;
    }

    private void RemoveChild(ParentItem parent)
    {
        if (parent.Runs && --parent.Place!.Children == 0)
            _waitingParents--;
    }

    private IWorkItem? Dequeue()
    {
        while (_queue.TryDequeue(out var item))
        {
            if (item.Submission is { } submission)
            {
                if (submission.State == SubmissionState.Withdrawn)
                {
                    _withdrawn--;
                    continue;
                }

                submission.State = SubmissionState.Started;
            }

            _queued--;
            return item;
        }

        return null;
    }

    private List<IWorkItem> TakeQueue()
    {
        List<IWorkItem> items = new(_queued);
        while (Dequeue() is { } item)
        {
            RemoveChild(item.Submission?.Parent ?? default);
            items.Add(item);
        }

        return items;
    }

    private void DropWithdrawn()
    {
        _queue = new(_queue.Where(static item => item.Submission?.State != SubmissionState.Withdrawn));
        _withdrawn = 0;
    }

    private void Count(OutcomeStatus status)
    {
        switch (status)
        {
            case OutcomeStatus.Succeeded:
                _completed++;
                break;
            case OutcomeStatus.Failed:
                _failed++;
                break;
            default:
                _canceled++;
                break;
        }
    }

    private void SignalDrained()
    {
        ExecutorInstruments.Detach(this);
        _drained.TrySetResult();
    }

    private bool IsDrained() => _closed && _running == 0 && _queued == 0 && _holds == 0;
}
