using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.TestKit.Tests;

/// <summary>The verifier passes what is right, and fails on each way in which diagnostics can be wrong.</summary>
public sealed class RuleTestDiagnosticsTests
{
    private static readonly DiagnosticDescriptor Rule = new BadNameAnalyzer().SupportedDiagnostics[0];

    [Theory]
    [InlineData("[|bad|]")]
    [InlineData("{|BAD1:bad|} + good")]
    [InlineData("good")]
    public Task Passes_what_is_as_expected(string expression) => Run(expression);

    [Theory]
    [InlineData("[|good|]", "isn't reported")]
    [InlineData("bad", "unexpected BAD1")]
    [InlineData("[|bad + good|]", "isn't reported")]
    [InlineData("{|BAD2:bad|}", "BAD2 isn't reported")]
    [InlineData("[|bad|] + bad", "unexpected BAD1")]
    [InlineData("[|[|bad|]|]", "isn't reported")]
    [InlineData("missing", "unexpected CS0103")]
    [InlineData("{|CS0103:good|}", "CS0103 isn't reported")]
    public Task Fails_on_what_is_not(string expression, string problem) => Fails(() => Run(expression), problem);

    [Fact]
    public Task Declared_compile_errors_pass() => Run("{|CS0103:missing|}");

    [Fact]
    public Task Broken_code_passes_on_request() => Run("missing(", compilerDiagnostics: CompilerDiagnostics.None);

    [Fact]
    public Task Errors_of_code_generation_are_seen() => Fails(
        () => new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { async Task M(byte[] b) { Span<byte> s = b; await Task.Yield(); s[0] = 1; } }" }.RunAsync(),
        "CS4007");

    [Fact]
    public Task Right_message() => Run("{|#0:bad|}", DiagnosticResult.Of(Rule).WithLocation(0).WithArguments("bad"));

    [Fact]
    public Task Wrong_message() => Fails(() => Run("{|#0:bad|}", DiagnosticResult.Of(Rule).WithLocation(0).WithArguments("worse")), "message is");

    [Fact]
    public Task Wrong_severity() => Fails(() => Run("{|#0:bad|}", DiagnosticResult.Of(Rule).WithLocation(0).WithSeverity(DiagnosticSeverity.Error)), "severity is Warning");

    [Fact]
    public Task Severity_by_editorconfig() =>
        Run("{|#0:bad|}", DiagnosticResult.Of(Rule).WithLocation(0).WithSeverity(DiagnosticSeverity.Error), editorConfig: "dotnet_diagnostic.BAD1.severity = error");

    [Fact]
    public Task Expectation_without_a_location() => Fails(() => Run("bad", DiagnosticResult.Of(Rule)), "has no location");

    [Fact]
    public Task Location_without_an_expectation() => Fails(() => Run("{|#3:bad|}"), "{|#3:");

    [Fact]
    public Task Expectation_at_a_location_that_is_not_there() =>
        Fails(() => Run("{|#0:bad|}", DiagnosticResult.Of(Rule).WithLocation(0), DiagnosticResult.Of(Rule).WithLocation(1)), "location 1");

    [Fact]
    public Task A_crash_fails_with_its_stack() => Fails(
        () => Run("good", analyzer: new BadNameAnalyzer(_ => throw new InvalidOperationException("boom"))),
        "AD0001", "boom", nameof(BadNameAnalyzer));

    [Fact]
    public Task Runs_with_nullable_disabled() => Fails(
        () => Run("good", analyzer: new BadNameAnalyzer(OnlyWithNullable)),
        "nullable");

    [Fact]
    public Task Nullable_disabled_can_be_left_out() => new RuleTest([new BadNameAnalyzer(OnlyWithNullable)], new EmptyCodeFix())
    {
        TestCode = Using("good"),
        TestNullableDisabled = false,
    }.RunAsync();

