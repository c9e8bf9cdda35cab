using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Calls of one method that go to one worker, one after another, and what came of each.</summary>
internal sealed class WorkBatch(WorkMethod method, byte[]?[] arguments, bool readsPlainly, bool stopsAtFault, TimeProvider timeProvider)
{
    private readonly Result[] _results = new Result[arguments.Length];
    private int _attempts;
    private bool _stopped;
    private long? _startedAt;

    public WorkMethod Method { get; } = method;

    public bool StopsAtFault { get; } = stopsAtFault;

    /// <summary>Whether reading the results calls nothing of the user's.</summary>
    public bool ReadsPlainly { get; } = readsPlainly;

    /// <summary>The call that is the next to end.</summary>
    public int Next { get; private set; }

    public bool IsDone => _stopped || Next == arguments.Length;

    /// <summary>The calls that have not ended, but no more than <paramref name="count"/>, and no more bytes than <paramref name="maxSize"/> unless one has.</summary>
    public ReadOnlyMemory<byte[]?> Take(int count, int maxSize)
    {
        count = Math.Min(count, arguments.Length - Next);
        long size = 0;
        for (var i = 0; i < count; i++)
        {
            size += sizeof(int) + (arguments[Next + i]?.Length ?? 0);
            if (size > maxSize && i > 0)
                return arguments.AsMemory(Next, i);
        }

        return arguments.AsMemory(Next, count);
    }

    public void Start() => _startedAt = timeProvider.GetTimestamp();

    public (byte[]? Payload, Exception? Fault, TimeSpan Duration) ResultOf(int index) =>
        (_results[index].Payload, _results[index].Fault, _results[index].Duration);

    /// <summary>Whether the reply says that the work ran out of memory, after which its worker is worth nothing.</summary>
    public static bool IsOutOfMemory(Frame reply) =>
        reply.Kind == FrameKind.Fault && Faults.Read(reply.Payload).Type == typeof(OutOfMemoryException).FullName;

    /// <summary>Takes in the reply to the next call; false if it is none.</summary>
    /// <exception cref="JsonException">It is one that can't be read.</exception>
    public bool TryTake(Frame reply, CancellationToken cancellationToken)
    {
        switch (reply.Kind)
        {
            case FrameKind.Result:
                End(reply.Payload, null);
                return true;
            case FrameKind.Fault:
                var fault = Faults.Read(reply.Payload);
                Fail(fault.IsCanceled && cancellationToken.IsCancellationRequested
                    ? new OperationCanceledException(fault.Message, cancellationToken)
                    : new RemoteException(fault));
                return true;
            case FrameKind.Refused:
                var refusal = JsonSerializer.Deserialize(reply.Payload, WireContext.Default.RefusalMessage) ?? throw new JsonException("There is nothing.");
                Fail(WorkSerializationException.FromWorker(refusal));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes in that the worker was lost with the next call; false if the call may be tried again.</summary>
    public bool TryLose(WorkerExit exit, int maxAttempts)
    {
        _attempts++;
        var isGivenUp = !exit.IsUnexpected || _attempts >= maxAttempts;
        if (isGivenUp)
        {
            Exception fault = new WorkerProcessException(exit, _attempts);
            Fail(exit.Reason == WorkerExitReason.Timeout ? new TimeoutException(exit.Detail, fault) : fault);
        }

        _startedAt = null; // The next call waits for another worker.
        return isGivenUp;
    }

    /// <summary>Ends the next call.</summary>
    public void Fail(Exception fault)
    {
        End(null, fault);
        _stopped |= StopsAtFault;
    }

    private void End(byte[]? payload, Exception? fault)
    {
        var now = timeProvider.GetTimestamp();
        _results[Next++] = new Result(payload, fault, _startedAt is { } startedAt ? timeProvider.GetElapsedTime(startedAt, now) : TimeSpan.Zero);
        if (_startedAt is not null)
            _startedAt = now;
        _attempts = 0;
    }

    private readonly record struct Result(byte[]? Payload, Exception? Fault, TimeSpan Duration);
}
