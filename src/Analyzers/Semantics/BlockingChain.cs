namespace ConcurrencyAnalyzers.Semantics;

/// <summary>How a function comes to block: the functions that call each other, and the wait at the end.</summary>
internal readonly struct BlockingChain(string text, ImmutableArray<Location> links)
{
    /// <summary>Such as <c>ReadConfig → Parse → Thread.Sleep</c>.</summary>
    public string Text { get; } = text;

    /// <summary>Where each calls the next, and where the last one waits.</summary>
    public ImmutableArray<Location> Links { get; } = links;
}
