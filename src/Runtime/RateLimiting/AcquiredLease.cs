using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The lease of every request that was served: it holds nothing, so one is enough.</summary>
internal sealed class AcquiredLease : RateLimitLease
{
    public static readonly AcquiredLease Instance = new();

    private AcquiredLease()
    {
    }

    public override bool IsAcquired => true;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}
