using System.Diagnostics.CodeAnalysis;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The worker's side of a <see cref="ProcessExecutor"/>, for programs whose workers can't start without Main.</summary>
public static class ProcessWorker
{
    /// <summary>Whether Main has asked, and so a worker that runs it would be recognised.</summary>
    internal static bool IsGuarded { get; private set; }

    /// <summary>
    /// Does the work of a worker process, if this is one, and ends the process with it; else returns false at once. Only a
    /// program without start-up hooks (trimmed, or with <c>StartupHookSupport</c> false) needs it, as its first statement:
    /// <c>if (ProcessWorker.RunIfWorker(args)) return;</c>.
    /// </summary>
    /// <param name="args">The arguments of Main.</param>
    /// <exception cref="ArgumentNullException"><paramref name="args"/> is null.</exception>
    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    public static bool RunIfWorker(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        IsGuarded = true;
        if (args is not [.., WorkerLaunch.WorkerArgument])
            return false;
        WorkerHost.Run();
        return true;
    }
}
