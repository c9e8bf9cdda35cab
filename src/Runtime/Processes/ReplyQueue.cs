using System.Threading.Tasks.Sources;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Hands a worker's replies from the thread that reads them to the one flow that waits for them; on that very thread where the
/// flow allows it, which saves the wake-up of another.
/// </summary>
internal sealed class ReplyQueue : IValueTaskSource<Frame?>
{
    private readonly object _lock = new();
    private readonly Queue<Frame> _frames = new();
    private ManualResetValueTaskSourceCore<Frame?> _waiter;
    private bool _isAwaited;
    private bool _isEnded;

    /// <summary>Hands on a reply. Runs what waits for it, if that may run on the caller's thread.</summary>
    public void Add(Frame frame)
    {
        lock (_lock)
        {
            if (!_isAwaited)
            {
                _frames.Enqueue(frame);
                return;
            }

            _isAwaited = false;
        }

        _waiter.SetResult(frame);
    }

    /// <summary>Says that no reply will follow.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
            if (!_isAwaited)
                return;
            _isAwaited = false;
        }

        _waiter.SetResult(null);
    }

    /// <summary>The next reply; null at the end. One call at a time.</summary>
    /// <param name="continuesInline">Whether what follows may hold up the thread that reads: nothing of the user's, nothing that waits.</param>
    public ValueTask<Frame?> TakeAsync(bool continuesInline)
    {
        lock (_lock)
        {
            if (_frames.TryDequeue(out var frame))
                return new(frame);
            if (_isEnded)
                return default;
            _isAwaited = true;
            _waiter.RunContinuationsAsynchronously = !continuesInline;
            return new(this, _waiter.Version);
        }
    }

    Frame? IValueTaskSource<Frame?>.GetResult(short token)
    {
        var frame = _waiter.GetResult(token);
        _waiter.Reset(); // Now: it would keep the last result until the next.
        return frame;
    }

    ValueTaskSourceStatus IValueTaskSource<Frame?>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<Frame?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);
}
