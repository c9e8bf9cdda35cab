using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>Tokens that are cancelled before the call, under everything that takes a source: neither source nor work is touched.</summary>
public sealed class CanceledBeforehandTests
{
    public static TheoryData<string> Operations =>
    [
        "Async map", "Async map by its enumerator", "Async map as completed", "Async settle", "Thread map", "Thread map as completed", "Thread settle",
        "All", "All of an asynchronous source", "Settle", "First", "As completed",
    ];

    [Theory, MemberData(nameof(Operations))]
    public async Task Nothing_is_touched_and_the_token_comes_back(string operation)
    {
        var token = new CancellationToken(canceled: true);
        var touched = 0;
        await using var async = new AsyncExecutor(2);
        await using var thread = new ThreadExecutor(2);
        var run = operation switch
        {
            "Async map" => ReadAsync(async.MapAsync(Source(), WorkAsync, cancellationToken: token)),
            "Async map by its enumerator" => ReadAsync(async.MapAsync(Source(), WorkAsync), token),
            "Async map as completed" => ReadAsync(async.MapAsCompletedAsync(Source(), WorkAsync, cancellationToken: token)),
            "Async settle" => async.SettleAsync(Source(), WorkAsync, cancellationToken: token),
            "Thread map" => ReadAsync(thread.MapAsync(Source(), Work, cancellationToken: token)),
            "Thread map as completed" => ReadAsync(thread.MapAsCompletedAsync(Source(), Work, cancellationToken: token)),
            "Thread settle" => thread.SettleAsync(Source(), Work, cancellationToken: token),
            "All" => Gather.AllAsync(Source(), 2, WorkAsync, token),
            "All of an asynchronous source" => Gather.AllAsync(AsyncSource(), 2, WorkAsync, token),
            "Settle" => Gather.SettleAsync(Source(), 2, WorkAsync, token),
            "First" => Gather.FirstAsync(Source(), 2, WorkAsync, token),
            _ => ReadAsync(Gather.AsCompletedAsync([new TaskCompletionSource().Task]), token),
        };
        Assert.Equal(token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Bounded())).CancellationToken);
        Assert.Equal(0, touched);

        IEnumerable<int> Source()
        {
            touched++;
            yield return 1;
        }

        async IAsyncEnumerable<int> AsyncSource()
        {
            touched++;
            await Task.Yield();
            yield return 1;
        }

        Task<int> WorkAsync(int item, CancellationToken cancellationToken)
        {
            touched++;
            return Task.FromResult(item);
        }

        int Work(int item, CancellationToken cancellationToken)
        {
            touched++;
            return item;
        }
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> results, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in results.WithCancellation(cancellationToken))
        {
        }
    }
}
