using ConcurrencyAnalyzers.Rules.Time;
using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC209WhenAnyInLoopAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC209WhenAnyInLoopCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC209WhenAnyInLoopTests
{
    private static string InMethod(string statements, string parameters = "List<string> xs") =>
        $$"""
        class C
        {
            async Task M({{parameters}})
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
    [InlineData("IList<Task<int>> tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("ICollection<Task<int>> tasks = new HashSet<Task<int>>(xs.Select(F)); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = new LinkedList<Task<int>>(xs.Select(F)); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Task done = await [|Task.WhenAny((IEnumerable<Task>)tasks)|]; tasks.Remove((Task<int>)done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Task<int> done; done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks is { Count: > 0 }) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (true) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); if (tasks.Count == 0) break; }")]
    [InlineData("var tasks = xs.Select(F).ToList(); for (var i = 0; i < xs.Count; i++) { var done = await [|Task.WhenAny(tasks)|]; Use(await done); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); foreach (var x in xs) { var done = await [|Task.WhenAny(tasks)|]; Use(x + await done); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var next = [|Task.WhenAny(tasks)|]; var done = await next; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = [|Task.WhenAny(tasks)|].GetAwaiter().GetResult(); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|].WaitAsync(TimeSpan.FromSeconds(1)); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; if (await done > 3) break; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; if (!tasks.Remove(done)) throw new InvalidOperationException(); }")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < xs.Count; i++) tasks.Add(F(xs[i])); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = new List<Task>(); tasks.AddRange(xs.Select(F)); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = (from x in xs select F(x)).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Take(99).Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("foreach (var x in xs) { var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); } }")]
    [InlineData("async Task DrainAsync() { var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); } } await DrainAsync();")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; Use(done); tasks = tasks.Where(t => t != done).ToList(); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.RemoveAt(tasks.IndexOf(done)); }")]
    [InlineData("IEnumerable<Task<int>> tasks = xs.Select(F).ToList(); while (tasks.Any()) { var done = await [|Task.WhenAny(tasks)|]; tasks = tasks.Except([done]).ToArray(); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks.ToArray())|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToHashSet(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks.ToList())|]; tasks.Remove(done); }")]
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
    [InlineData("var tasks = xs.Select(F).ToList(); await foreach (var done in Task.WhenEach(tasks)) Use(await done);")]
    [InlineData("var tasks = xs.Select(F).ToList(); foreach (var task in tasks) Use(await task);")]
    [InlineData("var tasks = xs.Select(F).ToList(); await Task.WhenAll(tasks); tasks.Clear();")]
    [InlineData("Task<int> a = F(\"a\"), b = F(\"b\"); while (!a.IsCompleted || !b.IsCompleted) await Task.WhenAny(a, b);")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Own.WhenAny(tasks); tasks.Remove(done); } } static class Own { public static Task<Task<int>> WhenAny(List<Task<int>> tasks) => Task.WhenAny(tasks); } async Task Rest() { await Task.Yield();")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks[0], tasks[^1]); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); var delay = Task.Delay(9); while (tasks.Count > 0) { var done = await Task.WhenAny([delay, .. tasks]); if (done is Task<int> one) tasks.Remove(one); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAny(tasks); Use(tasks.Count); if (tasks.TrueForAll(t => t.IsCompleted)) break; }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAll(tasks); tasks.Remove(tasks[0]); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Use(await tasks[0]); tasks.Remove(tasks[0]); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); tasks.Insert(0, F(\"again\")); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); tasks.AddRange(xs.Select(F)); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); tasks = [.. tasks, F(\"again\")]; }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { tasks.Add(F(x)); if (tasks.Count == 4) { var done = await Task.WhenAny(tasks); tasks.Remove(done); } }")]
    [InlineData("var tasks = new List<Task>(); while (xs.Count > 0) { while (tasks.Count >= 4) tasks.Remove(await Task.WhenAny(tasks)); tasks.Add(F(xs[0])); xs.RemoveAt(0); }")]
    [InlineData("var tasks = new List<Task>(); foreach (var page in xs.Chunk(9)) { tasks.AddRange(page.Select(F)); while (tasks.Count > 4) tasks.Remove(await Task.WhenAny(tasks)); }")]
    [InlineData("List<Task<int>> tasks = [F(\"a\"), F(\"b\"), F(\"c\")]; while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = new List<Task<int>>(); tasks.Add(F(\"a\")); tasks.Add(F(\"b\")); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = Enumerable.Range(0, 4).Select(i => F(xs[i])).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = new[] { \"a\", \"b\" }.Select(F).ToList(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToDictionary(t => t.Id); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks.Values); tasks.Remove(done.Id); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); var left = new List<string>(xs); while (left.Count > 0) { Use(await Task.WhenAny(tasks)); left.Remove(left[0]); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Func<Task> next = async () => await Task.WhenAny(tasks); await next(); tasks.Remove(tasks[0]); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); do { await Task.WhenAny(tasks); } while (!tasks.TrueForAll(t => t.IsCompleted)); tasks.Remove(tasks[0]);")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAny(tasks); tasks.RemoveAt(0); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAny(tasks); tasks = tasks.Select(t => F(\"\" + t)).ToList(); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { await Task.WhenAny(tasks.Take(4)); tasks.Remove(tasks[0]); }")]
    [InlineData("var running = new List<Task>(); foreach (var x in xs) { if (running.Count >= 8) { var done = await Task.WhenAny(running.ToArray()); running.RemoveAt(running.IndexOf(done)); } running.Add(F(x)); }")]
    [InlineData("var running = new List<Task>(); foreach (var x in xs) { while (running.Count >= 8) { await Task.WhenAny(running); running = running.Where(t => !t.IsCompleted).ToList(); } running.Add(F(x)); }")]
    public Task Not_flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("async Task M(List<Task<int>> tasks) { while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); Use(await done); } }")]
    [InlineData("async Task M(IList<Task> tasks) { while (tasks.Any()) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); await done; } }")]
    [InlineData("async Task M(ICollection<Task> tasks) { while (0 < tasks.Count) tasks.Remove(await [|Task.WhenAny(tasks)|]); }")]
    [InlineData("async Task M() { while (_tasks.Count > 0) { var done = await [|Task.WhenAny(_tasks)|]; _tasks.Remove(done); } }")]
    [InlineData("async Task M() { while (this._tasks.Count > 0) { var done = await [|Task.WhenAny(_tasks.ToArray())|]; _tasks.Remove(done); } }")]
    [InlineData("async Task M(List<string> xs) { foreach (var x in xs) _tasks.Add(Task.Run(() => Use(x))); while (_tasks.Count > 0) { var done = await [|Task.WhenAny(_tasks)|]; _tasks.Remove(done); } }")]
    [InlineData("async Task M(List<string> xs) { _tasks = new List<Task>(xs.Select(x => Task.Run(() => Use(x)))); do { _tasks.Remove(await [|Task.WhenAny(_tasks)|]); } while (_tasks.Count != 0); }")]
    [InlineData("public C() => _tasks.Add(Task.Run(() => Use(1))); async Task M() { while (_tasks.Count > 0) { var done = await [|Task.WhenAny(_tasks)|]; _tasks.Remove(done); } }")]
    public Task A_parameter_or_a_field(string members) => Verify.VerifyNoCodeFixAsync(InClass(members));

    [Theory]
    [InlineData("async Task M(List<Task> tasks, int most) { while (tasks.Count >= most) { var done = await Task.WhenAny(tasks); tasks.Remove(done); } }")]
    [InlineData("async Task M(List<Task> tasks) { while (tasks.Count > 8) { var done = await Task.WhenAny(tasks); tasks.Remove(done); } }")]
    [InlineData("async Task M(List<Task> tasks) { if (tasks.Count > 0) tasks.Remove(await Task.WhenAny(tasks)); }")]
    [InlineData("async Task M(List<Task> tasks) { while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); tasks.Add(Task.Run(() => Use(done))); } }")]
    [InlineData("async Task M(List<Task> tasks, List<string> xs) { foreach (var x in xs) { tasks.Add(Task.Run(() => Use(x))); while (tasks.Count > 0) tasks.Remove(await Task.WhenAny(tasks)); } }")]
    [InlineData("async Task M(Task[] tasks) { while (tasks.Length > 0) { var done = await Task.WhenAny(tasks); tasks = tasks.Where(t => t != done).ToArray(); } }")]
    [InlineData("async Task M() { while (_tasks.Count > 8) { var done = await Task.WhenAny(_tasks); _tasks.Remove(done); } }")]
    [InlineData("public void Add(Task task) => _tasks.Add(task); async Task M() { while (_tasks.Count > 0) { var done = await Task.WhenAny(_tasks); _tasks.Remove(done); } }")]
    [InlineData("internal List<Task> Shared = new(); async Task M() { while (Shared.Count > 0) { var done = await Task.WhenAny(Shared); Shared.Remove(done); } }")]
    [InlineData("static async Task M(C other) { while (other._tasks.Count > 0) { var done = await Task.WhenAny(other._tasks); other._tasks.Remove(done); } }")]
    public Task A_parameter_or_a_field_that_others_fill(string members) => new Verify.Test { TestCode = InClass(members), TestTopLevelProgram = false }.RunAsync();

    private static string InClass(string members) => $$"""class C { {{members}} private List<Task> _tasks = new(); static void Use(object? x) { } }""";

    [Fact]
    public Task Fix_of_a_removal_by_index() => Verify.VerifyCodeFixAsync(
        InMethod("var tasks = xs.Select(F).ToList();\nwhile (tasks.Count > 0)\n{\n    var done = await [|Task.WhenAny(tasks)|];\n    tasks.RemoveAt(tasks.IndexOf(done));\n    Use(await done);\n}"),
        InMethod("var tasks = xs.Select(F).ToList();\nawait foreach (var done in Task.WhenEach(tasks))\n{\n    Use(await done);\n}"));

    [Theory]
    [InlineData(
        "var tasks = xs.Select(F).ToList();\nwhile (tasks.Count > 0)\n{\n    var done = await [|Task.WhenAny(tasks)|];\n    tasks.Remove(done);\n    Use(await done);\n}",
        "var tasks = xs.Select(F).ToList();\nawait foreach (var done in Task.WhenEach(tasks))\n{\n    Use(await done);\n}")]
    [InlineData(
        "var tasks = xs.Select(F).ToList();\n// as they come\nwhile (tasks.Any())\n{\n    Task<int> done = await [|Task.WhenAny(tasks)|].ConfigureAwait(false);\n    Use(await done); // first\n    tasks.Remove(done);\n}\nUse(xs);",
        "var tasks = xs.Select(F).ToList();\n// as they come\nawait foreach (Task<int> done in Task.WhenEach(tasks).ConfigureAwait(false))\n{\n    Use(await done); // first\n}\nUse(xs);")]
    public Task Fix(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    [Theory]
    [InlineData("Task.WhenAny(tasks)", "Task.WhenEach(tasks).WithCancellation(stop)")]
    [InlineData("Task.WhenAny(tasks)|].ConfigureAwait(false", "Task.WhenEach(tasks).WithCancellation(stop).ConfigureAwait(false)")]
    public Task Fix_passes_the_token(string any, string each) => Verify.VerifyCodeFixAsync(
        InMethod($"var tasks = xs.Select(F).ToList();\nwhile (tasks.Count > 0)\n{{\n    var done = await [|{any}{(any.Contains("|]") ? ")" : "|]")};\n    tasks.Remove(done);\n    Use(await done);\n}}", "List<string> xs, CancellationToken stop"),
        InMethod($"var tasks = xs.Select(F).ToList();\nawait foreach (var done in {each})\n{{\n    Use(await done);\n}}", "List<string> xs, CancellationToken stop"));

    [Fact]
    public async Task After_the_fix_CONC603_has_nothing_to_say()
    {
        var code = InMethod("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); Use(await done); }", "List<string> xs, CancellationToken stop");
        await RuleVerifier<CONC603UnpassedTokenAnalyzer, CONC603UnpassedTokenCodeFix>.VerifyAnalyzerAsync(await new Verify.Test { TestCode = code }.FixAsync());
    }

    [Fact]
    public Task Fix_keeps_comments_and_both_loops() => Verify.VerifyCodeFixAsync(
        InMethod("var a = xs.Select(F).ToList();\nvar b = xs.Select(F).ToList();\nwhile (a.Count > 0)\n{\n    // The next.\n    var done = await [|Task.WhenAny(a)|]; // whichever\n    a.Remove(done);\n    Use(await done);\n}\nwhile (0 < b.Count)\n{\n    var done = await [|Task.WhenAny(b)|];\n    b.Remove(done);\n    Use(await done);\n}"),
        InMethod("var a = xs.Select(F).ToList();\nvar b = xs.Select(F).ToList();\nawait foreach (var done in Task.WhenEach(a))\n{\n    // The next.\n    // whichever\n    Use(await done);\n}\nawait foreach (var done in Task.WhenEach(b))\n{\n    Use(await done);\n}"));

    [Theory]
    [InlineData("C", "tasks")]
    [InlineData("Own", "tasks")]
    public Task Message(string type, string tasks) => Verify.VerifyAnalyzerAsync(
        InMethod($"var {tasks} = xs.Select(F).ToList(); while ({tasks}.Count > 0) {{ var done = await {{|#0:Task.WhenAny({tasks})|}}; {tasks}.Remove(done); }}").Replace("class C", "class " + type),
        Verify.Diagnostic().WithLocation(0).WithArguments(tasks, "'Task.WhenEach'").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => new Verify.Test
    {
        TestCode = "// <auto-generated/>\nclass C { async Task M(List<Task> tasks) { var left = new List<Task>(tasks); while (left.Count > 0) left.Remove(await Task.WhenAny(left)); } }",
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("class C { async Task M(List<Task> tasks) { while (tasks.Count > ) { var done = await Task.WhenAny(tasks; tasks.Remove(done); } } }")]
    [InlineData("class C { async Task M() { var tasks = Missing(); while (tasks.Count > 0) { var done = await Task.WhenAny(tasks); tasks.Remove(done); } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Fact]
    public Task Tests_are_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        namespace Xunit { class FactAttribute : Attribute; }
        class C { [Xunit.Fact] async Task M() { var tasks = Enumerable.Range(0, 99).Select(i => Task.Run(() => i)).ToList(); while (tasks.Count > 0) tasks.Remove(await Task.WhenAny(tasks)); } }
        """);

    [Theory]
    [InlineData("4", "Task.WhenAny(tasks)")]
    [InlineData("2", "[|Task.WhenAny(tasks)|]")]
    public Task The_threshold(string threshold, string any) => new Verify.Test
    {
        TestCode = InMethod($"var tasks = xs.Take(4).Select(F).ToList(); while (tasks.Count > 0) {{ var done = await {any}; tasks.Remove(done); }}"),
        EditorConfig = $"concurrency.unbounded_threshold = {threshold}",
    }.RunAsync();

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
    [InlineData("var tasks = xs.Select(F).ToList(); do { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); } while (tasks.Count > 0);")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Use(1); var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { Task<int> done; done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; if (await done > 3) tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0 && xs.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); var other = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; other.Remove(done); tasks.Remove(tasks[0]); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks.ToArray())|]; tasks.Remove(done); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks.RemoveAt(tasks.IndexOf(tasks[0])); }")]
    [InlineData("var tasks = xs.Select(F).ToList(); while (tasks.Count > 0) { var done = await [|Task.WhenAny(tasks)|]; tasks = tasks.Where(t => t != done).ToList(); }")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));
}
