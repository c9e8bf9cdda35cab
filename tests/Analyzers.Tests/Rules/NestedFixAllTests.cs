using System.Globalization;
using System.Text;
using ConcurrencyAnalyzers.TestKit;
using ConcurrencyAnalyzers.Tests.Repository;

namespace ConcurrencyAnalyzers.Tests.Rules;

/// <summary>A fix-all over a file with two hundred findings, nested ones included, makes of each what the fix makes of it alone.</summary>
public sealed class NestedFixAllTests
{
    private const string Start = "class C\n{\n";
    private const string End = "    // helpers\n";

    [Theory]
    [InlineData("CONC306", 3, "await Task.Factory.StartNew(async () => { await Task.Factory.StartNew(async () => { await Task.Factory.StartNew(RunAsync); }); });")]
    [InlineData("CONC310", 2, "Use(ReadAsync(ReadAsync(1).Result).Result);")]
    [InlineData("CONC205", 2, "Parallel.ForEach(xs, x => { Load(x); Parallel.ForEach(xs, y => Load(y)); });")]
    [InlineData("CONC102", 2, "Use(CountAsync(CountAsync(1).Result).Result);")]
    [InlineData("CONC201", 2, "await Task.WhenAll(xs.Select(async x => { await Task.WhenAll(xs.Select(y => SaveAsync(y))); }));")]
    [InlineData("CONC201", 2, "await Task.WhenAll(xs.Select(x => Task.WhenAll(xs.Select(y => SaveAsync(y)))));")]
    [InlineData("CONC204", 2, "xs.ForEach(async x => { await SaveAsync(x); xs.ForEach(async y => await SaveAsync(y)); });")]
    [InlineData("CONC204", 2, "Parallel.ForEach(xs, async x => { await SaveAsync(x); Parallel.ForEach(xs, async y => await SaveAsync(y)); });")]
    [InlineData("CONC301", 2, "Start(() => { Start(() => { }); });")]
    [InlineData("CONC301", 2, "Begin(Named(() => { Begin(\"a\"); return \"b\"; }));")]
    public async Task All_at_once_is_one_at_a_time(string id, int findings, string statement)
    {
        var rule = RuleCatalog.Rules.Single(one => one.Id == id);
        var isAsync = id is "CONC306" or "CONC102" or "CONC201" or "CONC204";
        var one = new RuleTest([rule.Analyzer], rule.CodeFixOrNone) { TestCode = File(1, statement, isAsync) };
        Assert.Equal(findings, (await one.AnalyzeAsync()).Count);

        // Fix-all goes from the last finding to the first. For nested fan-outs that is another text than the other way: the
        // outer lambda of what is mended first has no token yet for the inner one to take.
        var mended = await one.FixAsync(fromLast: id == "CONC201");
        var (start, end) = (mended.IndexOf(Start, StringComparison.Ordinal) + Start.Length, mended.IndexOf(End, StringComparison.Ordinal));

        var methods = 200 / findings;
        var many = new RuleTest([rule.Analyzer], rule.CodeFixOrNone) { TestCode = File(methods, statement, isAsync) };
        Assert.Equal(methods * findings, (await many.AnalyzeAsync()).Count);
        var expected = mended[..start] + string.Concat(Enumerable.Range(0, methods).Select(i => mended[start..end].Replace("M0(", $"M{i}(", StringComparison.Ordinal))) + mended[end..];
        Assert.Equal(expected, await many.FixAllAsync());
    }

    private static string File(int methods, string statement, bool isAsync)
    {
        var text = new StringBuilder(Start);
        for (var i = 0; i < methods; i++)
            text.Append(CultureInfo.InvariantCulture, $"    {(isAsync ? "async Task" : "void")} M{i}(List<string> xs)\n    {{\n        {statement}\n    }}\n\n");

        return text.Append(End).Append(
            """
                static async Task RunAsync() => await Task.Yield();
                static async ValueTask<int> ReadAsync(int x) { await Task.Yield(); return x; }
                static async Task<int> CountAsync(int x) { await Task.Yield(); return x; }
                static void Load(string x) => File.ReadAllBytes(x);
                static void Use(object? x) { }
                static async Task SaveAsync(string x) { await File.WriteAllTextAsync(x, x); }
                static Task Start(Action work) { work(); return RunAsync(); }
                static Task Begin(string x) => SaveAsync(x);
                static string Named(Func<string> name) => name();
            }

            """).ToString();
    }
}
