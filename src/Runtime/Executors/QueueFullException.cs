namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A submission found the queue of an executor full, and the executor rejects rather than waits.</summary>
public sealed class QueueFullException : InvalidOperationException
{
    /// <summary>Makes an exception with a general message.</summary>
    public QueueFullException()
        : base("The queue of the executor is full.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public QueueFullException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public QueueFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
