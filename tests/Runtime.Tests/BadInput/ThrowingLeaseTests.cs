using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>A limiter of somebody's whose leases throw when they are given back, as one that asks a server may.</summary>
public sealed class ThrowingLeaseTests
{
    [Fact]
    public async Task A_policy_gives_the_other_lease_back_and_tells_the_breaker()
    {
        var time = new ManualTimeProvider();
        var breaker = new CircuitBreaker(new() { FailureThreshold = 1, TimeProvider = time });
        await using var bulkhead = new ConcurrencyLimiter(new() { PermitLimit = 1, QueueLimit = 0 });
        var policy = new ResiliencePolicy(new() { Bulkhead = bulkhead, CircuitBreaker = breaker, RateLimiter = new ThrowingLimiter(), TimeProvider = time });
        breaker.TryAcquire(out var permit);
        breaker.Complete(permit, CircuitResult.Failure);
        time.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<IOException>(async () => await policy.ExecuteAsync(static _ => ValueTask.FromResult(1)));

        Assert.Equal(1, bulkhead.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    private sealed class ThrowingLimiter : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => new ThrowingLease();

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(new ThrowingLease());
    }

    private sealed class ThrowingLease : RateLimitLease
    {
        public override bool IsAcquired => true;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new IOException("The server that keeps the permits is gone.");
        }
    }
}
