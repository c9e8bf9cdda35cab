using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC305AbandonedLosersAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC305AbandonedLosersCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC305AbandonedLosersTests
{
    [Theory]
    [InlineData("var x = await await [|Task.WhenAny(GetAsync(1), GetAsync(2))|];")]
    [InlineData("await [|Task.WhenAny(RunAsync(1), RunAsync(2))|];")]
    [InlineData("await [|Task.WhenAny(RunAsync(1), RunAsync(2))|].ConfigureAwait(false);")]
    [InlineData("var first = await [|Task.WhenAny(GetAsync(1), GetAsync(2), GetAsync(3))|]; Console.WriteLine(await first);")]
    [InlineData("var x = (await [|Task.WhenAny(GetAsync(1), GetAsync(2))|]).Result;")]
    [InlineData("Task.WaitAll([|Task.WhenAny(RunAsync(1), RunAsync(2))|]);")]
    [InlineData("var a = GetAsync(1); var b = GetAsync(2); var first = await [|Task.WhenAny(a, b)|]; Console.WriteLine(await first);")]
    [InlineData("await [|Task.WhenAny(new[] { RunAsync(1), RunAsync(2) })|];")]
    [InlineData("await [|Task.WhenAny(xs.Select(GetAsync))|];")]
    [InlineData("await [|Task.WhenAny(xs.Select(x => GetAsync(x)).ToList())|];")]
    [InlineData("var tasks = xs.Select(GetAsync).ToList(); var x = await await [|Task.WhenAny(tasks)|];")]
    [InlineData("foreach (var x in xs) await [|Task.WhenAny(RunAsync(x), RunAsync(x + 1))|];")]
    [InlineData("await [|Task.WhenAny(RunAsync(1), RunAsync(2), _signal.Task)|];")]
    [InlineData("var tasks = new List<Task<int>> { GetAsync(1), GetAsync(2) }; var x = await await [|Task.WhenAny(tasks)|];")]
    [InlineData("var tasks = new[] { GetAsync(1), GetAsync(2) }; var first = await [|Task.WhenAny(tasks)|]; Console.WriteLine(await first);")]
    [InlineData("Task<int>[] tasks = [GetAsync(1), GetAsync(2)]; var x = await await [|Task.WhenAny(tasks)|];")]
    [InlineData("var a = GetAsync(1); var tasks = new List<Task> { a, RunAsync(2) }; await [|Task.WhenAny(tasks)|];")]
    [InlineData("foreach (var x in xs) { Task[] tasks = [RunAsync(x), RunAsync(x + 1)]; await [|Task.WhenAny(tasks)|]; }")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); Console.WriteLine(await [|Task.WhenAny(a, b)|] == a);")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); var first = await [|Task.WhenAny(a, b)|]; if (first != b) Console.WriteLine();")]
    public Task Losers_are_left(string statement) => InMethod(statement);

    [Theory]
    // Held, or looked at later.
    [InlineData("var a = GetAsync(1); var b = GetAsync(2); await Task.WhenAny(a, b); if (a.IsCompleted) await b;")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); if (await Task.WhenAny(a, b) == a) await b;")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); await Task.WhenAny(a, b); await Task.WhenAll(a, b);")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); var first = await Task.WhenAny(a, b); await (first == a ? b : a);")]
    [InlineData("using var cts = new CancellationTokenSource(); var a = GetAsync(1, cts.Token); var b = GetAsync(2, cts.Token); if (await Task.WhenAny(a, b) == a) cts.Cancel();")]
    [InlineData("var tasks = xs.Select(GetAsync).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(GetAsync).ToList(); await Task.WhenAny(tasks); await Task.WhenAll(tasks);")]
    [InlineData("var a = RunAsync(1); while (xs.Count > 0) { var b = RunAsync(2); var first = await Task.WhenAny(a, b); if (first == a) a = RunAsync(1); else await b; }")]
    [InlineData("await Task.WhenAny(_tasks);")]
    [InlineData("_ = Task.WhenAny(RunAsync(1), RunAsync(2));")]
    [InlineData("await Task.WhenAny(given, RunAsync(1));")]
    [InlineData("var tasks = new[] { GetAsync(1), GetAsync(2) }; await Task.WhenAny(tasks); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task> { RunAsync(1), RunAsync(2) }; await Task.WhenAny(tasks); foreach (var task in tasks) Console.WriteLine(task.Status);")]
    [InlineData("var tasks = new List<Task> { RunAsync(1), RunAsync(2) }; _tasks.AddRange(tasks); await Task.WhenAny(tasks);")]
    [InlineData("var tasks = new[] { RunAsync(1), RunAsync(2) }; while (xs.Count > 0) { await Task.WhenAny(tasks); xs.RemoveAt(0); }")]
    [InlineData("Task[] tasks = [RunAsync(1), RunAsync(2)]; Func<Task> next = () => Task.WhenAny(tasks); await next(); await next();")]
    [InlineData("var a = RunAsync(1); Task[] tasks = [a, RunAsync(2)]; if (await Task.WhenAny(tasks) != a) await a;")]
    [InlineData("var cts = new CancellationTokenSource(); Task[] tasks = [GetAsync(1, cts.Token), GetAsync(2, cts.Token)]; await Task.WhenAny(tasks); cts.Cancel();")]
    [InlineData("using var client = new HttpClient(); Task[] tasks = [client.GetStringAsync(\"a\"), client.GetStringAsync(\"b\")]; await Task.WhenAny(tasks);")]
    [InlineData("Task[] tasks = [RunAsync(1), Task.Delay(1000)]; await Task.WhenAny(tasks);")]
    [InlineData("Task[] tasks = [RunAsync(1), RunAsync(2), Task.Delay(1000, token)]; await Task.WhenAny(tasks);")]
    [InlineData("var tasks = new List<Task>(_tasks) { RunAsync(1), RunAsync(2) }; tasks = _tasks; await Task.WhenAny(tasks);")]
    [InlineData("Task[] tasks = [HandledAsync(1), HandledAsync(2)]; await Task.WhenAny(tasks);")]
    [InlineData("Task[] tasks = [RunAsync(1), _signal.Task]; await Task.WhenAny(tasks);")]
    // Signals.
    [InlineData("await Task.WhenAny(RunAsync(1), _signal.Task);")]
    [InlineData("await Task.WhenAny(RunAsync(1), Task.Delay(-1, token));")]
    [InlineData("await Task.WhenAny(RunAsync(1), RunAsync(2), Task.Delay(1000));")]
    [InlineData("var timeout = Task.Delay(1000); var work = RunAsync(1); if (await Task.WhenAny(work, timeout) == timeout) throw new TimeoutException();")]
    [InlineData("await Task.WhenAny(Task.CompletedTask, RunAsync(1));")]
    [InlineData("await Task.WhenAny(xs.Select(x => Task.Delay(x)));")]
    // Their exceptions are handled.
    [InlineData("await Task.WhenAny(HandledAsync(1), HandledAsync(2));")]
    [InlineData("await Task.WhenAny(xs.Select(HandledAsync));")]
    // Ended in another way.
    [InlineData("var cts = new CancellationTokenSource(); await Task.WhenAny(GetAsync(1, cts.Token), GetAsync(2, cts.Token)); cts.Cancel();")]
    [InlineData("var cts = new CancellationTokenSource(); try { await Task.WhenAny(GetAsync(1, cts.Token), GetAsync(2, cts.Token)); } finally { await cts.CancelAsync(); }")]
    [InlineData("var stream = new MemoryStream(); await Task.WhenAny(stream.FlushAsync(), stream.WriteAsync(new byte[1], 0, 1)); stream.Close();")]
    [InlineData("using var client = new HttpClient(); await Task.WhenAny(client.GetStringAsync(\"a\"), client.GetStringAsync(\"b\"));")]
    [InlineData("using (var client = new HttpClient()) { await Task.WhenAny(client.GetStringAsync(\"a\"), client.GetStringAsync(\"b\")); }")]
    [InlineData("await Task.WhenAll(RunAsync(1), RunAsync(2));")]
    [InlineData("await Race.WhenAny(RunAsync(1), RunAsync(2));")]
    public Task Not_flagged(string statement) => InMethod(statement);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { async Task M() { await {|#0:Task.WhenAny(M(), M())|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Task.WhenAny").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { async Task M() { await Task.WhenAny(M(), M()); } }");

    [Fact]
    public Task Tests_are_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        class Tests
        {
            [Xunit.Fact] public async Task Works() { await Task.WhenAny(Task.Run(Works), Task.Run(Works)); }
        }

        namespace Xunit { class FactAttribute : Attribute; }
        """);

    [Theory]
    [InlineData("class C { async Task M() { await Task.WhenAny(; await Task.WhenAny(); } }")]
    [InlineData("class C { async Task M() { await await Task.WhenAny(Missing(), Missing()) } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("var x = await await [|Task.WhenAny(GetAsync(1, token), GetAsync(2, token))|]; // why", "var x = await Gather.FirstAsync([ct => GetAsync(1, ct), ct => GetAsync(2, ct)], token); // why")]
    [InlineData("var x = await await [|Task.WhenAny(GetAsync(1), GetAsync(2))|];", "var x = await Gather.FirstAsync([ct => GetAsync(1, ct), ct => GetAsync(2, ct)], token);")]
    [InlineData("var x = await (await [|Task.WhenAny(GetAsync(1), PlainAsync(2))|]);", "var x = await Gather.FirstAsync([ct => GetAsync(1, ct), _ => PlainAsync(2)], token);")]
    [InlineData("var x = (await [|Task.WhenAny(GetAsync(1), GetAsync(2))|]).Result + 1;", "var x = await Gather.FirstAsync([ct => GetAsync(1, ct), ct => GetAsync(2, ct)], token) + 1;")]
    [InlineData("var x = await await [|Task.WhenAny(xs.Select(PlainAsync))|];", "var x = await Gather.FirstAsync(xs.Select(PlainAsync));")]
    [InlineData("var x = await (await [|Task.WhenAny(xs.Select(PlainAsync))|].ConfigureAwait(false)).ConfigureAwait(false);", "var x = await Gather.FirstAsync(xs.Select(PlainAsync)).ConfigureAwait(false);")]
    [InlineData("var ct = 1; var x = await await [|Task.WhenAny(GetAsync(ct), GetAsync(2))|];", "var ct = 1; var x = await Gather.FirstAsync([contender => GetAsync(ct, contender), contender => GetAsync(2, contender)], token);")]
    [InlineData("var tasks = new List<Task<int>> { GetAsync(1), GetAsync(2) }; var x = await await [|Task.WhenAny(tasks)|];", "var tasks = new List<Task<int>> { GetAsync(1), GetAsync(2) }; var x = await Gather.FirstAsync(tasks);")]
    public Task Fixes(string statement, string mended) => new Verify.Test
    {
        TestCode = Method(statement),
        FixedCode = "using ConcurrencyAnalyzers.Runtime;\n\n" + Method(mended),
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("await [|Task.WhenAny(RunAsync(1), RunAsync(2))|];")]
    [InlineData("await await [|Task.WhenAny(RunAsync(1), RunAsync(2))|];")]
    [InlineData("var a = GetAsync(1); var b = GetAsync(2); var x = await await [|Task.WhenAny(a, b)|];")]
    [InlineData("var first = await [|Task.WhenAny(GetAsync(1), GetAsync(2))|];")]
    [InlineData("var tasks = new[] { GetAsync(1), GetAsync(2) }; var first = await [|Task.WhenAny(tasks)|]; Console.WriteLine(await first);")]
    public Task No_fix(string statement) => Verify.VerifyNoCodeFixAsync(Method(statement));

    [Fact]
    public Task No_fix_without_the_runtime() => new Verify.Test
    {
        TestCode = Method("var x = await await [|Task.WhenAny(GetAsync(1), GetAsync(2))|];"),
        FixedCode = Method("var x = await await [|Task.WhenAny(GetAsync(1), GetAsync(2))|];"),
        WithRuntime = false,
    }.RunAsync();

    private static Task InMethod(string statement) => Verify.VerifyAnalyzerAsync(Method(statement));

    private static string Method(string statement) =>
        $$"""
        class C
        {
            async Task M(List<int> xs, Task given, CancellationToken token)
            {
                {{statement}}
            }

            async Task RunAsync(int x) => await Task.Delay(x);
            async Task<int> PlainAsync(int x) { await Task.Delay(x); return x; }
            Task<int> GetAsync(int x) => GetAsync(x, default);
            async Task<int> GetAsync(int x, CancellationToken token) { await Task.Delay(x, token); return x; }
            async Task HandledAsync(int x) { try { await Task.Delay(x); } catch { } }
            readonly List<Task> _tasks = [];
            readonly TaskCompletionSource _signal = new();
        }

        static class Race { public static Task WhenAny(params Task[] tasks) => tasks[0]; }
        """;
}
