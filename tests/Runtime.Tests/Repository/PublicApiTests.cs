namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_one_in_PublicApi_txt() =>
        RepositoryFiles.AssertUpToDate("src/Runtime/PublicApi.txt", PublicApi.Render(typeof(TaskGroup).Assembly));

    [Fact]
    public void What_a_signature_says_is_rendered()
    {
        var text = PublicApi.Render(typeof(Sample<,>));

        Assert.Equal(
            """
            public abstract class Sample<TKey, TValue> : IAsyncDisposable where TKey : class, IComparable<TKey> where TValue : struct
                protected Sample(TKey key, string? name = null)
                public const int Limit = 3
                public event EventHandler<EventArgs>? Changed
                public TKey? Key { get; init; }
                public required string Name { get; set; }
                public IReadOnlyDictionary<string, List<TKey?>>? this[int index] { get; protected set; }
                public ValueTask DisposeAsync()
                protected abstract Task<TResult?> LoadAsync<TResult>(Func<TKey, CancellationToken, Task<TResult>> load, TimeSpan? wait = null, CancellationToken cancellationToken = default) where TResult : notnull, new()
                public override string ToString()
                public virtual bool TryGet(in TKey key, out TValue value, ref int count, params string[] names)
                public static bool operator !(Sample<TKey, TValue> sample)

            """.ReplaceLineEndings("\n"),
            text);
    }

#pragma warning disable CA1000, CA1051, CA1070, CA1715, CA1716, CA2225, CA1045, CA1021 // A sample of what signatures can hold.
    public abstract class Sample<TKey, TValue> : IAsyncDisposable
        where TKey : class, IComparable<TKey>
        where TValue : struct
    {
        public const int Limit = 3;

        protected Sample(TKey key, string? name = null) => (Key, Name) = (key, name ?? "");

        public event EventHandler<EventArgs>? Changed;

        public TKey? Key { get; init; }

        public required string Name { get; set; }

        internal int Hidden { get; set; }

        public IReadOnlyDictionary<string, List<TKey?>>? this[int index]
        {
            get => null;
            protected set => Changed?.Invoke(this, EventArgs.Empty);
        }

        public static bool operator !(Sample<TKey, TValue> sample) => sample is null;

        public ValueTask DisposeAsync()
        {
            GC.SuppressFinalize(this);
            return default;
        }

        public override string ToString() => Name;

        public virtual bool TryGet(in TKey key, out TValue value, ref int count, params string[] names)
        {
            value = default;
            return false;
        }

        protected abstract Task<TResult?> LoadAsync<TResult>(Func<TKey, CancellationToken, Task<TResult>> load, TimeSpan? wait = null, CancellationToken cancellationToken = default)
            where TResult : notnull, new();
    }
#pragma warning restore
}
