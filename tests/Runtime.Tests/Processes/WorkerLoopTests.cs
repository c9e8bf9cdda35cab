using System.Collections.Concurrent;
using System.Text.Json;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>The two threads of a worker, within this process: they wait for more calls until it ends.</summary>
public sealed class WorkerLoopTests
{
    /// <summary>The thread that replied may be held up before it goes on, while the other gets the next call.</summary>
    [Fact]
    public async Task A_reply_is_sent_once_even_if_its_thread_is_held_up_behind_it()
    {
        using var gate = new ManualResetEventSlim();
        var calls = new BytesInMemory();
        var replies = new BytesInMemory { Written = bytes => { if (KindOf(bytes) == FrameKind.Fault) gate.Wait(); } };
        var loop = new WorkerLoop(calls, replies);
        foreach (var reads in (bool[])[true, false])
            new Thread(() => loop.Run(reads)) { IsBackground = true }.Start();
        var reader = new FrameReader(replies) { MaxPayload = 1 << 16 };

        Send(calls, static writer => writer.Add(FrameKind.Start, JsonSerializer.SerializeToUtf8Bytes(new StartMessage { MaxMessageSize = 1 << 16, Environment = [] }, WireContext.Default.StartMessage)));
        Assert.Equal(FrameKind.Ready, (await NextAsync()).Kind);

        // It is the other thread that reads the cancellation, and then the next call.
        Send(calls, static writer =>
        {
            AddRun(writer, WorkMethod.Of((Func<CancellationToken, int>)WaitForCancellation));
            writer.Add(FrameKind.Cancel, BitConverter.GetBytes(1));
        });
        Assert.Equal(FrameKind.Fault, (await NextAsync()).Kind);

        Send(calls, static writer => AddRun(writer, WorkMethod.Of((Func<int>)Answer)));
        var reply = await NextAsync();
        gate.Set();

        Assert.Equal(FrameKind.Result, reply.Kind);
        Assert.Equal("42"u8, reply.Payload);

        async Task<Frame> NextAsync() => (await Task.Run(reader.Read).Bounded())!.Value;
    }

    private static int WaitForCancellation(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        throw new OperationCanceledException(cancellationToken);
    }

    private static int Answer() => 42;

    private static FrameKind KindOf(byte[] frame) => (FrameKind)frame[4];

    private static void AddRun(FrameWriter writer, WorkMethod method)
    {
        writer.Add(FrameKind.Method, JsonSerializer.SerializeToUtf8Bytes(method.Message, WireContext.Default.MethodMessage));
        RunReader.Write(writer, method, stopsAtFault: true, [null]);
    }

    private static void Send(BytesInMemory calls, Action<FrameWriter> write)
    {
        var writer = new FrameWriter();
        write(writer);
        calls.Write(writer.Written.Span);
    }

    /// <summary>A pipe that never ends: the end of the real one ends the process.</summary>
    private sealed class BytesInMemory : MemoryStream
    {
        private readonly BlockingCollection<byte[]> _chunks = [];
        private byte[] _rest = [];

        /// <summary>Called with what was written, once it can be read.</summary>
        public Action<byte[]>? Written { get; init; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var bytes = buffer.ToArray();
            _chunks.Add(bytes);
            Written?.Invoke(bytes);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_rest.Length == 0)
                _rest = _chunks.Take();
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest.AsSpan(0, count).CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }
    }
}
