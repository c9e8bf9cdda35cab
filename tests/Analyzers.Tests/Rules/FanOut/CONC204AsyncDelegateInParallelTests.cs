using ConcurrencyAnalyzers.Rules.Time;
using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC204AsyncDelegateInParallelAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC204AsyncDelegateInParallelCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC204AsyncDelegateInParallelTests
{
    private static string InMethod(string statements, string declaration = "async Task M(List<string> xs)") =>
        $$"""
        #pragma warning disable CS1998
        class C
        {
            {{declaration}}
            {
                {{statements.ReplaceLineEndings("\n        ")}}
            }

            static async Task F(string x) => await Task.Delay(x.Length);
            static async Task T(string x, CancellationToken ct = default) => await Task.Delay(x.Length, ct);
            static async void Void(string x) => await F(x);
            static Task Done(string x) => Task.CompletedTask;
            async Task Run() => await Task.Delay(1);
            static void Work(string x) { }
        }
        """;

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, async x => await F(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, async x => { await F(x); })|];")]
    [InlineData("[|Parallel.ForEach(xs, async (x, state) => { await F(x); })|];")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions(), async x => { await F(x); })|];")]
    [InlineData("[|Parallel.ForEach(xs, async delegate (string x) { await F(x); })|];")]
    [InlineData("[|Parallel.ForEach(xs, Void)|];")]
    [InlineData("[|Parallel.ForEach(xs, x => F(x))|];")]
    [InlineData("[|Parallel.For(0, xs.Count, async i => await F(xs[i]))|];")]
    [InlineData("[|Parallel.Invoke(() => Work(\"\"), async () => await F(\"\"))|];")]
    [InlineData("[|Parallel.Invoke([async () => await F(\"\")])|];")]
    [InlineData("[|Parallel.Invoke(new Action[] { () => Work(\"\"), async () => await F(\"\") })|];")]
    [InlineData("[|xs.AsParallel().ForAll(async x => await F(x))|];")]
    [InlineData("[|xs.ForEach(async x => await F(x))|];")]
    [InlineData("[|xs.ForEach(x => F(x))|];")]
    [InlineData("[|new List<C?>().ForEach(x => x?.Run())|];")]
    [InlineData("[|xs.ForEach(Void)|];")]
    [InlineData("[|Array.ForEach(xs.ToArray(), async x => await F(x))|];")]
    [InlineData("var result = [|Parallel.ForEach(xs, async x => await F(x))|];")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("Parallel.ForEach(xs, x => Work(x));")]
    [InlineData("Parallel.ForEach(xs, Work);")]
    [InlineData("await Parallel.ForEachAsync(xs, async (x, ct) => await T(x, ct));")]
    [InlineData("Parallel.ForEach(xs, x => F(x).Wait());")]
    [InlineData("Parallel.ForEach(xs, x => F(x).GetAwaiter().GetResult());")]
    [InlineData("Parallel.ForEach(xs, x => { _ = F(x); });")]
    [InlineData("Parallel.ForEach(xs, x => { Func<Task> later = async () => await F(x); later().Wait(); });")]
    [InlineData("Parallel.ForEach(xs, x => Done(x));")]
    [InlineData("Parallel.ForEach(xs, async x => { Work(x); });")]
    [InlineData("xs.ForEach(Work);")]
    [InlineData("Parallel.Invoke([() => Work(\"\")]);")]
    [InlineData("xs.ForEach(x => Work(x));")]
    [InlineData("xs.ForEach(x => _ = F(x));")]
    [InlineData("foreach (var x in xs) await F(x);")]
    [InlineData("var tasks = xs.ConvertAll(async x => { await F(x); return x; }); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); xs.ForEach(x => tasks.Add(F(x))); await Task.WhenAll(tasks);")]
    [InlineData("new Own().ForEach(async x => await F(x)); } class Own { public void ForEach(Func<string, Task> each) { }")]
    [InlineData("new Own().ForEach(async x => await F(x)); } class Own { public void ForEach(Action<string> each) { }")]
    public Task Not_flagged(string statements) => new Verify.Test { TestCode = InMethod(statements), TestTopLevelProgram = false }.RunAsync();

    [Theory]
    [InlineData("{|#0:Parallel.ForEach(xs, async x => await F(x))|};", "Parallel.ForEach", "await 'Parallel.ForEachAsync' instead")]
    [InlineData("{|#0:Parallel.Invoke(async () => await F(\"\"))|};", "Parallel.Invoke", "await 'Task.WhenAll' instead")]
    [InlineData("{|#0:xs.ForEach(async x => await F(x))|};", "List.ForEach", "write a 'foreach' that awaits it")]
    public Task Message(string statements, string method, string advice) => Verify.VerifyAnalyzerAsync(
        InMethod(statements), Verify.Diagnostic().WithLocation(0).WithArguments(method, advice));

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, async x => await F(x))|];", "await Parallel.ForEachAsync(xs, async (x, _) => await F(x));")]
    [InlineData("[|Parallel.ForEach(xs, async x => { await T(x); })|]; // all", "await Parallel.ForEachAsync(xs, async (x, ct) => { await T(x, ct); }); // all")]
    [InlineData("[|Parallel.ForEach(xs, x => F(x))|];", "await Parallel.ForEachAsync(xs, async (x, _) => await F(x));")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async x => await F(x))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (x, _) => await F(x));")]
    [InlineData("[|Parallel.For(0, 10, async i => await F(xs[i]))|];", "await Parallel.ForAsync(0, 10, async (i, _) => await F(xs[i]));")]
    [InlineData("[|Parallel.Invoke(async () => await F(\"a\"), () => F(\"b\"))|];", "await Task.WhenAll(F(\"a\"), F(\"b\"));")]
    [InlineData("[|xs.ForEach(async x => await F(x))|];", "foreach (var x in xs)\n    await F(x);")]
    [InlineData("[|xs.ForEach(x => F(x))|];", "foreach (var x in xs)\n    await F(x);")]
    [InlineData("[|xs.ForEach(async x =>\n{\n    if (x == \"\")\n        return;\n    await F(x);\n})|];", "foreach (var x in xs)\n{\n    if (x == \"\")\n        continue;\n    await F(x);\n}")]
    public Task Fix(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    private const string WithToken = "async Task M(List<string> xs, CancellationToken stop)";

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, async x => await F(x))|];", "await Parallel.ForEachAsync(xs, stop, async (x, _) => await F(x));")]
    [InlineData("[|Parallel.ForEach(xs, async x => await T(x))|];", "await Parallel.ForEachAsync(xs, stop, async (x, ct) => await T(x, ct));")]
    [InlineData("[|Parallel.For(0, 10, async i => await F(xs[i]))|];", "await Parallel.ForAsync(0, 10, stop, async (i, _) => await F(xs[i]));")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { CancellationToken = stop }, async x => await F(x))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { CancellationToken = stop }, async (x, _) => await F(x));")]
    [InlineData("[|Parallel.Invoke(async () => await T(\"a\"), () => F(\"b\"))|];", "await Task.WhenAll(T(\"a\", stop), F(\"b\"));")]
    [InlineData("[|xs.ForEach(async x => await T(x))|];", "foreach (var x in xs)\n    await T(x, stop);")]
    [InlineData("[|xs.ForEach(async x =>\n{\n    if (x == \"\")\n        return;\n    await T(x); // slow\n})|];", "foreach (var x in xs)\n{\n    if (x == \"\")\n        continue;\n    await T(x, stop); // slow\n}")]
    [InlineData("[|xs.ForEach(x => T(x, CancellationToken.None))|];", "foreach (var x in xs)\n    await T(x, CancellationToken.None);")]
    // Clean-up runs to its end.
    [InlineData("try { Work(\"\"); } finally { [|Parallel.ForEach(xs, async x => await F(x))|]; }", "try { Work(\"\"); } finally { await Parallel.ForEachAsync(xs, async (x, _) => await F(x)); }")]
    public Task Fix_passes_the_token(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before, WithToken), InMethod(after, WithToken));

    [Fact]
    public Task Fix_passes_the_token_of_a_timeout() => Verify.VerifyCodeFixAsync(
        InMethod("using var timeout = new CancellationTokenSource(1000);\n[|Parallel.ForEach(xs, async x => await F(x))|];"),
        InMethod("using var timeout = new CancellationTokenSource(1000);\nawait Parallel.ForEachAsync(xs, timeout.Token, async (x, _) => await F(x));"));

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, async x => await T(x))|];")]
    [InlineData("[|Parallel.For(0, 10, async i => await T(xs[i]))|];")]
    [InlineData("[|Parallel.Invoke(async () => await T(\"a\"), () => T(\"b\"))|];")]
    [InlineData("[|xs.ForEach(async x => await T(x))|];")]
    public async Task After_the_fix_CONC603_has_nothing_to_say(string statements)
    {
        var changed = await new Verify.Test { TestCode = InMethod(statements, WithToken) }.FixAsync();
        await RuleVerifier<CONC603UnpassedTokenAnalyzer, CONC603UnpassedTokenCodeFix>.VerifyAnalyzerAsync(changed);
    }

    [Fact]
    public Task Fix_makes_the_function_async() => Verify.VerifyCodeFixAsync(
        InMethod("[|Parallel.ForEach(xs, async x => await F(x))|];\nreturn Task.CompletedTask;", "Task M(List<string> xs)"),
        InMethod("await Parallel.ForEachAsync(xs, async (x, _) => await F(x));", "async Task M(List<string> xs)"));

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, async (x, state) => { await F(x); })|];")]
    [InlineData("[|Parallel.ForEach(xs, Void)|];")]
    [InlineData("[|Parallel.Invoke(() => Work(\"\"), async () => await F(\"\"))|];")]
    [InlineData("[|xs.ForEach(async x => { foreach (var y in xs) { if (y == x) return; await F(y); } })|];")]
    [InlineData("var result = [|Parallel.ForEach(xs, async x => await F(x))|];")]
    [InlineData("lock (xs) { [|Parallel.ForEach(xs, async x => await F(x))|]; }")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));

    [Fact]
    public Task No_fix_in_a_synchronous_function() => Verify.VerifyNoCodeFixAsync(InMethod("[|xs.ForEach(async x => await F(x))|];", "void M(List<string> xs)"));

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test { TestCode = InMethod("Parallel.ForEach(xs, async x => ); xs.ForEach(); Parallel.Invoke(async"), CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();
}
