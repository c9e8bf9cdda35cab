using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What the executors' maps have in common.</summary>
internal static class ExecutorMaps
{
    /// <summary>The results of one map for each enumeration.</summary>
    public static async IAsyncEnumerable<TResult> EnumerateAsync<TSource, TResult>(
        Func<CancellationToken, ExecutorMap<TSource, TResult>> start, [EnumeratorCancellation] CancellationToken consumer = default)
    {
        var map = start(consumer);
        await using (map.ConfigureAwait(false))
        {
            while (await map.NextAsync().ConfigureAwait(false) is (true, var result))
                yield return result;
        }
    }
}
