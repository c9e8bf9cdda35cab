using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// One enumeration of a map: takes elements from the source, a window ahead of the consumer, submits them to an executor, and
/// hands out results in the order of the source or as they come.
/// </summary>
/// <remarks>
/// Everything happens while the consumer waits for its next result, in one flow; only the first failure is acted on at once,
/// wherever it happens, so that nothing more is started while the consumer is busy.
/// </remarks>
internal class ExecutorMap<TSource, TResult> : IAsyncDisposable
{
    private readonly SourceReader<TSource> _source;
    private readonly Func<ExecutorMap<TSource, TResult>, TSource, CancellationToken, Task<TResult>> _submit;
    private readonly int _window;
    private readonly bool _inOrder;
    private readonly MapOptions _options;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _consumer;
    private readonly CancellationTokenSource _stop = new();
    private readonly CompletionQueue<Task> _ended = new();
    private readonly Queue<Task<TResult>> _ahead = new();
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _consumerRegistration;
    private readonly ITimer? _timer;
    private Task<bool>? _pendingMove;
    private bool _exhausted;
    private volatile bool _expired;
    private int _inFlight;
    private int _taken;
    private int _handedOut;
    private int? _total;
    private bool _isCounted;
    private ExecutorProgress _progress;
    private Exception? _cause;
    private Exception? _failure;

    public ExecutorMap(
        SourceReader<TSource> source,
        Func<ExecutorMap<TSource, TResult>, TSource, CancellationToken, Task<TResult>> submit,
        int places,
        bool inOrder,
        MapOptions options,
        TimeProvider timeProvider,
        CancellationToken caller,
        CancellationToken consumer)
    {
        _source = source;
        _submit = submit;
        _window = (int)Math.Min(int.MaxValue, (long)places + (options.Buffer ?? places));
        _inOrder = inOrder;
        _options = options;
        _caller = caller;
        _consumer = consumer;
        _callerRegistration = caller.UnsafeRegister(static map => ((ExecutorMap<TSource, TResult>)map!).Interrupt(), this);
        _consumerRegistration = consumer.UnsafeRegister(static map => ((ExecutorMap<TSource, TResult>)map!).Interrupt(), this);
        if (options.Timeout == TimeSpan.Zero)
        {
            Expire();
        }
        else if (options.Timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = MonotonicClock.Of(timeProvider).CreateTimer(static map => ((ExecutorMap<TSource, TResult>)map!).Expire(), this);
            _timer.Change(options.Timeout, Timeout.InfiniteTimeSpan);
        }
    }

    private CancellationToken CanceledBy => _caller.IsCancellationRequested ? _caller : _consumer;

    /// <summary>The next result; false at the end. Throws what ended the map before its time.</summary>
    public async ValueTask<(bool HasResult, TResult Result)> NextAsync()
    {
        while (true)
        {
            if (_failure is null)
                TakeMore();
            if (_inOrder)
            {
                // A consumer that never has to wait must not leave behind a queue of all that has ended.
                while (_ended.TryTakeEnded(out var ended))
#pragma warning disable CONC105 // The task is complete where it is read.
                    _ = TakeIn(ended);
#pragma warning restore CONC105
                if (_ahead.TryPeek(out var first) && first.IsCompletedSuccessfully)
                {
                    _handedOut++;
                    return (true, await _ahead.Dequeue().ConfigureAwait(false));
                }
            }

            if (_inFlight == 0 && _pendingMove is null && (_exhausted || _failure is not null))
                break;
            var task = await _ended.TakeAsync().ConfigureAwait(false);
#pragma warning disable CONC105 // The task is complete where it is read.
            if (TakeIn(task) && !_inOrder)
#pragma warning restore CONC105
                return (true, await ((Task<TResult>)task!).ConfigureAwait(false));
        }

        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return default;
    }

    /// <summary>Stops, waits for what runs, and disposes the source. What fails meanwhile goes to the unhandled faults.</summary>
    public async ValueTask DisposeAsync()
    {
        _callerRegistration.Unregister();
        _consumerRegistration.Unregister();
        _timer?.Dispose();
        var leftEarly = _inFlight > 0 || _pendingMove is not null || !_exhausted;
        if (leftEarly)
        {
            _failure ??= new OperationCanceledException();
            _stop.CancelAsync().Observe();
            while (_inFlight > 0 || _pendingMove is not null)
            {
                var task = await _ended.TakeAsync().ConfigureAwait(false);
                if (task == _pendingMove && task is not null)
#pragma warning disable CONC105 // The task is complete where it is read.
                    OnMoved();
#pragma warning restore CONC105
                else if (task is not null)
                    _ = OnEnded((Task<TResult>)task);
            }
        }

        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (_failure is not null and not OperationCanceledException)
        {
            TaskObservation.Report(e); // The map is about to throw its failure; this one would take its place.
        }
    }

    /// <summary>Stops the map for a failure of one of its items, on whatever thread that is. A filter: never true.</summary>
    public bool StopsFor(Exception failure)
    {
        if (failure is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref _cause, failure, null);
            _stop.CancelAsync().Observe();
        }

