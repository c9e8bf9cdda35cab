namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How far a map has come. Reported once for each item that ended, one report after another.</summary>
public readonly record struct ExecutorProgress
{
    /// <summary>The items that ended well so far.</summary>
    public int Completed { get; init; }

    /// <summary>The items that failed so far.</summary>
    public int Failed { get; init; }

    /// <summary>The items that were cancelled so far.</summary>
    public int Canceled { get; init; }

    /// <summary>The items of the source, if it can tell their number without being enumerated; else null.</summary>
    public int? Total { get; init; }
}
