using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

/// <summary>The fix of collections that a loop fills, and of loops that await each task.</summary>
public sealed class CONC201UnboundedWhenAllLoopFixTests
{
    private static Task Fixes(string before, string after, string? key = null, string parameters = "List<string> xs") => new Verify.Test
    {
        TestCode = Method(parameters, before),
        FixedCode = Method(parameters, after),
        CodeActionEquivalenceKey = key,
    }.RunAsync();

    private static string Method(string parameters, string statements) => CONC201UnboundedWhenAllFixTests.InClass(
        $$"""
        async Task M({{parameters}})
        {
            {{statements.ReplaceLineEndings("\n    ")}}
        }
        """);

    [Fact]
    public Task List_filled_by_foreach() => Fixes(
        """
        // one for each
        var tasks = new List<Task<int>>();
        foreach (var x in xs)
        {
            tasks.Add(F(x));
        }

        var all = await [|Task.WhenAll(tasks)|]; // in order
        Use(all);
        """,
        """
        // one for each
        var all = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); // in order
        Use(all);
        """);

    [Fact]
    public Task Comments_in_the_loop_go_above() => Fixes(
        """
        // one for each
        var tasks = new List<Task<int>>(); // none yet
        foreach (var x in xs) // of all
        {
            tasks.Add(F(x)); // started
        }

        // in order
        var all = await [|Task.WhenAll(tasks)|];
        Use(all);
        """,
        """
        // one for each
        // none yet
        // of all
        // started
        // in order
        var all = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));
        Use(all);
        """);

    [Fact]
    public Task Elements_chosen() => Fixes(
        "var tasks = new List<Task>(); foreach (var x in xs) if (x != \"\") tasks.Add(F(x)); await [|Task.WhenAll(tasks)|];",
        "await Gather.AllAsync(xs.Where(x => x != \"\"), maxConcurrency: 32, x => F(x));");

    [Fact]
    public Task Elements_left_out() => Fixes(
        """
        var tasks = new List<Task<int>>();
        foreach (var x in xs)
        {
            if (x.Length == 0)
            {
                continue;
            }

            var trimmed = x.Trim();
            tasks.Add(F(trimmed));
        }

        var all = await [|Task.WhenAll(tasks)|];
        Use(all);
        """,
        """
        var all = await Gather.AllAsync(xs.Where(x => !(x.Length == 0)), maxConcurrency: 32, x =>
        {
            var trimmed = x.Trim();
            return F(trimmed);
        });
        Use(all);
        """);

    [Fact]
    public Task Locals_before_the_start_go_into_the_function() => Fixes(
        """
        List<Task> tasks = [];
        foreach (var x in xs)
        {
            // longer
            var y = x + x;
            tasks.Add(T(y)); // started
        }
        await [|Task.WhenAll(tasks)|];
        """,
        """
        await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) =>
        {
            // longer
            var y = x + x;
            return T(y, ct); // started
        });
        """);

    [Fact]
    public Task Brace_on_the_line_of_the_loop_stays_on_the_line() => Fixes(
        """
        var tasks = new List<Task>();
        foreach (var x in xs) {
            var y = x + x;
            tasks.Add(G(y));
        }
        await [|Task.WhenAll(tasks)|];
        """,
        """
        await Gather.AllAsync(xs, maxConcurrency: 32, x => {
            var y = x + x;
            return G(y);
        });
        """);

    [Theory]
    [InlineData("var tasks = new List<Task>();\nforeach (var x in xs)\n    tasks.Add(F(x));\nawait [|Task.WhenAll(tasks)|].ConfigureAwait(false);", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)).ConfigureAwait(false);")]
    [InlineData("var tasks = new List<Task<int>>(xs.Count);\nforeach (var x in xs)\n{\n    var task = T(x);\n    tasks.Add(task);\n}\nawait [|Task.WhenAll(tasks.ToArray())|];", "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => T(x, ct));")]
    [InlineData("var tasks = new List<Task<int>>();\nforeach (var x in xs)\n    tasks.Add(F(x));\nawait [|Task.WhenAll(tasks)|];\nforeach (var task in tasks)\n    Use(await task);", "var results = await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nforeach (var task in results)\n    Use(task);")]
    [InlineData("var tasks = new List<Task>();\nforeach (var x in xs)\n    tasks.Add(F(x));\nUse(1);\nawait [|Task.WhenAll(tasks)|];", "var tasks = Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));\nUse(1);\nawait tasks;")]
    [InlineData("var tasks = new List<Task>();\nfor (var i = 0; i < xs.Count; i++)\n    tasks.Add(F(xs[i]));\nawait [|Task.WhenAll(tasks)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("var tasks = new Task<int>[xs.Count];\nfor (int i = 0; i < tasks.Length; i++)\n{\n    tasks[i] = F(xs[i]);\n}\nUse(await [|Task.WhenAll(tasks)|]);", "Use(await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)));")]
    [InlineData("var tasks = new Task[xs.Count];\nfor (int i = 0; i < xs.Count; ++i)\n    tasks[i] = F(xs[i] + i);\nawait [|Task.WhenAll(tasks)|];", "await Gather.AllAsync(Enumerable.Range(0, xs.Count), maxConcurrency: 32, i => F(xs[i] + i));")]
    public Task Collection_filled_by_a_loop(string before, string after) => Fixes(before, after);

