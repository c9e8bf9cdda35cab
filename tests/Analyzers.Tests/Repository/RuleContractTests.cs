using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>What every rule must have, so that a reader finds it and a user can configure it.</summary>
public sealed class RuleContractTests
{
    public static TheoryData<string> Ids => [.. RuleCatalog.Ids];

    [Fact]
    public void Ids_are_unique_and_sorted() => Assert.Equal(RuleCatalog.Ids.Distinct().Order(StringComparer.Ordinal), RuleCatalog.Ids);

    [Fact]
    public void Every_descriptor_has_an_id_of_the_list() =>
        Assert.Equal(RuleCatalog.Ids, RuleCatalog.Rules.Select(rule => rule.Id));

    [Theory, MemberData(nameof(Ids))]
    public void Files_share_their_stem_and_stand_in_the_folder_of_the_area(string id)
    {
        var rule = Rule(id);
        Assert.StartsWith(id, rule.Stem, StringComparison.Ordinal);
        Assert.True(File.Exists(RepositoryFiles.Path($"src/Analyzers/Rules/{rule.Area}/{rule.Stem}Analyzer.cs")), "analyzer");
        Assert.True(File.Exists(RepositoryFiles.Path(rule.Page)), "page");
        Assert.NotEmpty(Directory.GetFiles(RepositoryFiles.Path($"tests/Analyzers.Tests/Rules/{rule.Area}"), $"{rule.Stem}*Tests.cs"));
        if (rule.CodeFix is not null)
            Assert.True(File.Exists(RepositoryFiles.Path($"src/CodeFixes/Rules/{rule.Area}/{rule.Stem}CodeFix.cs")), "fix");
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_rule_has_a_fix_or_says_why_not(string id)
    {
        var rule = Rule(id);
        Assert.NotEqual(rule.CodeFix is null, rule.NoCodeFix is null);
        Assert.True(rule.NoCodeFix is null or { Reason.Length: > 20 });
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_descriptor_is_complete(string id)
    {
        var descriptor = Rule(id).Descriptor;
        Assert.Equal("Concurrency." + RuleDescriptor.AreaOf(id), descriptor.Category);
        Assert.EndsWith($"/docs/rules/{id}.md", descriptor.HelpLinkUri, StringComparison.Ordinal);
        Assert.InRange(Text(descriptor.Title).Length, 10, 90);
        Assert.InRange(Text(descriptor.Description).Length, 40, 600);
        Assert.False(Text(descriptor.Title).EndsWith('.'));
        Assert.False(Text(descriptor.MessageFormat).EndsWith('.'));
        Assert.Contains("{0}", Text(descriptor.MessageFormat), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ids))]
    public void The_release_notes_have_the_rule(string id)
    {
        var descriptor = Rule(id).Descriptor;
        var severity = descriptor.IsEnabledByDefault ? descriptor.DefaultSeverity.ToString() : "Disabled";
        var rows = (RepositoryFiles.Read("src/Analyzers/AnalyzerReleases.Shipped.md") + RepositoryFiles.Read("src/Analyzers/AnalyzerReleases.Unshipped.md"))
            .Split('\n').Where(line => line.StartsWith(id + " ", StringComparison.Ordinal));
        var columns = Assert.Single(rows).Split('|', StringSplitOptions.TrimEntries);
        Assert.Equal([id, descriptor.Category, severity], columns[..3]);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_fix_can_fix_all(string id)
    {
        if (Rule(id).CodeFix is not { } fix)
            return;

        Assert.Equal([FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution], fix.GetFixAllProvider()!.GetSupportedFixAllScopes());
        var export = Assert.Single(fix.GetType().GetCustomAttributes(typeof(ExportCodeFixProviderAttribute), inherit: false).Cast<ExportCodeFixProviderAttribute>());
        Assert.Equal(fix.GetType().Name, export.Name);
    }

    private static RuleEntry Rule(string id) => RuleCatalog.Rules.Single(rule => rule.Id == id);

    private static string Text(LocalizableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
