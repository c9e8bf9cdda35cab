namespace ConcurrencyAnalyzers.Runtime;

/// <summary>An item that a <see cref="ProcessChannel{T}"/> has handed to this reader, which has to acknowledge it.</summary>
/// <typeparam name="T">The type of the channel's items.</typeparam>
/// <remarks>All members are safe for use by many threads; the first to acknowledge or return counts.</remarks>
public sealed class ProcessChannelItem<T>
{
    private readonly ChannelMemory _channel;
    private readonly int _place;
    private readonly long _sequence;

    internal ProcessChannelItem(ChannelMemory channel, int place, long sequence, int deliveries, T value)
    {
        _channel = channel;
        _place = place;
        _sequence = sequence;
        Deliveries = deliveries;
        Value = value;
    }

    /// <summary>The item.</summary>
    public T Value { get; }

    /// <summary>How many readers have been handed the item, this one included: more than 1 after a death or a return.</summary>
    public int Deliveries { get; }

    /// <summary>Says that the item is done with. Its place is free for another.</summary>
    /// <returns>False if it was acknowledged or returned before.</returns>
    /// <exception cref="ObjectDisposedException">The channel's instance was disposed, and the item returned by that.</exception>
    public bool Acknowledge() => _channel.TrySettle(_place, _sequence, isDone: true);

    /// <summary>Gives the item to the next reader, before all that wait.</summary>
    /// <returns>False if it was acknowledged or returned before.</returns>
    /// <exception cref="ObjectDisposedException">The channel's instance was disposed, and the item returned by that.</exception>
    public bool Return() => _channel.TrySettle(_place, _sequence, isDone: false);
}
