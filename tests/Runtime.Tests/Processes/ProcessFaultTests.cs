using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>What work can do to its worker, with real processes; after each of it, the executor still works.</summary>
public sealed class ProcessFaultTests : IAsyncLifetime
{
    private readonly ProcessExecutor _executor = new(new ProcessExecutorOptions { MaxWorkers = 2, MaxMessageSize = 1024 * 1024 });

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        Assert.Equal(81, await _executor.RunAsync(Jobs.Square, 9).Bounded());
        await _executor.ShutdownAsync().Bounded();
        Assert.Empty(_executor.GetProcessIds());
    }

    [Fact]
    public async Task The_work_throws()
    {
        var failure = await Assert.ThrowsAsync<RemoteException>(() => _executor.RunAsync(Jobs.Throw, "too bad").Bounded());

        Assert.Equal("too bad", failure.Message);
        Assert.Equal(typeof(BadImageFormatException).FullName, failure.RemoteType);
        Assert.Contains("Jobs.Throw", failure.RemoteStackTrace, StringComparison.Ordinal);
        Assert.Equal(typeof(DivideByZeroException).FullName, Assert.IsType<RemoteException>(failure.InnerException).RemoteType);
        Assert.Contains("Jobs.Throw", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_throws_what_can_not_be_described()
    {
        var failure = await Assert.ThrowsAsync<RemoteException>(() => _executor.RunAsync(Jobs.ThrowSomethingUnserializable).Bounded());

        Assert.EndsWith("HostileException", failure.RemoteType, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_returns_what_can_not_be_sent()
    {
        var failure = await Assert.ThrowsAsync<WorkSerializationException>(() => _executor.RunAsync(Jobs.ReturnCycle).Bounded());

        Assert.StartsWith("$.Next", failure.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_result_is_too_large_to_be_sent()
    {
        var failure = await Assert.ThrowsAsync<WorkSerializationException>(() => _executor.RunAsync(Jobs.BytesOf, 1024 * 1024).Bounded());

        Assert.Contains("MaxMessageSize", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_argument_is_too_large_to_be_sent()
    {
        TheCall.Throws<WorkSerializationException>(() => { _executor.RunAsync(Jobs.LengthOf, new byte[1024 * 1024]); });
        Assert.Equal(700_000, await _executor.RunAsync(Jobs.LengthOf, new byte[700_000]).Bounded());
    }

    [Fact]
    public async Task The_work_exits()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.Exit, 7).Bounded());

        Assert.Equal((7, null, WorkerExitReason.Exited), (failure.ExitCode, failure.Signal, failure.Reason));
    }

    [Fact]
    public async Task The_work_prints_before_it_exits()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.PrintAndExit, "last words").Bounded());

        Assert.Equal("last words", failure.StandardError);
        Assert.Contains("last words", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_fails_fast()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.FailFast, "on purpose").Bounded());

        Assert.Equal(6, failure.Signal);
        Assert.Contains("on purpose", failure.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_overflows_the_stack()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.Overflow, 0).Bounded());

        Assert.Equal(6, failure.Signal);
        Assert.Contains("Overflow", failure.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_worker_is_killed()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.KillSelf, 9).Bounded());

        Assert.Equal((137, 9, WorkerExitReason.Exited, 1), (failure.ExitCode, failure.Signal, failure.Reason, failure.Attempts));
        Assert.False(LinuxProcesses.Exists(failure.ProcessId));
    }

    [Fact]
    public async Task The_work_floods_its_output()
    {
        Assert.Equal(20_000, await _executor.RunAsync(Jobs.Flood, 20_000).Bounded());
    }

    [Fact]
    public async Task The_work_reads_an_input_that_is_empty()
    {
        Assert.Null(await _executor.RunAsync(Jobs.ReadInput).Bounded());
    }

    [Fact]
    public async Task The_work_closes_its_handles()
    {
        await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.CloseHandles).Bounded());
    }

    [Fact]
    public async Task The_work_closes_its_standard_handles()
    {
        Assert.Equal(7, await _executor.RunAsync(Jobs.CloseStandardHandles, 7).Bounded());
    }

    [Fact]
    public async Task The_work_runs_a_child()
    {
        Assert.Equal("hello", await _executor.RunAsync(Jobs.RunChild, "hello").Bounded());
    }

    [Fact]
    public async Task The_worker_dies_and_leaves_children()
    {
        using var ids = new SharedArray<int>(2);

        await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.StartChildrenAndDie, ids).Bounded());

        Assert.NotEqual(0, ids[0]);
        await LinuxProcesses.UntilAsync(() => !LinuxProcesses.IsRunning(ids[0]) && !LinuxProcesses.IsRunning(ids[1]));
    }

    [Fact]
    public async Task The_worker_dies_within_a_large_result()
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.DieWithinResult).Bounded());

        Assert.Equal(9, failure.Signal);
    }

    public static TheoryData<byte[]> NoReplies =>
    [
        Enumerable.Repeat((byte)0xff, 64).ToArray(),
        new byte[] { 0, 0, 0, 0x40, (byte)FrameKind.Result }, // Beyond the limit.
        new byte[] { 0, 0, 0, 0, 0 },
        new byte[] { 0, 0, 0, 0, 99 },
        new byte[] { 0, 0, 0, 0, (byte)FrameKind.Ready }, // Out of turn.
        new byte[] { 0, 0, 0, 0, (byte)FrameKind.Run }, // The other way.
        new byte[] { 2, 0, 0, 0, (byte)FrameKind.Fault, (byte)'x', (byte)'x' },
        new byte[] { 2, 0, 0, 0, (byte)FrameKind.Fault, (byte)'{', (byte)'}' },
        new byte[] { 4, 0, 0, 0, (byte)FrameKind.Refused, (byte)'n', (byte)'u', (byte)'l', (byte)'l' },
    ];

    [Theory]
    [MemberData(nameof(NoReplies))]
    public async Task The_work_writes_to_the_pipe_what_is_no_message(byte[] bytes)
    {
        var failure = await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.WriteToExecutor, bytes).Bounded());

        Assert.Equal(WorkerExitReason.Protocol, failure.Reason);
        Assert.False(LinuxProcesses.IsRunning(failure.ProcessId));
    }

    [Fact]
    public async Task An_idle_worker_is_killed()
    {
        var id = await _executor.RunAsync(Jobs.ProcessId).Bounded();

        _ = Jobs.Kill(id, 9);
        await LinuxProcesses.UntilAsync(() => !_executor.GetProcessIds().Contains(id));

        Assert.NotEqual(id, await _executor.RunAsync(Jobs.ProcessId).Bounded());
    }

    [Fact]
    public async Task A_worker_dies_while_a_message_goes_to_it()
    {
        var id = await _executor.RunAsync(Jobs.ProcessId).Bounded();
        // Without waiting for its end: the message goes to a worker that is about to die, or to another.
        _ = Jobs.Kill(id, 9);
        var task = _executor.RunAsync(Jobs.LengthOf, new byte[700_000]);

        await task.EndedAsync();

        Assert.True(task.IsCompletedSuccessfully || task.Exception!.InnerException is WorkerProcessException { Signal: 9 });
    }

    [Fact]
    public async Task A_death_fails_no_other_item()
    {
        using var started = new SharedInt64();
        var other = _executor.RunAsync(Jobs.WaitForCancellation, started, CancellationToken.None);
        await LinuxProcesses.UntilAsync(() => started.Value != 0);

        await Assert.ThrowsAsync<WorkerProcessException>(() => _executor.RunAsync(Jobs.KillSelf, 9).Bounded());

        Assert.False(other.IsCompleted);
        _ = Jobs.Kill((int)started.Value, 15);
        Assert.Equal(15, (await Assert.ThrowsAsync<WorkerProcessException>(() => other.Bounded())).Signal);
    }
}