        return false;
    }

    /// <summary>What progress says of an item that ended with a result.</summary>
    protected virtual OutcomeStatus StatusOf(TResult result) => OutcomeStatus.Succeeded;

    /// <summary>Takes in a result that comes after the map's failure, and that nobody will see.</summary>
    protected virtual void OnLost(TResult result)
    {
    }

    /// <summary>Takes in what the queue holds; true for an item whose result is to be handed out.</summary>
    private bool TakeIn(Task? task)
    {
        if (task is null)
            OnInterrupted();
        else if (task == _pendingMove)
            OnMoved();
        else
            return OnEnded((Task<TResult>)task);
        return false;
    }

    private void TakeMore()
    {
        Count();
        while (!_exhausted && _pendingMove is null && _failure is null && !_stop.IsCancellationRequested && _taken - _handedOut < _window)
        {
            try
            {
                var move = _source.MoveNextAsync(_stop.Token);
                if (move.IsCompleted)
                {
                    TakeMoved(move.GetAwaiter().GetResult());
                }
                else
                {
                    _pendingMove = move.AsTask();
                    _ended.Add(_pendingMove);
                }
            }
            catch (Exception e) // Whatever the source or the executor throws ends the map.
            {
                Fail(e);
            }
        }
    }

    private void Count()
    {
        if (_isCounted)
            return;
        _isCounted = true;
        try
        {
            _total = _source.Count;
        }
        catch (Exception e) // Whatever the source throws ends the map.
        {
            Fail(e);
        }
    }

    private void OnMoved()
    {
        var move = _pendingMove!;
        _pendingMove = null;
        try
        {
            TakeMoved(move.GetAwaiter().GetResult());
        }
        catch (Exception e) // Whatever the source or the executor throws ends the map.
        {
            Fail(e);
        }
    }

    private void TakeMoved(bool hasNext)
    {
        if (!hasNext)
        {
            _exhausted = true;
            return;
        }

        if (_failure is not null || _stop.IsCancellationRequested)
            return;
        _taken++;
        var task = _submit(this, _source.Current, _stop.Token);
        _inFlight++;
        if (_inOrder)
            _ahead.Enqueue(task);
        _ended.Add(task);
    }

    /// <summary>Takes in an item that ended; true if its result is to be handed out.</summary>
    private bool OnEnded(Task<TResult> task)
    {
        _inFlight--;
        var status = task.OutcomeStatus();
        if (status == OutcomeStatus.Succeeded)
            status = StatusOf(task.Result);
        _progress = status switch
        {
            OutcomeStatus.Succeeded => _progress with { Completed = _progress.Completed + 1 },
            OutcomeStatus.Failed => _progress with { Failed = _progress.Failed + 1 },
            _ => _progress with { Canceled = _progress.Canceled + 1 },
        };
        Report();
        if (task.IsFaulted)
        {
            foreach (var fault in task.Exception!.InnerExceptions)
                Fail(fault);
        }
        else if (task.IsCanceled && (_cause ?? (_stop.IsCancellationRequested ? null : TaskFaults.CancellationOf(task))) is { } cause)
        {
            Fail(cause); // Else it was interrupted, and the interruption says why.
        }

        if (!task.IsCompletedSuccessfully)
            return false;
        if (_failure is not null)
        {
            OnLost(task.Result);
            return false;
        }

        if (!_inOrder)
            _handedOut++;
        return true;
    }

    private void OnInterrupted()
    {
        var canceledBy = CanceledBy;
        if (canceledBy.IsCancellationRequested)
        {
            Fail(new OperationCanceledException(canceledBy));
        }
        else if (_expired)
        {
            var total = _total ?? _taken;
            Fail(new TimeoutException($"{total - _taken + _inFlight} of {total} unfinished: the time of {_options.Timeout} for the whole map is up."));
        }
    }

    /// <summary>Stops for the first failure; a later one has no other way to be seen.</summary>
    private void Fail(Exception failure)
    {
        if (_failure is null)
        {
            _failure = Volatile.Read(ref _cause) ?? failure;
            // An item that links the caller's token may end before the map has heard of the cancellation.
            var canceledBy = CanceledBy;
            if (_failure is OperationCanceledException && canceledBy.IsCancellationRequested)
                _failure = new OperationCanceledException(canceledBy);
            _stop.CancelAsync().Observe();
        }

        // Of a broken executor each item tells the same.
        if (failure != _failure && failure is not OperationCanceledException && !(failure is BrokenExecutorException && _failure is BrokenExecutorException))
            TaskObservation.Report(failure);
    }

    private void Report()
    {
        if (_options.Progress is not { } progress)
            return;
        try
        {
            progress.Report(_progress with { Total = _total });
        }
        catch (Exception e) // A callback that throws changes nothing.
        {
            TaskObservation.Report(e);
        }
    }

    private void Expire()
    {
        _expired = true;
        Interrupt();
    }

    private void Interrupt()
    {
        // In this order: who is cancelled by it comes after it in the queue. And at once, since the consumer may be busy.
        _ended.Interrupt();
        _stop.CancelAsync().Observe();
    }
}
