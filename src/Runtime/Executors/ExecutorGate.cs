using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What an item has to pass between getting its place and its start. Each part that an executor's options can name is one step here.</summary>
internal sealed class ExecutorGate
{
    private readonly RateLimiter _limiter;

    private ExecutorGate(RateLimiter limiter) => _limiter = limiter;

    /// <summary>The gate these options ask for; null if they ask for none.</summary>
    public static ExecutorGate? Of(ExecutorOptions options) => options.RateLimiter is { } limiter ? new ExecutorGate(limiter) : null;

    /// <summary>Runs asynchronous work behind the gate.</summary>
    public async Task<TResult> RunAsync<TState, TResult>(Func<TState, CancellationToken, Task<TResult>> work, TState state, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(lease);
        return await (work(state, cancellationToken) ?? throw TaskFaults.NullTask()).ConfigureAwait(false);
    }

    /// <summary>Runs asynchronous work without a result behind the gate.</summary>
    public async Task RunAsync<TState>(Func<TState, CancellationToken, Task> work, TState state, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(lease);
        await (work(state, cancellationToken) ?? throw TaskFaults.NullTask()).ConfigureAwait(false);
    }

    /// <summary>Runs blocking work behind the gate, on the executor's thread, which waits for its turn.</summary>
    public TResult Run<TState, TResult>(Func<TState, CancellationToken, TResult> work, TState state, CancellationToken cancellationToken)
    {
        using var lease = Acquire(cancellationToken);
        ThrowIfRefused(lease);
        return work(state, cancellationToken);
    }

    private RateLimitLease Acquire(CancellationToken cancellationToken)
    {
        var acquire = _limiter.AcquireAsync(1, cancellationToken);
        // The thread is the executor's own and there for blocking work; limiters have no blocking form of a wait.
        return acquire.IsCompleted ? acquire.GetAwaiter().GetResult() : acquire.AsTask().GetAwaiter().GetResult();
    }

    private static void ThrowIfRefused(RateLimitLease lease)
    {
        if (!lease.IsAcquired)
            throw new RateLimitRejectedException(lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : null);
    }
}
