namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Who refused a permit.</summary>
public enum PermitSource
{
    /// <summary>The limiter of how many calls start in a time.</summary>
    RateLimiter,

    /// <summary>The limiter of how many calls run at a time.</summary>
    Bulkhead,
}

/// <summary>A limiter refused a call; the work wasn't called. Each refusal has an instance of its own.</summary>
public sealed class PermitRefusedException : Exception
{
    private const string DefaultMessage = "A limiter refused the call.";

    /// <summary>Makes an exception without a <see cref="RetryAfter"/>.</summary>
    public PermitRefusedException()
        : base(DefaultMessage)
    {
    }

    /// <summary>Makes an exception with a message of your own.</summary>
    public PermitRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message of your own and a cause.</summary>
    public PermitRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception that says who refused, and when to come again.</summary>
    public PermitRefusedException(PermitSource refusedBy, TimeSpan? retryAfter)
        : base(Describe(refusedBy, retryAfter))
    {
        RefusedBy = refusedBy;
        RetryAfter = retryAfter;
    }

    /// <summary>Who refused.</summary>
    public PermitSource RefusedBy { get; }

    /// <summary>The time after which the limiter would give the permit; null when it doesn't say.</summary>
    public TimeSpan? RetryAfter { get; }

    private static string Describe(PermitSource refusedBy, TimeSpan? retryAfter)
    {
        var who = refusedBy == PermitSource.Bulkhead ? "The bulkhead" : "The rate limiter";
        return retryAfter is null ? $"{who} refused the call." : $"{who} refused the call. Retry after {retryAfter}.";
    }
}
