using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What stands between an item's place and its work: the breaker, then the limiter, and around them the activity.</summary>
internal sealed class ExecutorGate(ExecutorOptions options)
{
    private readonly CircuitBreaker? _breaker = options.CircuitBreaker;
    private readonly RateLimiter? _limiter = options.RateLimiter;

    /// <summary>Whether an item may pass it by.</summary>
    public bool IsOpen => _breaker is null && _limiter is null && !RuntimeDiagnostics.ActivitySource.HasListeners();

    /// <summary>Runs asynchronous work behind the gate.</summary>
    public async Task<TResult> RunAsync<TState, TResult>(Func<TState, CancellationToken, Task<TResult>> work, TState state, CancellationToken cancellationToken)
    {
        var activity = RuntimeDiagnostics.Start(ExecutorInstruments.RunActivity);
        Exception? error = null;
        var pass = default(Pass);
        try
        {
            pass.Enter(_breaker);
            if (_limiter is not null)
                pass.Take(await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false));
            pass.Call();
            var result = await (work(state, cancellationToken) ?? throw TaskFaults.NullTask()).ConfigureAwait(false);
            pass.Succeed(result);
            return result;
        }
        catch (Exception e)
        {
            error = e;
            pass.Fail(e, cancellationToken);
            throw;
        }
        finally
        {
            pass.Leave();
            RuntimeDiagnostics.Stop(activity, error);
        }
    }

    /// <summary>Runs asynchronous work without a result behind the gate.</summary>
    public Task RunAsync<TState>(Func<TState, CancellationToken, Task> work, TState state, CancellationToken cancellationToken) =>
        RunAsync(
            static async (it, token) =>
            {
                await (it.work(it.state, token) ?? throw TaskFaults.NullTask()).ConfigureAwait(false);
                return default(ValueTuple);
            },
            (work, state),
            cancellationToken);

    /// <summary>Runs blocking work behind the gate, on the executor's thread, which waits for its turn.</summary>
    public TResult Run<TState, TResult>(Func<TState, CancellationToken, TResult> work, TState state, CancellationToken cancellationToken)
    {
        var activity = RuntimeDiagnostics.Start(ExecutorInstruments.RunActivity);
        Exception? error = null;
        var pass = default(Pass);
        try
        {
            pass.Enter(_breaker);
            if (_limiter is not null)
                pass.Take(Acquire(_limiter, cancellationToken));
            pass.Call();
            var result = work(state, cancellationToken);
            pass.Succeed(result);
            return result;
        }
        catch (Exception e)
        {
            error = e;
            pass.Fail(e, cancellationToken);
            throw;
        }
        finally
        {
            pass.Leave();
            RuntimeDiagnostics.Stop(activity, error);
        }
    }

    private static RateLimitLease Acquire(RateLimiter limiter, CancellationToken cancellationToken)
    {
        var acquire = limiter.AcquireAsync(1, cancellationToken);
        // The thread is the executor's own and there for blocking work; limiters have no blocking form of a wait.
        return acquire.IsCompleted ? acquire.GetAwaiter().GetResult() : acquire.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>What one item holds: the breaker's permit until it is told the result, the limiter's lease until the item ends.</summary>
    private struct Pass
    {
        private CircuitBreaker? _breaker;
        private CircuitPermit _permit;
        private RateLimitLease? _lease;
        private bool _isCalled;

        public void Enter(CircuitBreaker? breaker)
        {
            if (breaker is null)
                return;
            if (!breaker.TryAcquire(out _permit))
                throw new BrokenCircuitException(_permit.RetryAfter);
            _breaker = breaker;
        }

        public void Take(RateLimitLease lease)
        {
            _lease = lease;
            if (!lease.IsAcquired)
                throw new PermitRefusedException(PermitSource.RateLimiter, lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : null);
        }

        public void Call() => _isCalled = true;

        public void Succeed<TResult>(TResult result)
        {
            var breaker = _breaker;
            _breaker = null;
            breaker?.CompleteReturned(_permit, result);
        }

        public void Fail(Exception exception, CancellationToken cancellationToken)
        {
            var breaker = _breaker;
            _breaker = null;
            if (breaker is null)
                return;
            // What the limiter refuses or throws says nothing about what the breaker protects.
            if (_isCalled)
                breaker.CompleteThrown(_permit, exception, cancellationToken);
            else
                breaker.Complete(_permit, CircuitResult.Neutral);
        }

        public readonly void Leave() => _lease?.Dispose();
    }
}
