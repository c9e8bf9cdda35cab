using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>The first thing that a reader sees is true.</summary>
public sealed class ReadmeTests
{
    private const string Setup =
        """
        global using static Surroundings;

        record Report;

        static class Surroundings
        {
            public static Task<Report> FetchAsync(Uri uri) => Task.FromResult(new Report());
        }
        """;

    [Fact]
    public async Task The_code_before_is_flagged_and_fixed_to_the_code_after()
    {
        var blocks = RulePage.Read("README.md").Blocks;
        var code = blocks.Single(block => block.Kind == "before").AsFile();
        string[] ids = ["CONC101", "CONC201"];

        Assert.Equal(ids, (await Test(code, new EmptyCodeFix()).AnalyzeAsync()).Select(diagnostic => diagnostic.Id));
        foreach (var id in ids)
            code = await Test(code, RuleCatalog.Rules.Single(rule => rule.Id == id).CodeFixOrNone).FixAsync();

        var after = blocks.Single(block => block.Kind == "after").AsFile();
        Assert.Equal(after, code.Replace("using ConcurrencyAnalyzers.Runtime;\n\n", "", StringComparison.Ordinal));
        Assert.Empty(await Test("using ConcurrencyAnalyzers.Runtime;\n" + after, new EmptyCodeFix()).AnalyzeAsync());
    }

    private static RuleTest Test(string code, Microsoft.CodeAnalysis.CodeFixes.CodeFixProvider fix)
    {
        var test = new RuleTest(RuleCatalog.Analyzers, fix) { TestCode = code };
        test.Sources.Add(("Surroundings.cs", Setup));
        return test;
    }
}
