namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A fault that no handler took.</summary>
/// <param name="exception">The fault.</param>
public sealed class UnhandledFaultEventArgs(Exception exception) : EventArgs
{
    /// <summary>The fault.</summary>
    public Exception Exception { get; } = exception;
}
