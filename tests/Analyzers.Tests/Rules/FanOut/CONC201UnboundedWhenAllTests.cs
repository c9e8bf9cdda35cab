using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

/// <summary>What is flagged, and where.</summary>
public sealed class CONC201UnboundedWhenAllTests
{
    /// <summary>A class whose method has the statements; <c>F</c> gives an int, <c>G</c> nothing.</summary>
    internal static string InMethod(string statements) =>
        $$"""
        class C
        {
            async Task M(List<string> xs)
            {
                {{statements.ReplaceLineEndings("\n        ")}}
                await Task.Yield();
            }

            static Task<int> F(string x) => F(x, default);
            static async Task<int> F(string x, CancellationToken ct) { await Task.Delay(1, ct); return x.Length; }
            static Task G(string x) => F(x);
            static ValueTask<int> V(string x) => new(F(x));
        }
        """;

    [Theory]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(async x => { await G(x); }))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => V(x).AsTask()))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(G))|].ConfigureAwait(false);")]
    [InlineData("await [|Task.WhenAll(Enumerable.Select(xs, G))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select((x, i) => F(x + i)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(delegate (string x) { return G(x); }))|];")]
    [InlineData("await [|Task.WhenAll(xs.Where(x => x.Length > 0).Select(x => Task.Run(() => x.Length)).ToArray())|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)).ToList())|];")]
    [InlineData("await [|Task.WhenAll(from x in xs where x != \"\" select F(x))|];")]
    [InlineData("await [|Task.WhenAll(from x in xs from y in x.Split(',') select F(y))|];")]
    [InlineData("await [|Task.WhenAll(xs.SelectMany(x => x.Split(',').Select(y => F(y))))|];")]
    [InlineData("await [|Task.WhenAll([.. xs.Select(x => F(x))])|];")]
    [InlineData("await [|Task.WhenAll([Task.CompletedTask, .. xs.Select(x => F(x))])|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)).Concat(xs.Select(x => F(x + 1))))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)).Append(F(\"\")))|];")]
    [InlineData("await [|Task.WhenAll(xs.ConvertAll(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(Array.ConvertAll(xs.ToArray(), x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Zip(xs, (x, y) => F(x + y)))|];")]
    [InlineData("await [|Task.WhenAll(xs.AsParallel().Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(new List<Task>(xs.Select(x => F(x))))|];")]
    [InlineData("await [|Task.WhenAll((IEnumerable<Task>)xs.Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Count > 3 ? xs.Select(x => F(x)) : [])|];")]
    [InlineData("[|Task.WhenAll(xs.Select(x => F(x)))|].Wait();")]
    [InlineData("await foreach (var task in [|Task.WhenEach(xs.Select(x => F(x)))|]) await task;")]
    public Task Projection_awaited_in_place(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = xs.Select(x => F(x)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList(); await [|Task.WhenAll(tasks)|];")]
    [InlineData("Task<int>[] tasks = [.. xs.Select(x => F(x))]; await [|Task.WhenAll(tasks)|];")]
    [InlineData("IEnumerable<Task<int>> tasks; tasks = xs.Select(x => F(x)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var lazy = from x in xs select F(x); var tasks = lazy.ToArray(); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); tasks.AddRange(xs.Select(x => F(x))); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList(); try { await [|Task.WhenAll(tasks)|]; } finally { await Task.WhenAll(tasks); }")]
    [InlineData("var tasks = xs.ToDictionary(x => x, x => F(x)); await [|Task.WhenAll(tasks.Values)|];")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList(); await foreach (var task in [|Task.WhenEach(tasks)|]) await task;")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToArray(); var all = [|Task.WhenAll(tasks)|]; await Task.WhenAny(all, Task.Delay(1000));")]
    [InlineData("var started = xs.Select(x => F(x)); await [|Task.WhenAll(started.Select(async t => await t + 1))|];")]
    public Task Projection_through_a_local(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("List<Task> tasks = []; foreach (var x in xs) { var task = F(x); tasks.Add(task); } await [|Task.WhenAll(tasks.ToArray())|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) if (x.Length > 1) tasks.Add(Task.Run(() => G(x))); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < xs.Count; i++) tasks.Add(F(xs[i])); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); for (var i = xs.Count - 1; i >= 0; i--) tasks.Add(F(xs[i])); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new Task[xs.Count]; for (var i = 0; i < tasks.Length; i++) tasks[i] = F(xs[i]); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var n = xs.Count; var tasks = new Task<int>[n]; for (var i = 0; i < n; i++) tasks[i] = F(xs[i]); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new Dictionary<string, Task<int>>(); foreach (var x in xs) tasks[x] = F(x); await [|Task.WhenAll(tasks.Values)|];")]
    [InlineData("var tasks = new List<Task>(); xs.ForEach(x => tasks.Add(F(x))); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); using var reader = new StringReader(xs[0]); while (reader.ReadLine() is { } line) tasks.Add(F(line)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { var y = await F(x); tasks.Add(F(x + y)); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("foreach (var y in new[] { 1, 2 }) { var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x + y)); await [|Task.WhenAll(tasks)|]; }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) foreach (var y in new[] { 1, 2 }) tasks.Add(F(x + y)); await [|Task.WhenAll(tasks)|];")]
    public Task Collection_filled_in_a_loop(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = [|xs.Select(x => F(x))|].ToList(); foreach (var task in tasks) await task;")]
    [InlineData("foreach (var task in [|xs.Select(x => F(x))|].ToArray()) await task.ConfigureAwait(false);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) [|tasks.Add(F(x))|]; foreach (var task in tasks) await task;")]
    [InlineData("var tasks = [|xs.Select(x => F(x))|].ToArray(); for (var i = 0; i < tasks.Length; i++) await tasks[i];")]
    [InlineData("var tasks = new List<Task<int>>(); foreach (var x in xs) [|tasks.Add(F(x))|]; for (var i = 0; i < tasks.Count; i++) await tasks[i];")]
    [InlineData("var tasks = (from x in xs select F(x)).ToList(); foreach (var task in tasks) await task; foreach (var task in tasks) await task;", "[|from x in xs select F(x)|]", "from x in xs select F(x)")]
    public Task Loop_that_awaits_each(string statements, string? marked = null, string? plain = null) =>
        Verify.VerifyAnalyzerAsync(InMethod(marked is null ? statements : statements.Replace($"({plain})", $"({marked})", StringComparison.Ordinal)));

    [Theory]
    [InlineData("await [|Task.WhenAll(Enumerable.Range(0, 17).Select(i => F(i + \"\")))|];")]
    [InlineData("await [|Task.WhenAll(xs.Take(100).Select(x => F(x)))|];")]
    [InlineData("foreach (var chunk in xs.Chunk(50)) await [|Task.WhenAll(chunk.Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(Enumerable.Range(0, xs.Count).Select(i => F(xs[i])))|];")]
    [InlineData("await [|Task.WhenAll(xs.Take(xs.Count).Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Chunk(4).Select(c => F(c[0])))|];")]
    [InlineData("const int Count = 4 * 5; await [|Task.WhenAll(Enumerable.Range(0, Count).Select(i => F(i + \"\")))|];")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < 1000; i++) tasks.Add(F(i + \"\")); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var ys = new List<string> { \"a\" }; foreach (var x in xs) ys.Add(x); await [|Task.WhenAll(ys.Select(y => F(y)))|];")]
    [InlineData("await [|Task.WhenAll(new[] { \"a\" }.Concat(xs).Select(x => F(x)))|];")]
    public Task Count_that_is_no_bound(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("{|#0:Task.WhenAll(xs.Select(x => F(x)))|}", "Task.WhenAll", "element of 'xs'")]
    [InlineData("{|#0:Task.WhenAll(xs.Take(99).Select(x => F(x)))|}", "Task.WhenAll", "of 99 elements")]
    [InlineData("{|#0:Task.WhenAll(xs.Where(x => x.StartsWith(\"a long text\")).Select(x => F(x)))|}", "Task.WhenAll", "element of a sequence")]
    public Task Message(string expression, string name, string elements) => Verify.VerifyAnalyzerAsync(
        InMethod($"await {expression};"),
        Verify.Diagnostic().WithLocation(0).WithArguments(name, elements));

    [Fact]
    public Task Message_of_a_loop() => Verify.VerifyAnalyzerAsync(
        InMethod("var tasks = new List<Task>(); foreach (var x in xs) {|#0:tasks.Add(F(x))|}; foreach (var task in tasks) await task;"),
        Verify.Diagnostic().WithLocation(0).WithArguments("await", "element of 'xs'"));

    [Fact]
    public Task Anywhere_in_a_program() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            readonly string[] _xs = Environment.GetCommandLineArgs();
            Task All => [|Task.WhenAll(_xs.Select(F))|];
            Func<IEnumerable<string>, Task<int[]>> _all = xs => [|Task.WhenAll(xs.Select(x => Task.Run(() => x.Length)))|];
            Task Returned(IEnumerable<string> xs) => [|Task.WhenAll(xs.Select(F))|];
            Task<T[]> Generic<T>(IEnumerable<Func<Task<T>>> xs) => [|Task.WhenAll(xs.Select(x => x()))|];
            void Local(IEnumerable<string> xs)
            {
                Task Run() => [|Task.WhenAll(xs.Select(F))|];
                _ = Run();
            }
            static async Task F(string x) => await Task.Delay(x.Length);
        }
        """);

    [Theory]
    [InlineData(20, "await Task.WhenAll(xs.Take(20).Select(x => F(x)));")]
    [InlineData(20, "await [|Task.WhenAll(xs.Take(21).Select(x => F(x)))|];")]
    [InlineData(0, "await [|Task.WhenAll(xs.Take(1).Select(x => F(x)))|];")]
    public Task Threshold(int threshold, string statements) => new Verify.Test
    {
        TestCode = InMethod(statements),
        EditorConfig = $"concurrency.unbounded_threshold = {threshold}",
    }.RunAsync();

    [Fact]
    public Task Old_framework_and_language() => new Verify.Test
    {
        TestCode = """
            using System.Collections.Generic;
            using System.Linq;
            using System.Threading.Tasks;
            class C
            {
                async Task M(List<string> xs)
                {
                    await [|Task.WhenAll(xs.Select(x => Task.Run(() => x.Length)))|];
                }
            }
            """,
        FixedCode = """
            using System.Collections.Generic;
            using System.Linq;
            using System.Threading.Tasks;
            class C
            {
                async Task M(List<string> xs)
                {
                    await [|Task.WhenAll(xs.Select(x => Task.Run(() => x.Length)))|];
                }
            }
            """,
        LanguageVersion = Microsoft.CodeAnalysis.CSharp.LanguageVersion.CSharp7_3,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        WithRuntime = false,
    }.RunAsync();
}
