using System.Buffers.Binary;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Takes a call apart: the number of the method, whether to stop at a fault, the count of arguments, then each with its
/// length; -1 for a method that takes none.
/// </summary>
internal struct RunReader
{
    private readonly byte[] _payload;
    private int _position;
    private int _left;

    public RunReader(byte[] payload)
    {
        _payload = payload;
        Method = ReadInt32();
        StopsAtFault = ReadInt32() != 0;
        _left = ReadInt32();
    }

    public int Method { get; }

    public bool StopsAtFault { get; }

    public static void Write(FrameWriter writer, WorkMethod method, bool stopsAtFault, ReadOnlySpan<byte[]?> arguments)
    {
        writer.Begin(FrameKind.Run, LengthOf(arguments));
        writer.AddInt32(method.Message.Number);
        writer.AddInt32(stopsAtFault ? 1 : 0);
        writer.AddInt32(arguments.Length);
        foreach (var argument in arguments)
        {
            writer.AddInt32(argument?.Length ?? -1);
            writer.AddBytes(argument);
        }
    }

    /// <summary>The next argument, null if the method takes none; false after the last.</summary>
    public bool TryReadArgument(out ReadOnlyMemory<byte>? argument)
    {
        argument = null;
        if (_left-- <= 0)
            return false;
        var length = ReadInt32();
        if (length >= 0)
        {
            if (length > _payload.Length - _position)
                throw new InvalidDataException("An argument is longer than its message.");
            argument = _payload.AsMemory(_position, length);
            _position += length;
        }

        return true;
    }

    /// <summary>The bytes of a run with these arguments.</summary>
    public static int LengthOf(ReadOnlySpan<byte[]?> arguments)
    {
        var length = 3 * sizeof(int);
        foreach (var argument in arguments)
            length += sizeof(int) + (argument?.Length ?? 0);
        return length;
    }

    private int ReadInt32()
    {
        if (_payload.Length - _position < sizeof(int))
            throw new InvalidDataException("A message is too short.");
        var value = BinaryPrimitives.ReadInt32LittleEndian(_payload.AsSpan(_position));
        _position += sizeof(int);
        return value;
    }
}
