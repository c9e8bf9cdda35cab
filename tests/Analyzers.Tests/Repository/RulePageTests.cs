using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>The rules' pages say what is so: their titles and headers are the rule's, and their code does what it says.</summary>
public sealed class RulePageTests
{
    public static TheoryData<string> Ids => [.. RuleCatalog.Ids];

    public static TheoryData<string, int> BadBlocks => Blocks("bad");

    public static TheoryData<string, int> GoodBlocks => Blocks("good");

    [Theory, MemberData(nameof(Ids))]
    public void Title_is_the_rules(string id)
    {
        var rule = Rule(id);
        Assert.Equal($"# {id}: {rule.Descriptor.Title}", RulePage.Read(rule.Page).Title);
    }

    [Theory, MemberData(nameof(Ids))]
    public void Header_is_up_to_date(string id)
    {
        var rule = Rule(id);
        GeneratedText.VerifySection(rule.Page, "header",
            $"""
            | | |
            |---|---|
            | Category | {rule.Descriptor.Category} |
            | Severity | {RuleTable.Severity(rule)} |
            | Code fix | {RuleTable.CodeFix(rule)} |
            """);
    }

    [Theory, MemberData(nameof(Ids))]
    public void Page_has_bad_and_good_code(string id)
    {
        var blocks = RulePage.Read(Rule(id).Page).Blocks;
        Assert.All(blocks, block => Assert.Contains(block.Kind, (string[])["bad", "bad no-fix", "good", "setup"]));
        Assert.Contains(blocks, block => block.Kind.StartsWith("bad", StringComparison.Ordinal));
        Assert.Contains(blocks, block => block.Kind == "good");
    }

    [Theory, MemberData(nameof(BadBlocks))]
    public async Task Bad_code_raises_its_rule_and_the_fix_makes_it_good(string id, int index)
    {
        var rule = Rule(id);
        var page = RulePage.Read(rule.Page);
        var block = page.Blocks[index];
        var test = Test(rule, block, page, rule.CodeFixOrNone);

        var found = await test.AnalyzeAsync();
        Assert.NotEmpty(found);
        Assert.All(found, diagnostic => Assert.True(diagnostic.Id == id, $"{rule.Page}:{block.Line} raises {diagnostic}"));

        var after = await test.FixAsync();
        var expected = block.Kind == "bad" && page.Blocks.ElementAtOrDefault(index + 1) is { Kind: "good" } good ? good : block;
        Assert.True(expected.Kind != "bad" || rule.CodeFix is null, $"{rule.Page}:{block.Line}: no good block follows; write 'bad no-fix' where the fix refuses.");
        var (wanted, actual) = (WithoutBlankLines(expected.AsFile()), WithoutBlankLines(after));
        Assert.True(wanted == actual, $"{rule.Page}:{block.Line}: the fix doesn't make the good code.\n{TextDiff.Show(wanted, actual)}");
    }

    [Theory, MemberData(nameof(GoodBlocks))]
    public async Task Good_code_raises_nothing(string id, int index)
    {
        var rule = Rule(id);
        var page = RulePage.Read(rule.Page);
        Assert.Empty(await Test(rule, page.Blocks[index], page, new EmptyCodeFix()).AnalyzeAsync());
    }

    private static TheoryData<string, int> Blocks(string kind)
    {
        var data = new TheoryData<string, int>();
        foreach (var rule in RuleCatalog.Rules.Where(rule => File.Exists(RepositoryFiles.Path(rule.Page))))
        {
            foreach (var (index, block) in RulePage.Read(rule.Page).Blocks.Index())
            {
                if (block.Kind.StartsWith(kind, StringComparison.Ordinal))
                    data.Add(rule.Id, index);
            }
        }

        return data;
    }

    // A light bulb is no finding, except on its own page.
    private static RuleTest Test(RuleEntry rule, CodeBlock block, RulePage page, CodeFixProvider fix)
    {
        var analyzers = RuleCatalog.Analyzers.Where(analyzer => analyzer.SupportedDiagnostics.Any(one => one.Id == rule.Id || one.DefaultSeverity != DiagnosticSeverity.Hidden));
        var test = new RuleTest([.. analyzers], fix) { TestCode = block.AsFile() };
        test.Sources.Add(("Setup.cs", page.Setup));
        return test;
    }

    private static RuleEntry Rule(string id) => RuleCatalog.Rules.Single(rule => rule.Id == id);

    private static string WithoutBlankLines(string code) =>
        string.Join('\n', code.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)));
}
