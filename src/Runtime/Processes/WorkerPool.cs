using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The workers of an executor: idle ones, the number of live ones, and the budget for replacing those that die. They and what
/// waits for them refer to this object and not to the executor, so that a forgotten executor is collected.
/// </summary>
#pragma warning disable CA1001 // The semaphore holds no wait handle, since nobody asks for one.
internal sealed class WorkerPool
#pragma warning restore CA1001
{
    private static readonly TimeSpan DismissalGrace = TimeSpan.FromSeconds(10);

    private readonly object _lock = new();
    private readonly ProcessExecutorOptions _options;
    private readonly WorkerLaunch _launch;
    private readonly StartMessage _start;
    private readonly Action<Exception, string> _break;
    private readonly SemaphoreSlim _processes;
    private readonly bool _isGated;
    private readonly Stack<WorkerProcess> _idle = new();
    private readonly HashSet<WorkerProcess> _living = [];
    private readonly Queue<long> _losses = new();
    private bool _closed;
    private bool _terminated;
    private (Exception Cause, string What)? _breakage;

    /// <summary>Makes a pool without a worker.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="launch">How to start a worker.</param>
    /// <param name="start">What to tell it.</param>
    /// <param name="breakExecutor">Called once, with the cause and what happened, when there will be no further worker.</param>
    public WorkerPool(ProcessExecutorOptions options, WorkerLaunch launch, StartMessage start, Action<Exception, string> breakExecutor)
    {
        _options = options;
        _launch = launch;
        _start = start;
        _break = breakExecutor;
        _processes = new SemaphoreSlim(options.MaxWorkers);
        _isGated = options.CircuitBreaker is not null || options.RateLimiter is not null;
    }

    /// <summary>The ids of the processes that live now.</summary>
    public int[] GetProcessIds()
    {
        lock (_lock)
            return [.. _living.Select(static worker => worker.Id)];
    }

    /// <summary>Runs a batch to its end, on as many workers as that takes. The faults of calls are the batch's, not thrown.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, and the worker ended for it.</exception>
    /// <exception cref="BrokenExecutorException">There is no worker, and will be none.</exception>
    public async Task RunAsync(WorkBatch batch, CancellationToken cancellationToken)
    {
        while (!batch.IsDone)
        {
            WorkerProcess worker;
            try
            {
                worker = await RentAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (BrokenExecutorException e) when (!batch.StopsAtFault)
            {
                // What ended before stands; each of the others has its own exception.
                batch.Fail(new BrokenExecutorException(e.Message, e.InnerException!));
                continue;
            }
            catch (WorkerStartException e)
            {
                if (e.Exit.Reason == WorkerExitReason.Canceled)
                    cancellationToken.ThrowIfCancellationRequested();
                batch.TryLose(e.Exit, _options.MaxAttempts);
                continue;
            }

            if (await TryRunAsync(worker, batch, cancellationToken).ConfigureAwait(false))
            {
                Return(worker);
                continue;
            }

            var exit = await worker.Exited.ConfigureAwait(false);
            if (exit.Reason == WorkerExitReason.Canceled)
                cancellationToken.ThrowIfCancellationRequested();
            if (_options.MemoryLimit is not null && exit.IsOutOfMemory)
                exit = exit with { Reason = WorkerExitReason.MemoryLimit };
            if (!batch.IsDone)
                batch.TryLose(exit, _options.MaxAttempts);
        }
    }

    /// <summary>Ends the idle workers, and each other as soon as it falls idle; waits for all.</summary>
    public async Task CloseAsync()
    {
        WorkerProcess[] idle, living;
        lock (_lock)
        {
            _closed = true;
            living = [.. _living];
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (var worker in idle)
            Dismiss(worker);
        foreach (var worker in living)
        {
            await worker.Exited.ConfigureAwait(false);
            lock (_lock)
                _living.Remove(worker);
        }
    }

    /// <summary>Kills every worker, also those that are being started, and lets no further one start.</summary>
    public void Terminate()
    {
        WorkerProcess[] living;
        lock (_lock)
        {
            _terminated = true;
            living = [.. _living];
        }

        foreach (var worker in living)
            worker.Kill(WorkerExitReason.Terminated);
    }

    /// <summary>Runs as much of the batch as this worker may; false if the worker is lost.</summary>
    private async Task<bool> TryRunAsync(WorkerProcess worker, WorkBatch batch, CancellationToken cancellationToken)
    {
        var calls = batch.Take(_options.MaxTasksPerWorker is { } most ? most - worker.Items : int.MaxValue, _options.MaxMessageSize);
        using var watch = RunWatch.IsNeeded(_options, cancellationToken) ? new RunWatch(worker, batch.Method.TakesToken, _options, cancellationToken) : null;
        // What follows a reply is ours alone, up to the task that the caller awaits, which goes on elsewhere.
        var continuesInline = batch.ReadsPlainly && !_isGated;
        batch.Start();
        await worker.SendAsync(batch.Method, batch.StopsAtFault, calls).ConfigureAwait(false);
        for (var i = 0; i < calls.Length && !batch.IsDone; i++)
        {
            if (i > 0)
                watch?.Restart();
            if (await worker.ReceiveAsync(continuesInline).ConfigureAwait(false) is not { } reply)
                return false;
            try
            {
                if (_options.MemoryLimit is not null && WorkBatch.IsOutOfMemory(reply))
                {
                    worker.Kill(WorkerExitReason.MemoryLimit, "Its work ran out of memory.");
                    return false;
                }

                if (batch.TryTake(reply, cancellationToken))
                    continue;
                worker.Kill(WorkerExitReason.Protocol, $"It sent {reply.Kind} where a result was due.");
            }
            catch (JsonException e)
            {
                worker.Kill(WorkerExitReason.Protocol, $"It sent a {reply.Kind} that can't be read. {e.Message}");
            }

            return false;
        }

        return true;
    }

    private async Task<WorkerProcess> RentAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            while (_idle.TryPop(out var idle))
            {
                if (idle.IsUsable)
                    return idle;
            }
        }

        await _processes.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await StartUnflowed().ConfigureAwait(false);

        // What watches a worker outlives the item that it was started for, and must not hold on to its execution context.
        Task<WorkerProcess> StartUnflowed()
        {
            if (ExecutionContext.IsFlowSuppressed())
                return Task.Run(() => StartAsync(cancellationToken), CancellationToken.None);
            using (ExecutionContext.SuppressFlow())
                return Task.Run(() => StartAsync(cancellationToken), CancellationToken.None);
        }
    }

    private async Task<WorkerProcess> StartAsync(CancellationToken cancellationToken)
    {
        WorkerProcess worker;
        try
        {
            ThrowIfBroken();
            worker = WorkerProcess.Start(_launch.ToStartInfo(), _options.MaxMessageSize, _options.OutputReceived);
        }
        catch (Exception e)
        {
            _processes.Release();
            if (e is not WorkerProcessException { InnerException: { } cause })
                throw;
            var refused = new WorkerExit(WorkerExitReason.NotStarted, 0, null, "", cause.Message);
            Note(refused);
            throw new WorkerStartException(refused);
        }

        lock (_lock)
            _living.Add(worker);
#pragma warning disable CONC302 // It waits for the worker's end, which is no failure of anybody who could be told.
        _ = BuryAsync(worker);
#pragma warning restore CONC302
        if (Volatile.Read(ref _terminated))
            worker.Kill(WorkerExitReason.Terminated);

        using var timer = UnflowedTimer.Create(
            _options.TimeProvider,
            static worker => ((WorkerProcess)worker!).Kill(WorkerExitReason.NotStarted, $"It was not ready within {nameof(ProcessExecutorOptions.StartTimeout)}."),
            worker,
            _options.StartTimeout);
        using var registration = cancellationToken.UnsafeRegister(
            static worker => ThreadPool.UnsafeQueueUserWorkItem(static worker => worker.Kill(WorkerExitReason.Canceled), (WorkerProcess)worker!, preferLocal: false), worker);
        worker.SendStart(_start);
        switch (await worker.ReceiveAsync(continuesInline: false).ConfigureAwait(false))
        {
            case { Kind: FrameKind.Ready }:
                return worker;
            case { Kind: FrameKind.NotReady } reply:
                Dismiss(worker);
                Break(CauseIn(reply), ExecutorCore.NotInitialized);
                ThrowIfBroken();
                break;
            case { Kind: var kind }:
                worker.Kill(WorkerExitReason.NotStarted, $"It sent {kind} where it should have said that it is ready.");
                break;
        }

        var exit = await worker.Exited.ConfigureAwait(false);
        throw new WorkerStartException(exit.Reason is WorkerExitReason.Exited or WorkerExitReason.Protocol ? exit with { Reason = WorkerExitReason.NotStarted } : exit);
    }

    private static RemoteException CauseIn(Frame notReady)
    {
        try
        {
            return new RemoteException(Faults.Read(notReady.Payload));
        }
        catch (JsonException e)
        {
            return new RemoteException($"It threw, and what can't be read: {e.Message}");
        }
    }

    private void Return(WorkerProcess worker)
    {
        var isSpent = worker.Items >= _options.MaxTasksPerWorker || worker.GetMemoryIf(_options.MemoryLimit) > _options.MemoryLimit;
        lock (_lock)
        {
            if (!worker.IsUsable)
                return;
            if (!isSpent && !_closed)
            {
                _idle.Push(worker);
                return;
            }
        }

        Dismiss(worker);
    }

    private void Dismiss(WorkerProcess worker) => worker.DismissAsync(_options.TimeProvider, DismissalGrace).Observe();

    /// <summary>Takes in the end of a worker, whenever it comes.</summary>
    private async Task BuryAsync(WorkerProcess worker)
    {
        var exit = await worker.Exited.ConfigureAwait(false);
        lock (_lock)
            _living.Remove(worker);
        Note(exit);
        _processes.Release();
    }

    /// <summary>Counts an end that nobody wanted; too many of them break the executor.</summary>
    private void Note(WorkerExit exit)
    {
        if (!exit.IsUnexpected)
            return;
        bool isTooMany;
        lock (_lock)
        {
            var now = _options.TimeProvider.GetTimestamp();
            while (_losses.TryPeek(out var oldest) && _options.TimeProvider.GetElapsedTime(oldest, now) >= _options.ReplacementWindow)
                _losses.Dequeue();
            _losses.Enqueue(now);
            isTooMany = _losses.Count > _options.MaxReplacements;
            if (isTooMany)
                _losses.Clear();
        }

        if (isTooMany)
        {
            Break(
                new WorkerProcessException(exit, 1),
                $"more workers died within {_options.ReplacementWindow} than {nameof(ProcessExecutorOptions.MaxReplacements)}, {_options.MaxReplacements}, allows");
        }
    }

    private void Break(Exception cause, string what)
    {
        lock (_lock)
        {
            if (_breakage is not null)
                return;
            _breakage = (cause, what);
        }

        _break(cause, what);
    }

    private void ThrowIfBroken()
    {
        lock (_lock)
        {
            if (_breakage is { } breakage)
                throw new BrokenExecutorException($"The {nameof(ProcessExecutor)} is broken: {breakage.What} ({breakage.Cause.Message})", breakage.Cause);
            if (_terminated)
                throw new BrokenExecutorException($"The {nameof(ProcessExecutor)} was terminated.");
        }
    }
}

/// <summary>A worker did not come to work. Caught by the pool, never seen outside.</summary>
#pragma warning disable CA1032, CA1064 // Carries one thing, to one place.
internal sealed class WorkerStartException(WorkerExit exit) : Exception
{
    public WorkerExit Exit { get; } = exit;
}
#pragma warning restore CA1032, CA1064
