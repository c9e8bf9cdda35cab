namespace ConcurrencyAnalyzers.Runtime;

/// <summary>An argument or a result can't be sent between an executor and its worker process.</summary>
public sealed class WorkSerializationException : InvalidOperationException
{
    /// <summary>Makes an exception with a general message.</summary>
    public WorkSerializationException()
        : base("The value can't be sent to another process.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public WorkSerializationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public WorkSerializationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal WorkSerializationException(string message, string? path, Exception? innerException = null)
        : base(message, innerException) =>
        Path = path;

    private WorkSerializationException(RefusalMessage refusal)
        : base(refusal.Message) =>
        Path = refusal.Path;

    /// <summary>Where in the value the member stands that can't be sent, as a JSON path ("$.Items.Owner"); null if that is not known.</summary>
    public string? Path { get; }

    /// <summary>The exception for what a worker could not read or write.</summary>
    internal static WorkSerializationException FromWorker(RefusalMessage refusal) => new(refusal);
}
