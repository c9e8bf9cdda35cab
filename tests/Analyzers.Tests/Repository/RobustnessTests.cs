using System.Text;
using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>Code that is being typed, code that doesn't compile: no analyzer and no fix throws on any of it.</summary>
public sealed class RobustnessTests
{
    public static TheoryData<string> Ids => [.. RuleCatalog.Ids];

    // All analyzers see each cut, so that what one page cuts rarely another cuts often.
    private static readonly int CutsPerPage = int.TryParse(Environment.GetEnvironmentVariable("ROBUSTNESS_CUTS"), out var cuts) ? cuts : 40;

    /// <summary>
    /// A page's code, cut behind tokens that lie evenly over it, to all analyzers; and what they find, to the page's fix.
    /// The environment variable ROBUSTNESS_CUTS says how many cuts a page gets.
    /// </summary>
    [Theory, MemberData(nameof(Ids))]
    public async Task No_prefix_of_a_pages_code_makes_a_rule_throw(string id)
    {
        var rule = RuleCatalog.Rules.Single(rule => rule.Id == id);
        var page = RulePage.Read(rule.Page);
        var cuts = page.Blocks.Where(block => block.Kind != "setup").SelectMany(block => Prefixes(block.AsFile())).ToList();
        var step = Math.Max(1, cuts.Count / CutsPerPage);
        for (var i = step / 2; i < cuts.Count; i += step)
            await TryAsync(rule, cuts[i], page.Setup);
    }

    [Theory, MemberData(nameof(Ids))]
    public async Task No_missing_reference_makes_a_rule_throw(string id)
    {
        var rule = RuleCatalog.Rules.Single(rule => rule.Id == id);
        var page = RulePage.Read(rule.Page);
        foreach (var block in page.Blocks.Where(block => block.Kind != "setup"))
            await TryAsync(rule, block.AsFile(), page.Setup, ReferenceAssemblies.NetStandard20, implicitUsings: false);
    }

    [Fact]
    public async Task No_huge_file_makes_a_rule_throw()
    {
        var code = new StringBuilder("class Huge\n{\n    static Task<int> F(int x) => Task.Run(() => x);\n");
        for (var i = 0; i < 2_000; i++)
        {
            code.Append(
                $$"""
                    async Task<int> M{{i}}(List<int> xs, CancellationToken cancellationToken)
                    {
                        var first = F({{i}});
                        Thread.Sleep({{i}});
                        await Task.WhenAll(xs.Select(x => F(x)));
                        _ = F(1);
                        return first.Result;
                    }

                    void S{{i}}()
                    {
                        F({{i}});
                        if (F({{i}}).IsCompleted) { F(2); } else { F(3); }
                    }

                """);
        }

        code.Append("    void Long()\n    {\n");
        for (var i = 0; i < 300; i++)
            code.Append(System.Globalization.CultureInfo.InvariantCulture, $"        var t{i} = F({i}); if (t{i}.IsCompleted) F({i});\n");
        code.Append("    }\n}\n");

        var found = await new RuleTest(RuleCatalog.Analyzers, new EmptyCodeFix()) { TestCode = code.ToString() }.AnalyzeAsync();
        Assert.Subset(found.Select(diagnostic => diagnostic.Id).ToHashSet(), new HashSet<string> { "CONC101", "CONC102", "CONC201", "CONC301", "CONC302" });
    }

    private static IEnumerable<string> Prefixes(string code) =>
        CSharpSyntaxTree.ParseText(code).GetRoot().DescendantTokens().Select(token => code[..token.Span.End]);

    private static Task TryAsync(RuleEntry rule, string code, string setup, ReferenceAssemblies? references = null, bool implicitUsings = true)
    {
        var test = new RuleTest(RuleCatalog.Analyzers, rule.CodeFixOrNone)
        {
            TestCode = code,
            CompilerDiagnostics = CompilerDiagnostics.None,
            ReferenceAssemblies = references ?? ReferenceAssemblies.Net100,
            ImplicitUsings = implicitUsings,
        };
        test.Sources.Add(("Setup.cs", setup));
        return test.TryAllFixesAsync();
    }
}
