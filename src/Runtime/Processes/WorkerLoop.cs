using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a worker does with the messages it gets. Run by two threads: one reads and runs, the other takes over when that takes long.</summary>
#pragma warning disable CA1001 // The token sources hold neither a timer nor a link, and work may keep their tokens.
[RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
[RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
internal sealed class WorkerLoop
#pragma warning restore CA1001
{
    // How long work may hold up the reading: a cancellation or the parent's end is noticed that much later.
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(100);

    private readonly object _turn = new();
    private readonly Stream _output;
    private readonly FrameReader _reader;
    private readonly Dictionary<int, MethodMessage> _methods = [];
    private readonly Dictionary<int, WorkCall> _calls = [];
    private StartMessage? _start;
    private WorkSerializer? _serializer;
    private int _run;
    private int _work;

    /// <summary>The number of the work that holds the reader up; 0 if it reads.</summary>
    private int _busyReader;
    private bool _isWatcherAsleep;
    private volatile CancellationTokenSource _cancellation = new();

    public WorkerLoop(Stream input, Stream output)
    {
        _output = output;
        // The executor's own limit comes with the first frame.
        _reader = new FrameReader(input) { MaxPayload = ProcessExecutorOptions.LargestMessage };
    }

    /// <summary>Reads and runs calls, or watches the one who does. Never returns.</summary>
    /// <param name="reads">Whether this thread begins with the reading; one does.</param>
    public void Run(bool reads)
    {
        var clean = ExecutionContext.Capture()!;
        // Each thread has its own: once a reply is written, the other may reply to the next call before this one goes on.
        var reply = new FrameWriter();
        try
        {
            while (true)
            {
                if (!reads)
                    WatchReader();
                reads = true;
                while (reads)
                {
                    reads = ReadAndRun(reply);
                    ExecutionContext.Restore(clean);
                    SynchronizationContext.SetSynchronizationContext(null);
                }
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

    /// <summary>Reads the next call and runs it; whether this thread still has the reading.</summary>
    // Not inlined: while the worker waits, no local may keep the last item's argument or result.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadAndRun(FrameWriter reply)
    {
        var frame = ReadWork();
        var work = BeginWork();
        if (frame.Kind == FrameKind.Start)
            Start(reply);
        else
            Execute(new RunReader(frame.Payload), reply);
        return EndWork(work);
    }

    /// <summary>Waits until the reader's work takes long, and takes the reading over from it.</summary>
    private void WatchReader()
    {
        lock (_turn)
        {
            while (true)
            {
                var (work, busy) = (_work, _busyReader);
                Monitor.Wait(_turn, Watch);
                if (work != _work)
                    continue;
                if (busy != 0 && busy == _busyReader)
                {
                    _busyReader = 0;
                    return;
                }

                // Nothing has begun for a while: whoever begins something wakes this thread, once, and not for each item.
                _isWatcherAsleep = _busyReader == 0;
                while (_isWatcherAsleep)
                    Monitor.Wait(_turn);
            }
        }
    }

    /// <summary>The reader begins its work. Returns the work's number.</summary>
    private int BeginWork()
    {
        lock (_turn)
        {
            _busyReader = ++_work;
            if (_isWatcherAsleep)
                Monitor.Pulse(_turn);
            _isWatcherAsleep = false;
            return _work;
        }
    }

    /// <summary>Whether the thread that did the work still has the reading: the other may have it, and work of its own by now.</summary>
    private bool EndWork(int work)
    {
        lock (_turn)
        {
            if (_busyReader != work)
                return false;
            _busyReader = 0;
            return true;
        }
    }

    /// <summary>Reads up to the next call, or to the beginning.</summary>
    private Frame ReadWork()
    {
        while (true)
        {
            var frame = _reader.Read() ?? throw new EndOfStreamException();
            if (_start is null != (frame.Kind == FrameKind.Start))
                throw new InvalidDataException($"{frame.Kind} out of turn.");
            switch (frame.Kind)
            {
                case FrameKind.Start:
                    _start = JsonSerializer.Deserialize(frame.Payload, WireContext.Default.StartMessage)!;
                    _reader.MaxPayload = _start.MaxMessageSize + Frame.Overhead;
                    return frame;
                case FrameKind.Method:
                    var method = JsonSerializer.Deserialize(frame.Payload, WireContext.Default.MethodMessage)!;
                    _methods[method.Number] = method;
                    break;
                case FrameKind.Run:
                    _run++;
                    _cancellation = new CancellationTokenSource();
                    return frame;
                case FrameKind.Cancel:
                    // The run may have ended meanwhile, and be followed by another.
                    if (BitConverter.ToInt32(frame.Payload) == _run)
                        _cancellation.CancelAsync().Observe();
                    break;
                case FrameKind.Exit:
                    Environment.Exit(0);
                    break;
                default:
                    throw new InvalidDataException($"{frame.Kind} is not for a worker.");
            }
        }
    }

    private void Start(FrameWriter reply)
    {
        var start = _start!;
        foreach (var (name, value) in start.Environment)
            Environment.SetEnvironmentVariable(name, value);
        try
        {
            _serializer = new WorkSerializer(start.SerializerContext is { } context ? Type.GetType(context, throwOnError: true) : null);
            if (start.Initializer is { } initializer)
            {
                _ = new WorkCall(WorkMethod.Resolve(initializer), _serializer).Invoke(start.InitializerArgument, CancellationToken.None);
            }

            Reply(reply, FrameKind.Ready, []);
        }
        catch (Exception e) // Whatever it is, the executor gets it.
        {
            Reply(reply, FrameKind.NotReady, Faults.Write(e, CancellationToken.None));
        }
    }

    private void Execute(RunReader run, FrameWriter reply)
    {
        var token = _cancellation.Token;
        while (run.TryReadArgument(out var argument))
        {
            var (kind, payload) = Call(run.Method, argument, token);
            if (payload.Length > _start!.MaxMessageSize)
                (kind, payload) = Refuse(new WorkSerializationException($"The result has {payload.Length} bytes; {nameof(ProcessExecutorOptions.MaxMessageSize)} is {_start.MaxMessageSize}."), typeof(object));
            Reply(reply, kind, payload);
            if (kind != FrameKind.Result && run.StopsAtFault)
                return;
        }
    }

    private (FrameKind Kind, byte[] Payload) Call(int number, ReadOnlyMemory<byte>? argument, CancellationToken token)
    {
        var type = typeof(void);
        try
        {
            if (!_calls.TryGetValue(number, out var call))
                _calls.Add(number, call = new WorkCall(WorkMethod.Resolve(_methods[number]), _serializer!));
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

    private void Reply(FrameWriter reply, FrameKind kind, ReadOnlySpan<byte> payload)
    {
        reply.Add(kind, payload);
        _output.Write(reply.Written.Span);
        reply.Clear();
    }
}
