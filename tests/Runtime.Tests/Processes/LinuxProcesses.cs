namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>What /proc says about processes.</summary>
internal static class LinuxProcesses
{
    /// <summary>Whether a process runs, or has ended and was not waited for.</summary>
    public static bool Exists(int id) => Directory.Exists($"/proc/{id}");

    public static bool IsRunning(int id) => StateOf(id) is not (null or 'Z' or 'X');

    /// <summary>The children of this process, those included that nobody waited for.</summary>
    public static List<int> Children()
    {
        List<int> children = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && ParentOf(id) == Environment.ProcessId)
                children.Add(id);
        }

        return children;
    }

    public static int OpenDescriptors() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    /// <summary>Waits for something that only /proc can tell, within a bound that nothing comes near.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 6000, "The condition did not come true within a minute.");
            await Task.Delay(10);
        }
    }

    private static char? StateOf(int id) => Stat(id)?[0][0];

    private static int? ParentOf(int id) => Stat(id) is { } stat ? int.Parse(stat[1]) : null;

    private static string[]? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
