namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>What a worker does when its parent dies.</summary>
public enum Childhood
{
    Starts,
    Idles,
    Hangs,
    Computes,
}
