using System.Globalization;
using System.Text;
using ConcurrencyAnalyzers.TestKit;
using ConcurrencyAnalyzers.Tests.Repository;

namespace ConcurrencyAnalyzers.Tests.Rules;

/// <summary>A fix-all over a file with two hundred findings, nested ones included, makes of each what the fix makes of it alone.</summary>
public sealed class NestedFixAllTests
{
    [Theory]
    [InlineData("CONC306", 3, "await Task.Factory.StartNew(async () => { await Task.Factory.StartNew(async () => { await Task.Factory.StartNew(RunAsync); }); });")]
    [InlineData("CONC310", 2, "Use(ReadAsync(ReadAsync(1).Result).Result);")]
    [InlineData("CONC205", 2, "Parallel.ForEach(xs, x => { Load(x); Parallel.ForEach(xs, y => Load(y)); });")]
    [InlineData("CONC102", 2, "Use(CountAsync(CountAsync(1).Result).Result);")]
    [InlineData("CONC201", 2, "await Task.WhenAll(xs.Select(async x => { await Task.WhenAll(xs.Select(y => SaveAsync(y))); }));")]
    [InlineData("CONC201", 2, "await Task.WhenAll(xs.Select(x => Task.WhenAll(xs.Select(y => SaveAsync(y)))));")]
    [InlineData("CONC204", 2, "xs.ForEach(async x => { await SaveAsync(x); xs.ForEach(async y => await SaveAsync(y)); });")]
    [InlineData("CONC204", 2, "Parallel.ForEach(xs, async x => { await SaveAsync(x); Parallel.ForEach(xs, async y => await SaveAsync(y)); });")]
    [InlineData("CONC301", 2, "Task.Run(() => { SaveAsync(\"a\"); return 1; });")]
    [InlineData("CONC301", 2, "Start(() => { SaveAsync(\"a\"); });")]
    public async Task All_at_once_is_one_at_a_time(string id, int findings, string statement)
    {
        var rule = RuleCatalog.Rules.Single(one => one.Id == id);
        var isAsync = id is "CONC306" or "CONC102" or "CONC201" or "CONC204";
        var one = new RuleTest([rule.Analyzer], rule.CodeFixOrNone) { TestCode = File(1, statement, isAsync) };
        Assert.Equal(findings, (await one.AnalyzeAsync()).Count);
        var mended = (await one.FixAsync()).Split('\n').Single(line => line.StartsWith("        ", StringComparison.Ordinal) && line.EndsWith("// here", StringComparison.Ordinal)).Trim();

        var methods = 200 / findings;
        var many = new RuleTest([rule.Analyzer], rule.CodeFixOrNone) { TestCode = File(methods, statement, isAsync) };
        Assert.Equal(methods * findings, (await many.AnalyzeAsync()).Count);
        Assert.Equal(File(methods, mended[..^"// here".Length].TrimEnd(), isAsync), await many.FixAllAsync());
    }

    private static string File(int methods, string statement, bool isAsync)
    {
        var text = new StringBuilder("class C\n{\n");
        for (var i = 0; i < methods; i++)
            text.Append(CultureInfo.InvariantCulture, $"    {(isAsync ? "async Task" : "void")} M{i}(List<string> xs)\n    {{\n        {statement} // here\n    }}\n\n");

        return text.Append(
            """
                static async Task RunAsync() => await Task.Yield();
                static async ValueTask<int> ReadAsync(int x) { await Task.Yield(); return x; }
                static async Task<int> CountAsync(int x) { await Task.Yield(); return x; }
                static void Load(string x) => File.ReadAllBytes(x);
                static void Use(object? x) { }
                static async Task SaveAsync(string x) { await File.WriteAllTextAsync(x, x); }
                static Task Start(Action work) { work(); return RunAsync(); }
            }

            """).ToString();
    }
}
