using System.Diagnostics;
using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Workers end with their executor and with their parent, and leave nothing behind.</summary>
public sealed class ProcessLifetimeTests
{
    [Fact]
    public async Task Shutdown_lets_what_runs_and_waits_finish_and_leaves_no_process()
    {
        var executor = new ProcessExecutor(2);
        var tasks = Enumerable.Range(0, 10).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        await executor.ShutdownAsync().Bounded();

        Assert.Equal(Enumerable.Range(0, 10).Select(Jobs.Square), tasks.Select(task => task.Result));
        Assert.Empty(executor.GetProcessIds());
        TheCall.Throws<ObjectDisposedException>(() => { executor.RunAsync(Jobs.Square, 1); });
    }

    [Fact]
    public async Task Shutdown_that_cancels_ends_what_waits_and_lets_what_runs_finish()
    {
        var executor = new ProcessExecutor(1);
        using var started = new SharedInt64();
        using var cancellation = new CancellationTokenSource();
        var running = executor.RunAsync(Jobs.WaitForCancellation, started, cancellation.Token);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);
        var waiting = executor.RunAsync(Jobs.Square, 2);

        var shutdown = executor.ShutdownAsync(cancelQueued: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Bounded());
        Assert.False(running.IsCompleted);
        await cancellation.CancelAsync();
        await shutdown.Bounded();
        Assert.False(LinuxProcesses.Exists((int)started.Value));
    }

    [Fact]
    public async Task Termination_kills_what_runs_and_cancels_what_waits()
    {
        var executor = new ProcessExecutor(1);
        using var started = new SharedInt64();
        var running = executor.RunAsync(Jobs.SpinOn, started);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);
        var waiting = executor.RunAsync(Jobs.Square, 2);

        await executor.TerminateAsync().Bounded();

        Assert.Equal(WorkerExitReason.Terminated, (await Assert.ThrowsAsync<WorkerProcessException>(() => running.Bounded())).Reason);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Bounded());
        Assert.False(LinuxProcesses.Exists((int)started.Value));
    }

    [Theory]
    [InlineData(Childhood.Starts)]
    [InlineData(Childhood.Idles)]
    [InlineData(Childhood.Hangs)]
    [InlineData(Childhood.Computes)]
    public async Task A_worker_ends_within_a_second_of_its_parent_whatever_it_does(Childhood does)
    {
        // A machine that is busy with other things can take a second to run anything at all: then again.
        const int Attempts = 5;
        await using var executor = new ProcessExecutor(1);
        var time = TimeSpan.MaxValue;
        for (var i = 0; i < Attempts && time > TimeSpan.FromSeconds(1); i++)
        {
            using var parent = new SharedInt64();
            using var child = new SharedInt64();
            var task = executor.RunAsync(Jobs.BeParentAsync, new Jobs.Family(parent, child, does));
            await LinuxProcesses.UntilAsync(() => child.Value != 0);

            var killed = Stopwatch.GetTimestamp();
            _ = Jobs.Kill((int)parent.Value, 9);
            await LinuxProcesses.UntilAsync(() => !LinuxProcesses.IsRunning((int)child.Value));
            time = Stopwatch.GetElapsedTime(killed);

            await Assert.ThrowsAsync<WorkerProcessException>(() => task.Bounded());
        }

        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Termination_ends_a_worker_that_starts()
    {
        using var started = new SharedInt64();
        var options = new ProcessExecutorOptions { MaxWorkers = 1 };
        options.SetInitializer(Jobs.HangInInitializer, started);
        var executor = new ProcessExecutor(options);
        var task = executor.RunAsync(Jobs.Square, 2);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        await executor.TerminateAsync().Bounded();

        Assert.Equal(WorkerExitReason.Terminated, (await Assert.ThrowsAsync<WorkerProcessException>(() => task.Bounded())).Reason);
        Assert.False(LinuxProcesses.IsRunning((int)started.Value));
    }

    [Fact]
    public async Task Shutdown_lets_an_item_finish_whose_worker_only_starts()
    {
        var executor = new ProcessExecutor(1);
        var task = executor.RunAsync(Jobs.Square, 3);

        await executor.ShutdownAsync().Bounded();

        Assert.Equal(9, await task);
        Assert.Empty(executor.GetProcessIds());
    }

    [Fact]
    public async Task A_forgotten_executor_ends_its_workers()
    {
        var id = await UseAndForgetAsync();

        await LinuxProcesses.UntilAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !LinuxProcesses.Exists(id);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int> UseAndForgetAsync() => await new ProcessExecutor(1).RunAsync(Jobs.ProcessId).Bounded();
}
