namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>A fault that only a test throws, told apart by its name.</summary>
public sealed class BoomException(string name = "boom") : Exception(name);
