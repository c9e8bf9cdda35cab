namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The executor can run nothing more, because a worker could not be initialized. The inner exception says why. Each waiter
/// and each later submission gets an instance of its own.
/// </summary>
public sealed class BrokenExecutorException : InvalidOperationException
{
    /// <summary>Makes an exception with a general message.</summary>
    public BrokenExecutorException()
        : base("The executor is broken.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public BrokenExecutorException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public BrokenExecutorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
