using System.Net;
using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Pipelines;

/// <summary>The policy in an HttpClient, against a real server.</summary>
public sealed class ResiliencePolicyHandlerTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrencyLimiter _bulkhead = new(new() { PermitLimit = 1 });
    private readonly SlidingWindowLogRateLimiter _limiter;
    private readonly CircuitBreaker _breaker;
    private readonly ResiliencePolicy _policy;
    private UnreliableServer _server = null!;
    private HttpClient _client = null!;

    public ResiliencePolicyHandlerTests()
    {
        _limiter = new(new() { PermitLimit = 10, Window = TimeSpan.FromSeconds(1), TimeProvider = _time });
        _breaker = new(new CircuitBreakerOptions { FailureThreshold = 3, RecoveryTimeout = Recovery, TimeProvider = _time }
            .ShouldHandleResult<HttpResponseMessage>(static response => response.StatusCode >= HttpStatusCode.InternalServerError));
        _policy = new(new()
        {
            TotalTimeout = 2 * Timeout,
            Bulkhead = _bulkhead,
            CircuitBreaker = _breaker,
            RateLimiter = _limiter,
            AttemptTimeout = Timeout,
            TimeProvider = _time,
        });
    }

    public async ValueTask InitializeAsync()
    {
        _server = await UnreliableServer.StartAsync();
        _client = new(new ResiliencePolicyHandler(_policy, new SocketsHttpHandler())) { BaseAddress = _server.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _limiter.Dispose();
        _bulkhead.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_serves_is_called_as_ever()
    {
        using var response = await GetAsync();
        Assert.Equal("served", await response.Content.ReadAsStringAsync());
        Assert.Equal(1, _bulkhead.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal(9, _limiter.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task A_server_that_fails_opens_the_circuit_and_is_left_alone()
    {
        _server.Order(Behaviour.Fail, Behaviour.Fail, Behaviour.Fail);
        for (var i = 0; i < 3; i++)
        {
            using var failed = await GetAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        }
        var rejected = await Assert.ThrowsAsync<BrokenCircuitException>(GetAsync);
        Assert.Equal(Recovery, rejected.RetryAfter);
        Assert.Equal(3, _server.Requests);

        _time.Advance(Recovery);
        using var served = await GetAsync();
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public async Task A_server_that_stalls_is_given_up_and_counts_as_failed()
    {
        for (var i = 0; i < 3; i++)
        {
            _server.Order(Behaviour.Stall);
            var call = GetAsync();
            await _server.StalledAsync().Bounded();
            _time.Advance(Timeout);
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        }
        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal(1, _bulkhead.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task A_server_that_drops_connections_counts_as_failed()
    {
        _server.Order(Behaviour.Drop, Behaviour.Drop, Behaviour.Drop);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_does_not_count()
    {
        for (var i = 0; i < 5; i++)
        {
            _server.Order(Behaviour.Stall);
            using var cancellation = new CancellationTokenSource();
            var call = _client.GetAsync(new Uri("/", UriKind.Relative), cancellation.Token);
            await _server.StalledAsync().Bounded();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Bounded());
        }
        Assert.Equal(CircuitState.Closed, _breaker.State);
        Assert.Equal(1, _bulkhead.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task Bulkhead_and_limiter_refuse_without_calling_the_server()
    {
        _server.Order(Behaviour.Stall);
        using var cancellation = new CancellationTokenSource();
        var first = _client.GetAsync(new Uri("/", UriKind.Relative), cancellation.Token);
        await _server.StalledAsync().Bounded();
        var full = await Assert.ThrowsAsync<PermitRefusedException>(GetAsync);
        Assert.Equal(PermitSource.Bulkhead, full.RefusedBy);
        await cancellation.CancelAsync();
        await first.EndedAsync();

        Assert.True(_limiter.AttemptAcquire(9).IsAcquired);
        var limited = await Assert.ThrowsAsync<PermitRefusedException>(GetAsync);
        Assert.Equal(PermitSource.RateLimiter, limited.RefusedBy);
        Assert.Equal(1, _server.Requests);
        Assert.Equal(CircuitState.Closed, _breaker.State);
    }

    [Fact]
    public void Sending_synchronously_is_not_supported()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        Assert.Throws<NotSupportedException>(() => _client.Send(request));
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public void Nulls_throw()
    {
        Assert.Throws<ArgumentNullException>("policy", static () => new ResiliencePolicyHandler(null!));
        Assert.Throws<ArgumentNullException>("policy", static () => new ResiliencePolicyHandler(null!, new HttpClientHandler()));
        Assert.Throws<ArgumentNullException>(() => new ResiliencePolicyHandler(_policy, null!));
    }

    [Fact]
    public async Task The_inner_handler_may_be_set_later()
    {
        using var client = new HttpClient(new ResiliencePolicyHandler(_policy) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = _server.Address };
        Assert.Equal("served", await client.GetStringAsync(new Uri("/", UriKind.Relative)).Bounded());
    }

    private Task<HttpResponseMessage> GetAsync() => _client.GetAsync(new Uri("/", UriKind.Relative)).Bounded();
}