    [Fact]
    public Task Async_source() => Fixes(
        """
        var tasks = new List<Task<int>>();
        await foreach (var x in xs)
            tasks.Add(T(x));
        await [|Task.WhenAll(tasks)|];
        """,
        "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => T(x, ct));",
        parameters: "IAsyncEnumerable<string> xs");

    [Theory]
    [InlineData("var tasks = [|xs.Select(x => F(x))|].ToList();\nforeach (var task in tasks)\n    await task;", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (var task in [|xs.Select(x => F(x))|].ToArray())\n{\n    await task;\n}", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("foreach (Task<int> result in [|xs.Select(F)|].ToArray())\n    Use(await result);", "foreach (var result in await Gather.AllAsync(xs, maxConcurrency: 32, F))\n    Use(result);")]
    [InlineData("var tasks = new List<Task<int>>();\nforeach (var x in xs)\n    [|tasks.Add(F(x))|];\nforeach (var task in tasks)\n    Use(await task);", "foreach (var task in await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)))\n    Use(task);")]
    public Task Loop_that_awaits_each(string before, string after) => Fixes(before, after);

    [Theory]
    [InlineData("var tasks = new List<Task>();\nforeach (var x in xs)\n    tasks.Add(F(x));\nawait [|Task.WhenAll(tasks)|];", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));")]
    [InlineData("foreach (var task in [|xs.Select(x => T(x))|].ToArray())\n    await task;", "await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, ct) => await T(x, ct));")]
    public Task Alternative_without_results(string before, string after) => Fixes(before, after, "CONC201.ParallelForEach");

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { Use(x); tasks.Add(F(x)); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) if (x != \"\") tasks.Add(F(x)); else Use(x); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { tasks.Add(F(x)); tasks.Add(G(x)); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { var y = await F(x); tasks.Add(F(x + y)); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { using var y = new StringReader(x); tasks.Add(F(x)); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); tasks.Add(G(\"\")); foreach (var x in xs) tasks.Add(F(x)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task> { G(\"\") }; foreach (var x in xs) tasks.Add(F(x)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); tasks.Add(G(\"\")); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (object x in xs) tasks.Add(G(x + \"\")); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) foreach (var y in xs) tasks.Add(F(x + y)); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new Task[xs.Count + 1]; for (var i = 0; i < xs.Count; i++) tasks[i] = F(xs[i]); tasks[xs.Count] = G(\"\"); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new Task[xs.Count]; for (var i = 1; i < xs.Count; i++) tasks[i] = F(xs[i]); tasks[0] = G(\"\"); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = new List<Task>(); xs.ForEach(x => tasks.Add(F(x))); await [|Task.WhenAll(tasks)|];")]
    [InlineData("var tasks = xs.ToDictionary(x => x, x => F(x)); await [|Task.WhenAll(tasks.Values)|]; Use(tasks);")]
    [InlineData("foreach (var task in [|xs.Select(F)|].ToArray()) { try { Use(await task); } catch (IOException) { } }")]
    [InlineData("foreach (var task in [|xs.Select(F)|].ToArray()) { if (await task > 1) break; }")]
    [InlineData("foreach (var task in [|xs.Select(F)|].ToArray()) { Use(task); await task; }")]
    [InlineData("var tasks = [|xs.Select(F)|].ToArray(); for (var i = 0; i < tasks.Length; i++) await tasks[i];")]
    public Task Refused(string statements) => Fixes(statements, statements);

    [Fact]
    public Task What_no_lambda_can_capture_is_refused() => Verify.VerifyNoCodeFixAsync(
        CONC201UnboundedWhenAllFixTests.InClass("""
            Task M(List<string> xs, ref string suffix)
            {
                var tasks = new List<Task>();
                foreach (var x in xs)
                    tasks.Add(F(x + suffix));
                return [|Task.WhenAll(tasks)|];
            }
            """));
}
