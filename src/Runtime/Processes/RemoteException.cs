namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The work threw in its worker process. The worker lives on.</summary>
/// <remarks>The exception itself stays where it was thrown; its type, message, stack and inner exceptions come back as text.</remarks>
public sealed class RemoteException : Exception
{
    private readonly string? _remoteStackTrace;

    /// <summary>Makes an exception with a general message.</summary>
    public RemoteException()
        : this("The work threw in its worker process.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public RemoteException(string message)
        : this(message, null)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public RemoteException(string message, Exception? innerException)
        : base(message, innerException) =>
        RemoteType = typeof(Exception).FullName!;

    internal RemoteException(FaultMessage fault)
        : base(fault.Message, fault.Inner is null ? null : new RemoteException(fault.Inner))
    {
        RemoteType = fault.Type;
        _remoteStackTrace = fault.StackTrace;
    }

    /// <summary>The full name of the exception's type in the worker.</summary>
    public string RemoteType { get; }

    /// <summary>The stack at which the exception was thrown in the worker; empty if it had none.</summary>
    public string RemoteStackTrace => _remoteStackTrace ?? "";

    /// <summary>The remote type, message and stack, then the local stack.</summary>
    public override string ToString()
    {
        var inner = InnerException is null ? "" : $"{Environment.NewLine} ---> {InnerException}{Environment.NewLine}   --- End of inner exception ---";
        return $"{RemoteType}: {Message}{inner}{Environment.NewLine}{RemoteStackTrace}{Environment.NewLine}   --- End of the worker's stack ---{Environment.NewLine}{StackTrace}";
    }
}
