using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Runs asynchronous work for a limited time, cancels it on expiry, and by default waits until it has stopped.</summary>
/// <remarks>
/// <para>
/// A timeout of zero or less doesn't start the work; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit. What the
/// work returns or throws of itself wins, even after the expiry; a <see cref="TimeoutException"/> takes the place of a
/// cancellation alone. Of nested deadlines that have expired only the outermost surfaces. When the caller's token is
/// cancelled, the cancellation surfaces with that token, never as a timeout.
/// </para>
/// <para>
/// The work runs on the caller's thread up to its first await. All members are safe for concurrent use.
/// </para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token source has no timer and no links of its own; abandoned work may still hold its token.")]
public sealed partial class Deadline
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // Marks the exceptions by which an inner deadline said that it expired, so that an outer one can take their place.
    private static readonly ConditionalWeakTable<Exception, object> Expirations = [];

    private readonly Gate _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _callerToken;
    private readonly TimeProvider _time;
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly TaskCompletionSource? _abandoned;

    private ITimer? _timer;
    private TimeSpan _timeout;
    private long _setAt;
    private TimeSpan _due;
    private bool _isArmed;
    private bool _arming;
    private bool _hasEnded;
    private State _state;
    private Task _callbacks = Task.CompletedTask;

    private Deadline(TimeSpan timeout, DeadlineOptions options, CancellationToken callerToken)
    {
        _time = options.TimeProvider;
        _callerToken = callerToken;
        _abandoned = options.OnExpiry == DeadlineExpiry.Abandon ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        Set(timeout);
        _callerRegistration = callerToken.UnsafeRegister(static deadline => ((Deadline)deadline!).CancelByCaller(), this);
    }

    private enum State
    {
        Running,
        Canceled,
        Expired,
        Ended,
    }

    /// <summary>Whether the time is up and the work has been cancelled for it.</summary>
    public bool HasExpired
    {
        get
        {
            lock (_lock)
                return _state == State.Expired;
        }
    }

    /// <summary>The time left: zero at and after the expiry, <see cref="Timeout.InfiniteTimeSpan"/> without a limit.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var now = _time.GetTimestamp();
            lock (_lock)
            {
                if (_timeout == Timeout.InfiniteTimeSpan)
                    return _timeout;
                var left = LeftAt(now);
                return left > TimeSpan.Zero && _state != State.Expired ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Moves the deadline.</summary>
    /// <param name="timeout">The time allowed from now on: at most 2³²−2 ms; zero or less expires at once; <see cref="Timeout.InfiniteTimeSpan"/> lifts the limit.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is longer than 2³²−2 ms.</exception>
    /// <exception cref="InvalidOperationException">The deadline has expired, the caller has cancelled, or the work has ended.</exception>
    public void Reschedule(TimeSpan timeout)
    {
        ThrowIfTooLong(timeout);
        Set(timeout);
    }

    /// <summary>Runs the work to its end, or until it is abandoned; gives it back when its own end is the outcome.</summary>
    private static async Task<TTask> SuperviseAsync<TWork, TTask>(
        Func<TWork, Deadline, CancellationToken, TTask> call,
        TWork work,
        Func<Exception, TTask> faulted,
        TimeSpan timeout,
        DeadlineOptions options,
        CancellationToken callerToken)
        where TTask : Task
    {
        callerToken.ThrowIfCancellationRequested();
        if (timeout <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            DeadlineInstruments.Expired();
            throw Expiration($"The operation was not started, since a timeout of {timeout} left it no time.", inner: null);
        }

        var deadline = new Deadline(timeout, options, callerToken);
        var activity = RuntimeDiagnostics.Start(DeadlineInstruments.RunActivity);
        var task = Work.Start(static it => it.call(it.work, it.deadline, it.deadline._cancellation.Token), (call, work, deadline), faulted);
        if (deadline._abandoned is null)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await Task.WhenAny(task, deadline._abandoned.Task).ConfigureAwait(false);

        var isCut = deadline.End();
        var error = task.IsCompleted
            ? await deadline.JudgeAsync(isCut, Work.ErrorsOf(task)).ConfigureAwait(false)
            : deadline.Abandon(task);
        RuntimeDiagnostics.Stop(activity, error ?? task.Exception?.InnerException);
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        return task;
    }

    private static TimeoutException Expiration(string message, Exception? inner)
    {
        var expiration = new TimeoutException(message, inner);
        Expirations.Add(expiration, Expirations);
        return expiration;
    }

    private static void ThrowIfTooLong(TimeSpan timeout) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestTimeout);

    private void Set(TimeSpan timeout)
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_state != State.Running)
                throw new InvalidOperationException($"The deadline can't be moved any more: the work {(_state == State.Ended ? "has ended" : "was cancelled")}.");

            _timeout = timeout;
            _setAt = now;
            Due(timeout == Timeout.InfiniteTimeSpan || timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
        }

        Arm();
    }

    private void OnTimer()
    {
        var now = _time.GetTimestamp();
        bool isEarly;
        lock (_lock)
        {
            if (_state != State.Running || _timeout == Timeout.InfiniteTimeSpan)
                return;

            // The deadline was moved while this call was on its way, or the timer is coarser than the timestamps.
            var left = LeftAt(now);
            isEarly = left > TimeSpan.Zero;
            if (isEarly)
                Due(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
            else
                Cut(State.Expired);
        }

        if (isEarly)
        {
            Arm();
            return;
        }

        DeadlineInstruments.Expired();
        _abandoned?.TrySetResult();
    }

    private TimeSpan LeftAt(long now) => _timeout - _time.GetElapsedTime(_setAt, Math.Max(now, _setAt));

    private void Due(TimeSpan due)
    {
        _due = due;
        _isArmed = false;
    }

    /// <summary>
    /// Brings the timer into line with the deadline. The timer belongs to somebody else's TimeProvider and isn't touched under the
    /// lock; one thread at a time sets it, and looks again afterwards whether the deadline was moved meanwhile.
    /// </summary>
    private void Arm()
    {
        lock (_lock)
        {
            if (_arming)
                return;
            _arming = true;
        }

        bool hasEnded;
        while (true)
        {
            TimeSpan due;
            lock (_lock)
            {
                hasEnded = _hasEnded;
                if (_isArmed || _state != State.Running)
                {
                    _arming = false;
                    break;
                }

                _isArmed = true;
                due = _due;
            }

            if (_timer is not null)
                _timer.Change(due, Timeout.InfiniteTimeSpan);
            else if (due != Timeout.InfiniteTimeSpan)
                _timer = UnflowedTimer.Create(_time, static deadline => ((Deadline)deadline!).OnTimer(), this, due);
        }

        // Work that ended meanwhile may have found no timer to dispose.
        if (hasEnded)
            _timer?.Dispose();
    }

    private void CancelByCaller()
    {
        lock (_lock)
        {
            if (_state != State.Running)
                return;
            Cut(State.Canceled);
        }

        _abandoned?.TrySetResult();
    }

    /// <summary>Cancels the work. CancelAsync leaves the token's callbacks to the pool, so that none runs under the lock.</summary>
    private void Cut(State state)
    {
        _state = state;
        _callbacks = _cancellation.CancelAsync();
    }

    /// <summary>From here on neither time nor the caller changes anything. Says whether one of them did before.</summary>
    private bool End()
    {
        bool isCut;
        lock (_lock)
        {
            _hasEnded = true;
            isCut = _state != State.Running;
            if (!isCut)
                _state = State.Ended;
        }

        _timer?.Dispose();
        _callerRegistration.Unregister();
        return isCut;
    }

    /// <summary>The exception that surfaces in place of how the work ended; null if that is the outcome.</summary>
    private async ValueTask<Exception?> JudgeAsync(bool isCut, IReadOnlyList<Exception> errors)
    {
        if (isCut && _abandoned is null)
            await _callbacks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else if (isCut)
            Work.Observe(_callbacks); // Where work may be abandoned, its callbacks hold nobody up either.
        if (_callbacks.Exception is { } thrown)
            return new AggregateException([.. errors.Where(static error => error is not OperationCanceledException), .. thrown.Flatten().InnerExceptions]);

        // The caller's token may be cancelled before its callback has reached this deadline.
        return errors switch
        {
            [OperationCanceledException canceled] when _callerToken.IsCancellationRequested =>
                canceled.CancellationToken == _callerToken ? null : CallerCanceled(canceled),
            [OperationCanceledException canceled] when HasExpired => Expired(canceled),
            [TimeoutException inner] when HasExpired && Expirations.TryGetValue(inner, out _) => Expired(inner),
            _ => null,
        };
    }

    private Exception Abandon(Task task)
    {
        Work.Observe(task);
        Work.Observe(_callbacks);
        return HasExpired && !_callerToken.IsCancellationRequested ? Expired(inner: null) : CallerCanceled(inner: null);
    }

    private TimeoutException Expired(Exception? inner) => Expiration($"The operation did not end within {_timeout}.", inner);

    private OperationCanceledException CallerCanceled(Exception? inner) => new("The operation was cancelled by its caller.", inner, _callerToken);
}
