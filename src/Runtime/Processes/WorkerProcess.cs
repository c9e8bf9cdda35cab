using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A worker process as its executor sees it. One batch at a time; the members that end it may be called at any time.</summary>
internal sealed class WorkerProcess
{
    // A worker that closed its pipe is on its way out, and its exit code says more than the kill that would follow.
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(5);

    // Only a process that left the worker's group and tree can still hold its standard error by then.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly Stream _input;
    private readonly int _maxMessageSize;
    private readonly OutputTail _output;
    private readonly object _writing = new();
    private readonly FrameWriter _writer = new();
    private readonly HashSet<int> _methods = [];
    private readonly ReplyQueue _replies = new();
    private readonly TaskCompletionSource _repliesRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _canceledBeforehand;
    private End? _end;

    private WorkerProcess(Process process, int maxMessageSize, Action<int, string>? received)
    {
        _process = process;
        _maxMessageSize = maxMessageSize;
        Id = process.Id;
        _input = process.StandardInput.BaseStream;
        _output = new OutputTail(process.StandardError, Id, received);
        Exited = WatchExitAsync();
        StartThread(ReadReplies, "replies");
        StartThread(ReadOutput, "output");
    }

    public int Id { get; }

    /// <summary>How many items the worker was given.</summary>
    public int Items { get; private set; }

    /// <summary>How many batches the worker was given; a cancellation names the one it is meant for.</summary>
    public int Runs { get; private set; }

    /// <summary>Whether the worker can be given a batch, as far as anybody knows.</summary>
    public bool IsUsable => Volatile.Read(ref _end) is null && !_repliesRead.Task.IsCompleted;

    /// <summary>Ends once the process is gone, with its tree, and everything it held here is given back. Never fails.</summary>
    public Task<WorkerExit> Exited { get; }

    /// <summary>Starts a process; blocks for as long as the system takes.</summary>
    /// <exception cref="WorkerProcessException">The system refused.</exception>
    public static WorkerProcess Start(ProcessStartInfo info, int maxMessageSize, Action<int, string>? received)
    {
        try
        {
            return new WorkerProcess(Process.Start(info)!, maxMessageSize, received);
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            throw new WorkerProcessException(new WorkerExit(WorkerExitReason.NotStarted, 0, null, "", e.Message), 1, e);
        }
    }

    /// <summary>Sends the first message. Blocks.</summary>
    public void SendStart(StartMessage start)
    {
        lock (_writing)
        {
            _writer.Add(FrameKind.Start, JsonSerializer.SerializeToUtf8Bytes(start, WireContext.Default.StartMessage));
            Flush();
        }
    }

    /// <summary>Sends a batch of calls; a small one at once, since the pipe of a worker that waits is empty.</summary>
    public Task SendAsync(WorkMethod method, bool stopsAtFault, ReadOnlyMemory<byte[]?> arguments)
    {
        const int SurelyFits = 4096;
        Items += arguments.Length;
        if (RunReader.LengthOf(arguments.Span) > SurelyFits)
            return Task.Run(() => Send(method, stopsAtFault, arguments.Span));
        Send(method, stopsAtFault, arguments.Span);
        return Task.CompletedTask;
    }

    /// <summary>Asks the work of a batch to stop, if it still runs, or once it is sent. Blocks while the worker doesn't read.</summary>
    public void SendCancel(int run)
    {
        lock (_writing)
        {
            if (run > Runs)
            {
                _canceledBeforehand = run; // Now the worker would take no notice of it.
                return;
            }

            _writer.Add(FrameKind.Cancel, BitConverter.GetBytes(run));
            Flush();
        }
    }

    /// <summary>The next reply; null if there will be none, because the worker ended.</summary>
    /// <param name="continuesInline">Whether what follows may run on the thread that reads the replies.</param>
    public ValueTask<Frame?> ReceiveAsync(bool continuesInline) => _replies.TakeAsync(continuesInline);

