using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A worker process: takes the standard streams over, then runs what its executor sends.</summary>
internal static class WorkerHost
{
    /// <summary>The exit code of a worker that was sent something that is no message.</summary>
    public const int ProtocolError = 76;

    private static bool s_leadsGroup;

    /// <summary>Runs until the executor dismisses the worker or is gone. Never returns.</summary>
    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    public static void Run()
    {
        if (!OperatingSystem.IsWindows())
            s_leadsGroup = UnixProcess.LeadOwnGroup();
        var (input, output) = TakeStreams();
        var loop = new WorkerLoop(input, output);

        // Who reads a call runs it: no hand-over stands between a message and its work. When the work takes long, the other
        // thread takes the reading over, so that a cancellation and the parent's end are noticed.
        _ = StartThread(loop, reads: false);
        StartThread(loop, reads: true).Join();
        Environment.Exit(ProtocolError);
    }

    /// <summary>Ends this process and its children at once: nobody waits for anything any more.</summary>
    [DoesNotReturn]
    public static void Abandon()
    {
        if (!OperatingSystem.IsWindows() && s_leadsGroup)
            UnixProcess.KillGroup(Environment.ProcessId);
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill(entireProcessTree: true);
        self.Kill();
        Environment.Exit(ProtocolError);
    }

    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    private static Thread StartThread(WorkerLoop loop, bool reads)
    {
        var thread = new Thread(() => loop.Run(reads)) { IsBackground = true, Name = "ProcessWorker" };
        thread.UnsafeStart();
        return thread;
    }

    /// <summary>Keeps the pipes for messages; what the work, its libraries and its children read is empty, what they write goes to standard error.</summary>
    private static (Stream Input, Stream Output) TakeStreams()
    {
        if (OperatingSystem.IsLinux() && UnixProcess.Duplicate(0) is >= 0 and var input && UnixProcess.Duplicate(1) is >= 0 and var output)
        {
            using (var empty = File.OpenHandle("/dev/null"))
                UnixProcess.Redirect((int)empty.DangerousGetHandle(), 0);
            UnixProcess.Redirect(2, 1);
            return (
                new FileStream(new SafeFileHandle(input, ownsHandle: true), FileAccess.Read, bufferSize: 0),
                new FileStream(new SafeFileHandle(output, ownsHandle: true), FileAccess.Write, bufferSize: 0));
        }

        var streams = (Console.OpenStandardInput(), Console.OpenStandardOutput());
        Console.SetIn(TextReader.Null);
        Console.SetOut(Console.Error);
        return streams;
    }
}
