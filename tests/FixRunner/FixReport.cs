using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.FixRunner;

/// <summary>What the fixes did, a line for each rule and project in which one went wrong, and a table at the end.</summary>
internal sealed class FixReport(TextWriter output, bool showAll)
{
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private int _crashes;

    public int AddedErrors => _crashes + _rows.Values.Sum(row => row.Errors);

    public void Fixed(Project project, string id, int findings, int files, IReadOnlyCollection<string> added)
    {
        var row = _rows.GetValueOrDefault(id);
        _rows[id] = new(row.Findings + findings, row.Files + files, row.Errors + added.Count);
        if (added.Count > 0 || showAll)
            output.WriteLine($"{id} {project.Name}: {findings} findings, {files} files changed, {added.Count} errors added");
        foreach (var error in added)
            output.WriteLine($"    {error}");
    }

    public void Crash(Project project, string what, Exception exception)
    {
        lock (output)
        {
            _crashes++;
            output.WriteLine($"{what} {project.Name}: threw {exception}");
        }
    }

    public void WriteSummary()
    {
        output.WriteLine();
        output.WriteLine("| rule | findings | files changed | errors added |");
        output.WriteLine("|---|---|---|---|");
        foreach (var (id, row) in _rows)
            output.WriteLine($"| {id} | {row.Findings} | {row.Files} | {row.Errors} |");
        output.WriteLine($"exceptions thrown: {_crashes}");
    }

    private readonly record struct Row(int Findings, int Files, int Errors);
}
