namespace ConcurrencyAnalyzers.Semantics;

/// <summary>How a function comes to block: the functions that call each other, and the wait at the end.</summary>
internal readonly struct BlockingChain(string text, ImmutableArray<Location> links)
{
    /// <summary>Such as <c>ReadConfig → Parse → Thread.Sleep</c>.</summary>
    public string Text { get; } = text;

    /// <summary>Whether the wait is for a parallel loop, which keeps the thread busy with its work meanwhile.</summary>
    public bool IsParallelLoop => Text.Substring(Text.LastIndexOf(' ') + 1).StartsWith("Parallel.", StringComparison.Ordinal);

    /// <summary>Where each calls the next, and where the last one waits.</summary>
    public ImmutableArray<Location> Links { get; } = links;
}
