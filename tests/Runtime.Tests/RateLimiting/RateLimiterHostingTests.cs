using System.Net;
using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

/// <summary>The limiters, unchanged, where others expect a RateLimiter.</summary>
public sealed class RateLimiterHostingTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public async Task A_partitioned_limiter_gives_each_partition_a_limiter_of_its_own(LimiterKind kind)
    {
        await using var partitioned = PartitionedRateLimiter.Create<string, string>(
            user => RateLimitPartition.Get(user, _ => Limiters.Create(kind, _time)));
        Assert.True(partitioned.AttemptAcquire("ada").IsAcquired);
        Assert.False(partitioned.AttemptAcquire("ada").IsAcquired);
        Assert.True(partitioned.AttemptAcquire("ben").IsAcquired);
        var wait = partitioned.AcquireAsync("ada").AsTask();
        Assert.False(wait.IsCompleted);
        Assert.Equal(1, partitioned.GetStatistics("ada")!.CurrentQueuedCount);
        _time.Advance(Limiters.Period);
        Limiters.AssertGranted(wait);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Chained_limiters_take_ours_among_others(LimiterKind kind)
    {
        await using var chained = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<int, int>(key => RateLimitPartition.GetConcurrencyLimiter(key, static _ => new() { PermitLimit = 10 })),
            PartitionedRateLimiter.Create<int, int>(key => RateLimitPartition.Get(key, _ => Limiters.Create(kind, _time))));
        using var first = await chained.AcquireAsync(1);
        using var second = chained.AttemptAcquire(1);
        Assert.True(first.IsAcquired);
        Assert.False(second.IsAcquired);
        Assert.Equal(Limiters.Period, second.RetryAfter());
    }

    [Theory, MemberData(nameof(All))]
    public async Task The_middleware_of_a_real_server_refuses_queues_and_serves(LimiterKind kind)
    {
        await using var limiter = Limiters.Create(kind, _time, queueLimit: 1);
        await using var server = await StartAsync(limiter);
        using var client = new HttpClient { BaseAddress = new(server.Urls.First()) };

        using var served = await client.GetAsync(new Uri("/", UriKind.Relative)).Bounded();
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        var waiting = client.GetAsync(new Uri("/", UriKind.Relative));
        await _time.WhenArmedAsync().Bounded();

        using var refused = await client.GetAsync(new Uri("/", UriKind.Relative)).Bounded();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(2 * Limiters.Period, TimeSpan.Parse(refused.Headers.GetValues("X-Retry-After").Single(), null));

        _time.Advance(Limiters.Period);
        using var late = await waiting.Bounded();
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
    }

    [Fact]
    public async Task A_client_that_hangs_up_gives_its_place_in_the_middlewares_queue_back()
    {
        await using var limiter = Limiters.Create(LimiterKind.SlidingWindowLog, _time, queueLimit: 1);
        await using var server = await StartAsync(limiter);
        using var client = new HttpClient { BaseAddress = new(server.Urls.First()) };
        using var cancellation = new CancellationTokenSource();
        limiter.Drain();

        var gone = client.GetAsync(new Uri("/", UriKind.Relative), cancellation.Token);
        await _time.WhenArmedAsync().Bounded();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.Bounded());

        // The server hears of it in its own time, and takes the timer away with the wait.
        await Task.Run(async () =>
        {
            while (limiter.GetStatistics()!.CurrentQueuedCount > 0)
                await Task.Yield();
        }).Bounded();
        var next = client.GetAsync(new Uri("/", UriKind.Relative));
        await _time.WhenArmedAsync().Bounded();
        _time.Advance(Limiters.Period);
        using var served = await next.Bounded();
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    private static async Task<WebApplication> StartAsync(RateLimiter limiter)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = static (context, _) =>
            {
                if (context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter))
                    context.HttpContext.Response.Headers["X-Retry-After"] = retryAfter.ToString();
                return default;
            };
            options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(_ => RateLimitPartition.Get(0, _ => limiter));
        });
        var server = builder.Build();
        server.UseRateLimiter();
        server.MapGet("/", static () => "served");
        await server.StartAsync();
        return server;
    }
}
