using System.Text;
using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Tests.Repository;

/// <summary>Code that nobody writes by hand, but generators, fuzzers and half-typed files do: no rule and no fix throws or hangs.</summary>
public sealed class HostileCodeTests
{
    // Far beyond what any of them takes; a hang fails by name instead of holding up the run.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Ids => [.. RuleCatalog.Ids];

    public static TheoryData<LanguageVersion> LanguageVersions =>
        [.. Enum.GetValues<LanguageVersion>().Where(version => version is >= LanguageVersion.CSharp7_3 and <= LanguageVersion.CSharp13 or LanguageVersion.Preview)];

    public static TheoryData<string> DeepShapes => [.. Deep.Keys];

    // Each is a method's body around which the shape is repeated so often.
    private static readonly Dictionary<string, Func<string>> Deep = new()
    {
        ["sum of 5,000"] = () => $"return {Repeat("count + ", 5_000)} 1;",
        ["conjunction of 5,000"] = () => $"return {Repeat("task.IsCompleted && ", 5_000)} true ? task.Result : 0;",
        ["concatenation of 5,000"] = () => $"Console.WriteLine({Repeat("\"a\" + count + ", 2_500)} \"\"); return await task;",
        ["5,000 coalesced"] = () => $"var first = {Repeat("Find() ?? ", 5_000)} task; return await first;",
        ["conditional of 500"] = () => $"return {Repeat("count > 1 ? task.Result : ", 500)} 1;",
        ["chain of 1,000 continuations"] = () => $"_ = task{Repeat(".ContinueWith(t => t.Result)", 1_000)}; return 1;",
        ["chain of 2,000 calls"] = () => $"return text{Repeat(".Append(count)", 2_000)}.Length;",
        ["500 nested lambdas"] = () => Nest(500, depth => $"Func<Task<int>> f{depth} = async () => {{ count++; ", depth => $"return await f{depth + 1}(); }};", "Func<Task<int>> f500 = () => task;", "return await f0();"),
        ["500 nested local functions"] = () => Nest(500, depth => $"async Task<int> F{depth}() {{ Thread.Sleep(1); ", depth => $"return await F{depth + 1}(); }}", "Task<int> F500() => task;", "return await F0();"),
        // The compiler binds each of these lambdas once for each overload, and so the inner ones ever more often.
        ["5 nested tasks"] = () => Nest(5, _ => "Task.Run(async () => { items.Add(1); ", _ => "});", "task.Wait();", "return 1;"),
        ["300 nested blocks"] = () => Nest(300, depth => depth % 3 == 0 ? "lock (items) { " : depth % 3 == 1 ? "try { " : "while (count > 0) { ", depth => depth % 3 == 1 ? "} finally { gate.Release(); }" : "}", "gate.Wait(); count++;", "return 1;"),
        ["1,000 else ifs"] = () => $"{Repeat("if (task.IsCompleted) return task.Result; else ", 1_000)} return 1;",
        ["300 nested parentheses"] = () => $"return {Repeat("(", 300)}task.Result{Repeat(")", 300)};",
        ["200 nested awaits"] = () => $"return {Repeat("await Task.FromResult(", 200)}task.Result{Repeat(")", 200)};",
        ["200 nested calls"] = () => $"return {Repeat("Math.Max(1, ", 200)}task.Result{Repeat(")", 200)};",
        ["list of 10,000"] = () => $"var all = new[] {{ {Repeat("task, ", 10_000)} }}; await Task.WhenAll(all); return all[0].Result;",
        ["3,000 locals"] = () => $"{string.Concat(Enumerable.Range(0, 3_000).Select(i => $"var t{i} = Find(); if (t{i}.IsCompleted) count += t{i}.Result; "))} return await t0;",
        ["2,000 cases"] = () => $"switch (count) {{ {string.Concat(Enumerable.Range(0, 2_000).Select(i => $"case {i}: await gate.WaitAsync(); try {{ items.Add({i}); }} finally {{ gate.Release(); }} break; "))} }} return 1;",
        ["1,000 takes and releases"] = () => $"{Repeat("await gate.WaitAsync(); await task; gate.Release(); ", 1_000)} return 1;",
        ["2,000 gotos"] = () => $"{string.Concat(Enumerable.Range(0, 2_000).Select(i => $"L{i}: gate.Wait(); if (count == {i}) goto L{1_999 - i}; "))} return task.Result;",
        ["1,000 tries"] = () => $"{Repeat("try { await task; } catch (Exception) { count++; } finally { Thread.Sleep(1); } ", 1_000)} return 1;",
    };

    [Theory, MemberData(nameof(DeepShapes))]
    public async Task No_depth_makes_a_rule_throw_or_hang(string shape)
    {
        var code =
            $$"""
            class C
            {
                private readonly SemaphoreSlim gate = new(1);
                private readonly List<int> items = [];

                static Task<int>? Find() => null;

                async Task<int> M(int count, Task<int> task, System.Text.StringBuilder text)
                {
                    {{Deep[shape]()}}
                }
            }
            """;
        // What the compiler gives up on (too complex an expression) is still given to the rules.
        var found = await new RuleTest(RuleCatalog.Analyzers, new EmptyCodeFix()) { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }
            .AnalyzeAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(found, diagnostic => diagnostic.Id == "AD0001");
    }

    /// <summary>Pages' code with tokens taken away, doubled and swapped, by a seed that is the page's number.</summary>
    [Theory, MemberData(nameof(Ids))]
    public async Task No_shuffled_tokens_make_a_rule_throw(string id)
    {
        var rule = RuleCatalog.Rules.Single(rule => rule.Id == id);
        var page = RulePage.Read(rule.Page);
        var random = new Random(int.Parse(id.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture));
        foreach (var block in page.Blocks.Where(block => block.Kind != "setup"))
        {
            var tokens = CSharpSyntaxTree.ParseText(block.AsFile()).GetRoot().DescendantTokens().Select(token => token.ToFullString()).ToList();
            for (var round = 0; round < 8; round++)
            {
                var test = new RuleTest(RuleCatalog.Analyzers, rule.CodeFixOrNone) { TestCode = Damage(tokens, random), CompilerDiagnostics = CompilerDiagnostics.None };
                test.Sources.Add(("Setup.cs", page.Setup));
                await test.TryAllFixesAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Features of all versions, to each version: what it doesn't know is an error there, and no rule throws.</summary>
    [Theory, MemberData(nameof(LanguageVersions))]
    public async Task No_language_version_makes_a_rule_throw(LanguageVersion version)
    {
        foreach (var fix in RuleCatalog.Rules.Select(rule => rule.CodeFixOrNone).DistinctBy(fix => fix.GetType()))
        {
            await new RuleTest(RuleCatalog.Analyzers, fix) { TestCode = EveryFeature, LanguageVersion = version, CompilerDiagnostics = CompilerDiagnostics.None }
                .TryAllFixesAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task No_file_of_50_000_lines_makes_a_rule_throw_or_hang()
    {
        var code = new StringBuilder("class Generated\n{\n    private readonly object sync = new();\n    private static int total;\n");
        for (var i = 0; i < 5_000; i++)
        {
            code.Append(
                $$"""
                    public async Task<int> Get{{i}}Async(int id, CancellationToken cancellationToken)
                    {
                        var value = await Load{{i}}Async(id, cancellationToken);
                        lock (sync) { total += value; }
                        return value;
                    }

                    private static Task<int> Load{{i}}Async(int id, CancellationToken cancellationToken) =>
                        Task.FromResult(id);


                """);
        }

        code.Append("}\n");
        Assert.True(code.ToString().Count(character => character == '\n') >= 50_000);
        var found = await new RuleTest(RuleCatalog.Analyzers, new EmptyCodeFix()) { TestCode = code.ToString(), CompilerDiagnostics = CompilerDiagnostics.None }
            .AnalyzeAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Empty(found);
    }

    private const string EveryFeature =
        """"
        #nullable enable
        using System.Runtime.CompilerServices;
        file class Größe { public int Länge; public async Task<int> Größer_als(Größe ändere) { Thread.Sleep(1); return ändere.Länge++; } }
        record Order(int Number, Task<int> Price) { public int Total => Price.Result; }
        record struct Line(int Count);
        readonly ref struct Window(Span<int> items) { public readonly Span<int> Items = items; }
        interface ISource<T> where T : ISource<T> { static abstract Task<T> LoadAsync(CancellationToken token); static T Load() => T.LoadAsync(default).Result; }
        static class Extensions { extension(Task task) { public void Forget() { task.Wait(); } public bool Done => task.IsCompleted; } }
        partial class P(HttpClient client, CancellationToken token)
        {
            private static readonly SemaphoreSlim gate = new(1);
            private int field;
            public required string Name { get; init; }
            public int Backed { get => field; set => field = value; }
            partial void Part();
            async partial void Part() { await Task.Yield(); }
            public async IAsyncEnumerable<int> Stream([EnumeratorCancellation] CancellationToken cancellation = default)
            {
                await foreach (var one in Stream(cancellation).WithCancellation(token).ConfigureAwait(false)) { yield return one; Thread.Sleep(1); }
            }
            public unsafe int Pointer(int* p) { fixed (int* q = new int[1]) { Task.Delay(*q).Wait(); return *p; } }
            public async Task<int> Everything(IEnumerable<int> ids, Task<int> task, params ReadOnlySpan<int> rest)
            {
                Task<int>[] all = [.. ids.Select(async id => { field++; return id; })];
                await Task.WhenAll(all);
                await using var scope = new AsyncScope();
                ref int alias = ref field;
                Span<int> local = stackalloc int[4];
                var (a, (b, _)) = (task.Result, (all[^1].Result, 1));
                var text = $"{task.Result} {await task} {nameof(task.Result)}";
                var raw = $$"""{{task.Result}}""";
                _ = task is { IsCompleted: true, Result: > 1 and < 5 or [1, .., 2] } ? task.Result : field switch { 1 => task.Result, _ when task.Wait(1) => 2, _ => throw new() };
                var query = from id in ids let t = Task.Run(() => id) where t.Result > 1 select t.Result into r group r by r;
                using (await gate.WaitAsync(1) ? null : (IDisposable?)null) lock (gate) { }
                delegate*<int, Task> pointer = null;
                await pointer(1);
                Func<int, Task> f = static async (int x = 1) => await Task.Delay(x);
                Parallel.ForEach(ids, async _ => await f(1));
                client?.GetStringAsync("")!.Wait();
                if (await Task.WhenAny(task, Task.Delay(1)) == task) field ??= 1;
                goto end;
                end: checked { field += task.Result; }
                return await (task ?? default!);
            }
            ~P() { Task.Run(() => gate.Wait()).Wait(); }
            public static P operator +(P left, P right) { left.Stream().GetAsyncEnumerator().DisposeAsync().AsTask().Wait(); return left; }
            public Task<int> this[int index] { get { return null; } set { value.Wait(); } }
            public event Action<int> Changed { add { Thread.Sleep(1); } remove { } }
        }
        sealed class AsyncScope : IAsyncDisposable { public ValueTask DisposeAsync() => default; }
        """";

    private static string Damage(List<string> tokens, Random random)
    {
        var damaged = new List<string>(tokens);
        for (var i = 0; i < 3; i++)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(3))
            {
                case 0: damaged.RemoveAt(at); break;
                case 1: damaged.Insert(at, damaged[random.Next(damaged.Count)]); break;
                default:
                    var other = random.Next(damaged.Count);
                    (damaged[at], damaged[other]) = (damaged[other], damaged[at]);
                    break;
            }
        }

        return string.Concat(damaged);
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static string Nest(int depth, Func<int, string> open, Func<int, string> close, string core, string end) =>
        $"{string.Concat(Enumerable.Range(0, depth).Select(open))}{core}{string.Concat(Enumerable.Range(0, depth).Reverse().Select(close))}{end}";
}
