using System.Collections;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A source by chunks, which can tell how many there are if the source can.</summary>
internal sealed class ChunkedSource<T>(IEnumerable<T> source, int size) : IEnumerable<T[]>, ISizedSource
{
    public int? Count => source.TryGetNonEnumeratedCount(out var count) ? (count / size) + Math.Sign(count % size) : null;

    public IEnumerator<T[]> GetEnumerator() => source.Chunk(size).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
