using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Memory, time, cancellation, and what a worker's death costs.</summary>
public sealed class ProcessLimitTests
{
    private const long MemoryLimit = 192L * 1024 * 1024;

    [Fact]
    public async Task Managed_memory_beyond_the_limit_ends_the_worker()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MemoryLimit = MemoryLimit });

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.FillManagedMemory).Bounded());

        Assert.Equal(WorkerExitReason.MemoryLimit, failure.Reason);
        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task Native_memory_beyond_the_limit_ends_the_worker()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MemoryLimit = MemoryLimit });

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.FillNativeMemory).Bounded());

        Assert.Equal(WorkerExitReason.MemoryLimit, failure.Reason);
        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task Work_that_hangs_is_killed_at_its_deadline_with_its_children()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, WorkTimeout = TimeSpan.FromHours(1), StartTimeout = TimeSpan.FromHours(9), TimeProvider = time });
        using var ids = new SharedArray<int>(2);
        var task = executor.RunAsync(Jobs.StartChildrenAndHang, ids);
        await LinuxProcesses.UntilAsync(() => ids[0] != 0);

        time.Advance(TimeSpan.FromHours(1));

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => task.Bounded());
        Assert.Equal(WorkerExitReason.Timeout, Assert.IsType<WorkerProcessException>(failure.InnerException).Reason);
        await LinuxProcesses.UntilAsync(() => !LinuxProcesses.IsRunning(ids[0]) && !LinuxProcesses.IsRunning(ids[1]));
        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task Cancelled_work_that_takes_a_token_ends_and_its_worker_stays()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, CancellationGracePeriod = TimeSpan.FromHours(1) });
        using var started = new SharedInt64();
        using var cancellation = new CancellationTokenSource();
        var task = executor.RunAsync(Jobs.WaitForCancellation, started, cancellation.Token);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        await cancellation.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Bounded());
        Assert.Equal(cancellation.Token, canceled.CancellationToken);
        Assert.Equal(started.Value, await executor.RunAsync(Jobs.ProcessId).Bounded());
    }

    [Fact]
    public async Task Cancelled_work_that_does_not_obey_is_killed_after_the_grace_period()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, CancellationGracePeriod = TimeSpan.FromHours(1), StartTimeout = TimeSpan.FromHours(9), TimeProvider = time });
        using var started = new SharedInt64();
        using var cancellation = new CancellationTokenSource();
        var task = executor.RunAsync(Jobs.IgnoreCancellation, started, cancellation.Token);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        await cancellation.CancelAsync();
        // The grace period begins on the pool.
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromHours(1));
            await Task.WhenAny(task, Task.Delay(10));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Bounded());
        Assert.False(LinuxProcesses.Exists((int)started.Value));
    }

    [Fact]
    public async Task Cancelled_work_that_takes_no_token_is_killed_at_once()
    {
        await using var executor = new ProcessExecutor(1);
        using var started = new SharedInt64();
        using var cancellation = new CancellationTokenSource();
        var task = executor.RunAsync(Jobs.SpinOn, started, cancellation.Token);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Bounded());
        Assert.False(LinuxProcesses.Exists((int)started.Value));
        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task A_cancelled_item_that_waits_ends_at_once()
    {
        await using var executor = new ProcessExecutor(1);
        using var started = new SharedInt64();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var running = executor.RunAsync(Jobs.HangOn, started, first.Token);
        var waiting = executor.RunAsync(Jobs.Square, 2, second.Token);

        await second.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Bounded());
        Assert.False(running.IsCompleted);
        await first.CancelAsync();
        await running.EndedAsync();
    }

    [Fact]
    public async Task A_worker_that_does_not_get_ready_is_killed()
    {
        var time = new ManualTimeProvider();
        using var started = new SharedInt64();
        var options = new ProcessExecutorOptions { MaxWorkers = 1, StartTimeout = TimeSpan.FromHours(1), TimeProvider = time };
        options.SetInitializer(Jobs.HangInInitializer, started);
        await using var executor = new ProcessExecutor(options);
        var task = executor.RunAsync(Jobs.Square, 2);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        time.Advance(TimeSpan.FromHours(1));

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => task.Bounded());
        Assert.Equal(WorkerExitReason.NotStarted, failure.Reason);
        Assert.Contains("StartTimeout", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_crashes_in_start_up_fails_the_item_and_uses_up_the_budget()
    {
        var options = new ProcessExecutorOptions { MaxWorkers = 1, MaxReplacements = 1 };
        options.SetInitializer(Jobs.DieInInitializer);
        await using var executor = new ProcessExecutor(options);

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.Square, 2).Bounded());
        Assert.Equal((WorkerExitReason.NotStarted, 9), (failure.Reason, failure.Signal));
        await executor.RunAsync(Jobs.Square, 2).EndedAsync();

        var broken = await Assert.ThrowsAsync<BrokenExecutorException>(() => executor.RunAsync(Jobs.Square, 2).Bounded());
        Assert.Contains("MaxReplacements", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_is_tried_again_when_its_worker_died()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxAttempts = 3 });
        using var made = new SharedInt64();

        Assert.Equal(3, await executor.RunAsync(Jobs.DieUntil, new Jobs.Attempts(made, Good: 3)).Bounded());
    }

    [Fact]
    public async Task An_item_that_kills_every_worker_is_poison()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxAttempts = 3 });
        using var made = new SharedInt64();

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.DieUntil, new Jobs.Attempts(made, Good: 100)).Bounded());

        Assert.Equal((3, 3), (failure.Attempts, made.Value));
    }

    [Fact]
    public async Task An_item_of_a_chunk_is_tried_again_alone()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxAttempts = 2 });
        using var marks = new SharedArray<int>(5);
        var source = Enumerable.Range(0, 5).Select(item => new Jobs.Marking(marks, item, Dies: item is 1 or 3));

        List<int> results = [];
        await foreach (var result in executor.MapAsync(source, Jobs.MarkAndDieOnce, chunkSize: 5))
            results.Add(result);

        Assert.Equal([0, 1, 2, 3, 4], results);
        Assert.Equal([1, 2, 1, 2, 1], marks.ToArray());
    }

    [Fact]
    public async Task Deaths_of_long_ago_do_not_count()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxReplacements = 1, ReplacementWindow = TimeSpan.FromHours(1), StartTimeout = TimeSpan.FromHours(9), TimeProvider = time });
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.KillSelf, 9).Bounded());
            Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded()); // By a worker whose place the death has left.
            time.Advance(TimeSpan.FromHours(1));
        }

        await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.KillSelf, 9).Bounded());
        await executor.RunAsync(Jobs.KillSelf, 9).EndedAsync();
        await Assert.ThrowsAsync<BrokenExecutorException>(() => executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task A_worker_that_has_grown_beyond_the_limit_by_the_end_of_an_item_is_replaced()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MemoryLimit = MemoryLimit, TimeProvider = new ManualTimeProvider(), StartTimeout = TimeSpan.FromHours(9) });

        // Its memory is never looked at while it works, since the clock stands.
        var id = await executor.RunAsync(Jobs.KeepNativeMemory, (int)MemoryLimit).Bounded();

        Assert.NotEqual(id, await executor.RunAsync(Jobs.ProcessId).Bounded());
    }

    [Fact]
    public async Task An_item_that_throws_is_not_tried_again()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxAttempts = 3 });

        await Assert.ThrowsAsync<RemoteException>(() => executor.RunAsync(Jobs.Throw, "once").Bounded());

        Assert.Equal(1, executor.GetSnapshot().Failed);
    }

    [Fact]
    public async Task Output_is_handed_on_line_by_line()
    {
        var line = new TaskCompletionSource<(int, string)>();
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, OutputReceived = (id, text) => line.TrySetResult((id, text)) });

        var id = await executor.RunAsync(Jobs.ProcessId).Bounded();
        await executor.RunAsync(static () => Console.WriteLine("hello")).Bounded();

        Assert.Equal((id, "hello"), await line.Task.Bounded());
    }
}
