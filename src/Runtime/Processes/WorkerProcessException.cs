namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A worker process ended, and the item it was working on is lost. Other items are not.</summary>
public sealed class WorkerProcessException : Exception
{
    /// <summary>Makes an exception with a general message.</summary>
    public WorkerProcessException()
        : base("The worker process ended before its work did.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public WorkerProcessException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public WorkerProcessException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal WorkerProcessException(WorkerExit exit, int attempts, Exception? innerException = null)
        : base(exit.Describe(attempts), innerException)
    {
        Reason = exit.Reason;
        ProcessId = exit.ProcessId;
        ExitCode = exit.ExitCode;
        Signal = exit.Signal;
        StandardError = exit.StandardError;
        Attempts = attempts;
    }

    /// <summary>Why the worker ended.</summary>
    public WorkerExitReason Reason { get; }

    /// <summary>The id that the process had.</summary>
    public int ProcessId { get; }

    /// <summary>The exit code; on Unix 128 plus the signal's number if a signal ended the process; null if the process couldn't be started.</summary>
    public int? ExitCode { get; }

    /// <summary>The number of the signal that ended the process (9: killed, 11: memory fault); null if none did, and on Windows.</summary>
    public int? Signal { get; }

    /// <summary>The last lines that the process wrote to its standard output or error, at most 8,192 characters.</summary>
    public string StandardError { get; } = "";

    /// <summary>How many workers the item has ended, each of them started for a further attempt at it.</summary>
    public int Attempts { get; } = 1;
}
