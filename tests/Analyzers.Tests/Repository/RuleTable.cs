using System.Text;
using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>The tables of rules and options that the documentation shows.</summary>
internal static class RuleTable
{
    public static string Severity(RuleEntry rule) =>
        rule.Descriptor.IsEnabledByDefault ? rule.Descriptor.DefaultSeverity.ToString() : $"{rule.Descriptor.DefaultSeverity}, off by default";

    public static string CodeFix(RuleEntry rule) => rule.NoCodeFix is { } none ? $"None: {none.Reason}" : "Yes";

    public static string OfRules(string pageFolder)
    {
        var table = new StringBuilder();
        foreach (var area in RuleCatalog.Rules.GroupBy(rule => rule.Area))
        {
            table.Append(table.Length > 0 ? "\n" : "").Append($"**{area.Key}**\n\n| Id | What it finds | Severity | Fix |\n|---|---|---|---|\n");
            foreach (var rule in area)
                table.Append($"| [{rule.Id}]({pageFolder}{rule.Id}.md) | {rule.Descriptor.Title.ToString(System.Globalization.CultureInfo.InvariantCulture)} | {Severity(rule)} | {(rule.CodeFix is null ? "" : "✔")} |\n");
        }

        return table.ToString();
    }

    public static string OfOptions()
    {
        var table = new StringBuilder("| Key | Default | Meaning |\n|---|---|---|\n");
        foreach (var option in ConcurrencyOptions.All)
            table.Append($"| `{option.Key}` | {(option.DefaultText.Length > 0 ? $"`{option.DefaultText}`" : "none")} | {option.Description} |\n");

        return table.ToString();
    }
}
