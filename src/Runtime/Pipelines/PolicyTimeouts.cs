using System.Diagnostics.CodeAnalysis;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The timeouts of one call through a policy: a single token source whose timer is moved from phase to phase, and isn't set at all
/// while nothing waits.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It is disposable; the rule does not look at structs.")]
internal struct PolicyTimeouts(TimeProvider timeProvider, TimeSpan? total, TimeSpan? attempt, CancellationToken callerToken)
    : IDisposable
{
    private enum Limit
    {
        None,
        Total,
        Attempt,
        ProbeLease,
    }

    private readonly long _startedAt = total is null ? 0 : timeProvider.GetTimestamp();

    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _callerRegistration;
    private Limit _limit;
    private bool _hasWaited;

    /// <summary>Cancelled by the caller, or when a time is up.</summary>
    public readonly CancellationToken Token => _source?.Token ?? callerToken;

    /// <summary>Makes a token source even if no timeout is set.</summary>
    public void EnsureSource()
    {
        if (_source is not null)
            return;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        if (callerToken.CanBeCanceled)
            _callerRegistration = callerToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>A wait for a permit begins; it may last as long as the whole call, and no longer than a probe's lease.</summary>
    public void BeginWait(TimeSpan? leaseLeft = null)
    {
        _hasWaited = true;
        var left = Left();
        if (leaseLeft is { } lease && (left is null || lease < left))
            Set(Limit.ProbeLease, lease);
        else if (left is not null)
            Set(Limit.Total, left.Value);
    }

    /// <summary>The call begins, unless its time is up already.</summary>
    public void BeginAttempt()
    {
        if (_source is null)
            return;
        _source.Token.ThrowIfCancellationRequested();
        var left = _hasWaited ? Left() : total;
        if (attempt is not null && (left is null || attempt < left))
            Set(Limit.Attempt, attempt.Value);
        else if (left is not null)
            Set(Limit.Total, left.Value);
        else
            Set(Limit.None, Timeout.InfiniteTimeSpan);
        _source.Token.ThrowIfCancellationRequested();
    }

    /// <summary>What the caller is to see of an exception: who cancelled decides whether it is a timeout, a refusal, or a cancellation by the caller.</summary>
    public readonly Exception Explain(Exception exception)
    {
        if (exception is not OperationCanceledException canceled)
            return exception;
        if (callerToken.IsCancellationRequested)
            return canceled.CancellationToken == callerToken ? canceled : new OperationCanceledException(canceled.Message, canceled, callerToken);
        if (_source is not { IsCancellationRequested: true })
            return exception;
        return _limit switch
        {
            Limit.ProbeLease => new PermitRefusedException(PermitSource.RateLimiter, retryAfter: null),
            Limit.Attempt => new TimeoutException($"The call did not end within the attempt timeout of {attempt}.", exception),
            _ => new TimeoutException($"The call did not end within the total timeout of {total}.", exception),
        };
    }

    public readonly void Dispose()
    {
        // Where the caller's cancellation is under way, it still uses the source; it stops the timer as well.
        if (_source is not null && (!callerToken.CanBeCanceled || _callerRegistration.Unregister()))
            _source.Dispose();
    }

    private readonly TimeSpan? Left() => total - timeProvider.GetElapsedTime(_startedAt);

    private void Set(Limit limit, TimeSpan time)
    {
        _limit = limit;
        if (time == Timeout.InfiniteTimeSpan)
            _source!.CancelAfter(time);
        else if (time <= TimeSpan.Zero)
            _source!.Cancel();
        else
            _source!.CancelAfter(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)));
    }
}
