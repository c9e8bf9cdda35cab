using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a worker does with the messages it gets. Run by two threads, which take turns at reading.</summary>
#pragma warning disable CA1001 // The token sources hold neither a timer nor a link, and work may keep their tokens.
[RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
[RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
internal sealed class WorkerLoop
#pragma warning restore CA1001
{
    private readonly object _reading = new();
    private readonly Stream _output;
    private readonly FrameReader _reader;
    private readonly Dictionary<int, MethodMessage> _methods = [];
    private readonly Dictionary<int, WorkMethod> _resolved = [];
    private readonly FrameWriter _reply = new();
    private StartMessage? _start;
    private WorkSerializer? _serializer;
    private int _run;
    private volatile CancellationTokenSource _cancellation = new();

    public WorkerLoop(Stream input, Stream output)
    {
        _output = output;
        // The executor's own limit comes with the first frame.
        _reader = new FrameReader(input) { MaxPayload = ProcessExecutorOptions.LargestMessage };
    }

    public void Run()
    {
        var clean = ExecutionContext.Capture()!;
        try
        {
            while (true)
            {
                byte[] run;
                lock (_reading)
                    run = ReadRun();
                Execute(new RunReader(run));
                ExecutionContext.Restore(clean);
                SynchronizationContext.SetSynchronizationContext(null);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or ObjectDisposedException)
        {
            WorkerHost.Abandon(); // The parent is gone, or will have nothing more of this worker.
        }
        catch (Exception e) // Not the work's, which is caught where it runs.
        {
            Console.Error.WriteLine($"The worker got what is no message: {e.Message}");
            Environment.Exit(WorkerHost.ProtocolError);
        }
    }

    /// <summary>Reads up to the next call; the caller holds the right to read.</summary>
    private byte[] ReadRun()
    {
        while (true)
        {
            var frame = _reader.Read() ?? throw new EndOfStreamException();
            if (_start is null != (frame.Kind == FrameKind.Start))
                throw new InvalidDataException($"{frame.Kind} out of turn.");
            switch (frame.Kind)
            {
                case FrameKind.Start:
                    Start(JsonSerializer.Deserialize(frame.Payload, WireContext.Default.StartMessage)!);
                    break;
                case FrameKind.Method:
                    var method = JsonSerializer.Deserialize(frame.Payload, WireContext.Default.MethodMessage)!;
                    _methods[method.Number] = method;
                    break;
                case FrameKind.Run:
                    _run++;
                    _cancellation = new CancellationTokenSource();
                    return frame.Payload;
                case FrameKind.Cancel:
                    // The run may have ended meanwhile, and be followed by another.
                    if (BitConverter.ToInt32(frame.Payload) == _run)
                        _ = _cancellation.CancelAsync();
                    break;
                case FrameKind.Exit:
                    Environment.Exit(0);
                    break;
                default:
                    throw new InvalidDataException($"{frame.Kind} is not for a worker.");
            }
        }
    }

    private void Start(StartMessage start)
    {
        _start = start;
        _reader.MaxPayload = start.MaxMessageSize + Frame.Overhead;
        foreach (var (name, value) in start.Environment)
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            _serializer = new WorkSerializer(start.SerializerContext is { } context ? Type.GetType(context, throwOnError: true) : null);
            if (start.Initializer is { } initializer)
            {
                var method = WorkMethod.Resolve(initializer);
                var call = new WorkCall(method, _serializer);
                _ = call.Invoke(start.InitializerArgument, CancellationToken.None);
            }

            Reply(FrameKind.Ready, []);
        }
        catch (Exception e) // Whatever it is, the executor gets it.
        {
            Reply(FrameKind.NotReady, Faults.Write(e, CancellationToken.None));
        }
    }

    private void Execute(RunReader run)
    {
        var token = _cancellation.Token;
        while (run.TryReadArgument(out var argument))
        {
            var (kind, payload) = Call(run.Method, argument, token);
            if (payload.Length > _start!.MaxMessageSize)
                (kind, payload) = Refuse(new WorkSerializationException($"The result has {payload.Length} bytes; {nameof(ProcessExecutorOptions.MaxMessageSize)} is {_start.MaxMessageSize}."), typeof(object));
            Reply(kind, payload);
            if (kind != FrameKind.Result && run.StopsAtFault)
                return;
        }
    }

    // Not inlined: while the worker waits, no local may keep the last item's argument or result.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (FrameKind Kind, byte[] Payload) Call(int number, ReadOnlyMemory<byte>? argument, CancellationToken token)
    {
        var type = typeof(void);
        try
        {
            if (!_resolved.TryGetValue(number, out var method))
                _resolved.Add(number, method = WorkMethod.Resolve(_methods[number]));
            var call = new WorkCall(method, _serializer!);
            type = call.ResultType;
            var result = call.Invoke(argument, token);
            return (FrameKind.Result, type == typeof(void) ? [] : _serializer!.Write(result, type));
        }
        catch (WorkSerializationException e)
        {
            return Refuse(e, type);
        }
        catch (Exception e) // The work's fault goes to whoever submitted it.
        {
            return (FrameKind.Fault, Faults.Write(e, token));
        }
    }

    private static (FrameKind Kind, byte[] Payload) Refuse(WorkSerializationException exception, Type type) =>
        (FrameKind.Refused, JsonSerializer.SerializeToUtf8Bytes(
            new RefusalMessage { Message = Faults.Cut(exception.Message), Path = exception.Path, Type = type.ToString() }, WireContext.Default.RefusalMessage));

    private void Reply(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        _reply.Clear();
        _reply.Add(kind, payload);
        _output.Write(_reply.Written.Span);
    }
}
