using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A place of a <see cref="ThreadExecutor"/>, and the thread that holds it.</summary>
internal sealed class WorkerThread(ExecutorCore core, WorkerThreads owner) : Place(core)
{
    private const int SpinsBeforeSleep = 20;

    [ThreadStatic]
    private static WorkerThread? s_current;

    private readonly object _signal = new();
    private volatile IThreadWorkItem? _assigned;
    private IThreadWorkItem? _next;
    private bool _dismissed;
    private bool _sleeps;
    private ExecutionContext? _clean;

    public override bool IsReusable => true;

    /// <summary>Whether a thread was started for this place; the core hands it to one caller at a time.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>The item of the executor <paramref name="core"/> in whose work the caller is, if any.</summary>
    public static ParentItem ItemOf(ExecutorCore core) =>
        s_current is { } worker && worker.Core == core ? new(worker, worker.Generation) : default;

    /// <summary>Gives the thread, which is idle or not started, its next item.</summary>
    public void Assign(IThreadWorkItem item)
    {
        lock (_signal)
        {
            _assigned = item;
            if (_sleeps)
                Monitor.Pulse(_signal);
        }
    }

    /// <summary>Lets the idle thread end.</summary>
    public void Dismiss()
    {
        lock (_signal)
        {
            _dismissed = true;
            Monitor.Pulse(_signal);
        }
    }

    public void Start(string name)
    {
        // First: once it runs, the thread may end its item, and another caller be handed the place, before this goes on.
        IsStarted = true;
        // Unsafe: the thread outlives the caller, and must not hold on to the caller's execution context.
        new Thread(Loop) { IsBackground = true, Name = name }.UnsafeStart();
    }

    /// <summary>Puts this thread's contexts in the state that <paramref name="context"/> describes, or in that of a new thread.</summary>
    public void Enter(ExecutionContext? context)
    {
        context ??= _clean!;
        if (ExecutionContext.Capture() != context)
            ExecutionContext.Restore(context);
        if (SynchronizationContext.Current is not null)
            SynchronizationContext.SetSynchronizationContext(null);
    }

    private void Loop()
    {
        s_current = this;
        _clean = ExecutionContext.Capture();
        if (owner.Initialize(this))
        {
            while (RunNext())
            {
            }
        }

        Core.Release();
    }

    // One item a call, and not inlined: while the thread waits or goes on to the next, no local may keep an item that has ended.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RunNext()
    {
        var item = _next ?? TakeAssigned();
        if (item is null)
            return false;
        _next = item.RunOn(this);
        Enter(null);
        return _next is not null || !IsDismissed;
    }

    public IThreadWorkItem? TakeAssigned()
    {
        while (true)
        {
            try
            {
                return WaitForAssigned();
            }
            catch (ThreadInterruptedException)
            {
                // Whoever interrupts blocking work may come when it has just ended. An idle thread has nothing to give up.
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private IThreadWorkItem? WaitForAssigned()
    {
        // The next item often comes at once, from whoever waited for the last one: waking up a thread costs far more than this.
        var spin = default(SpinWait);
        while (_assigned is null && spin.Count < SpinsBeforeSleep)
            spin.SpinOnce(sleep1Threshold: -1);
        lock (_signal)
        {
            _sleeps = true;
            while (_assigned is null && !_dismissed)
                Monitor.Wait(_signal);
            _sleeps = false;
            var item = _assigned;
            _assigned = null;
            return item;
        }
    }
}
