using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

/// <summary>The fix of projections, awaited in place or through a local.</summary>
public sealed class CONC201UnboundedWhenAllFixTests
{
    private const string ParallelKey = "CONC201.ParallelForEach";

    /// <summary>A file with our runtime imported, whose class has methods to start.</summary>
    internal static string InClass(string members) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            {{members.ReplaceLineEndings("\n    ").Replace("\n    \n", "\n\n", StringComparison.Ordinal)}}

            static Task<int> F(string x) => Task.Run(() => x.Length);
            static Task<int> T(string x, CancellationToken token = default) => Task.Run(() => x.Length, token);
            static Task<int> O(string x) => O(x, default);
            static Task<int> O(string x, CancellationToken token) => Task.Run(() => x.Length, token);
            static Task G(string x) => Task.Run(() => x.Length);
            static ValueTask<int> V(string x) => new(F(x));
            static void Use(object x) { }
        }
        """;

    private static Task Fixes(string before, string after, string? key = null, string parameters = "List<string> xs") => new Verify.Test
    {
        TestCode = InClass($$"""
            async Task M({{parameters}})
            {
                {{before.ReplaceLineEndings("\n    ")}}
            }
            """),
        FixedCode = InClass($$"""
            async Task M({{parameters}})
            {
                {{after.ReplaceLineEndings("\n    ")}}
            }
            """),
        CodeActionEquivalenceKey = key,
    }.RunAsync();

    [Theory]
    [InlineData("await [|Task.WhenAll(xs.Select(F))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, F);")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("int[] all = await [|Task.WhenAll(xs.Select(x => F(x)))|];", "int[] all = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)).ToList())|].ConfigureAwait(false);", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)).ConfigureAwait(false);")]
    [InlineData("await [|Task.WhenAll(Enumerable.Select(xs, G))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, G);")]
    [InlineData("await [|Task.WhenAll(xs.Where(x => x != \"\").Select(async x => { await G(x); }).ToArray())|];", "await Gather.AllAsync(xs.Where(x => x != \"\"), maxConcurrency: 32, async x => { await G(x); });")]
    [InlineData("var all = await [|Task.WhenAll(xs.Select(x => V(x).AsTask()))|];", "var all = await Gather.AllAsync(xs, maxConcurrency: 32, x => V(x).AsTask());")]
    [InlineData("await [|Task.WhenAll([.. xs.Select(x => F(x))])|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("await [|Task.WhenAll(xs.ConvertAll(x => G(x)))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => G(x));")]
    [InlineData("await [|Task.WhenAll(Array.ConvertAll(xs.ToArray(), x => G(x)))|];", "await Gather.AllAsync(xs.ToArray(), maxConcurrency: 32, x => G(x));")]
    [InlineData("await [|Task.WhenAll(from x in xs select F(x))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("await [|Task.WhenAll(from x in xs where x != \"\" orderby x.Length select F(x))|];", "await Gather.AllAsync(from x in xs where x != \"\" orderby x.Length select x, maxConcurrency: 32, x => F(x));")]
    [InlineData("await [|Task.WhenAll(xs.Select(delegate (string x) { return F(x); }))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, delegate (string x) { return F(x); });")]
    [InlineData("Func<string, Task<int>> f = F; await [|Task.WhenAll(xs.Select(f))|];", "Func<string, Task<int>> f = F; await Gather.AllAsync(xs, maxConcurrency: 32, f);")]
    [InlineData("foreach (var one in await [|Task.WhenAll(xs.Select(F))|]) Use(one);", "foreach (var one in await Gather.AllAsync(xs, maxConcurrency: 32, F)) Use(one);")]
    [InlineData("var all = [|Task.WhenAll(xs.Select(F))|]; await Task.WhenAny(all, Task.Delay(1));", "var all = Gather.AllAsync(xs, maxConcurrency: 32, F); await Task.WhenAny(all, Task.Delay(1));")]
    [InlineData("var most = (await [|Task.WhenAll(xs.Select(F))|]).Max(); Use(most);", "var most = (await Gather.AllAsync(xs, maxConcurrency: 32, F)).Max(); Use(most);")]
    [InlineData("await [|Task.WhenAll(xs.Take(100).Select(static x => F(x)))|];", "await Gather.AllAsync(xs.Take(100), maxConcurrency: 32, static x => F(x));")]
    [InlineData("await [|Task.WhenAll(xs.Take(33).Select(x => F(x)))|];", "await Gather.AllAsync(xs.Take(33), maxConcurrency: 32, x => F(x));")]
    [InlineData("await [|Task.WhenAll(xs.Take(32).Select(x => F(x)))|];", "await Gather.AllAsync(xs.Take(32), maxConcurrency: 16, x => F(x));")]
    [InlineData("await [|Task.WhenAll(Enumerable.Range(0, 17).Select(i => F(i + \"\")))|];", "await Gather.AllAsync(Enumerable.Range(0, 17), maxConcurrency: 16, i => F(i + \"\"));")]
    public Task In_place(string before, string after) => Fixes(before, after);

    [Theory]
    [InlineData("x => T(x)", "(x, ct) => T(x, ct)")]
    [InlineData("x => O(x)", "(x, ct) => O(x, ct)")]
    [InlineData("async x => await O(x)", "async (x, ct) => await O(x, ct)")]
    [InlineData("(x) => T(x)", "(x, ct) => T(x, ct)")]
    [InlineData("(string x) => T(x)", "(string x, CancellationToken ct) => T(x, ct)")]
    [InlineData("x => T(token: default, x: x)", "x => T(token: default, x: x)")]
    [InlineData("x => T(x: x)", "(x, ct) => T(x: x, ct)")]
    [InlineData("x => T(x, CancellationToken.None)", "x => T(x, CancellationToken.None)")]
    [InlineData("x => Task.Run(() => T(x))", "(x, ct) => Task.Run(() => T(x), ct)")]
    [InlineData("async x => { await T(x); return await F(x + await O(x)); }", "async (x, ct) => { await T(x, ct); return await F(x + await O(x, ct)); }")]
    [InlineData("async x => { try { return await T(x); } finally { await O(x); } }", "async (x, ct) => { try { return await T(x, ct); } finally { await O(x); } }")]
    [InlineData("_ => T(\"\")", "(_, ct) => T(\"\", ct)")]
    [InlineData("async ct => await T(ct)", "async (ct, token) => await T(ct, token)")]
    public Task Token_goes_to_calls_that_have_none(string before, string after) => Fixes(
        $"await [|Task.WhenAll(xs.Select({before}))|];",
        $"await Gather.AllAsync(xs, maxConcurrency: 32, {after});");

    [Theory]
    [InlineData("CancellationToken cancellationToken", "x => F(x)", "x => F(x), cancellationToken: cancellationToken")]
    [InlineData("CancellationToken ct", "x => T(x)", "(x, token) => T(x, token), cancellationToken: ct")]
    [InlineData("CancellationToken stop", "x => T(x, stop)", "x => T(x, stop), cancellationToken: stop")]
    public Task Token_in_scope_is_passed(string parameter, string before, string after) => Fixes(
        $"await [|Task.WhenAll(xs.Select({before}))|];",
        $"await Gather.AllAsync(xs, maxConcurrency: 32, {after});",
        parameters: "List<string> xs, " + parameter);

    [Fact]
    public Task Token_is_not_passed_to_clean_up() => Fixes(
        """
        try
        {
            ct.ThrowIfCancellationRequested();
        }
        finally
        {
            await [|Task.WhenAll(xs.Select(x => F(x)))|];
        }
        """,
        """
        try
        {
            ct.ThrowIfCancellationRequested();
        }
        finally
        {
            await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));
        }
        """,
        parameters: "List<string> xs, CancellationToken ct");

    [Fact]
    public Task Members_locals_and_generics() => Verify.VerifyCodeFixAsync(
        InClass("""
            public Task<int[]> Returned(IEnumerable<string> xs) => [|Task.WhenAll(xs.Select(F))|];

            public Task Returned2(IEnumerable<string> xs)
            {
                return [|Task.WhenAll(xs.Select(F))|];
            }

            public async Task<TOut[]> MapAsync<TIn, TOut>(IReadOnlyList<TIn> items, Func<TIn, Task<TOut>> map) =>
                await [|Task.WhenAll(items.Select(map))|];

            public void Synchronous(string[] xs) => [|Task.WhenAll(xs.Select(F))|].GetAwaiter().GetResult();
            """),
        InClass("""
            public Task<int[]> Returned(IEnumerable<string> xs) => Gather.AllAsync(xs, maxConcurrency: 32, F);

            public Task Returned2(IEnumerable<string> xs)
            {
                return Gather.AllAsync(xs, maxConcurrency: 32, F);
            }

            public async Task<TOut[]> MapAsync<TIn, TOut>(IReadOnlyList<TIn> items, Func<TIn, Task<TOut>> map) =>
                await Gather.AllAsync(items, maxConcurrency: 32, map);

            public void Synchronous(string[] xs) => Gather.AllAsync(xs, maxConcurrency: 32, F).GetAwaiter().GetResult();
            """));

    [Theory]
    [InlineData("var tasks = xs.Select(x => F(x));\nawait [|Task.WhenAll(tasks)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nvar all = await [|Task.WhenAll(tasks)|];\nUse(all);", "var all = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(all);")]
    [InlineData("// each\nTask<int>[] tasks = [.. xs.Select(F)];\n// all\nawait [|Task.WhenAll(tasks)|];", "// each\n// all\nawait Gather.AllAsync(xs, maxConcurrency: 32, F);")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nawait [|Task.WhenAll(tasks)|];\nforeach (var task in tasks)\n    Use(task.Result);", "var results = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nforeach (var task in results)\n    Use(task);")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nawait [|Task.WhenAll(tasks)|];\nUse(tasks.Select(t => t.Result).ToList());", "var results = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(results.ToList());")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nawait [|Task.WhenAll(tasks)|];\nUse(tasks[0].Result + await tasks[1] + tasks.Count);", "var results = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(results[0] + results[1] + results.Length);")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nawait [|Task.WhenAll(tasks)|];\nUse(tasks.Where(t => t.Result > 1).Sum(t => t.Result));", "var results = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(results.Where(t => t > 1).Sum(t => t));")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToArray();\nvar all = await [|Task.WhenAll(tasks)|];\nUse(all.Length + tasks.Length);", "var all = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(all.Length + all.Length);")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList();\nUse(1);\nawait [|Task.WhenAll(tasks)|];", "var tasks = Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(1);\nawait tasks;")]
    [InlineData("Task<int>[] tasks = xs.Select(F).ToArray();\ntry\n{\n    await [|Task.WhenAll(tasks)|];\n}\ncatch (IOException)\n{\n}", "var tasks = Gather.AllAsync(xs, maxConcurrency: 32, F);\ntry\n{\n    await tasks;\n}\ncatch (IOException)\n{\n}")]
    public Task Through_a_local(string before, string after) => Fixes(before, after);

    [Theory]
    [InlineData("await [|Task.WhenAll(xs.Select((x, i) => F(x + i)))|];")]
    [InlineData("await [|Task.WhenAll(xs.AsParallel().Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.SelectMany(x => x.Split(',').Select(F)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Zip(xs, (x, y) => F(x + y)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(F).Concat(xs.Select(O)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(F).Append(F(\"\")))|];")]
    [InlineData("await [|Task.WhenAll(from x in xs let y = x + x select F(y))|];")]
    [InlineData("await [|Task.WhenAll(from x in xs from y in x.Split(',') select F(y))|];")]
    [InlineData("await foreach (var task in [|Task.WhenEach(xs.Select(F))|]) Use(await task);")]
    [InlineData("var tasks = xs.Select(F).ToList(); await [|Task.WhenAll(tasks)|]; Use(tasks.Count(t => t.IsFaulted));")]
    [InlineData("var tasks = xs.Select(F).ToList(); await Task.WhenAny(tasks); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.Select(F).ToList(); xs.Clear(); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.Select(F); Use(1); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.Select(F).ToList(); try { await [|Task.WhenAll(tasks)|]; } catch { foreach (var task in tasks) Use(task.Status); }")]
    [InlineData("await [|Task.WhenAll(xs/* all */.Select(F))|];")]
    public Task Refused(string statements) => Fixes(statements, statements);

    [Theory]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x)))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => T(x)))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, ct) => await T(x, ct));")]
    [InlineData("await [|Task.WhenAll(xs.Select(async x => { await G(x); }))|].ConfigureAwait(false);", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => { await G(x); }).ConfigureAwait(false);")]
    [InlineData("await [|Task.WhenAll(xs.Select(G))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await G(x));")]
    [InlineData("await [|Task.WhenAll(from y in xs select G(y))|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (y, _) => await G(y));")]
    [InlineData("var all = await [|Task.WhenAll(xs.Select(x => F(x)))|];", "var all = await [|Task.WhenAll(xs.Select(x => F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(async x => { return await F(x); }))|];", "await [|Task.WhenAll(xs.Select(async x => { return await F(x); }))|];")]
    public Task Alternative_without_results(string before, string after) => Fixes(before, after, ParallelKey);

    [Fact]
    public Task Alternative_passes_the_token_in_scope() => Fixes(
        "await [|Task.WhenAll(xs.Select(x => T(x)))|];",
        "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = stop }, async (x, ct) => await T(x, ct));",
        ParallelKey, "string[] xs, CancellationToken stop");

    [Fact]
    public Task Without_the_runtime_the_alternative_is_the_fix() => new Verify.Test
    {
        TestCode = """
            class C
            {
                static async Task F(string x) => await Task.Delay(x.Length);
                async Task M(List<string> xs) => await [|Task.WhenAll(xs.Select(x => F(x)))|];
                async Task<int[]> M2(List<string> xs) => await [|Task.WhenAll(xs.Select(x => Task.Run(() => x.Length)))|];
            }
            """,
        FixedCode = """
            class C
            {
                static async Task F(string x) => await Task.Delay(x.Length);
                async Task M(List<string> xs) => await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));
                async Task<int[]> M2(List<string> xs) => await [|Task.WhenAll(xs.Select(x => Task.Run(() => x.Length)))|];
            }
            """,
        CodeActionEquivalenceKey = "CONC201",
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Usings_options_line_breaks_and_nested_findings() => new Verify.Test
    {
        TestCode = """
            using System.Text;

            namespace N
            {
                class C
                {
                    async Task M(List<List<string>> groups)
                    {
                        // all of them
                        await [|Task.WhenAll(groups.Select(async group =>
                        {
                            // and all in them
                            await [|Task.WhenAll(
                                group.Select(x => Task.Run(() => new StringBuilder(x))))|];
                        }))|]; // done
                    }
                }
            }
            """,
        FixedCode = """
            using System.Text;
            using ConcurrencyAnalyzers.Runtime;

            namespace N
            {
                class C
                {
                    async Task M(List<List<string>> groups)
                    {
                        // all of them
                        await Gather.AllAsync(groups, maxConcurrency: 5, async group =>
                        {
                            // and all in them
                            await Gather.AllAsync(group, maxConcurrency: 5, (x, ct) => Task.Run(() => new StringBuilder(x), ct));
                        }); // done
                    }
                }
            }
            """,
        // The inner fix comes first in a fix-all, and its call then takes the token of the outer one.
        BatchFixedCode = """
            using System.Text;
            using ConcurrencyAnalyzers.Runtime;

            namespace N
            {
                class C
                {
                    async Task M(List<List<string>> groups)
                    {
                        // all of them
                        await Gather.AllAsync(groups, maxConcurrency: 5, async (group, token) =>
                        {
                            // and all in them
                            await Gather.AllAsync(group, maxConcurrency: 5, (x, ct) => Task.Run(() => new StringBuilder(x), ct), token);
                        }); // done
                    }
                }
            }
            """,
        EditorConfig = "concurrency.default_max_concurrency = 5",
    }.RunAsync();

    [Theory]
    [InlineData("xs.Take(5)")]
    [InlineData("Enumerable.Range(0, 3).Select(i => xs[i])")]
    public Task No_fix_where_no_number_holds_anything_back(string source)
    {
        var code = InClass($"async Task M(List<string> xs) => await [|Task.WhenAll({source}.Select(F))|];");
        return new Verify.Test { TestCode = code, FixedCode = code, EditorConfig = "concurrency.unbounded_threshold = 0" }.RunAsync();
    }

    [Theory]
    [InlineData("concurrency.unbounded_threshold = 4", "xs.Take(5)", 4)]
    [InlineData("concurrency.default_max_concurrency = 8", "xs.Take(20)", 8)]
    [InlineData("concurrency.default_max_concurrency = 64", "xs.Take(40)", 16)]
    public Task Fewer_elements_than_the_default(string option, string source, int limit) => new Verify.Test
    {
        TestCode = InClass($"async Task M(List<string> xs) => await [|Task.WhenAll({source}.Select(F))|];"),
        FixedCode = InClass($"async Task M(List<string> xs) => await Gather.AllAsync({source}, maxConcurrency: {limit}, F);"),
        EditorConfig = option,
    }.RunAsync();

    [Fact]
    public Task Old_language() => new Verify.Test
    {
        TestCode = """
            using System.Collections.Generic;
            using System.Linq;
            using System.Threading.Tasks;
            using ConcurrencyAnalyzers.Runtime;
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
            using ConcurrencyAnalyzers.Runtime;
            class C
            {
                async Task M(List<string> xs)
                {
                    await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => Task.Run(() => x.Length, ct));
                }
            }
            """,
        LanguageVersion = Microsoft.CodeAnalysis.CSharp.LanguageVersion.CSharp7_3,
        ReferenceAssemblies = ReferenceAssemblies.Net80,
    }.RunAsync();
}
