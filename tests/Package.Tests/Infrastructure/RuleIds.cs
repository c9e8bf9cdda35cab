using System.Text.RegularExpressions;

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>The rules as the package lists them.</summary>
internal static partial class RuleIds
{
    /// <summary>All that ConcurrencyAnalyzersMode=All turns on.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Line().Matches(File.ReadAllText(Path.Combine(TestFolder.Repository, "src", "Package", "buildTransitive", "all.globalconfig"))).Select(line => line.Groups["rule"].Value)];

    /// <summary>Those for which the table of the rules shows no fix.</summary>
    public static IReadOnlyList<string> WithoutFix { get; } =
        [.. Row().Matches(File.ReadAllText(Path.Combine(TestFolder.Repository, "docs", "rules", "README.md"))).Where(row => row.Groups["fix"].Value.Length == 0).Select(row => row.Groups["rule"].Value)];

    [GeneratedRegex(@"^dotnet_diagnostic\.(?<rule>CONC\d{3})\.severity = ", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^\| \[(?<rule>CONC\d{3})\]\([^|]*\|[^|]*\|[^|]*\| *(?<fix>[^| ]*) *\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
