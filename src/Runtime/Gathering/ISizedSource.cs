namespace ConcurrencyAnalyzers.Runtime;

/// <summary>A sequence that is no collection, and may know how many elements it will have.</summary>
internal interface ISizedSource
{
    int? Count { get; }
}