    /// <summary>Lets an idle worker end in good order, and kills it if it doesn't.</summary>
    public async Task DismissAsync(TimeProvider timeProvider, TimeSpan grace)
    {
        Interlocked.CompareExchange(ref _end, new End(WorkerExitReason.Dismissed, null), null);
        await Task.Run(() =>
        {
            lock (_writing)
            {
                _writer.Add(FrameKind.Exit);
                Flush();
            }
        }).ConfigureAwait(false);
        using var timer = UnflowedTimer.Create(timeProvider, static worker => ((WorkerProcess)worker!).Kill(WorkerExitReason.Dismissed), this, grace);
        await Exited.ConfigureAwait(false);
    }

    /// <summary>Kills the process and its tree. The first reason counts.</summary>
    public void Kill(WorkerExitReason reason, string? detail = null)
    {
        Interlocked.CompareExchange(ref _end, new End(reason, detail), null);
        try
        {
            if (_process.HasExited)
                return;
            // The tree first: it finds those who left the group. Then the group: it finds those whose parents are gone.
            _process.Kill(entireProcessTree: true);
            if (!OperatingSystem.IsWindows())
                UnixProcess.KillGroup(Id);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException or NotSupportedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>The memory the process has in use, in bytes; 0 if it is gone, or if there is no <paramref name="limit"/> to hold it to.</summary>
    public long GetMemoryIf(long? limit) => limit is null ? 0 : GetResidentMemory();

    /// <summary>The memory the process has in use, in bytes; 0 if it is gone.</summary>
    public long GetResidentMemory()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var fields = File.ReadAllText($"/proc/{Id}/statm").Split(' ');
                return long.Parse(fields[1], provider: null) * Environment.SystemPageSize;
            }

            _process.Refresh();
            return _process.WorkingSet64;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static void StartThread(Action run, string name) =>
        new Thread(() => run(), 512 * 1024) { IsBackground = true, Name = $"ProcessExecutor {name}" }.UnsafeStart();

    private void Send(WorkMethod method, bool stopsAtFault, ReadOnlySpan<byte[]?> arguments)
    {
        lock (_writing)
        {
            Runs++;
            if (_methods.Add(method.Message.Number))
                _writer.Add(FrameKind.Method, JsonSerializer.SerializeToUtf8Bytes(method.Message, WireContext.Default.MethodMessage));
            RunReader.Write(_writer, method, stopsAtFault, arguments);
            if (_canceledBeforehand == Runs)
                _writer.Add(FrameKind.Cancel, BitConverter.GetBytes(Runs));
            Flush();
        }
    }

    /// <summary>Writes what the writer holds, and forgets it. A worker that is gone is noticed by its reader, not here.</summary>
    private void Flush()
    {
        try
        {
            _input.Write(_writer.Written.Span);
            _input.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // See above.
        }

        _writer.Clear();
    }

    private void ReadReplies()
    {
        try
        {
            var reader = new FrameReader(_process.StandardOutput.BaseStream) { MaxPayload = _maxMessageSize + Frame.Overhead };
            while (ReadReply(reader))
            {
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It ended within a message.
        }
        catch (Exception e) // No message, or one that there is no memory for: what a worker sends must not end its executor's process.
        {
            Kill(WorkerExitReason.Protocol, $"It wrote what is no message. {e.Message}");
        }

        _repliesRead.TrySetResult();
        _replies.End();
        if (!Exited.Wait(ExitGrace))
            Kill(WorkerExitReason.Protocol, "It closed its pipe.");
    }

    // Not inlined: while the thread waits, no local may keep the last reply.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadReply(FrameReader reader)
    {
        if (reader.Read() is not { } frame)
            return false;
        _replies.Add(frame);
        return true;
    }

    private void ReadOutput()
    {
        _output.ReadToEnd();
        _outputRead.TrySetResult();
    }

    private async Task<WorkerExit> WatchExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
            UnixProcess.KillGroup(Id); // The children of a worker that ended by itself.
        await ((Task)Task.WhenAll(_repliesRead.Task, _outputRead.Task).WaitAsync(OutputGrace)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var end = Volatile.Read(ref _end);
        var exit = new WorkerExit(end?.Reason ?? WorkerExitReason.Exited, Id, _process.ExitCode, _output.ToString(), end?.Detail);
        await _input.DisposeAsync().ConfigureAwait(false);
        _process.StandardOutput.Dispose();
        _process.StandardError.Dispose();
        _process.Dispose();
        return exit;
    }

    private sealed record End(WorkerExitReason Reason, string? Detail);
}
