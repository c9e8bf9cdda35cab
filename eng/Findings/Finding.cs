namespace ConcurrencyAnalyzers.Findings;

/// <summary>
/// One diagnostic of one of our rules, as the compiler logged it. The level is SARIF's word (<c>error</c>, <c>warning</c>
/// or <c>note</c>), the file a full path.
/// </summary>
public sealed record Finding(string Rule, string Level, string File, int Line, int Column, string Message);
