using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ConcurrencyAnalyzers.Runtime.Tests.Pipelines;

public enum Behaviour
{
    Serve,
    Fail,
    Stall,
    Drop,
}

/// <summary>A real server on loopback that serves, fails, stalls or drops the connection, as it is told for each request to come.</summary>
internal sealed class UnreliableServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Behaviour> _orders = new();
    private readonly SemaphoreSlim _stalled = new(0);
    private readonly WebApplication _server;
    private int _requests;

    private UnreliableServer(WebApplication server)
    {
        _server = server;
        server.Run(HandleAsync);
    }

    public Uri Address => new(_server.Urls.First());

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<UnreliableServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new UnreliableServer(builder.Build());
        await server._server.StartAsync();
        return server;
    }

    /// <summary>The behaviour of the next requests; those after them are served.</summary>
    public void Order(params ReadOnlySpan<Behaviour> behaviours)
    {
        foreach (var behaviour in behaviours)
            _orders.Enqueue(behaviour);
    }

    /// <summary>Ends when a request has come that is stalled.</summary>
    public Task StalledAsync() => _stalled.WaitAsync();

    public ValueTask DisposeAsync()
    {
        _stalled.Dispose();
        return _server.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        _orders.TryDequeue(out var behaviour);
        switch (behaviour)
        {
            case Behaviour.Fail:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case Behaviour.Stall:
                var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (context.RequestAborted.Register(gone.SetResult))
                {
                    _stalled.Release();
                    await gone.Task;
                }
                break;
            case Behaviour.Drop:
                context.Abort();
                break;
            default:
                await context.Response.WriteAsync("served");
                break;
        }
    }
}
