using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// A bounded queue with any number of writers and readers in any number of processes. Part of an argument, it reaches the
/// worker as the same queue. A reader acknowledges what it has done with; what it hasn't when its process ends, however that
/// happens, goes to another reader.
/// </summary>
/// <remarks>
/// <para>
/// Items are handed out in the order they were written; one that comes back goes first. Every item is delivered at least once,
/// and more than once only if a reader died, returned it, or disposed its instance without acknowledging it.
/// </para>
/// <para>
/// An operation costs time in proportion to the capacity. Who waits for an item or for room looks again every 1 to 10 ms.
/// </para>
/// <para>All members are safe for use by many threads and processes. Whoever made it keeps it alive, as for <see cref="SharedInt64"/>.</para>
/// </remarks>
/// <typeparam name="T">A type that System.Text.Json writes and reads.</typeparam>
[JsonConverter(typeof(SharedJsonConverterFactory))]
public sealed class ProcessChannel<T> : IDisposable, IShared<ProcessChannel<T>>
{
    private const int LongestPause = 10;

    private readonly ChannelMemory _memory;
    private readonly WorkSerializer _serializer;

    /// <summary>Makes an empty channel.</summary>
    /// <param name="capacity">The most items, those included that are read and not acknowledged; from 1 to 65,536. Default: 128.</param>
    /// <param name="maxItemSize">The most bytes of an item as JSON, from 16 to 1 MiB; that much is reserved for each. Default: 4,096.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="WorkSerializationException">Values of <typeparamref name="T"/> can't be sent.</exception>
    /// <exception cref="IOException">The system has no room for it.</exception>
    [RequiresUnreferencedCode(ProcessExecutor.TrimmingMessage)]
    [RequiresDynamicCode(ProcessExecutor.TrimmingMessage)]
    public ProcessChannel(int capacity = 128, int maxItemSize = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 65_536);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxItemSize, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxItemSize, 1024 * 1024);
        _serializer = new WorkSerializer(context: null);
        _serializer.Check(typeof(T));
        _memory = new ChannelMemory(capacity, maxItemSize);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Whoever made the channel had the warning.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Whoever made the channel had the warning.")]
    private ProcessChannel(ChannelMemory memory)
    {
        _memory = memory;
        _serializer = new WorkSerializer(context: null);
    }

    string IShared<ProcessChannel<T>>.Reference => _memory.Reference;

    /// <summary>The most items.</summary>
    public int Capacity => _memory.Capacity;

    /// <summary>The items that wait for a reader at this moment.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public int Count => _memory.Count().Waiting;

    /// <summary>The items that readers have and have not acknowledged at this moment.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public int UnacknowledgedCount => _memory.Count().Unacknowledged;

    /// <summary>Says that no item will follow. Readers end when all are acknowledged; writing throws.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public void Complete() => _memory.Complete();

    /// <summary>Writes an item if there is room.</summary>
    /// <exception cref="ChannelClosedException">The channel is complete.</exception>
    /// <exception cref="WorkSerializationException">The item can't be sent, or takes more bytes than there is room for.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public bool TryWrite(T item) => TryWrite(Serialize(item));

    /// <summary>Writes an item, blocking the thread until there is room.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    public void Write(T item, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = Serialize(item);
        for (var pause = 1; !TryWrite(bytes); pause = Math.Min(2 * pause, LongestPause))
            Pause(pause, cancellationToken);
    }

    /// <summary>Writes an item as soon as there is room.</summary>
    /// <param name="item">The item; written to JSON by the call.</param>
    /// <param name="cancellationToken">Ends the wait; the item isn't written.</param>
    /// <exception cref="ChannelClosedException">The channel is complete.</exception>
    /// <exception cref="WorkSerializationException">The item can't be sent, or takes more bytes than there is room for.</exception>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public async Task WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = Serialize(item);
#pragma warning disable CONC105 // The lock is held while memory is copied, no longer.
        for (var pause = 1; !TryWrite(bytes); pause = Math.Min(2 * pause, LongestPause))
#pragma warning restore CONC105
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next item if one waits; null if none does now, or ever will.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public ProcessChannelItem<T>? TryRead() => TryRead(out _);

    /// <summary>The next item, blocking the thread until there is one; null at the end.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public ProcessChannelItem<T>? Read(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var pause = 1; ; pause = Math.Min(2 * pause, LongestPause))
        {
            if (TryRead(out var isEnded) is { } item)
                return item;
            if (isEnded)
                return null;
            Pause(pause, cancellationToken);
        }
    }

    /// <summary>
    /// The next item as soon as there is one; null at the end: the channel is complete, nothing waits, and no other reader has
    /// an item that could come back.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="WorkSerializationException">The item can't be read as <typeparamref name="T"/>; it was acknowledged, since nobody else could.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public async Task<ProcessChannelItem<T>?> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var pause = 1; ; pause = Math.Min(2 * pause, LongestPause))
        {
#pragma warning disable CONC105 // The lock is held while memory is copied, no longer.
            if (TryRead(out var isEnded) is { } item)
#pragma warning restore CONC105
                return item;
            if (isEnded)
                return null;
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The items until the end. Each has to be acknowledged.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async IAsyncEnumerable<ProcessChannelItem<T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } item)
            yield return item;
    }

    /// <summary>Gives what this instance has read and not acknowledged to other readers, then the memory back.</summary>
    public void Dispose() => _memory.Dispose();

    static ProcessChannel<T> IShared<ProcessChannel<T>>.Open(string reference) => new(ChannelMemory.Open(reference));

    private static void Pause(int milliseconds, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(milliseconds);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private byte[] Serialize(T item)
    {
        var bytes = _serializer.Write(item);
        return bytes.Length <= _memory.MaxItemSize
            ? bytes
            : throw new WorkSerializationException($"The item has {bytes.Length} bytes; the channel has room for {_memory.MaxItemSize}.");
    }

    private bool TryWrite(byte[] bytes) =>
        _memory.TryWrite(bytes) ?? throw new ChannelClosedException("The channel is complete.");

    private ProcessChannelItem<T>? TryRead(out bool isEnded)
    {
        if (_memory.TryRead(out isEnded) is not var (place, sequence, deliveries, bytes))
            return null;
        try
        {
            return new ProcessChannelItem<T>(_memory, place, sequence, deliveries, _serializer.Read<T>(bytes));
        }
        catch (WorkSerializationException)
        {
            _memory.TrySettle(place, sequence, isDone: true);
            throw;
        }
    }
}
