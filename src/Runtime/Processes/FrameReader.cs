using System.Buffers.Binary;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Reads frames from a pipe, many of them with one read where they are small. Blocks; for a thread of its own.</summary>
internal sealed class FrameReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The most bytes of a payload.</summary>
    public int MaxPayload { get; set; }

    /// <summary>The next frame; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">What was read is no frame, or one beyond the limit.</exception>
    /// <exception cref="EndOfStreamException">The stream ended within a frame.</exception>
    public Frame? Read()
    {
        if (!Fill(Frame.HeaderSize))
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start));
        var kind = (FrameKind)_buffer[_start + 4];
        if (length < 0 || length > MaxPayload || kind is < FrameKind.Start or > FrameKind.Refused)
            throw new InvalidDataException($"No frame: length {length} (at most {MaxPayload}), kind {(byte)kind}.");
        _start += Frame.HeaderSize;

        var payload = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(length);
        var buffered = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(payload);
        _start += buffered;
        stream.ReadExactly(payload.AsSpan(buffered));
        return new Frame(kind, payload);
    }

    private bool Fill(int count)
    {
        while (_end - _start < count)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return _end == 0 ? false : throw new EndOfStreamException("The stream ended within a frame.");
            _end += read;
        }

        return true;
    }
}
