using System.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Counts what this process has; alone, since other tests have descriptors and threads too.</summary>
[Collection(nameof(ProcessLeakTests))]
[CollectionDefinition(nameof(ProcessLeakTests), DisableParallelization = true)]
public sealed class ProcessLeakTests
{
    /// <summary>Five hundred of them with PROCESS_STRESS=40.</summary>
    [Fact]
    public async Task Many_kills_leave_no_process_no_zombie_no_descriptor_and_no_file()
    {
        await UseAsync(7); // What is loaded once is loaded now.
        var (descriptors, files, threads) = (LinuxProcesses.OpenDescriptors(), TemporaryFiles(), Process.GetCurrentProcess().Threads.Count);

        await UseAsync(13 * StressScale.Factor);

        await LinuxProcesses.UntilAsync(() => LinuxProcesses.OpenDescriptors() <= descriptors);
        Assert.Equal(files, TemporaryFiles());
        await LinuxProcesses.UntilAsync(() => Process.GetCurrentProcess().Threads.Count <= threads + 8); // The pool's may come and go.

        static async Task UseAsync(int kills)
        {
            List<int> ids = [];
            var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 2, MaxReplacements = int.MaxValue });
            for (var i = 0; i < kills; i++)
            {
                using var started = new SharedInt64();
                using var children = new SharedArray<int>(2);
                switch (i % 7)
                {
                    case 0:
                        await DieAsync(executor.RunAsync(Jobs.KillSelf, 9));
                        break;
                    case 1:
                        await DieAsync(executor.RunAsync(Jobs.Exit, 3));
                        break;
                    case 2:
                        await DieAsync(executor.RunAsync(Jobs.DieWithinResult));
                        break;
                    case 3:
                        await DieAsync(executor.RunAsync(Jobs.StartChildrenAndDie, children));
                        break;
                    case 4:
                        var killed = DieAsync(executor.RunAsync(Jobs.SpinOn, started));
                        await LinuxProcesses.UntilAsync(() => started.Value != 0);
                        _ = Jobs.Kill((int)started.Value, 9);
                        await killed;
                        break;
                    case 5:
                        using (var cancellation = new CancellationTokenSource())
                        {
                            var canceled = executor.RunAsync(Jobs.HangOn, started, cancellation.Token);
                            await LinuxProcesses.UntilAsync(() => started.Value != 0);
                            ids.Add((int)started.Value);
                            await cancellation.CancelAsync();
                            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled.Bounded());
                        }

                        break;
                    default:
                        var id = await executor.RunAsync(Jobs.ProcessId).Bounded();
                        ids.Add(id);
                        _ = Jobs.Kill(id, 9); // It is idle.
                        await LinuxProcesses.UntilAsync(() => !executor.GetProcessIds().Contains(id));
                        break;
                }
            }

            await executor.ShutdownAsync().Bounded();
            Assert.DoesNotContain(ids, LinuxProcesses.Exists);
            Assert.Empty(LinuxProcesses.Children().Intersect(ids));
            Assert.DoesNotContain(ids, static id => Directory.EnumerateFileSystemEntries(Path.GetTempPath(), $"*-{id}-*").Any()); // Of a diagnostics port.

            async Task DieAsync(Task task) => ids.Add((await Assert.ThrowsAsync<WorkerProcessException>(() => task.Bounded())).ProcessId);
        }
    }

    private static HashSet<string> TemporaryFiles() =>
        [.. Directory.EnumerateFileSystemEntries("/dev/shm", "concurrency-analyzers-*"), .. Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "concurrency-analyzers-*")];
}
