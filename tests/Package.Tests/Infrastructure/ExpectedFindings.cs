using System.Text.RegularExpressions;
using ConcurrencyAnalyzers.Findings;

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>
/// The findings that sources announce with a comment at the end of the line: <c>// expect: CONC101</c>, or
/// <c>CONC302:note</c> where it is no warning. With <c>stays</c> the finding has no fix there.
/// </summary>
internal static partial class ExpectedFindings
{
    /// <summary>As <c>Program.cs(3): warning CONC101</c>, in order.</summary>
    public static IReadOnlyList<string> In(IEnumerable<string> files, bool afterFixing) =>
        [.. files.SelectMany(file => In(Path.GetFileName(file), File.ReadAllLines(file), afterFixing)).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Of(IEnumerable<Finding> findings) =>
        [.. findings.Select(finding => Text(Path.GetFileName(finding.File), finding.Line, finding.Level, finding.Rule)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> In(string file, string[] lines, bool afterFixing)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (Announcement().Match(lines[i]) is { Success: true } announced && (!afterFixing || announced.Groups["stays"].Success))
                yield return Text(file, i + 1, announced.Groups["level"] is { Success: true, Value: var level } ? level : "warning", announced.Groups["rule"].Value);
        }
    }

    private static string Text(string file, int line, string level, string rule) => $"{file}({line}): {level} {rule}";

    [GeneratedRegex(@"// expect: (?<rule>CONC\d{3})(:(?<level>note|error))?(?<stays> stays)?$")]
    private static partial Regex Announcement();
}
