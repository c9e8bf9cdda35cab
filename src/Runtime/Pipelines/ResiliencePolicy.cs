using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// What stands between a caller and a dependency, in a fixed order: total timeout → bulkhead → breaker → limiter → attempt timeout →
/// call. Each part is optional. There is no retry: put one around the policy.
/// </summary>
/// <remarks>
/// <para>Every member may be called from any thread at any time. Make one policy a dependency and share it.</para>
/// <para>
/// Timeouts cancel the call's token and wait until it has ended. A call that ends with a result or a fault of its own all the same keeps
/// it; one that ends by cancellation becomes a <see cref="TimeoutException"/>. A call that runs out of either time counts as a failure for
/// the breaker; a refusal by bulkhead or limiter, a timeout while waiting for them, and a cancellation by the caller don't count.
/// </para>
/// <para>A probe of the half-open breaker waits for the limiter no longer than its lease, and is refused then.</para>
/// </remarks>
public sealed class ResiliencePolicy
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromTicks(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly TimeSpan? _totalTimeout;
    private readonly RateLimiter? _bulkhead;
    private readonly CircuitBreaker? _breaker;
    private readonly RateLimiter? _limiter;
    private readonly TimeSpan? _attemptTimeout;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes a policy.</summary>
    /// <exception cref="ArgumentNullException">The options or their TimeProvider are null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names both.</exception>
    public ResiliencePolicy(ResiliencePolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.TimeProvider);
        _totalTimeout = Checked(options.TotalTimeout, nameof(options.TotalTimeout));
        _attemptTimeout = Checked(options.AttemptTimeout, nameof(options.AttemptTimeout));
        _bulkhead = options.Bulkhead;
        _breaker = options.CircuitBreaker;
        _limiter = options.RateLimiter;
        _timeProvider = options.TimeProvider;
    }

    /// <summary>Calls the work through all the parts.</summary>
    /// <param name="work">The work. Its token is cancelled by the caller's, or when a time is up.</param>
    /// <param name="cancellationToken">Cancels waiting and working.</param>
    /// <returns>What the work returned.</returns>
    /// <exception cref="PermitRefusedException">The bulkhead or the limiter refused; the work wasn't called.</exception>
    /// <exception cref="BrokenCircuitException">The breaker rejected; the work wasn't called.</exception>
    /// <exception cref="TimeoutException">One of the times was up, while waiting or while the work ran.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled; the exception carries it.</exception>
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
        await ExecuteAsync(CircuitBreaker.CallWithoutResult, work, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExecuteAsync{TResult}"/>
    /// <param name="work">The work. Its token is cancelled by the caller's, or when a time is up.</param>
    /// <param name="state">Handed to the work, which then needs no closure.</param>
    /// <param name="cancellationToken">Cancels waiting and working.</param>
    public async ValueTask<TResult> ExecuteAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> work, TState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellationToken.ThrowIfCancellationRequested();
        var timeouts = new PolicyTimeouts(_timeProvider, _totalTimeout, _attemptTimeout, cancellationToken);
        if (_totalTimeout is not null || _attemptTimeout is not null)
            timeouts.EnsureSource();

        RateLimitLease? place = null, turn = null;
        CircuitPermit permit = default;
        var called = false;
        try
        {
            if (_bulkhead is not null)
            {
                var entering = _bulkhead.AcquireAsync(1, timeouts.Token);
                if (!entering.IsCompleted)
                    timeouts.BeginWait();
                place = Acquired(await entering.ConfigureAwait(false), PermitSource.Bulkhead);
            }

            if (_breaker is not null && !_breaker.TryAcquire(out permit))
                throw new BrokenCircuitException(permit.RetryAfter);

            if (_limiter is not null)
            {
                if (permit.IsProbe)
                    timeouts.EnsureSource();
                var waiting = _limiter.AcquireAsync(1, timeouts.Token);
                var waits = !waiting.IsCompleted;
                if (waits)
                    timeouts.BeginWait(LeaseLeft(permit));
                turn = Acquired(await waiting.ConfigureAwait(false), PermitSource.RateLimiter);
                if (waits && LeaseLeft(permit) <= TimeSpan.Zero)
                    throw new PermitRefusedException(PermitSource.RateLimiter, retryAfter: null);
            }

            timeouts.BeginAttempt();
            called = true;
            var result = await work(state, timeouts.Token).ConfigureAwait(false);
            (var done, permit, called) = (permit, default, false);
            _breaker?.CompleteReturned(done, result);
            return result;
        }
        catch (Exception exception)
        {
            var explained = timeouts.Explain(exception);
            if (called)
                _breaker?.CompleteThrown(permit, explained, cancellationToken);
            else if (permit.IsAcquired)
                _breaker!.Complete(permit, CircuitResult.Neutral);
            if (explained == exception)
                throw;
            throw explained;
        }
        finally
        {
            // A lease is somebody else's code: what it throws must not keep the other's place.
            try
            {
                turn?.Dispose();
            }
            finally
            {
                place?.Dispose();
                timeouts.Dispose();
            }
        }
    }

    private static TimeSpan? LeaseLeft(CircuitPermit permit) => permit.IsProbe ? permit.Breaker!.LeaseLeft(permit) : null;

    private static RateLimitLease Acquired(RateLimitLease lease, PermitSource source)
    {
        if (lease.IsAcquired)
            return lease;
        var retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : (TimeSpan?)null;
        lease.Dispose();
        throw new PermitRefusedException(source, retryAfter);
    }

    private static TimeSpan? Checked(TimeSpan? timeout, string name) =>
        timeout is { } time ? OptionRange.Require(time, ShortestTimeout, LongestTimeout, name) : null;
}
