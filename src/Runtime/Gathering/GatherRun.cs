namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Starts work for each element of a source, at most so many at once, and waits for all that was started.
/// </summary>
/// <remarks>
/// An actor without a lock: whatever ends (work, or a pending move of the source) pushes its slot onto a chain, and who
/// pushes onto an idle run becomes its pump. So one thread at a time owns every field below the chain, enumerates the
/// source and starts the work, as a loop of the caller's own would, and user code runs under no lock. Slots are reused:
/// work that has to be waited for costs no allocation beyond its own task.
/// </remarks>
#pragma warning disable CA1001 // The token source holds no timer and no link: disposing it would free nothing.
internal abstract class GatherRun<TSource, TOutput>
#pragma warning restore CA1001
{
    private static readonly Slot Idle = new(null);

    private readonly SourceReader<TSource> _source;
    private readonly Func<TSource, CancellationToken, Task> _work;
    private readonly int _maxConcurrency;
    private readonly CancellationToken _caller;
    private readonly CallerContext _context = new();
    private readonly TaskCompletionSource<Task<TOutput>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Never disposed: work that outlives its own task may still look at the token.
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenRegistration _registration;

    /// <summary>What ended since the pump last looked, newest first; <see cref="Idle"/> when no pump runs.</summary>
    private Slot? _ended;

    private Slot? _free;
    private Slot? _move;
    private Task<bool>? _pendingMove;
    private int _slots;
    private int _inFlight;
    private int _started;
    private bool _exhausted;
    private bool _stopped;
    private bool _finished;
    private Task<TOutput>? _output;

    protected GatherRun(SourceReader<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        _source = source;
        _maxConcurrency = maxConcurrency;
        _work = work;
        _caller = cancellationToken;
    }

    /// <summary>Whether the caller's cancellation kept anything from being started or from ending on its own.</summary>
    protected bool CanceledByCaller { get; private set; }

    protected CancellationToken CallerToken => _caller;

    protected bool IsStopping => _stopped;

    public Task<TOutput> RunAsync()
    {
        if (_caller.IsCancellationRequested)
            return Task.FromCanceled<TOutput>(_caller);
        _registration = _caller.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        _context.Run(static run => ((GatherRun<TSource, TOutput>)run!).Begin(), this);
        return Volatile.Read(ref _output) ?? _completion.Task.Unwrap();
    }

    /// <summary>Makes room for the results of <paramref name="count"/> elements, if the source told their number.</summary>
    protected virtual void Expect(int count)
    {
    }

    /// <summary>Takes in an item that ended. Called by the pump.</summary>
    protected abstract void OnEnded(int index, Task task);

    /// <summary>Takes in an exception of the source, or of a callback of the token's. Called by the pump.</summary>
    protected abstract void OnFault(Exception fault);

    /// <summary>What comes of it, once everything ended.</summary>
    protected abstract Task<TOutput> GetOutput();

    /// <summary>Starts nothing more and cancels what runs.</summary>
    protected void Stop()
    {
        if (_stopped)
            return;
        _stopped = true;
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException e)
        {
            foreach (var fault in e.InnerExceptions)
                OnFault(fault);
        }
    }

    protected void StopForCaller()
    {
        CanceledByCaller = true;
        Stop();
    }

    private void Begin()
    {
        try
        {
            if (_source.Count is { } count)
                Expect(count);
        }
        catch (Exception e) // Whatever the source throws is the run's fault.
        {
            OnFault(e);
            Stop();
        }

        Pump();
    }

    private void Pump()
    {
        do
        {
            TakeInEnded();
            StartMore();
            if (_inFlight == 0 && (_exhausted || _stopped) && _pendingMove is null && !_finished)
            {
                // The chain stays as it is, not idle: nothing is left that could wake the pump.
                _finished = true;
#pragma warning disable CONC302 // It ends the run's task with whatever happened, and doesn't fail itself.
                _ = FinishAsync();
#pragma warning restore CONC302
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _ended, Idle, null) is not null);
    }

    private void TakeInEnded()
    {
        Slot? oldestFirst = null;
        for (var slot = Interlocked.Exchange(ref _ended, null); slot is not null;)
        {
            var next = slot.Next;
            slot.Next = oldestFirst;
            oldestFirst = slot;
            slot = next;
        }

        while (oldestFirst is { } slot)
        {
            oldestFirst = slot.Next;
            slot.Next = null;
            if (slot == _move)
                TakeInMove();
            else
                TakeIn(slot, slot.Task!);
        }
    }

    private void TakeIn(Slot slot, Task task)
    {
        _inFlight--;
        slot.Task = null;
        slot.Next = _free;
        _free = slot;
        OnEnded(slot.Index, task);
    }

    private void TakeInMove()
    {
        var move = _pendingMove!;
        _pendingMove = null;
        TakeMove(new(move));
    }

    private void StartMore()
    {
        while (!_stopped && !_exhausted && _pendingMove is null && (_free is not null || _slots < _maxConcurrency))
        {
            if (_caller.IsCancellationRequested)
            {
                StopForCaller();
                return;
            }

            ValueTask<bool> move;
            try
            {
                move = _source.MoveNextAsync(_stop.Token);
            }
            catch (Exception e) // Whatever the source throws is the run's fault.
            {
                move = ValueTask.FromException<bool>(e);
            }

            if (move.IsCompleted)
            {
                TakeMove(move);
            }
            else
            {
                _pendingMove = move.AsTask();
                (_move ??= new Slot(this)).WaitFor(_pendingMove);
            }
        }
    }

    private void TakeMove(ValueTask<bool> move)
    {
        TSource item;
        try
        {
            if (!move.GetAwaiter().GetResult())
            {
                _exhausted = true;
                return;
            }

            if (_stopped)
                return;
            item = _source.Current;
        }
        catch (OperationCanceledException) when (_caller.IsCancellationRequested)
        {
            StopForCaller();
            return;
        }
        catch (OperationCanceledException) when (_stopped)
        {
            return; // The source obeyed the token that the run itself cancelled.
        }
        catch (Exception e) // Whatever the source throws is the run's fault.
        {
            OnFault(e);
            Stop();
            return;
        }

        Start(item);
    }

    private void Start(TSource item)
    {
        var slot = _free;
        if (slot is null)
        {
            slot = new Slot(this);
            _slots++;
        }
        else
        {
            _free = slot.Next;
            slot.Next = null;
        }

        slot.Index = _started++;
        _inFlight++;
        Task task;
        _context.Restore();
        try
        {
            task = _work(item, _stop.Token) ?? throw TaskFaults.NullTask();
        }
        catch (Exception e) // A delegate that throws where it should return a task fails its own item.
        {
            task = TaskFaults.Throw<TOutput>(e);
        }

        _context.Restore();
        if (task.IsCompleted)
        {
            TakeIn(slot, task);
        }
        else
        {
            slot.Task = task;
            slot.WaitFor(task);
        }
    }

    private void Push(Slot slot)
    {
        Slot? head;
        do
        {
            head = Volatile.Read(ref _ended);
            slot.Next = head == Idle ? null : head;
        }
        while (Interlocked.CompareExchange(ref _ended, slot, head) != head);

        if (head == Idle)
            _context.Dispatch(static run => ((GatherRun<TSource, TOutput>)run!).Pump(), this);
    }

    private async Task FinishAsync()
    {
        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) // Whatever the source throws is the run's fault.
        {
            OnFault(e);
        }

        _registration.Unregister();
        var output = GetOutput();
        Volatile.Write(ref _output, output);
        _completion.SetResult(output);
    }

    /// <summary>A place for one item in flight. Its members belong to the pump, but for the moment of the push.</summary>
    private sealed class Slot
    {
        private readonly Action? _push;

        public Slot(GatherRun<TSource, TOutput>? run) => _push = run is null ? null : () => run.Push(this);

        public Slot? Next { get; set; }

        public Task? Task { get; set; }

        public int Index { get; set; }

        public void WaitFor(Task task) => task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_push!);
    }
}
