using System.Text;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Reads all that a worker prints, however much, keeps the end of it, and hands lines on to who asked for them.</summary>
internal sealed class OutputTail(StreamReader reader, int processId, Action<int, string>? received)
{
    private const int Kept = 8192;
    private const int MaxLine = 4096;

    private readonly char[] _chunk = new char[4096];
    private readonly StringBuilder _tail = new();
    private readonly StringBuilder _line = new();

    /// <summary>The last of what was printed so far, without the white space around it.</summary>
    public override string ToString()
    {
        lock (_tail)
            return _tail.ToString().Trim();
    }

    /// <summary>Reads to the end. Blocks; for a thread of its own.</summary>
    public void ReadToEnd()
    {
        try
        {
            for (var read = reader.Read(_chunk); read > 0; read = reader.Read(_chunk))
            {
                lock (_tail)
                {
                    _tail.Append(_chunk, 0, read);
                    if (_tail.Length > 2 * Kept)
                        _tail.Remove(0, _tail.Length - Kept);
                }

                if (received is not null)
                    TakeLines(_chunk.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process is gone; what was read is all there is.
        }

        lock (_tail)
        {
            if (_tail.Length > Kept)
                _tail.Remove(0, _tail.Length - Kept);
        }

        if (_line.Length > 0)
            HandOn();
    }

    private void TakeLines(ReadOnlySpan<char> chunk)
    {
        foreach (var character in chunk)
        {
            if (character == '\n' || _line.Length == MaxLine)
                HandOn();
            if (character is not ('\n' or '\r'))
                _line.Append(character);
        }
    }

    private void HandOn()
    {
        var line = _line.ToString();
        _line.Clear();
        try
        {
            received?.Invoke(processId, line);
        }
        catch (Exception e) // A callback that throws changes nothing.
        {
            TaskObservation.Report(e);
        }
    }
}
