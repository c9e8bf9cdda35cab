using ConcurrencyAnalyzers.Runtime.Tests.Conformance;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>One element, and one member that throws an exception with the source's message. Counts its enumerations and disposals.</summary>
internal sealed class BrokenSource(string member, string message) : IEnumerable<int>, IEnumerator<int>, System.Collections.ICollection
{
    private int _moves;

    public int Enumerations { get; private set; }

    public int Disposals { get; private set; }

    public int Count => Try("Count", 1);

    public bool IsSynchronized => false;

    public object SyncRoot => this;

    public int Current => Try("Current", 1);

    object System.Collections.IEnumerator.Current => Current;

    public IEnumerator<int> GetEnumerator()
    {
        Enumerations++;
        return Try("GetEnumerator", this);
    }

    public bool MoveNext() => Try("MoveNext", _moves++ == 0);

    public void Dispose()
    {
        Disposals++;
        Try("Dispose", 0);
    }

    public void Reset() => throw new NotSupportedException();

    public void CopyTo(Array array, int index) => throw new NotSupportedException();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    private T Try<T>(string name, T value) => name == member ? throw new BoomException(message) : value;
}

/// <summary>The same, asynchronous: what throws does so after a moment, but for what returns no task.</summary>
internal sealed class BrokenAsyncSource(string member, string message) : IAsyncEnumerable<int>, IAsyncEnumerator<int>
{
    private int _moves;

    public int Disposals { get; private set; }

    public int Current => member == "Current" ? throw new BoomException(message) : 1;

    public IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        member == "GetEnumerator" ? throw new BoomException(message) : this;

    public async ValueTask<bool> MoveNextAsync()
    {
        await Task.Yield();
        return member == "MoveNext" ? throw new BoomException(message) : _moves++ == 0;
    }

    public async ValueTask DisposeAsync()
    {
        Disposals++;
        await Task.Yield();
        if (member == "Dispose")
            throw new BoomException(message);
    }
}
