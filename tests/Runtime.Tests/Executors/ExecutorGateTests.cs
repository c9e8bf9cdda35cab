using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

public class ExecutorGateTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_limiter_gates_every_item_and_its_lease_is_held_until_the_item_ends(ExecutorKind kind)
    {
        await using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 10 });
        await using var executor = kind.Create(2, options => options.RateLimiter = limiter);
        var first = executor.Gate();
        await first.StartedAsync();
        var second = executor.Gate();
        Assert.False(second.HasStarted);
        Assert.Equal(0, limiter.GetStatistics()!.CurrentAvailablePermits);
        first.End();
        await second.StartedAsync();
        second.End();
        await second.Task.Bounded();
        Assert.Equal(3, (await executor.SettleAsync([1, 2, 3], (i, _) => Task.FromResult(i)).Bounded()).Length);
        Assert.Equal(1, limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_item_the_limiter_refuses_fails_without_being_called(ExecutorKind kind)
    {
        await using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 0 });
        await using var executor = kind.Create(2, options => options.RateLimiter = limiter);
        var first = executor.Gate();
        await first.StartedAsync();
        var second = executor.Gate();
        var e = await Assert.ThrowsAsync<PermitRefusedException>(() => second.Task.Bounded());
        Assert.Equal(PermitSource.RateLimiter, e.RefusedBy);
        Assert.False(second.HasStarted);
        first.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cancelling_an_item_that_waits_for_the_limiter_surfaces_as_the_callers(ExecutorKind kind)
    {
        await using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 10 });
        await using var executor = kind.Create(2, options => options.RateLimiter = limiter);
        using var cts = new CancellationTokenSource();
        var first = executor.Gate();
        await first.StartedAsync();
        var second = executor.Gate(cts.Token);
        await cts.CancelAsync();
        Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Task.Bounded())).CancellationToken);
        first.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_breaker_counts_every_item_and_rejects_when_it_is_open(ExecutorKind kind)
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 2, TimeProvider = new ManualTimeProvider() });
        await using var executor = kind.Create(1, options => options.CircuitBreaker = breaker);
        Assert.Equal(1, await executor.RunAsync(_ => Task.FromResult(1)).Bounded());
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<BoomException>(() => executor.RunAsync<int>(_ => throw new BoomException()).Bounded());
        Assert.Equal(CircuitState.Open, breaker.State);
        var rejected = executor.Gate();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => rejected.Task.Bounded());
        Assert.False(rejected.HasStarted);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_refusal_by_the_limiter_never_trips_the_breaker(ExecutorKind kind)
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 1 });
        await using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 0 });
        await using var executor = kind.Create(2, options => (options.RateLimiter, options.CircuitBreaker) = (limiter, breaker));
        var first = executor.Gate();
        await first.StartedAsync();
        await Assert.ThrowsAsync<PermitRefusedException>(() => executor.Gate().Task.Bounded());
        Assert.Equal(CircuitState.Closed, breaker.State);
        first.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_refusal_that_the_work_itself_met_counts_as_its_failure(ExecutorKind kind)
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 1 });
        await using var executor = kind.Create(1, options => options.CircuitBreaker = breaker);
        await Assert.ThrowsAsync<PermitRefusedException>(() => executor.RunAsync<int>(_ => throw new PermitRefusedException()).Bounded());
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_limiter_that_throws_never_trips_the_breaker(ExecutorKind kind)
    {
        var breaker = new CircuitBreaker(new CircuitBreakerOptions { FailureThreshold = 1 });
        var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 0 });
        await limiter.DisposeAsync();
        await using var executor = kind.Create(1, options => (options.CircuitBreaker, options.RateLimiter) = (breaker, limiter));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => executor.RunAsync(_ => Task.FromResult(0)).Bounded());
        Assert.Equal(CircuitState.Closed, breaker.State);
    }
}
