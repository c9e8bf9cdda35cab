namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Why a worker process ended.</summary>
public enum WorkerExitReason
{
    /// <summary>By itself: a crash, an exit by its work, or somebody's signal.</summary>
    Exited,

    /// <summary>It could not be started, or was not ready within <see cref="ProcessExecutorOptions.StartTimeout"/>.</summary>
    NotStarted,

    /// <summary>It was killed, or ran out of memory, for using more than <see cref="ProcessExecutorOptions.MemoryLimit"/>.</summary>
    MemoryLimit,

    /// <summary>It was killed because its work ran longer than <see cref="ProcessExecutorOptions.WorkTimeout"/>.</summary>
    Timeout,

    /// <summary>It was killed because its work was cancelled and did not end.</summary>
    Canceled,

    /// <summary>It was killed because what it sent is no message, or because it closed the pipe.</summary>
    Protocol,

    /// <summary>It was killed by <see cref="ProcessExecutor.TerminateAsync"/>.</summary>
    Terminated,

    /// <summary>It ended because the executor had no more use for it.</summary>
    Dismissed,
}
