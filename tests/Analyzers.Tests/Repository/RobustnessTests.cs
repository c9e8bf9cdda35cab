using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>Code that is being typed, code that doesn't compile: no analyzer and no fix throws on any of it.</summary>
public sealed class RobustnessTests
{
    public static TheoryData<string> Ids => [.. RuleCatalog.Ids];

    /// <summary>Every page's code, cut at each token, to all analyzers; and what they find, to the page's fix.</summary>
    [Theory, MemberData(nameof(Ids))]
    public async Task No_prefix_of_a_pages_code_makes_a_rule_throw(string id)
    {
        var rule = RuleCatalog.Rules.Single(rule => rule.Id == id);
        var page = RulePage.Read(rule.Page);
        foreach (var block in page.Blocks.Where(block => block.Kind != "setup"))
        {
            var code = block.AsFile();
            foreach (var token in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantTokens())
                await TryAsync(rule, code[..token.Span.End], page.Setup);
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public async Task No_missing_reference_makes_a_rule_throw(string id)
    {
        var rule = RuleCatalog.Rules.Single(rule => rule.Id == id);
        var page = RulePage.Read(rule.Page);
        foreach (var block in page.Blocks.Where(block => block.Kind != "setup"))
            await TryAsync(rule, block.AsFile(), page.Setup, ReferenceAssemblies.NetStandard20, implicitUsings: false);
    }

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
