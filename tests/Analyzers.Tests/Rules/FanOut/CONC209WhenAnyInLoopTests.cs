using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC209WhenAnyInLoopAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC209WhenAnyInLoopCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC209WhenAnyInLoopTests
{
    private static string InMethod(string statements) =>
        $$"""
        class C
        {
            async Task M(List<string> xs)
            {
                {{statements.ReplaceLineEndings("\n        ")}}
            }

            static Task<int> F(string x) => Task.Run(() => x.Length);
            static void Use(object? x) { }
        }
        """;

    [Theory]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); Use(await done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Any()) { var done = await [|Task.WhenAny(tasks)|].ConfigureAwait(false); Use(done); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToHashSet(); while (tasks.Count != 0) { tasks.Remove(await [|Task.WhenAny(tasks)|]); }")]
    [InlineData("var tasks = new List<Task>(xs.Select(F)); do { tasks.Remove(await [|Task.WhenAny(tasks)|]); } while (tasks.Count > 0);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); for (; tasks.Count > 0;) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count >= 1) { Task<int> done = await [|Task.WhenAny(tasks)|]; Use(done.Result); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Where(x => x != \"\").Select(F).ToList(); while (0 < tasks.Count) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("List<Task<int>> tasks = [.. xs.Select(F)]; while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.ConvertAll(F); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; try { Use(await done); } catch (IOException) { } finally { tasks.Remove(done); } }")]
    [InlineData("var tasks = xs.Select(F).ToList(); Func<Task> drain = async () => { while (tasks.Count > 0) tasks.Remove(await [|Task.WhenAny(tasks)|]); }; await drain();")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = xs.Select(F).ToList(); await Task.WhenAny(tasks);")]
    [InlineData("var tasks = xs.Select(F).ToList(); var done = await Task.WhenAny(tasks); tasks.Remove(done);")]
    [InlineData("var tasks = new List<Task<int>> { F(\"a\"), F(\"b\") }; while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var running = new List<Task>(); foreach (var x in xs) { if (running.Count >= 8) running.Remove(await Task.WhenAny(running)); running.Add(F(x)); }")]
    [InlineData("var running = new List<Task>(); foreach (var x in xs) { running.Add(F(x)); while (running.Count > 8) { running.Remove(await Task.WhenAny(running)); } }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); if (await done > 3) tasks.Add(F(\"again\")); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAny(tasks); tasks.RemoveAll(t => t.IsCompleted); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks.Append<Task>(Task.Delay(1000))); if (done is Task<int> one) tasks.Remove(one); }")]
    [InlineData("var tasks = xs.Select(F).ToArray(); while (true) { if (await Task.WhenAny(tasks) == tasks[0]) break; }")]
    [InlineData("var tasks = xs.Take(4).Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); Use(done); tasks = tasks.Where(t => t != done).ToList(); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); await foreach (var done in Task.WhenEach(tasks)) Use(await done);")]
    [InlineData("var tasks = xs.Select(F).ToList(); foreach (var task in tasks) Use(await task);")]
    [InlineData("var tasks = xs.Select(F).ToList(); await Task.WhenAll(tasks); tasks.Clear();")]
    [InlineData("Task<int> a = F(\"a\"), b = F(\"b\"); while (!a.IsCompleted || !b.IsCompleted) await Task.WhenAny(a, b);")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Own.WhenAny(tasks); tasks.Remove(done); } } static class Own { public static Task<Task<int>> WhenAny(List<Task<int>> tasks) => Task.WhenAny(tasks); } async Task Rest() { await Task.Yield();")]
    public Task Not_flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData(
        "var tasks = xs.Select(F).ToList();\nwhile (tasks.Count > 0)\n{\n    var done = await [|Task.WhenAny(tasks)|];\n    tasks.Remove(done);\n    Use(await done);\n}",
        "var tasks = xs.Select(F).ToList();\nawait foreach (var done in Task.WhenEach(tasks))\n{\n    Use(await done);\n}")]
    [InlineData(
        "var tasks = xs.Select(F).ToList();\n// as they come\nwhile (tasks.Any())\n{\n    Task<int> done = await [|Task.WhenAny(tasks)|].ConfigureAwait(false);\n    Use(await done); // first\n    tasks.Remove(done);\n}\nUse(xs);",
        "var tasks = xs.Select(F).ToList();\n// as they come\nawait foreach (Task<int> done in Task.WhenEach(tasks).ConfigureAwait(false))\n{\n    Use(await done); // first\n}\nUse(xs);")]
    public Task Fix(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    [Fact]
    public Task Fix_of_an_older_framework_is_the_runtime() => new Verify.Test
    {
        TestCode = "using ConcurrencyAnalyzers.Runtime;\n" + InMethod("var tasks = xs.Select(F).ToList();\nwhile (tasks.Count > 0)\n{\n    var done = await [|Task.WhenAny(tasks)|];\n    tasks.Remove(done);\n    Use(await done);\n}"),
        FixedCode = "using ConcurrencyAnalyzers.Runtime;\n" + InMethod("var tasks = xs.Select(F).ToList();\nawait foreach (var done in Gather.AsCompletedAsync(tasks))\n{\n    Use(await done);\n}"),
        ReferenceAssemblies = ConcurrencyAnalyzers.TestKit.ReferenceAssemblies.Net80,
    }.RunAsync();

    [Theory]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); Use(tasks.Count); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); } Use(tasks);")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 2) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { tasks.Remove(await [|Task.WhenAny(tasks)|]); }")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));
}
