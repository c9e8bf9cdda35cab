namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// One way to read sequences of either kind. Never used by two threads at once; the enumerator is made at the first move,
/// so that a source that throws there fails like one that throws later, and disposed once.
/// </summary>
internal abstract class SourceReader<T> : IAsyncDisposable
{
    public abstract T Current { get; }

    /// <summary>The number of elements, where it is known without enumerating.</summary>
    public virtual int? Count => null;

    public abstract ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    public static SourceReader<T> Of(IEnumerable<T> source) => new Sync(source);

    public static SourceReader<T> Of(IAsyncEnumerable<T> source) => new Async(source);

    private sealed class Sync(IEnumerable<T> source) : SourceReader<T>
    {
        private IEnumerable<T>? _source = source;
        private IEnumerator<T>? _enumerator;

        public override T Current => _enumerator!.Current;

        public override int? Count => _source switch
        {
            null => null,
            ISizedSource sized => sized.Count,
            var source => source.TryGetNonEnumeratedCount(out var count) ? count : null,
        };

        public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
        {
            if (_enumerator is null)
            {
                _enumerator = _source!.GetEnumerator();
                _source = null;
            }

            return new(_enumerator.MoveNext());
        }

        public override ValueTask DisposeAsync()
        {
            var enumerator = _enumerator;
            _enumerator = null;
            enumerator?.Dispose();
            return default;
        }
    }

    private sealed class Async(IAsyncEnumerable<T> source) : SourceReader<T>
    {
        private IAsyncEnumerable<T>? _source = source;
        private IAsyncEnumerator<T>? _enumerator;

        public override T Current => _enumerator!.Current;

        public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
        {
            if (_enumerator is null)
            {
                _enumerator = _source!.GetAsyncEnumerator(cancellationToken);
                _source = null;
            }

            return _enumerator.MoveNextAsync();
        }

        public override ValueTask DisposeAsync()
        {
            var enumerator = _enumerator;
            _enumerator = null;
            return enumerator?.DisposeAsync() ?? default;
        }
    }
}
