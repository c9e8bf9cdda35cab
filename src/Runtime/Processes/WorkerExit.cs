using System.Text;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How a worker process ended.</summary>
internal sealed record WorkerExit(WorkerExitReason Reason, int ProcessId, int? ExitCode, string StandardError, string? Detail)
{
    public int? Signal => !OperatingSystem.IsWindows() && ExitCode is > 128 and <= 128 + 64 ? ExitCode - 128 : null;

    /// <summary>Whether nobody wanted it: such ends use up the budget for replacements.</summary>
    public bool IsUnexpected => Reason is WorkerExitReason.Exited or WorkerExitReason.NotStarted or WorkerExitReason.MemoryLimit or WorkerExitReason.Protocol;

    /// <summary>Whether the run-time itself ran out of memory, and had no way to throw.</summary>
    public bool IsOutOfMemory =>
        Reason == WorkerExitReason.Exited
        && (StandardError.Contains("Out of memory", StringComparison.Ordinal) || StandardError.Contains(nameof(OutOfMemoryException), StringComparison.Ordinal));

    public string Describe(int attempts)
    {
        var text = new StringBuilder("The worker process ");
        if (ProcessId != 0)
            text.Append(ProcessId).Append(' ');
        text.Append(Reason switch
        {
            WorkerExitReason.NotStarted => "did not start",
            WorkerExitReason.MemoryLimit => "went beyond its memory limit",
            WorkerExitReason.Timeout => "was killed because its work ran too long",
            WorkerExitReason.Canceled => "was killed because its work was cancelled",
            WorkerExitReason.Protocol => "was killed because it broke the connection",
            WorkerExitReason.Terminated => "was killed because the executor was terminated",
            _ => "ended before its work did",
        });
        if (Signal is { } signal)
            text.Append(" (signal ").Append(signal).Append(')');
        else if (ExitCode is { } code)
            text.Append(" (exit code ").Append(code).Append(')');
        if (attempts > 1)
            text.Append(", as did the ").Append(attempts - 1).Append(" before it that tried the same item");
        text.Append('.');
        if (Detail is not null)
            text.Append(' ').Append(Detail);
        if (StandardError.Length > 0)
            text.AppendLine().Append("Its last output: ").Append(StandardError);
        return text.ToString();
    }
}
