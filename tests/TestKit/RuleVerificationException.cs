namespace ConcurrencyAnalyzers.TestKit;

/// <summary>A rule or its fix did not do what the test expects; the message says what, and shows the source.</summary>
public sealed class RuleVerificationException : Exception
{
    public RuleVerificationException()
    {
    }

    public RuleVerificationException(string message)
        : base(message)
    {
    }

    public RuleVerificationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
