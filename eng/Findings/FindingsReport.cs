namespace ConcurrencyAnalyzers.Findings;

/// <summary>Findings as people read them: a table, and a line for each rule.</summary>
internal static class FindingsReport
{
    public static void WriteTable(TextWriter output, IReadOnlyList<Finding> findings, string root)
    {
        if (findings.Count == 0)
        {
            output.WriteLine("no findings");
            return;
        }

        WriteRows(output, ["rule", "severity", "place", "message"], findings.Select(finding => new[]
        {
            finding.Rule,
            Severity(finding.Level),
            $"{RelativeTo(root, finding.File)}:{finding.Line}",
            finding.Message,
        }));
    }

    public static void WriteSummary(TextWriter output, IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0)
            return;

        output.WriteLine();
        WriteRows(output, ["rule", "findings", "files"], findings
            .GroupBy(finding => finding.Rule, StringComparer.Ordinal)
            .OrderBy(rule => rule.Key, StringComparer.Ordinal)
            .Select(rule => new[] { rule.Key, $"{rule.Count()}", $"{rule.DistinctBy(finding => finding.File).Count()}" }));
        output.WriteLine();
        output.WriteLine($"{findings.Count} {(findings.Count == 1 ? "finding" : "findings")} in {findings.DistinctBy(finding => finding.File).Count()} files");
    }

    /// <summary>Columns as wide as their widest cell; the last one is as long as it likes.</summary>
    public static void WriteRows(TextWriter output, string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadRight(widths[column]))).TrimEnd());
    }

    /// <summary>The words of .editorconfig, not those of SARIF.</summary>
    private static string Severity(string level) => level == "note" ? "suggestion" : level;

    private static string RelativeTo(string root, string file)
    {
        var relative = Path.GetRelativePath(root, file).Replace('\\', '/');
        return relative.StartsWith("../../../", StringComparison.Ordinal) ? file : relative;
    }
}
