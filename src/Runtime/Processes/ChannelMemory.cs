namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The memory of a <see cref="ProcessChannel{T}"/>: a table of places, each with room for one item. A place changes hands by
/// the last store to its state alone, so that whoever is killed in between leaves it as it was.
/// </summary>
internal sealed unsafe class ChannelMemory : IDisposable
{
    private const int Free = 0;
    private const int Ready = 1;
    private const int Taken = 2;

    private readonly SharedMemory _memory;
    private readonly SharedMemoryLock _lock;
    private readonly HashSet<(int Place, long Sequence)> _held = [];

    public ChannelMemory(int capacity, int maxItemSize)
        : this(SharedMemory.Create(
            SharedMemoryKind.Channel, sizeof(Header) + ((long)capacity * (sizeof(Place) + maxItemSize)), sizeof(Place), capacity))
    {
        using var lease = _memory.Use();
        ((Header*)lease.Data)->MaxItemSize = maxItemSize;
        MaxItemSize = maxItemSize;
    }

    private ChannelMemory(SharedMemory memory)
    {
        _memory = memory;
        _lock = new SharedMemoryLock(memory);
        using var lease = memory.Use();
        Capacity = (int)lease.Count;
        MaxItemSize = ((Header*)lease.Data)->MaxItemSize;
    }

    public string Reference => _memory.Reference;

    public int Capacity { get; }

    public int MaxItemSize { get; }

    public bool IsCompleted
    {
        get
        {
            using var lease = _memory.Use();
            return Volatile.Read(ref ((Header*)lease.Data)->Completed) != 0;
        }
    }

    public static ChannelMemory Open(string reference) => new(SharedMemory.Open(reference, SharedMemoryKind.Channel, sizeof(Place)));

    /// <summary>The items that wait, and those that readers have and haven't acknowledged.</summary>
    public (int Waiting, int Unacknowledged) Count()
    {
        using var guard = new Guard(this);
        var (waiting, taken) = (0, 0);
        for (var i = 0; i < Capacity; i++)
        {
            waiting += guard.Places[i].State == Ready ? 1 : 0;
            taken += guard.Places[i].State == Taken ? 1 : 0;
        }

        return (waiting, taken);
    }

    public void Complete()
    {
        using var guard = new Guard(this);
        Volatile.Write(ref guard.Header->Completed, 1);
    }

    /// <summary>Puts an item in a free place; false if there is none. Null: the channel is complete.</summary>
    public bool? TryWrite(ReadOnlySpan<byte> item)
    {
        using var guard = new Guard(this);
        if (guard.Header->Completed != 0)
            return null;
        for (var i = 0; i < Capacity; i++)
        {
            ref var place = ref guard.Places[i];
            if (place.State != Free)
                continue;
            item.CopyTo(new Span<byte>(guard.ItemAt(i), MaxItemSize));
            place.Length = item.Length;
            place.Deliveries = 0;
            place.Sequence = ++guard.Header->LastSequence;
            Volatile.Write(ref place.State, Ready);
            return true;
        }

        return false;
    }

    /// <summary>Takes the oldest item that waits. False and null: there is none now; <paramref name="isEnded"/>: nor ever will be for this reader.</summary>
    public (int Place, long Sequence, int Deliveries, byte[] Item)? TryRead(out bool isEnded)
    {
        using var guard = new Guard(this);
        var oldest = Oldest(guard, out var isTakenByOthers);
        if (oldest < 0 && isTakenByOthers && TakeBackFromDead(guard))
            oldest = Oldest(guard, out isTakenByOthers);
        isEnded = oldest < 0 && !isTakenByOthers && guard.Header->Completed != 0;
        if (oldest < 0)
            return null;

        ref var place = ref guard.Places[oldest];
        var item = new ReadOnlySpan<byte>(guard.ItemAt(oldest), Math.Clamp(place.Length, 0, MaxItemSize)).ToArray();
        place.ReaderId = ProcessIdentity.Current.Id;
        place.ReaderStartedAt = ProcessIdentity.Current.StartedAt;
        place.Deliveries++;
        Volatile.Write(ref place.State, Taken);
        _held.Add((oldest, place.Sequence));
        return (oldest, place.Sequence, place.Deliveries, item);
    }

    /// <summary>Frees the place of an item that this instance holds, or gives the item to the next reader; false if it doesn't hold it.</summary>
    public bool TrySettle(int place, long sequence, bool isDone)
    {
        using var guard = new Guard(this);
        if (!_held.Remove((place, sequence)))
            return false;
        Volatile.Write(ref guard.Places[place].State, isDone ? Free : Ready);
        return true;
    }

    /// <summary>Gives what this instance holds to the next reader.</summary>
    public void Dispose()
    {
        try
        {
            using var guard = new Guard(this);
            foreach (var (place, _) in _held)
                Volatile.Write(ref guard.Places[place].State, Ready);
            _held.Clear();
        }
        catch (ObjectDisposedException)
        {
            // Disposed before.
        }

        _memory.Dispose();
        _lock.Dispose();
    }

    private int Oldest(in Guard guard, out bool isTakenByOthers)
    {
        var oldest = -1;
        isTakenByOthers = false;
        for (var i = 0; i < Capacity; i++)
        {
            ref var place = ref guard.Places[i];
            if (place.State == Ready && (oldest < 0 || place.Sequence < guard.Places[oldest].Sequence))
                oldest = i;
            else if (place.State == Taken && !_held.Contains((i, place.Sequence)))
                isTakenByOthers = true;
        }

        return oldest;
    }

    private bool TakeBackFromDead(in Guard guard)
    {
        var hasTaken = false;
        Dictionary<ProcessIdentity, bool> isAlive = [];
        for (var i = 0; i < Capacity; i++)
        {
            ref var place = ref guard.Places[i];
            if (place.State != Taken)
                continue;
            var reader = new ProcessIdentity(place.ReaderId, place.ReaderStartedAt);
            if (!isAlive.TryGetValue(reader, out var lives))
                isAlive.Add(reader, lives = reader.IsAlive);
            if (lives)
                continue;
            Volatile.Write(ref place.State, Ready);
            hasTaken = true;
        }

        return hasTaken;
    }

    /// <summary>The lock, and the memory under it.</summary>
    private readonly ref struct Guard
    {
        private readonly ChannelMemory _channel;
        private readonly SharedMemory.Lease _lease;

        public Guard(ChannelMemory channel)
        {
            _channel = channel;
            _lease = channel._memory.Use();
            try
            {
                // Nothing to mend after a holder that died: see above.
                _ = channel._lock.Enter(CancellationToken.None);
            }
            catch
            {
                _lease.Dispose();
                throw;
            }
        }

        public Header* Header => (Header*)_lease.Data;

        public Place* Places => (Place*)(_lease.Data + sizeof(Header));

        public byte* ItemAt(int place) => _lease.Data + sizeof(Header) + ((long)_channel.Capacity * sizeof(Place)) + ((long)place * _channel.MaxItemSize);

        public void Dispose()
        {
            _channel._lock.Exit();
            _lease.Dispose();
        }
    }

    private struct Header
    {
        public long LastSequence;
        public int MaxItemSize;
        public int Completed;
    }

    private struct Place
    {
        public int State;
        public int Length;
        public long Sequence;
        public long ReaderStartedAt;
        public int ReaderId;
        public int Deliveries;
    }
}
