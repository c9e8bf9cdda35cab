using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

/// <summary>What CONC101 flags, and what it leaves alone.</summary>
public sealed class CONC101ThreadSleepInAsyncTests
{
    [Fact]
    public Task Message_names_the_call() => Verify.VerifyAnalyzerAsync(
        "class C { async Task M() { {|#0:Thread.Sleep(100)|}; await Task.Yield(); } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Thread.Sleep"));

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); [|Thread.Sleep(1)|]; }")]
    [InlineData("async Task<int> M() { [|Thread.Sleep(TimeSpan.FromSeconds(1))|]; return await Task.FromResult(1); }")]
    [InlineData("async ValueTask M() { [|Thread.Sleep(1)|]; await Task.Yield(); }")]
    [InlineData("async void M() { [|Thread.Sleep(1)|]; await Task.Yield(); }")]
    [InlineData("async IAsyncEnumerable<int> M() { [|Thread.Sleep(1)|]; yield return await Task.FromResult(1); }")]
    [InlineData("Task M() { [|Thread.Sleep(1)|]; return Task.CompletedTask; }")]
    [InlineData("ValueTask<int> M() { [|Thread.Sleep(1)|]; return new ValueTask<int>(1); }")]
    [InlineData("async Task M() => [|Thread.Sleep(1)|];")]
    [InlineData("async Task M() { [|global::System.Threading.Thread.Sleep(1)|]; await Task.Yield(); }")]
    [InlineData("async Task M() { if (DateTime.Now.Hour > 1) { try { await Task.Yield(); } finally { [|Thread.Sleep(1)|]; } } }")]
    public Task Methods(string member) => Verify.VerifyAnalyzerAsync("class C { " + member + " }");

    [Theory]
    [InlineData("Func<Task> f = async () => { [|Thread.Sleep(1)|]; await Task.Yield(); };")]
    [InlineData("Func<int, Task> f = async x => { await Task.Yield(); [|Thread.Sleep(x)|]; };")]
    [InlineData("Func<Task> f = async delegate { [|Thread.Sleep(1)|]; await Task.Yield(); };")]
    [InlineData("Func<Task> f = () => { [|Thread.Sleep(1)|]; return Task.CompletedTask; };")]
    [InlineData("Task.Run(() => { while (true) { if (DateTime.Now.Hour > 1) return Task.CompletedTask; [|Thread.Sleep(1)|]; } });")]
    [InlineData("Action f = async () => { [|Thread.Sleep(1)|]; await Task.Yield(); };")]
    [InlineData("async Task Local() { [|Thread.Sleep(1)|]; await Task.Yield(); } _ = (Func<Task>)Local;")]
    [InlineData("Task Local() { [|Thread.Sleep(1)|]; return Task.CompletedTask; } _ = (Func<Task>)Local;")]
    public Task Functions_inside_a_synchronous_method(string statement) => Verify.VerifyAnalyzerAsync("class C { void M() { " + statement + " } }");

    [Theory]
    [InlineData("void M() { Thread.Sleep(1); }")]
    [InlineData("int M() { Thread.Sleep(1); return 1; }")]
    [InlineData("C() { Thread.Sleep(1); }")]
    [InlineData("int P { get { Thread.Sleep(1); return 1; } }")]
    [InlineData("IEnumerable<int> M() { Thread.Sleep(1); yield return 1; }")]
    [InlineData("static readonly Thread T = new(() => Thread.Sleep(1));")]
    public Task Synchronous_members_are_left_alone(string member) => Verify.VerifyAnalyzerAsync("class C { " + member + " }");

    [Theory]
    [InlineData("Action f = () => Thread.Sleep(1); await Task.Run(f);")]
    [InlineData("await Task.Run(() => Thread.Sleep(1));")]
    [InlineData("await Task.Run(() => { Thread.Sleep(1); return 1; });")]
    [InlineData("await Task.Run(() => { while (true) { Thread.Sleep(1); Other.Sleep(1); } });")]
    [InlineData("await Task.Run(() => { for (;;) { Func<int> f = () => { return 1; }; Thread.Sleep(f()); } });")]
    [InlineData("new Thread(delegate () { Thread.Sleep(1); }).Start(); await Task.Yield();")]
    [InlineData("void Local() { Thread.Sleep(1); } Local(); await Task.Yield();")]
    [InlineData("System.Linq.Expressions.Expression<Action> e = () => Thread.Sleep(1); await Task.Yield();")]
    [InlineData("Action<int> f = Thread.Sleep; f(1); await Task.Yield();")]
    [InlineData("var name = nameof(Thread.Sleep); await Task.Yield();")]
    [InlineData("await Task.Delay(1); Thread.Yield(); Thread.SpinWait(1);")]
    [InlineData("Other.Sleep(1); new Other().Sleep(); await Task.Yield();")]
    public Task Synchronous_code_inside_async_methods_and_look_alikes_are_left_alone(string statements) => Verify.VerifyAnalyzerAsync(
        "class C { async Task M() { " + statements + " } } class Other { public static void Sleep(int x) { } public void Sleep() { } }");

    [Fact]
    public Task A_class_of_ones_own_named_Thread_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        class C { async Task M() { Mine.Thread.Sleep(1); await Task.Yield(); } }
        namespace Mine { static class Thread { public static void Sleep(int x) { } } }
        """);

    [Fact]
    public Task Top_level_statements_that_await() => Verify.VerifyCodeFixAsync(
        """
        await Task.Yield();
        [|Thread.Sleep(100)|];
        """,
        """
        await Task.Yield();
        await Task.Delay(100);
        """);

    [Fact]
    public Task Top_level_statements_that_never_await_are_synchronous() => Verify.VerifyAnalyzerAsync("Thread.Sleep(100);");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { async Task M() { Thread.Sleep(1); await Task.Yield(); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { async Task M() { Thread.Sleep( } }")]
    [InlineData("class C { async Task M() { Thread.Sleep(); await Task.Yield(); } }")]
    [InlineData("class C { async Task M() { Thread. } }")]
    [InlineData("class C { async Task M() { [|Thread.Sleep(1)|] } ")]
    [InlineData("class C { async Task M() { Thread.Sleep(unknown); Missing.Sleep(1); } }")]
    public Task Incomplete_code(string code) =>
        new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Fact]
    public Task Excluded_namespaces() => new Verify.Test
    {
        TestCode =
            """
            namespace A.B { class C { async Task M() { Thread.Sleep(1); await Task.Yield(); } } }
            namespace A.BC { class C { async Task M() { [|Thread.Sleep(1)|]; await Task.Yield(); } } }
            """,
        EditorConfig = "concurrency.exclude_namespaces = X, A.B",
    }.RunAsync();

    [Fact]
    public async Task Severity_is_configurable()
    {
        var test = new Verify.Test
        {
            TestCode = "class C { async Task M() { {|#0:Thread.Sleep(1)|}; await Task.Yield(); } }",
            EditorConfig = "dotnet_diagnostic.CONC101.severity = error",
        };
        test.ExpectedDiagnostics.Add(Verify.Diagnostic().WithLocation(0).WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Error));
        await test.RunAsync();
    }

    [Fact]
    public Task CSharp_7_3_and_netstandard() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                async Task M(CancellationToken ct)
                {
                    [|Thread.Sleep(100)|];
                    await Task.Yield();
                }
            }
            """,
        FixedCode =
            """
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                async Task M(CancellationToken ct)
                {
                    await Task.Delay(100, ct);
                    await Task.Yield();
                }
            }
            """,
        LanguageVersion = LanguageVersion.CSharp7_3,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
    }.RunAsync();
}
