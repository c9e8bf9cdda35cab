using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The lease of a request that got nothing: says after which time it would, unless the limiter is gone.</summary>
internal sealed class RefusedLease(TimeSpan? retryAfter) : RateLimitLease
{
    public static readonly RefusedLease Disposed = new(retryAfter: null);

    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => retryAfter is null
        ? [MetadataName.ReasonPhrase.Name]
        : [MetadataName.RetryAfter.Name, MetadataName.ReasonPhrase.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        if (metadataName == MetadataName.RetryAfter.Name)
            metadata = retryAfter;
        else if (metadataName == MetadataName.ReasonPhrase.Name)
            metadata = retryAfter is null ? "The limiter was disposed." : "No permits left.";
        else
            metadata = null;
        return metadata is not null;
    }
}
