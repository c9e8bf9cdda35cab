using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC202UnboundedStartAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC202UnboundedStartCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC202UnboundedStartFixTests
{
    private static string In(string declaration, string statements) =>
        $$"""
        #pragma warning disable CS4014
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            {{declaration}}
            {
                {{statements.ReplaceLineEndings("\n        ")}}
            }

            static Task<int> F(string x) => Task.Run(() => x.Length);
            static Task T(string x, CancellationToken token = default) => Task.Run(() => x.Length, token);
            static ValueTask V(string x) => new(F(x));
            static Task N(Func<Task> work) => work();
            static void Work(object? x) { }
        }
        """;

    private static Task Fixes(string before, string after, string? key = null, string declaration = "async Task M(List<string> xs)") => new Verify.Test
    {
        TestCode = In(declaration, before),
        FixedCode = In(declaration, after),
        CodeActionEquivalenceKey = key,
    }.RunAsync();

    [Theory]
    [InlineData("foreach (var x in xs) _ = [|F(x)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var x in xs)\n{\n    _ = [|F(x)|];\n}", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var x in xs) [|T(x)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => T(x, ct));")]
    [InlineData("foreach (var x in xs) _ = [|V(x)|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await V(x));")]
    [InlineData("foreach (var x in xs) _ = [|Task.Run(() => Work(x))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => Task.Run(() => Work(x), ct));")]
    [InlineData("for (var i = 0; i < xs.Count; i++) _ = [|F(xs[i])|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("for (var i = 0; i < 100; i++) [|F(i + \"\")|];", "await Gather.AllAsync(Enumerable.Range(0, 100), maxConcurrency: 32, i => F(i + \"\"));")]
    [InlineData("for (var i = 0; i < 20; i++) [|F(i + \"\")|];", "await Gather.AllAsync(Enumerable.Range(0, 20), maxConcurrency: 16, i => F(i + \"\"));")]
    [InlineData("// all of them\nforeach (var x in xs) _ = [|F(x)|]; // start\nWork(xs);", "// all of them\nawait Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); // start\nWork(xs);")]
    [InlineData("foreach (var x in xs) { if (x.Length > 3) _ = [|F(x)|]; }", "await Gather.AllAsync(xs.Where(x => x.Length > 3), maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var x in xs)\n{\n    if (x.Length == 0)\n        continue;\n\n    _ = [|F(x)|];\n}", "await Gather.AllAsync(xs.Where(x => !(x.Length == 0)), maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var x in xs)\n{\n    if (!x.StartsWith('a')) { continue; }\n    if (string.IsNullOrEmpty(x)) continue;\n    [|F(x)|];\n}", "await Gather.AllAsync(xs.Where(x => x.StartsWith('a')).Where(x => !string.IsNullOrEmpty(x)), maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var x in xs)\n{\n    if (x != \"\")\n    {\n        _ = [|F(x)|];\n    }\n}", "await Gather.AllAsync(xs.Where(x => x != \"\"), maxConcurrency: 32, x => F(x));")]
    public Task Gather(string before, string after) => Fixes(before, after);

    [Fact]
    public Task Comments_in_the_loop_go_above() => Fixes(
        """
        // all of them
        foreach (var x in xs) // each
        {
            // nobody waits
            _ = [|F(x)|]; // start
        } // started
        """,
        """
        // all of them
        // each
        // nobody waits
        // start
        await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); // started
        """);

    [Fact]
    public Task Locals_of_a_turn() => Fixes(
        """
        foreach (var x in xs)
        {
            var trimmed = x.Trim();
            _ = [|F(trimmed)|];
        }
        """,
        """
        await Gather.AllAsync(xs, maxConcurrency: 32, x =>
        {
            var trimmed = x.Trim();
            return F(trimmed);
        });
        """);

    [Fact]
    public Task The_token_in_scope() => Fixes(
        "foreach (var x in xs) _ = [|F(x)|];",
        "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x), cancellationToken: stop);",
        declaration: "async Task M(List<string> xs, CancellationToken stop)");

    [Fact]
    public Task Parallel() => Fixes(
        "foreach (var x in xs) _ = [|F(x)|];",
        "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));",
        "CONC202.ParallelForEach");

    [Fact]
    public Task Parallel_alone_without_the_runtime() => new Verify.Test
    {
        TestCode = In("async Task M(List<string> xs)", "foreach (var x in xs) _ = [|F(x)|];").Replace("using ConcurrencyAnalyzers.Runtime;\n", "", StringComparison.Ordinal),
        FixedCode = In("async Task M(List<string> xs)", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (x, _) => await F(x));").Replace("using ConcurrencyAnalyzers.Runtime;\n", "", StringComparison.Ordinal),
        WithRuntime = false,
        EditorConfig = "concurrency.default_max_concurrency = 8",
    }.RunAsync();

    [Fact]
    public Task A_function_that_returns_a_task_becomes_async() => new Verify.Test
    {
        TestCode = In("Task M(List<string> xs)", "foreach (var x in xs) _ = [|F(x)|];\nreturn Task.CompletedTask;"),
        FixedCode = In("async Task M(List<string> xs)", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));"),
    }.RunAsync();

    [Theory]
    [InlineData("foreach (var x in xs) { if (x.Length > 3) _ = [|F(x)|]; else Work(x); }")]
    [InlineData("foreach (var x in xs) { if (x is { Length: var n }) _ = [|F(n + \"\")|]; }")]
    [InlineData("var n = 0; foreach (var x in xs) { if (n++ > 3) _ = [|F(x)|]; }")]
    [InlineData("foreach (var x in xs) { if (x == \"\") break; _ = [|F(x)|]; }")]
    [InlineData("for (var i = 0; i < xs.Count; i++) { if (i == 3) continue; _ = [|F(xs[i])|]; }")]
    [InlineData("foreach (var x in xs) { Work(x); _ = [|F(x)|]; }")]
    [InlineData("foreach (var x in xs) [|F(x)|].ContinueWith(t => Work(t));")]
    [InlineData("foreach (var x in xs) [|F(x)|].Observe();")]
    [InlineData("foreach (var x in xs) [|new Thread(Work)|].Start(x);")]
    [InlineData("foreach (var x in xs) [|ThreadPool.QueueUserWorkItem(Work, x)|];")]
    [InlineData("xs.ForEach(x => { _ = [|F(x)|]; });")]
    [InlineData("lock (xs) { foreach (var x in xs) _ = [|F(x)|]; }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) [|tasks.Add(F(x))|]; Task.WaitAll(tasks.ToArray());")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(In("async Task M(List<string> xs)", statements + " await Task.Yield();"));

    [Fact]
    public Task No_fix_in_a_synchronous_function() => Verify.VerifyNoCodeFixAsync(In("void M(List<string> xs)", "foreach (var x in xs) _ = [|F(x)|];"));

    [Fact]
    public Task All_at_once() => Fixes(
        """
        foreach (var x in xs) _ = [|F(x)|];
        foreach (var x in xs)
        {
            _ = [|N(async () =>
            {
                foreach (var y in new List<string>(xs)) _ = [|F(y)|];
                await Task.Yield();
            })|];
        }
        """,
        """
        await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));
        await Gather.AllAsync(xs, maxConcurrency: 32, x => N(async () =>
            {
                await Gather.AllAsync(new List<string>(xs), maxConcurrency: 32, y => F(y));
                await Task.Yield();
            }));
        """);
}
