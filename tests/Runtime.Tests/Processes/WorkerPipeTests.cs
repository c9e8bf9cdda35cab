using System.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>The order of what a worker is sent, looked at through a process that sends back whatever it gets.</summary>
[Collection(RunsAlone.Name)]
public sealed class WorkerPipeTests
{
    private static readonly WorkMethod Method = WorkMethod.Of(Jobs.LengthOf);

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_cancellation_from_before_the_run_follows_it(int size)
    {
        var worker = StartEcho();
        worker.SendCancel(1);
        await worker.SendAsync(Method, stopsAtFault: true, new byte[]?[] { new byte[size] }).Bounded();
        await AssertSentAsync(worker, FrameKind.Method, FrameKind.Run, FrameKind.Cancel);
    }

    [Fact]
    public async Task A_cancellation_takes_no_large_runs_place()
    {
        var worker = StartEcho();
        var sending = worker.SendAsync(Method, stopsAtFault: true, new byte[]?[] { new byte[100_000] });
        worker.SendCancel(1);
        await sending.Bounded();
        await AssertSentAsync(worker, FrameKind.Method, FrameKind.Run, FrameKind.Cancel);
    }

    [Fact]
    public async Task A_worker_that_waits_keeps_no_message()
    {
        const int Size = 32 * 1024 * 1024;
        var worker = StartEcho();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await SendLargeAsync(worker);
        await Task.Yield(); // Off the stack of the method that had it.
        var after = GC.GetTotalMemory(forceFullCollection: true);
        worker.Kill(WorkerExitReason.Dismissed);
        Assert.InRange(after - before, long.MinValue, Size / 2);

        static async Task SendLargeAsync(WorkerProcess worker)
        {
            await worker.SendAsync(Method, stopsAtFault: true, new byte[]?[] { new byte[Size] }).Bounded();
            Assert.Equal(FrameKind.Method, (await worker.ReceiveAsync(continuesInline: false).AsTask().Bounded())!.Value.Kind);
            Assert.Equal(FrameKind.Run, (await worker.ReceiveAsync(continuesInline: false).AsTask().Bounded())!.Value.Kind);
        }
    }

    private static WorkerProcess StartEcho() => WorkerProcess.Start(
        new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        maxMessageSize: 64 * 1024 * 1024,
        received: null);

    private static async Task AssertSentAsync(WorkerProcess worker, params FrameKind[] expected)
    {
        foreach (var kind in expected)
            Assert.Equal(kind, (await worker.ReceiveAsync(continuesInline: false).AsTask().Bounded())!.Value.Kind);
        worker.Kill(WorkerExitReason.Dismissed);
        await worker.Exited.Bounded();
    }
}
