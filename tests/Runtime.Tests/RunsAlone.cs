namespace ConcurrencyAnalyzers.Runtime.Tests;

/// <summary>Tests that measure the memory of the process, or make exceptions that other tests couldn't look at, run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Alone";
}
