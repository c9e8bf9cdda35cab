using System.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Counts what this process has; alone, since other tests have descriptors and threads too.</summary>
[Collection(nameof(ProcessLeakTests))]
[CollectionDefinition(nameof(ProcessLeakTests), DisableParallelization = true)]
public sealed class ProcessLeakTests
{
    /// <summary>Set CONCURRENCY_ANALYZERS_KILLS to 500 for the long run.</summary>
    [Fact]
    public async Task Many_kills_leave_no_process_no_zombie_no_descriptor_and_no_file()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("CONCURRENCY_ANALYZERS_KILLS") ?? "12");
        await UseAsync(2); // What is loaded once is loaded now.
        var (descriptors, files, threads) = (LinuxProcesses.OpenDescriptors(), TemporaryFiles(), Process.GetCurrentProcess().Threads.Count);

        await UseAsync(kills);

        await LinuxProcesses.UntilAsync(() => LinuxProcesses.OpenDescriptors() <= descriptors);
        Assert.Equal(files, TemporaryFiles());
        await LinuxProcesses.UntilAsync(() => Process.GetCurrentProcess().Threads.Count <= threads + 8); // The pool's may come and go.

        static async Task UseAsync(int kills)
        {
            List<int> ids = [];
            var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 2, MaxReplacements = int.MaxValue });
            for (var i = 0; i < kills; i++)
                ids.Add((await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.KillSelf, 9).Bounded())).ProcessId);
            await executor.ShutdownAsync().Bounded();
            Assert.DoesNotContain(ids, LinuxProcesses.Exists);
            Assert.Empty(LinuxProcesses.Children().Intersect(ids));
        }
    }

    private static HashSet<string> TemporaryFiles() =>
        [.. Directory.EnumerateFileSystemEntries("/dev/shm", "concurrency-analyzers-*"), .. Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "concurrency-analyzers-*")];
}
