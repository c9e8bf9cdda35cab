namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Stops calling a dependency that fails: after too many failures it rejects calls at once, for a while; then it lets a few probes
/// through, and closes when they succeed.
/// </summary>
/// <remarks>
/// <para>Every member may be called from any thread at any time. Make one breaker a dependency and share it.</para>
/// <para>
/// A call is judged by the circuit in which it began: its result changes nothing when the state has changed since. A cancellation by the
/// caller's token is neutral. Rejections aren't counted. Only monotonic time is used.
/// </para>
/// <para>
/// The clock moves nothing by itself: an open circuit turns half-open when the first call after the recovery timeout comes.
/// </para>
/// </remarks>
public sealed class CircuitBreaker : IObservedBreaker
{
    private readonly Gate _gate = new();
    private readonly MonotonicClock _clock;
    private readonly CircuitBreakerState _state;
    private readonly Func<Exception, bool> _shouldHandle;
    private readonly Delegate[] _resultPredicates;
    private readonly Func<int, TimeSpan>? _recoveryTimeoutByBreakCount;
    private readonly BreakerInstruments _instruments;

    private readonly OrderedAnnouncer<CircuitStateChangedEventArgs> _changes = new();

    /// <summary>Makes a breaker with the default options: 5 failures in a row open it for 30 seconds.</summary>
    public CircuitBreaker()
        : this(new())
    {
    }

    /// <summary>Makes a closed breaker.</summary>
    /// <exception cref="ArgumentNullException">The options, their ShouldHandle or their TimeProvider are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public CircuitBreaker(CircuitBreakerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.ShouldHandle);
        _clock = MonotonicClock.Of(options.TimeProvider);
        _shouldHandle = options.ShouldHandle;
        _resultPredicates = [.. options.ResultPredicates];
        _recoveryTimeoutByBreakCount = options.RecoveryTimeoutByBreakCount;

