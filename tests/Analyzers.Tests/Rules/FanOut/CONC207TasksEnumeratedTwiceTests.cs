using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC207TasksEnumeratedTwiceAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC207TasksEnumeratedTwiceCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC207TasksEnumeratedTwiceTests
{
    private static string InMethod(string statements) =>
        $$"""
        class C
        {
            async Task M(List<string> xs, bool condition)
            {
                {{statements}}
                await Task.Yield();
            }

            static async Task<int> F(string x) { await Task.Delay(1); return x.Length; }
            static void Use(object? x) { }
        }
        """;

    [Theory]
    [InlineData("var tasks = xs.Select(x => F(x)); await Task.WhenAll(tasks); foreach (var task in [|tasks|]) Use(task.Result);")]
    [InlineData("var tasks = xs.Select(F); await Task.WhenAll(tasks); Use([|tasks|].Select(t => t.Result).ToList());")]
    [InlineData("IEnumerable<Task<int>> tasks = xs.Where(x => x != \"\").Select(async x => await F(x)); while (condition) await Task.WhenAny([|tasks|]);")]
    [InlineData("var tasks = from x in xs select F(x); if (tasks.Any()) await Task.WhenAll([|tasks|]);")]
    [InlineData("var tasks = xs.Select(F); foreach (var x in xs) await Task.WhenAll([|tasks|]);")]
    [InlineData("var tasks = xs.Select(x => F(x)); try { await Task.WhenAll(tasks); } catch { Use([|tasks|].Count()); }")]
    [InlineData("var tasks = xs.Select(x => F(x)).OrderBy(t => t.Id); var list = tasks.ToList(); Use(new List<Task<int>>([|tasks|])); Use(list);")]
    [InlineData("var tasks = xs.Select(F); if (condition) await Task.WhenAll(tasks); Use([|tasks|].First());")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = xs.Select(F); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = xs.Select(F).ToList(); await Task.WhenAll(tasks); foreach (var task in tasks) Use(task.Result);")]
    [InlineData("var tasks = xs.Select(F); var list = tasks.ToArray(); await Task.WhenAll(list); foreach (var task in list) Use(task.Result);")]
    [InlineData("IEnumerable<Task<int>> tasks = xs.Select(F); tasks = tasks.ToList(); await Task.WhenAll(tasks); Use(tasks.First());")]
    [InlineData("var tasks = xs.Select(F); if (condition) await Task.WhenAll(tasks); else foreach (var task in tasks) await task;")]
    [InlineData("var tasks = xs.Select(F); if (condition) { await Task.WhenAll(tasks); return; } foreach (var task in tasks) await task;")]
    [InlineData("var tasks = xs.Select(F); switch (xs.Count) { case 0: await Task.WhenAll(tasks); break; default: await Task.WhenAny(tasks); break; }")]
    [InlineData("foreach (var y in xs) { var tasks = xs.Select(x => F(x + y)); await Task.WhenAll(tasks); }")]
    [InlineData("var tasks = xs.Select(F); foreach (var task in tasks) await task;")]
    [InlineData("var tasks = xs.Select(F); var more = tasks.Where(t => !t.IsFaulted); await Task.WhenAll(more);")]
    [InlineData("var started = xs.Select(F).ToList(); var results = started.Select(async t => await t); await Task.WhenAll(results); Use(results.Count());")]
    [InlineData("var tasks = xs.Select(x => Task.FromResult(x)); await Task.WhenAll(tasks); Use(tasks.First());")]
    [InlineData("var delays = xs.Select(x => Task.Delay(x.Length)); await Task.WhenAll(delays); Use(delays.Count());")]
    [InlineData("var delays = xs.Select(async x => { await Task.Delay(x.Length); return x; }); await Task.WhenAll(delays); Use(delays.Count());")]
    [InlineData("var names = xs.Select(x => x.Trim()); Use(names.Count()); Use(names.First());")]
    [InlineData("Task<int>[] tasks = [.. xs.Select(F)]; await Task.WhenAll(tasks); Use(tasks.First());")]
    [InlineData("var tasks = xs.ConvertAll(F); await Task.WhenAll(tasks); Use(tasks.First());")]
    [InlineData("var tasks = xs.Select(F); Use(nameof(tasks)); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = xs.Select(F); Use(tasks); Use(tasks);")]
    [InlineData("var tasks = xs.Select(F); Func<Task> again = () => Task.WhenAll(tasks); await Task.WhenAll(tasks); Use(again);")]
    public Task Not_flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Fact]
    public Task Message() => Verify.VerifyAnalyzerAsync(
        InMethod("var tasks = xs.Select(F); await Task.WhenAll(tasks); Use({|#0:tasks|}.First());"), Verify.Diagnostic().WithLocation(0).WithArguments("tasks"));

    [Theory]
    [InlineData("var tasks = xs.Select(F); await Task.WhenAll(tasks); foreach (var task in [|tasks|]) Use(task.Result);", "var tasks = xs.Select(F).ToArray(); await Task.WhenAll(tasks); foreach (var task in tasks) Use(task.Result);")]
    [InlineData("IEnumerable<Task<int>> tasks = xs.Select(F); await Task.WhenAll(tasks); Use([|tasks|].Count());", "IEnumerable<Task<int>> tasks = xs.Select(F).ToArray(); await Task.WhenAll(tasks); Use(tasks.Count());")]
    [InlineData("var tasks = from x in xs select F(x); await Task.WhenAll(tasks); Use([|tasks|].Count());", "var tasks = (from x in xs select F(x)).ToArray(); await Task.WhenAll(tasks); Use(tasks.Count());")]
    [InlineData("var tasks = xs.Select(F); /* start */ await Task.WhenAll(tasks); var more = xs.Select(F); Use([|tasks|].Count()); await Task.WhenAll(more); Use([|more|].Count());", "var tasks = xs.Select(F).ToArray(); /* start */ await Task.WhenAll(tasks); var more = xs.Select(F).ToArray(); Use(tasks.Count()); await Task.WhenAll(more); Use(more.Count());")]
    public Task Fix(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    [Fact]
    public Task No_fix_where_the_declared_type_takes_no_array() => Verify.VerifyNoCodeFixAsync(
        InMethod("IOrderedEnumerable<Task<int>> tasks = xs.Select(F).OrderBy(t => t.Id); await Task.WhenAll(tasks); Use([|tasks|].Count());"));

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test { TestCode = InMethod("var tasks = xs.Select(Missing); var tasks = xs.Select(F); await Task.WhenAll(tasks; foreach (var t in tasks"), CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();
}
