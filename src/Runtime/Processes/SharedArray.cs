using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>An array that processes share. Part of an argument, it reaches the worker as the same array, without a copy.</summary>
/// <remarks>
/// <para>
/// Elements are read and written as in an ordinary array: one of up to 8 bytes at once, a larger one in parts that another
/// process can see. <see cref="Add"/> and <see cref="CompareExchange"/> are atomic; for more than one element at a time, hold
/// a <see cref="CrossProcessLock"/>.
/// </para>
/// <para>
/// Whoever made it keeps it alive, as for <see cref="SharedInt64"/>. Members may be called by many threads and processes; what
/// is disposed while it is used goes when the use has ended.
/// </para>
/// </remarks>
/// <typeparam name="T">A type without references.</typeparam>
[JsonConverter(typeof(SharedJsonConverterFactory))]
public sealed unsafe class SharedArray<T> : IDisposable, IShared<SharedArray<T>>
    where T : unmanaged
{
    private readonly SharedMemory _memory;

    /// <summary>Makes an array of zeroed elements.</summary>
    /// <param name="length">The number of elements, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is less than 1, or too large for memory that .NET can address.</exception>
    /// <exception cref="IOException">The system has no room for it.</exception>
    public SharedArray(int length)
        : this(Create(length))
    {
    }

    private SharedArray(SharedMemory memory)
    {
        _memory = memory;
        using var lease = memory.Use();
        Length = (int)lease.Count;
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    string IShared<SharedArray<T>>.Reference => _memory.Reference;

    /// <summary>An element.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is no index of the array.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public T this[int index]
    {
        get
        {
            using var lease = _memory.Use();
            return At(lease, index);
        }

        set
        {
            using var lease = _memory.Use();
            At(lease, index) = value;
        }
    }

    /// <summary>Adds <paramref name="value"/> to an element, atomically, and returns the sum; it wraps around on overflow.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not <see cref="int"/>, <see cref="uint"/>, <see cref="long"/> or <see cref="ulong"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is no index of the array.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public T Add(int index, T value)
    {
        using var lease = _memory.Use();
        ref var element = ref At(lease, index);
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
        {
            var sum = Interlocked.Add(ref Unsafe.As<T, int>(ref element), Unsafe.As<T, int>(ref value));
            return Unsafe.As<int, T>(ref sum);
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
        {
            var sum = Interlocked.Add(ref Unsafe.As<T, long>(ref element), Unsafe.As<T, long>(ref value));
            return Unsafe.As<long, T>(ref sum);
        }

        throw NotAtomic();
    }

    /// <summary>Sets an element to <paramref name="value"/> if it is <paramref name="comparand"/>, atomically, and returns what it was.</summary>
    /// <inheritdoc cref="Add"/>
    public T CompareExchange(int index, T value, T comparand)
    {
        using var lease = _memory.Use();
        ref var element = ref At(lease, index);
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint))
        {
            var was = Interlocked.CompareExchange(ref Unsafe.As<T, int>(ref element), Unsafe.As<T, int>(ref value), Unsafe.As<T, int>(ref comparand));
            return Unsafe.As<int, T>(ref was);
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong))
        {
            var was = Interlocked.CompareExchange(ref Unsafe.As<T, long>(ref element), Unsafe.As<T, long>(ref value), Unsafe.As<T, long>(ref comparand));
            return Unsafe.As<long, T>(ref was);
        }

        throw NotAtomic();
    }

    /// <summary>Hands all elements to <paramref name="action"/>, without a copy. The span is good until the action returns.</summary>
    /// <param name="state">Handed to the action, so that it needs no closure.</param>
    /// <param name="action">Called once.</param>
    /// <exception cref="ArgumentNullException"><paramref name="action"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public void Access<TState>(TState state, SpanAction<T, TState> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        using var lease = _memory.Use();
        action(new Span<T>(lease.Data, Length), state);
    }

    /// <summary>A copy of the elements.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public T[] ToArray()
    {
        using var lease = _memory.Use();
        return new ReadOnlySpan<T>(lease.Data, Length).ToArray();
    }

    /// <summary>Gives the memory back; other processes that have it open keep theirs.</summary>
    public void Dispose() => _memory.Dispose();

    static SharedArray<T> IShared<SharedArray<T>>.Open(string reference) => new(SharedMemory.Open(reference, SharedMemoryKind.Array, sizeof(T)));

    private static SharedMemory Create(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return SharedMemory.Create(SharedMemoryKind.Array, (long)length * sizeof(T), sizeof(T), length);
    }

    private static NotSupportedException NotAtomic() => new($"{typeof(T)} can't be changed atomically; int, uint, long and ulong can.");

    private ref T At(in SharedMemory.Lease lease, int index)
    {
        if ((uint)index >= (uint)Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The index must be between 0 and {Length - 1}.");
        return ref ((T*)lease.Data)[index];
    }
}
