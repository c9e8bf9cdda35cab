using ConcurrencyAnalyzers.Runtime.Tests.Processes;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of CPython's process pool, in our words. Where we differ on purpose, the case says so.</summary>
public sealed class ProcessPoolConformanceTests
{
    /// <summary>There a death breaks the pool; here it fails its item, and the pool breaks only past its budget.</summary>
    [Fact]
    public async Task Killed_child()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxReplacements = 0 });
        using var started = new SharedInt64();
        var running = executor.RunAsync(Jobs.HangOn, started);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);
        var pending = executor.RunAsync(Jobs.Square, 6);

        _ = Jobs.Kill((int)started.Value, 9);

        await Assert.ThrowsAsync<WorkerProcessException>(() => running.Bounded());
        await Assert.ThrowsAsync<BrokenExecutorException>(() => pending.Bounded());
        TheCall.Throws<BrokenExecutorException>(() => { executor.RunAsync(Jobs.Square, 6); });
    }

    [Fact]
    public async Task Process_pool_broken_traceback()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxReplacements = 0 });
        using var started = new SharedInt64();
        var running = executor.RunAsync(Jobs.HangOn, started);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);
        var pending = Enumerable.Range(0, 3).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        _ = Jobs.Kill((int)started.Value, 9);

        await running.EndedAsync();
        List<Exception> exceptions = [];
        foreach (var task in pending)
            exceptions.Add(await Assert.ThrowsAsync<BrokenExecutorException>(() => task.Bounded()));
        Assert.Equal(3, exceptions.Distinct().Count());
    }

    [Fact]
    public async Task Traceback_when_child_process_terminates_abruptly()
    {
        await using var executor = new ProcessExecutor(1);

        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.Exit, 42).Bounded());

        Assert.Equal(42, failure.ExitCode);
        Assert.Contains("exit code 42", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traceback()
    {
        await using var executor = new ProcessExecutor(1);

        var failure = await Assert.ThrowsAsync<RemoteException>(() => executor.RunAsync(Jobs.Throw, "123").Bounded());

        Assert.Equal("123", failure.Message);
        Assert.Contains(nameof(Jobs.Throw), failure.RemoteStackTrace, StringComparison.Ordinal);
        Assert.Contains(failure.RemoteStackTrace, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_chunksize()
    {
        await using var executor = new ProcessExecutor(2);
        var expected = Enumerable.Range(0, 40).Select(Jobs.Square).ToList();

        foreach (var chunkSize in new[] { 6, 50, 40 })
        {
            List<int> results = [];
            await foreach (var result in executor.MapAsync(Enumerable.Range(0, 40), Jobs.Square, chunkSize))
                results.Add(result);
            Assert.Equal(expected, results);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => executor.MapAsync(Enumerable.Range(0, 40), Jobs.Square, chunkSize: -1));
    }

    [Fact]
    public async Task Idle_process_reuse_one()
    {
        await using var executor = new ProcessExecutor(4);

        await executor.RunAsync(Jobs.Square, 2).Bounded();
        await executor.RunAsync(Jobs.Square, 3).Bounded();
        await executor.RunAsync(Jobs.Square, 4).Bounded();

        Assert.Single(executor.GetProcessIds());
    }

    [Fact]
    public async Task Idle_process_reuse_multiple()
    {
        await using var executor = new ProcessExecutor(3);

        await Task.WhenAll(executor.RunAsync(Jobs.Square, 2), executor.RunAsync(Jobs.Square, 3)).Bounded();
        await executor.RunAsync(Jobs.Square, 4).Bounded();
        await Task.WhenAll(executor.RunAsync(Jobs.Square, 5), executor.RunAsync(Jobs.Square, 6)).Bounded();

        Assert.InRange(executor.GetProcessIds().Count, 1, 2);
    }

    [Fact]
    public async Task Max_tasks_per_child()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxTasksPerWorker = 3 });

        List<int> ids = [];
        for (var i = 0; i < 6; i++)
            ids.Add(await executor.RunAsync(Jobs.ProcessId).Bounded());

        Assert.Single(ids.Take(3).Distinct());
        Assert.Single(ids.Skip(3).Distinct());
        Assert.NotEqual(ids[0], ids[3]);
    }

    [Fact]
    public async Task Max_tasks_per_child_defaults()
    {
        Assert.Null(new ProcessExecutorOptions().MaxTasksPerWorker);
        await using var executor = new ProcessExecutor(1);

        List<int> ids = [];
        for (var i = 0; i < 6; i++)
            ids.Add(await executor.RunAsync(Jobs.ProcessId).Bounded());

        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task Max_tasks_per_child_pending_tasks_gh115634()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxTasksPerWorker = 2 });

        var tasks = Enumerable.Range(0, 7).Select(_ => executor.RunAsync(Jobs.ProcessId)).ToList();
        await Task.WhenAll(tasks).Bounded();

        Assert.Equal([2, 2, 2, 1], tasks.GroupBy(task => task.Result).Select(group => group.Count()));
    }

    [Fact]
    public async Task Max_tasks_early_shutdown()
    {
        var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 3, MaxTasksPerWorker = 1 });
        var tasks = Enumerable.Range(0, 6).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        await executor.ShutdownAsync().Bounded();

        Assert.Equal([0, 1, 4, 9, 16, 25], tasks.Select(task => task.Result));
    }

    [Fact]
    public async Task Shutdown_no_wait_max_tasks_gh119592()
    {
        var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 2, MaxTasksPerWorker = 1 });
        var tasks = Enumerable.Range(0, 5).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        executor.RequestShutdown();

        var results = await Task.WhenAll(tasks).Bounded();
        Assert.Equal([0, 1, 4, 9, 16], results);
        await executor.ShutdownAsync().Bounded();
    }

    [Fact]
    public async Task Failed_worker_replacement_breaks_pool()
    {
        var options = new ProcessExecutorOptions { MaxWorkers = 1, MaxTasksPerWorker = 1 };
        using var workers = new SharedInt64();
        options.SetInitializer(FailTheSecond, workers);
        await using var executor = new ProcessExecutor(options);

        var tasks = Enumerable.Range(0, 3).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        Assert.Equal(0, await tasks[0].Bounded());
        var second = await Assert.ThrowsAsync<BrokenExecutorException>(() => tasks[1].Bounded());
        var third = await Assert.ThrowsAsync<BrokenExecutorException>(() => tasks[2].Bounded());
        Assert.NotSame(second, third);
    }

    /// <summary>There are two ways there, by signal; here is one.</summary>
    [Fact]
    public async Task Force_shutdown_workers()
    {
        var executor = new ProcessExecutor(2);
        using var started = new SharedInt64();
        var running = executor.RunAsync(Jobs.HangOn, started);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);
        var ids = executor.GetProcessIds();

        await executor.TerminateAsync().Bounded();

        await Assert.ThrowsAsync<WorkerProcessException>(() => running.Bounded());
        Assert.All(ids, id => Assert.False(LinuxProcesses.Exists(id)));
        TheCall.Throws<ObjectDisposedException>(() => { executor.RunAsync(Jobs.Square, 1); });
    }

    [Fact]
    public async Task Force_shutdown_workers_dead_workers()
    {
        var executor = new ProcessExecutor(1);
        await Assert.ThrowsAsync<WorkerProcessException>(() => executor.RunAsync(Jobs.KillSelf, 9).Bounded());

        await executor.TerminateAsync().Bounded();
        await executor.TerminateAsync().Bounded();

        Assert.Empty(executor.GetProcessIds());
    }

    [Fact]
    public async Task Unpicklable_exceptions()
    {
        await using var executor = new ProcessExecutor(1);

        await Assert.ThrowsAsync<RemoteException>(() => executor.RunAsync(Jobs.ThrowSomethingUnserializable).Bounded());

        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Fact]
    public async Task Initializer_failing()
    {
        var options = new ProcessExecutorOptions { MaxWorkers = 1 };
        options.SetInitializer(Jobs.FailToInitialize);
        await using var executor = new ProcessExecutor(options);
        var tasks = Enumerable.Range(0, 2).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        foreach (var task in tasks)
        {
            var broken = await Assert.ThrowsAsync<BrokenExecutorException>(() => task.Bounded());
            Assert.Equal("no licence", Assert.IsType<RemoteException>(broken.InnerException).Message);
        }

        TheCall.Throws<BrokenExecutorException>(() => { executor.RunAsync(Jobs.Square, 1); });
    }

    private static void FailTheSecond(SharedInt64 workers)
    {
        if (workers.Increment() == 2)
            throw new InvalidOperationException("the second worker fails");
    }
}
