namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A rate limiter refused the permit that work needs in order to start; the work was not started.</summary>
public sealed class RateLimitRejectedException : Exception
{
    /// <summary>Makes an exception with a general message.</summary>
    public RateLimitRejectedException()
        : this((TimeSpan?)null)
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public RateLimitRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    public RateLimitRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception that tells when a permit may be had, if the limiter knows.</summary>
    public RateLimitRejectedException(TimeSpan? retryAfter)
        : base(retryAfter is null ? "The rate limiter refused a permit." : $"The rate limiter refused a permit; one may be had in {retryAfter}.") =>
        RetryAfter = retryAfter;

    /// <summary>The time after which a permit may be had; null if the limiter did not tell.</summary>
    public TimeSpan? RetryAfter { get; }
}
