using System.Buffers;
using System.Buffers.Binary;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Builds frames, one after another, in one buffer, so that they leave with one write.</summary>
internal sealed class FrameWriter
{
    private const int Kept = 64 * 1024;

    private ArrayBufferWriter<byte> _buffer = new(256);
    private readonly byte[] _small = new byte[16];

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>Forgets what was written, and a buffer that one large frame has blown up.</summary>
    public void Clear()
    {
        if (_buffer.Capacity > Kept)
            _buffer = new(256);
        else
            _buffer.ResetWrittenCount();
    }

    public void Add(FrameKind kind, ReadOnlySpan<byte> payload = default)
    {
        Begin(kind, payload.Length);
        _buffer.Write(payload);
    }

    /// <summary>Begins a frame whose payload of <paramref name="length"/> bytes is added next.</summary>
    public void Begin(FrameKind kind, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_small, length);
        _small[4] = (byte)kind;
        _buffer.GetSpan(Frame.HeaderSize + length); // At once what a large frame takes.
        _buffer.Write(_small.AsSpan(0, Frame.HeaderSize));
    }

    public void AddInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_small, value);
        _buffer.Write(_small.AsSpan(0, sizeof(int)));
    }

    public void AddBytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);
}