    [Fact]
    public async Task Runs_as_a_top_level_program()
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = TopLevelCode };
        await test.RunAsync();
        Assert.True(test.RanAsTopLevelProgram);
    }

    [Fact]
    public Task Fails_as_a_top_level_program() => Fails(
        () => new RuleTest([new BadNameAnalyzer(context => Assert.False(context.ContainingSymbol is IMethodSymbol { Name: "<Main>$" }))], new EmptyCodeFix()) { TestCode = TopLevelCode }.RunAsync(),
        "AD0001");

    [Fact]
    public async Task The_top_level_program_can_be_left_out()
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = TopLevelCode, TestTopLevelProgram = false };
        await test.RunAsync();
        Assert.False(test.RanAsTopLevelProgram);
    }

    [Fact]
    public async Task Code_that_needs_its_class_is_no_top_level_program()
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { async Task M(int bad) { await Task.Yield(); var c = this; _ = [|bad|]; } }" };
        await test.RunAsync();
        Assert.False(test.RanAsTopLevelProgram);
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp7_3, "CS8701")]
    [InlineData(LanguageVersion.CSharp8, null)]
    public async Task Language_versions(LanguageVersion version, string? error)
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "interface I { int M() { return 1; } }", LanguageVersion = version };
        if (error is null)
            await test.RunAsync();
        else
            Assert.Contains("unexpected CS", (await Assert.ThrowsAsync<RuleVerificationException>(() => test.RunAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frameworks()
    {
        const string Code = "class C { System.Threading.Lock l = new(); }";
        await new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = Code }.RunAsync();
        await Fails(() => new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = Code, ReferenceAssemblies = ReferenceAssemblies.Net80 }.RunAsync(), "CS0234");
        await new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { System.TimeProvider? l; }", ReferenceAssemblies = ReferenceAssemblies.Net80 }.RunAsync();
        await Fails(() => new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { System.TimeProvider? l; }", ReferenceAssemblies = ReferenceAssemblies.NetStandard20 }.RunAsync(), "CS0234");
    }

    [Fact]
    public async Task With_and_without_the_runtime()
    {
        const string Code = "class C { ConcurrencyAnalyzers.Runtime.OutcomeStatus s; }";
        await new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = Code }.RunAsync();
        await new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = Code, ReferenceAssemblies = ReferenceAssemblies.Net80 }.RunAsync();
        await Fails(() => new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = Code, WithRuntime = false }.RunAsync(), "CS0246");
    }

    [Fact]
    public async Task Further_files_and_projects()
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { int M(int bad) => [|bad|] + D.Bad + Lib.Value; }" };
        test.Sources.Add(("D.cs", "static class D { public static int Bad => M(1); static int M(int bad) => [|bad|]; }"));
        var library = new TestProject("Library");
        library.Sources.Add(("Lib.cs", "public static class Lib { public const int Value = 1; static int M(int bad) => [|bad|]; }"));
        var app = new TestProject("App") { ReferencesMain = true };
        app.Sources.Add(("App.cs", "class App : {|CS0122:C|} { }"));
        test.AdditionalProjects.Add(library);
        test.AdditionalProjects.Add(app);
        await test.RunAsync();
    }

    [Fact]
    public Task A_finding_in_a_further_file_is_seen()
    {
        var test = new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { }" };
        test.Sources.Add(("D.cs", "class D { int M(int bad) => bad; }"));
        return Fails(() => test.RunAsync(), "unexpected BAD1 at D.cs(1,29)");
    }

    [Fact]
    public Task An_executable_without_an_entry_point_is_an_error() =>
        Fails(() => new RuleTest([new BadNameAnalyzer()], new EmptyCodeFix()) { TestCode = "class C { }", OutputKind = OutputKind.ConsoleApplication }.RunAsync(), "CS5001");

    private const string TopLevelCode = "class C { async Task M(int bad) { await Task.Yield(); Use([|bad|]); } static void Use(int x) { } }";

    private static string Using(string expression) => $"class C {{ int M(int bad, int good) => {expression}; }}";

    private static void OnlyWithNullable(Microsoft.CodeAnalysis.Diagnostics.SyntaxNodeAnalysisContext context)
    {
        if (context.Compilation.Options.NullableContextOptions == NullableContextOptions.Disable)
            throw new InvalidOperationException("nullable is disabled");
    }

    private static Task Run(string expression, params DiagnosticResult[] expected) => Run(expression, expected, null);

    private static Task Run(string expression, DiagnosticResult expected, string? editorConfig) => Run(expression, [expected], null, editorConfig);

    private static Task Run(string expression, DiagnosticResult[]? expected = null, BadNameAnalyzer? analyzer = null, string? editorConfig = null, CompilerDiagnostics compilerDiagnostics = CompilerDiagnostics.Errors)
    {
        var test = new RuleTest([analyzer ?? new BadNameAnalyzer()], new EmptyCodeFix())
        {
            TestCode = Using(expression),
            EditorConfig = editorConfig,
            CompilerDiagnostics = compilerDiagnostics,
        };
        foreach (var result in expected ?? [])
            test.ExpectedDiagnostics.Add(result);

        return test.RunAsync();
    }

    private static async Task Fails(Func<Task> test, params string[] problems)
    {
        var failure = await Assert.ThrowsAsync<RuleVerificationException>(test);
        Assert.All(problems, problem => Assert.Contains(problem, failure.Message, StringComparison.Ordinal));
    }
}
