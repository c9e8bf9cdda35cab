using ConcurrencyAnalyzers.Runtime.Tests.Processes;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>
/// The cases in which CPython's process pool has hung, in our words: something goes wrong on the way to a worker or back, and
/// the item ends, the pool lives, and shutdown ends.
/// </summary>
public sealed class ProcessPoolDeadlockConformanceTests : IAsyncLifetime
{
    private readonly ProcessExecutor _executor = new(2);

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        Assert.Equal(36, await _executor.RunAsync(Jobs.Square, 6).Bounded());
        await _executor.ShutdownAsync().Bounded();
    }

    [Fact]
    public void Error_at_task_pickle() =>
        TheCall.Throws<WorkSerializationException>(() => { _executor.RunAsync(Jobs.Echo<Trap>, Trap.At(TrapStage.WriteArgument, TrapAct.Throw)); });

    [Fact]
    public Task Exit_at_task_unpickle() => ExitsAsync(TrapStage.ReadArgument);

    [Fact]
    public async Task Error_at_task_unpickle()
    {
        var failure = await Assert.ThrowsAsync<WorkSerializationException>(() => RunAsync(TrapStage.ReadArgument, TrapAct.Throw));
        Assert.Contains("trap at ReadArgument", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task Crash_at_task_unpickle() => CrashesAsync(TrapStage.ReadArgument);

    [Fact]
    public async Task Crash_during_func_exec_on_worker() =>
        Assert.Equal(6, (await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.Crash).Bounded())).Signal);

    [Fact]
    public async Task Exit_during_func_exec_on_worker() =>
        Assert.Equal(0, (await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.Exit, 0).Bounded())).ExitCode);

    [Fact]
    public async Task Error_during_func_exec_on_worker() =>
        await Assert.ThrowsAsync<RemoteException>(() => _executor.RunAsync(Jobs.Throw, "error").Bounded());

    [Fact]
    public Task Crash_during_result_pickle_on_worker() => CrashesAsync(TrapStage.WriteResult);

    [Fact]
    public Task Exit_during_result_pickle_on_worker() => ExitsAsync(TrapStage.WriteResult);

    [Fact]
    public async Task Error_during_result_pickle_on_worker()
    {
        var failure = await Assert.ThrowsAsync<WorkSerializationException>(() => RunAsync(TrapStage.WriteResult, TrapAct.Throw));
        Assert.Contains("trap at WriteResult", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_during_result_unpickle_in_result_handler()
    {
        var failure = await Assert.ThrowsAsync<WorkSerializationException>(() => RunAsync(TrapStage.ReadResult, TrapAct.Throw));
        Assert.Contains("trap at ReadResult", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>There an exit is an exception, which the handler survives. Here it would end the tests; a result that ends nobody else's is what carries over.</summary>
    [Fact]
    public async Task Exit_during_result_unpickle()
    {
        var bad = RunAsync(TrapStage.ReadResult, TrapAct.Throw);
        var good = _executor.RunAsync(Jobs.Square, 3);

        await Assert.ThrowsAsync<WorkSerializationException>(() => bad);
        Assert.Equal(9, await good.Bounded());
    }

    [Fact]
    public async Task Shutdown_deadlock()
    {
        var executor = new ProcessExecutor(1);
        await executor.RunAsync(Jobs.Square, 1).Bounded();
        var crash = executor.RunAsync(Jobs.Crash);

        executor.RequestShutdown();

        await Assert.ThrowsAsync<WorkerProcessException>(() => crash.Bounded());
        await executor.ShutdownAsync().Bounded();
    }

    [Fact]
    public async Task Shutdown_deadlock_pickle()
    {
        var executor = new ProcessExecutor(1);
        TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(Jobs.Echo<Trap>, Trap.At(TrapStage.WriteArgument, TrapAct.Throw)); });

        await executor.ShutdownAsync().Bounded();

        Assert.Equal(default, executor.GetSnapshot());
    }

    [Fact]
    public async Task Crash_big_data()
    {
        var argument = new byte[1024 * 1024];
        var tasks = Enumerable.Range(0, 4).Select(_ => _executor.RunAsync(static (byte[] bytes) => { Jobs.KillSelf(9); return bytes; }, argument)).ToList();

        foreach (var task in tasks)
            await Assert.ThrowsAsync<WorkerProcessException>(() => task.Bounded());
    }

    /// <summary>There a pipe that wakes the pool's thread fills up. Here there is none; many items and a shutdown at once end.</summary>
    [Fact]
    public async Task Gh105829_should_not_deadlock_if_wakeup_pipe_full()
    {
        var executor = new ProcessExecutor(2);
        var tasks = Enumerable.Range(0, 2000).Select(number => executor.RunAsync(Jobs.Square, number)).ToList();

        await executor.ShutdownAsync().Bounded();

        Assert.Equal(Enumerable.Range(0, 2000).Select(Jobs.Square), tasks.Select(task => task.Result));
    }

    private async Task ExitsAsync(TrapStage stage) =>
        Assert.Equal(5, (await Assert.ThrowsAsync<WorkerProcessException>(() => RunAsync(stage, TrapAct.Exit))).ExitCode);

    private async Task CrashesAsync(TrapStage stage) =>
        Assert.Equal(6, (await Assert.ThrowsAsync<WorkerProcessException>(() => RunAsync(stage, TrapAct.Crash))).Signal);

    private Task<Trap> RunAsync(TrapStage stage, TrapAct act) => _executor.RunAsync(Jobs.Echo<Trap>, Trap.At(stage, act)).Bounded();
}
