using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A number that processes share and change atomically. Part of an argument, it reaches the worker as the same number.</summary>
/// <remarks>
/// <para>
/// Whoever made it keeps it alive: what opens it later than that one's end gets <see cref="ObjectDisposedException"/>, what has
/// it open by then keeps the number. Each instance, the one that work gets too, holds a descriptor and a page of memory until
/// it is disposed or collected.
/// </para>
/// <para>All members are safe for use by many threads and processes. A process killed between two operations leaves nothing half done.</para>
/// </remarks>
[JsonConverter(typeof(SharedJsonConverter<SharedInt64>))]
public sealed unsafe class SharedInt64 : IDisposable, IShared<SharedInt64>
{
    private readonly SharedMemory _memory;

    /// <summary>Makes a number.</summary>
    /// <param name="value">What it begins with. Default: 0.</param>
    public SharedInt64(long value = 0)
        : this(SharedMemory.Create(SharedMemoryKind.Int64, sizeof(long), sizeof(long), 1)) =>
        Value = value;

    private SharedInt64(SharedMemory memory) => _memory = memory;

    string IShared<SharedInt64>.Reference => _memory.Reference;

    /// <summary>The number, read and written as one, in order with the reads and writes around it.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public long Value
    {
        get
        {
            using var lease = _memory.Use();
            return Volatile.Read(ref *(long*)lease.Data);
        }

        set
        {
            using var lease = _memory.Use();
            Interlocked.Exchange(ref *(long*)lease.Data, value);
        }
    }

    /// <summary>Adds <paramref name="value"/>, which may be negative, and returns the sum; it wraps around on overflow.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public long Add(long value)
    {
        using var lease = _memory.Use();
        return Interlocked.Add(ref *(long*)lease.Data, value);
    }

    /// <summary>Adds 1 and returns the sum.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public long Increment() => Add(1);

    /// <summary>Sets <paramref name="value"/> and returns what was there.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public long Exchange(long value)
    {
        using var lease = _memory.Use();
        return Interlocked.Exchange(ref *(long*)lease.Data, value);
    }

    /// <summary>Sets <paramref name="value"/> if <paramref name="comparand"/> is there, and returns what was there.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public long CompareExchange(long value, long comparand)
    {
        using var lease = _memory.Use();
        return Interlocked.CompareExchange(ref *(long*)lease.Data, value, comparand);
    }

    /// <summary>Gives the memory back; other processes that have it open keep theirs.</summary>
    public void Dispose() => _memory.Dispose();

    static SharedInt64 IShared<SharedInt64>.Open(string reference) => new(SharedMemory.Open(reference, SharedMemoryKind.Int64, sizeof(long)));
}
