namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Ends a worker whose batch is cancelled, takes too long or too much memory; but never for a batch that has ended.</summary>
internal sealed class RunWatch : IDisposable
{
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(50);

    private readonly object _lock = new();
    private readonly WorkerProcess _worker;
    private readonly ProcessExecutorOptions _options;
    private readonly bool _takesToken;
    private readonly int _run;
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer? _deadline;
    private readonly ITimer? _memory;
    private ITimer? _grace;
    private bool _ended;

    /// <summary>Whether there is anything to end a worker for.</summary>
    public static bool IsNeeded(ProcessExecutorOptions options, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled || options.WorkTimeout != Timeout.InfiniteTimeSpan || options.MemoryLimit is not null;

    /// <summary>Begins the watch over the worker's next batch.</summary>
    public RunWatch(WorkerProcess worker, bool takesToken, ProcessExecutorOptions options, CancellationToken cancellationToken)
    {
        _worker = worker;
        _options = options;
        _takesToken = takesToken;
        _run = worker.Runs + 1;
        if (options.WorkTimeout != Timeout.InfiniteTimeSpan)
            _deadline = UnflowedTimer.Create(options.TimeProvider, static watch => ((RunWatch)watch!).OnDeadline(), this, options.WorkTimeout);
        if (options.MemoryLimit is not null)
        {
            _memory = UnflowedTimer.Create(options.TimeProvider, static watch => ((RunWatch)watch!).CheckMemory(), this, Timeout.InfiniteTimeSpan);
            _memory.Change(MemoryInterval, Timeout.InfiniteTimeSpan); // Now that the callback finds the timer, to set it again.
        }

        // Off the canceller's thread: a write to a pipe and a kill can take their time.
        _registration = cancellationToken.UnsafeRegister(
            static watch => ThreadPool.UnsafeQueueUserWorkItem(static watch => watch.Cancel(), (RunWatch)watch!, preferLocal: false), this);
    }

    /// <summary>The next call of the batch has begun.</summary>
    public void Restart() => _deadline?.Change(_options.WorkTimeout, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        lock (_lock)
            _ended = true;
        _registration.Unregister();
        _deadline?.Dispose();
        _memory?.Dispose();
        _grace?.Dispose();
    }

    private void Cancel()
    {
        if (!_takesToken || _options.CancellationGracePeriod == TimeSpan.Zero)
        {
            Kill(WorkerExitReason.Canceled);
            return;
        }

        // The timer belongs to somebody else's TimeProvider and isn't touched under the lock.
        var grace = UnflowedTimer.Create(
            _options.TimeProvider, static watch => ((RunWatch)watch!).Kill(WorkerExitReason.Canceled), this, _options.CancellationGracePeriod);
        bool hasEnded;
        lock (_lock)
        {
            hasEnded = _ended;
            _grace = grace;
        }

        if (hasEnded)
        {
            grace.Dispose();
            return;
        }

        // A worker whose batch has ended meanwhile takes no notice of the number.
        _worker.SendCancel(_run);
    }

    private void OnDeadline() => Kill(WorkerExitReason.Timeout, $"The work took longer than {nameof(ProcessExecutorOptions.WorkTimeout)}, {_options.WorkTimeout}.");

    private void CheckMemory()
    {
        var used = _worker.GetResidentMemory();
        if (used > _options.MemoryLimit)
            Kill(WorkerExitReason.MemoryLimit, $"It used {used:N0} bytes of {_options.MemoryLimit:N0}.");
        else
            _memory?.Change(MemoryInterval, Timeout.InfiniteTimeSpan);
    }

    private void Kill(WorkerExitReason reason, string? detail = null)
    {
        // Under the lock, which no one waits for but the batch's own end.
        lock (_lock)
        {
            if (!_ended)
                _worker.Kill(reason, detail);
        }
    }
}