        var consecutive = new ConsecutiveFailures(OptionRange.Require(options.FailureThreshold, 1, int.MaxValue));
        var throughput = OptionRange.Require(options.MinimumThroughput, 1, int.MaxValue);
        var window = _clock.ToTicks(OptionRange.RequirePositive(options.SamplingWindow));
        _state = new(
            options.FailureRatio is { } ratio
                ? new FailuresInWindow(OptionRange.RequireFraction(ratio, nameof(options.FailureRatio)), throughput, window, _clock.Now)
                : consecutive,
            _clock.ToTicks(OptionRange.RequirePositive(options.RecoveryTimeout)),
            OptionRange.Require(options.SuccessThreshold, 1, 1000),
            _clock.ToTicks(OptionRange.RequirePositive(options.ProbeLease)));
        _instruments = BreakerInstruments.Attach(this, options.Name);
    }

    /// <summary>
    /// Raised after each change of the state, in the order of the changes, on a thread that caused one of them, outside every lock and never
    /// twice at a time. What a handler throws is dropped: it changes nothing, neither for the circuit nor for the other handlers.
    /// </summary>
    public event EventHandler<CircuitStateChangedEventArgs>? StateChanged;

    /// <summary>The state. An open circuit whose recovery timeout has passed says open until the next call.</summary>
    public CircuitState State => _state.State;

    string IObservedBreaker.StateName => NameOf(State);

    /// <summary>Rejects every call from now on, until <see cref="Reset"/>.</summary>
    public void Isolate()
    {
        var now = _clock.Now;
        CircuitStateChangedEventArgs? change;
        lock (_gate)
            change = _changes.Add(_state.Isolate(now));
        Announce(change);
    }

    /// <summary>Closes the circuit and forgets everything counted; results of calls that are in flight change nothing.</summary>
    public void Reset()
    {
        var now = _clock.Now;
        CircuitStateChangedEventArgs? change;
        lock (_gate)
            change = _changes.Add(_state.Reset(now));
        Announce(change);
    }

    /// <summary>Asks whether a call may go through, for use without delegates.</summary>
    /// <param name="permit">
    /// The permit, to be handed to <see cref="Complete"/> exactly once, in a finally; or the rejection, with its
    /// <see cref="CircuitPermit.RetryAfter"/>.
    /// </param>
    /// <returns>Whether the call may go through. Never blocks, throws or allocates, but for what handlers of <see cref="StateChanged"/> do.</returns>
    public bool TryAcquire(out CircuitPermit permit)
    {
        var generation = _state.ClosedGeneration;
        if (generation == 0)
            return TryAcquireUnlessClosed(out permit);
        permit = new(this, generation);
        return true;
    }

    /// <summary>Tells how a call ended that went through.</summary>
    /// <param name="permit">What <see cref="TryAcquire"/> gave; a second completion of a probe's permit changes nothing.</param>
    /// <param name="result">How the call ended.</param>
    /// <exception cref="ArgumentException">The permit was a rejection, or was given by another breaker.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The result is none of the enumeration's values.</exception>
    public void Complete(CircuitPermit permit, CircuitResult result)
    {
        if (permit.Breaker != this)
            throw new ArgumentException("The permit was not acquired from this circuit breaker.", nameof(permit));
        if (result is < CircuitResult.Neutral or > CircuitResult.Failure)
            throw new ArgumentOutOfRangeException(nameof(result), result, "Not a result.");
        if (!_state.Ignores(permit.Generation, result))
        {
            var now = _clock.Now;
            CircuitStateChangedEventArgs? change;
            lock (_gate)
                change = _changes.Add(_state.Complete(permit.Generation, permit.Probe, result, now));
            Announce(change);
        }
        _instruments.Called(StatusOf(result));
    }

    /// <summary>Calls the work if the circuit lets it through, and counts how it ends.</summary>
    /// <returns>What the work returned.</returns>
    /// <exception cref="BrokenCircuitException">The circuit rejected the call; the work wasn't called.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, before the call or while the work ran.</exception>
    public ValueTask<TResult> ExecuteAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ExecuteAsync(static (work, cancellationToken) => work(cancellationToken), work, cancellationToken);
    }

    /// <inheritdoc cref="ExecuteAsync{TResult}"/>
    /// <returns>A task that ends when the work has.</returns>
    public async ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        await ExecuteAsync(CallWithoutResult, work, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExecuteAsync{TResult}"/>
    /// <param name="work">The work.</param>
    /// <param name="state">Handed to the work, which then needs no closure.</param>
    /// <param name="cancellationToken">Handed to the work.</param>
    public async ValueTask<TResult> ExecuteAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        if (!TryAcquire(out var permit))
            throw new BrokenCircuitException(permit.RetryAfter);
        TResult result;
        try
        {
            result = await work(state, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CompleteThrown(permit, exception, cancellationToken);
            throw;
        }
        CompleteReturned(permit, result);
        return result;
    }

    /// <summary>As ExecuteAsync, but says how the call ended instead of throwing: neither a rejection nor a fault of the work costs a throw here.</summary>
    /// <returns>The outcome; only an exception of <see cref="CircuitBreakerOptions.ShouldHandle"/> or its like is thrown.</returns>
    public ValueTask<CircuitOutcome<TResult>> TryExecuteAsync<TResult>(
        Func<CancellationToken, ValueTask<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return TryExecuteAsync(static (work, cancellationToken) => work(cancellationToken), work, cancellationToken);
    }

    /// <inheritdoc cref="TryExecuteAsync{TResult}"/>
    /// <param name="work">The work.</param>
    /// <param name="state">Handed to the work, which then needs no closure.</param>
    /// <param name="cancellationToken">Handed to the work.</param>
    public async ValueTask<CircuitOutcome<TResult>> TryExecuteAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (cancellationToken.IsCancellationRequested)
            return CircuitOutcome<TResult>.Canceled(new OperationCanceledException(cancellationToken));
        if (!TryAcquire(out var permit))
            return CircuitOutcome<TResult>.Rejected(permit.RetryAfter);
        TResult result;
        try
        {
            result = await work(state, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return CompleteThrown(permit, exception, cancellationToken) == CircuitResult.Neutral
                ? CircuitOutcome<TResult>.Canceled(exception)
                : CircuitOutcome<TResult>.Failed(exception);
        }
        CompleteReturned(permit, result);
        return CircuitOutcome<TResult>.Succeeded(result);
    }

    /// <summary>Work without a result has one of a type that no predicate is for.</summary>
    internal static async ValueTask<ValueTuple> CallWithoutResult(Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken)
    {
        await work(cancellationToken).ConfigureAwait(false);
        return default;
    }

    /// <summary>How long the probe may still keep its place; zero or less when the lease has lapsed.</summary>
    internal TimeSpan LeaseLeft(CircuitPermit permit) => _clock.ToTimeSpan(permit.LeaseEndsAt - _clock.Now);

    /// <summary>Completes a call whose work threw.</summary>
    internal CircuitResult CompleteThrown(CircuitPermit permit, Exception exception, CancellationToken cancellationToken)
    {
        var result = CircuitResult.Neutral;
        try
        {
            if (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                result = _shouldHandle(exception) ? CircuitResult.Failure : CircuitResult.Success;
        }
        catch (Exception predicateException)
        {
            throw new AggregateException(exception, predicateException);
        }
        finally
        {
            Complete(permit, result);
        }
        return result;
    }

    /// <summary>Completes a call whose work returned.</summary>
    internal void CompleteReturned<TResult>(CircuitPermit permit, TResult value)
    {
        var result = CircuitResult.Neutral;
        try
        {
            result = IsFailure(value) ? CircuitResult.Failure : CircuitResult.Success;
        }
        finally
        {
            Complete(permit, result);
        }
    }

    private bool IsFailure<TResult>(TResult value)
    {
        foreach (var predicate in _resultPredicates)
        {
            if (predicate is Func<TResult, bool> isFailure && isFailure(value))
                return true;
        }
        return false;
    }

    private bool TryAcquireUnlessClosed(out CircuitPermit permit)
    {
        var now = _clock.Now;
        var until = _state.RejectsUntil;
        if (now < until)
        {
            permit = Rejection(until == MonotonicClock.Never ? until : until - now);
            return false;
        }

        CircuitAdmission admission;
        CircuitStateChangedEventArgs? change;
        lock (_gate)
        {
            admission = _state.Acquire(now, out change);
            _changes.Add(change);
        }
        Announce(change);
        permit = admission.IsGranted
            ? new(this, admission.Generation, admission.Probe, admission.LeaseEndsAt)
            : Rejection(admission.RetryAfter);
        return admission.IsGranted;
    }

    private CircuitPermit Rejection(long ticks)
    {
        _instruments.Rejected();
        return new(ticks == MonotonicClock.Never ? null : _clock.ToTimeSpan(ticks));
    }

    private void SetRecovery(CircuitStateChangedEventArgs change, Func<int, TimeSpan> byBreakCount)
    {
        TimeSpan recovery;
        try
        {
            recovery = byBreakCount(change.BreakCount);
        }
        catch (Exception)
        {
            return; // as documented: the constant stands in
        }
        if (recovery <= TimeSpan.Zero)
            return;
        lock (_gate)
            _state.SetRecovery(change.Generation, _clock.ToTicks(recovery));
    }

    private void Announce(CircuitStateChangedEventArgs? change)
    {
        if (change is null)
            return;
        if (change.State == CircuitState.Open && _recoveryTimeoutByBreakCount is { } byBreakCount)
            SetRecovery(change, byBreakCount);
        _changes.Announce(OnStateChanged);
    }

    private void OnStateChanged(CircuitStateChangedEventArgs change)
    {
        _instruments.Transitioned(NameOf(change.State));
        foreach (var handler in StateChanged?.GetInvocationList() ?? [])
        {
            try
            {
                ((EventHandler<CircuitStateChangedEventArgs>)handler)(this, change);
            }
            catch (Exception)
            {
                // As documented: a handler that throws changes nothing.
            }
        }
    }

    private static string NameOf(CircuitState state) => state switch
    {
        CircuitState.Closed => BreakerInstruments.Closed,
        CircuitState.Open => BreakerInstruments.Open,
        CircuitState.HalfOpen => BreakerInstruments.HalfOpen,
        _ => BreakerInstruments.Isolated,
    };

    private static OutcomeStatus StatusOf(CircuitResult result) => result switch
    {
        CircuitResult.Success => OutcomeStatus.Succeeded,
        CircuitResult.Failure => OutcomeStatus.Failed,
        _ => OutcomeStatus.Canceled,
    };
}
