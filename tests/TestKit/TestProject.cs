namespace ConcurrencyAnalyzers.TestKit;

/// <summary>A further project of the solution under test.</summary>
public sealed class TestProject(string name)
{
    public string Name { get; } = name;

    /// <summary>Sources with markup, as (file name, text).</summary>
    public IList<(string FileName, string Markup)> Sources { get; } = [];

    /// <summary>Their texts after the fix; the same as <see cref="Sources"/> where none is given.</summary>
    public IList<(string FileName, string Markup)> FixedSources { get; } = [];

    /// <summary>This project references the main one; otherwise the main one references this.</summary>
    public bool ReferencesMain { get; init; }
}
