using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace ConcurrencyAnalyzers.TestKit.Tests;

/// <summary>The verifier passes a right fix, and fails on each way in which a fix can be wrong.</summary>
public sealed class RuleTestFixTests
{
    private const string Before = "class C { int M(int bad, int good, int other) => [|bad|]; }";
    private const string After = "class C { int M(int bad, int good, int other) => good; }";

    [Fact]
    public Task Passes_a_right_fix() => Test(Before, After).RunAsync();

    [Fact]
    public Task Passes_several_findings() => Test(
        "class C { int M(int bad, int good) => [|bad|] + good + [|bad|]; }",
        "class C { int M(int bad, int good) => good + good + good; }").RunAsync();

    [Fact]
    public Task Passes_a_refusal() => Test(Before, Before, new BadNameFix { Rename = _ => null }).RunAsync();

    [Fact]
    public Task What_is_left_must_be_marked() => Test(
        "class C { int M(int bad, int bad2, int good) => [|bad|] + [|bad2|]; }",
        "class C { int M(int bad, int bad2, int good) => good + [|bad2|]; }",
        new BadNameFix { Rename = name => name == "bad" ? "good" : null }).RunAsync();

    [Fact]
    public Task What_is_left_unmarked_fails() => Fails(
        Test(
            "class C { int M(int bad, int bad2, int good) => [|bad|] + [|bad2|]; }",
            "class C { int M(int bad, int bad2, int good) => good + bad2; }",
            new BadNameFix { Rename = name => name == "bad" ? "good" : null }),
        "after the fix", "unexpected BAD1");

    [Fact]
    public Task Another_text() => Fails(Test(Before, After.Replace("good; ", "other; ", StringComparison.Ordinal)), "one fix at a time", "- class C", "+ class C");

    [Fact]
    public Task A_fix_where_none_is_expected() => Fails(Test(Before, Before), "isn't as expected");

    [Fact]
    public Task No_fix_where_one_is_expected() => Fails(Test(Before, After, new BadNameFix { Rename = _ => null }), "isn't as expected");

    [Fact]
    public Task A_fix_that_changes_nothing() => Fails(Test(Before, After, new BadNameFix { Rename = name => name }), "changes nothing");

    [Fact]
    public Task A_fix_whose_result_still_reports() => Fails(
        Test("class C { int M(int bad, int bad2) => [|bad|]; }", "class C { int M(int bad, int bad2) => bad2; }", new BadNameFix { Rename = name => name == "bad" ? "bad2" : null }),
        "still reports");

    [Fact]
    public Task A_fix_that_does_not_compile() => Fails(
        Test(Before, After.Replace("good; ", "missing; ", StringComparison.Ordinal), new BadNameFix { Rename = _ => "missing" }),
        "after the fix", "CS0103");

    [Fact]
    public Task No_equivalence_key() => Fails(Test(Before, After, new BadNameFix { Key = null }), "no equivalence key");

    [Fact]
    public Task One_equivalence_key_twice() => Fails(Test(Before, After, new BadNameFix { Key = "Other", OffersAnother = true }), "one equivalence key");

    [Fact]
    public Task No_fix_all() => Fails(Test(Before, After, new BadNameFix { FixAll = null }), "no fix-all");

    [Fact]
    public Task A_fix_all_that_does_something_else() => Fails(Test(Before, After, new BadNameFix { FixAll = new LazyFixAll() }), "fix-all in each document");

    [Fact]
    public Task A_fix_all_without_all_scopes() => Fails(Test(Before, After, new BadNameFix { FixAll = new LazyFixAll(FixAllScope.Document) }), "doesn't support the scope Project");

    [Fact]
    public Task A_fix_all_that_differs_on_purpose() => new RuleTest([new BadNameAnalyzer()], new BadNameFix { FixAll = new LazyFixAll() })
    {
        TestCode = Before,
        FixedCode = After,
        BatchFixedCode = Before,
    }.RunAsync();

    [Fact]
    public Task Fix_by_equivalence_key() => new RuleTest([new BadNameAnalyzer()], new BadNameFix { OffersAnother = true })
    {
        TestCode = Before,
        FixedCode = After.Replace("good; ", "other; ", StringComparison.Ordinal),
        CodeActionEquivalenceKey = "Other",
    }.RunAsync();

    [Fact]
    public Task Fix_by_index() => new RuleTest([new BadNameAnalyzer()], new BadNameFix { OffersAnother = true })
    {
        TestCode = Before,
        FixedCode = After.Replace("good; ", "other; ", StringComparison.Ordinal),
        CodeActionIndex = 1,
    }.RunAsync();

    [Fact]
    public async Task Several_files_and_projects()
    {
        var test = Test(Before, After);
        test.Sources.Add(("D.cs", "class D { int M(int bad, int good) => [|bad|]; }"));
        test.FixedSources.Add(("D.cs", "class D { int M(int bad, int good) => good; }"));
        var library = new TestProject("Library");
        library.Sources.Add(("L.cs", "class L { int M(int bad, int good) => [|bad|]; }"));
        library.FixedSources.Add(("L.cs", "class L { int M(int bad, int good) => good; }"));
        test.AdditionalProjects.Add(library);
        await test.RunAsync();
    }

    [Fact]
    public Task A_forgotten_file_fails()
    {
        var test = Test(Before, After);
        test.Sources.Add(("D.cs", "class D { int M(int bad, int good) => [|bad|]; }"));
        return Fails(test, "D.cs isn't as expected");
    }

    [Fact]
    public Task A_fix_that_breaks_the_top_level_program() => Fails(
        Test(
            "class C { async Task M(int bad) { await Task.Yield(); Use([|bad|]); } static void Use(int x) { } static int good; }",
            "class C { async Task M(int bad) { await Task.Yield(); Use(C.good); } static void Use(int x) { } static int good; }",
            new BadNameFix { Rename = _ => "C.good" }),
        "as a top-level program: after the fix", "CS");

    [Fact]
    public async Task Line_endings_are_compared() =>
        Assert.Contains("\\r", (await Assert.ThrowsAsync<RuleVerificationException>(() => Test(Before + "\r\n", After + "\n").RunAsync())).Message, StringComparison.Ordinal);

    private static RuleTest Test(string before, string after, BadNameFix? fix = null) =>
        new([new BadNameAnalyzer()], fix ?? new BadNameFix()) { TestCode = before, FixedCode = after };

    private static async Task Fails(RuleTest test, params string[] problems)
    {
        var failure = await Assert.ThrowsAsync<RuleVerificationException>(() => test.RunAsync());
        Assert.All(problems, problem => Assert.Contains(problem, failure.Message, StringComparison.Ordinal));
    }

    /// <summary>Has a fix for all that fixes nothing.</summary>
    private sealed class LazyFixAll(params FixAllScope[] scopes) : FixAllProvider
    {
        public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() => scopes.Length > 0 ? scopes : base.GetSupportedFixAllScopes();

        public override Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext) => Task.FromResult<CodeAction?>(null);
    }
}
