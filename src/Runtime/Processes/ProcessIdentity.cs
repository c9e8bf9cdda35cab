using System.ComponentModel;
using System.Diagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A process, told apart from a later one with the same id by when it started.</summary>
internal readonly record struct ProcessIdentity(int Id, long StartedAt)
{
    public static ProcessIdentity Current { get; } = new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    /// <summary>Whether the process still runs; one that has ended and that its parent hasn't looked at doesn't.</summary>
    public bool IsAlive => StartOf(Id) == StartedAt;

    /// <summary>When a process started, in whatever unit; null if it doesn't run.</summary>
    private static long? StartOf(int id)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(id);
                return process.HasExited ? null : process.StartTime.Ticks;
            }

            // The name, in parentheses, may hold anything; the state is the first field after it, the start the twentieth.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], provider: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
