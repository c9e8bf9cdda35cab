using System.Text.Json;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Turns exceptions into text that can be sent.</summary>
internal static class Faults
{
    // Together, and with six bytes for each character, less than the overhead of a frame.
    private const int MaxLength = 8 * 1024;
    private const int MaxDepth = 4;

    /// <summary>The exception as text; what it says itself can throw, and is then left out.</summary>
    private static FaultMessage Describe(Exception exception, CancellationToken cancellationToken, int depth = 0) => new()
    {
        Type = exception.GetType().FullName ?? exception.GetType().Name,
        Message = Try(exception, static e => e.Message) ?? "",
        StackTrace = Try(exception, static e => e.StackTrace),
        Inner = depth < MaxDepth && Inner(exception) is { } inner ? Describe(inner, cancellationToken, depth + 1) : null,
        IsCanceled = exception is OperationCanceledException && cancellationToken.IsCancellationRequested,
    };

    public static byte[] Write(Exception exception, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeToUtf8Bytes(Describe(exception, cancellationToken), WireContext.Default.FaultMessage);

    /// <exception cref="JsonException">This is no description of an exception.</exception>
    public static FaultMessage Read(byte[] payload) =>
        JsonSerializer.Deserialize(payload, WireContext.Default.FaultMessage) ?? throw new JsonException("There is nothing.");

    public static string Cut(string text) => text.Length > MaxLength ? text[..MaxLength] : text;

    private static Exception? Inner(Exception exception)
    {
        try
        {
            return exception.InnerException;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static string? Try(Exception exception, Func<Exception, string?> read)
    {
        try
        {
            return read(exception) is { } text ? Cut(text) : null;
        }
        catch (Exception)
        {
            return null;
        }
    }
}
