namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Announces things in the order in which they were added, outside every lock and one at a time: who comes while another thread
/// announces leaves its own to that thread.
/// </summary>
internal sealed class OrderedAnnouncer<T>
    where T : class
{
    private readonly Queue<T> _pending = new();
    private bool _announcing;

    /// <summary>Adds an item, if there is one. May be called under a lock of the caller's, and so keeps its order.</summary>
    public T? Add(T? item)
    {
        if (item is null)
            return null;
        lock (_pending)
            _pending.Enqueue(item);
        return item;
    }

    /// <summary>Announces what is pending. The action must not throw.</summary>
    public void Announce(Action<T> announce)
    {
        lock (_pending)
        {
            if (_announcing)
                return;
            _announcing = true;
        }
        while (true)
        {
            T? item;
            lock (_pending)
            {
                if (!_pending.TryDequeue(out item))
                {
                    _announcing = false;
                    return;
                }
            }
            announce(item);
        }
    }
}
