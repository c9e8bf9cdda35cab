using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC707UndisposedExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC707UndisposedExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC707UndisposedExecutorTests
{
    private const string Usings = "using ConcurrencyAnalyzers.Runtime;\n";

    private const string Members =
        """
            private TaskGroup? _group;
            private static void Take(TaskGroup group) { }
            private static void Fill(TaskGroup group) => group.Run(WorkAsync);
            private static Task WorkAsync(CancellationToken ct) => Task.CompletedTask;
        """;

    [Theory]
    [InlineData("new TaskGroup()", "TaskGroup", "nobody waits for its children, and what they throw is lost")]
    [InlineData("new AsyncExecutor(4)", "AsyncExecutor", "nobody waits for the work that it still has")]
    [InlineData("new ThreadExecutor(4)", "ThreadExecutor", "its threads stay")]
    [InlineData("new ProcessExecutor(4)", "ProcessExecutor", "its processes stay")]
    public Task Messages(string creation, string name, string consequence) => Verify.VerifyAnalyzerAsync(
        Usings + "class Program { static void Main() { var x = {|#0:" + creation + "|}; Console.WriteLine(x.ToString()); } }",
        Verify.Diagnostic().WithLocation(0).WithArguments(name, consequence));

    [Theory]
    [InlineData("var group = [|new TaskGroup()|]; group.Run(WorkAsync);")]
    [InlineData("TaskGroup group = [|new(4)|]; group.Run(WorkAsync); group.Run(WorkAsync);")]
    [InlineData("var group = [|new TaskGroup(ct)|]; await group.Start(WorkAsync);")]
    [InlineData("[|new TaskGroup()|].Run(WorkAsync);")]
    [InlineData("TaskGroup group; group = [|new TaskGroup()|]; group.Run(WorkAsync); group.Cancel();")]
    [InlineData("var group = [|new TaskGroup()|]; Fill(group);")]
    [InlineData("Func<Task> f = async () => { var group = [|new TaskGroup()|]; group.Run(WorkAsync); await Task.Yield(); }; await f();")]
    public Task Groups(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("await using var group = new TaskGroup(); group.Run(WorkAsync);")]
    [InlineData("await using (var group = new TaskGroup()) group.Run(WorkAsync);")]
    [InlineData("var group = new TaskGroup(); await using (group) group.Run(WorkAsync);")]
    [InlineData("var group = new TaskGroup(); await using (group.ConfigureAwait(false)) group.Run(WorkAsync);")]
    [InlineData("var group = new TaskGroup(); try { group.Run(WorkAsync); } finally { await group.DisposeAsync(); }")]
    [InlineData("_group = new TaskGroup(); _group.Run(WorkAsync);")]
    [InlineData("var group = new TaskGroup(); Take(group); _group = group;")]
    [InlineData("await TaskGroup.RunAsync((group, ct) => { group.Run(WorkAsync); return Task.CompletedTask; });")]
    [InlineData("var groups = new List<TaskGroup>(); groups.Add(new TaskGroup()); foreach (var group in groups) await group.DisposeAsync(); _group = groups[0];")]
    [InlineData("Take(new TaskGroup());")]
    [InlineData("new Mine.TaskGroup().Run();")]
    public Task Disposed_or_kept(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("await using var executor = new ThreadExecutor(4); await executor.RunAsync(() => 1);")]
    [InlineData("var executor = new ThreadExecutor(4); await executor.RunAsync(() => 1); await executor.ShutdownAsync();")]
    [InlineData("var executor = new ThreadExecutor(4); await executor.RunAsync(() => 1); executor.RequestShutdown();")]
    [InlineData("var executor = new ProcessExecutor(4); await executor.TerminateAsync();")]
    public Task Executors_that_are_shut_down(string statements) => Verify.VerifyAnalyzerAsync(Usings + "class Program { static async Task Main() { " + statements + " } }");

    [Theory]
    [InlineData("async Task M() { var executor = new ThreadExecutor(4); await executor.RunAsync(() => 1); }")]
    [InlineData("private readonly ThreadExecutor _executor = new(4);")]
    [InlineData("private static readonly AsyncExecutor Shared = new(4);")]
    [InlineData("static ThreadExecutor Make() => new(4);")]
    [InlineData("static TaskGroup Make() => new(4);")]
    public Task What_each_call_makes_anew_is_another_rules_and_fields_are_their_owners(string member) => new Verify.Test
    {
        TestCode = Usings + "class C { " + member + " }",
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", Usings + "class C { void M() { new TaskGroup().Cancel(); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { var x = new TaskGroup( } }")]
    [InlineData("class C { void M() { var x = new ThreadExecutor(missing); x. } }")]
    public async Task Incomplete_code(string code) => _ = await new Verify.Test { TestCode = Usings + code, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    [Fact]
    public Task Without_the_runtime() => new Verify.Test
    {
        TestCode = "class C { void M() { new TaskGroup().Run(); } class TaskGroup { public void Run() { } } }",
        WithRuntime = false,
    }.RunAsync();

    [Theory]
    [InlineData("var group = [|new TaskGroup()|]; group.Run(WorkAsync);", "await using var group = new TaskGroup(); group.Run(WorkAsync);")]
    [InlineData("TaskGroup group = [|new(4)|]; group.Run(WorkAsync);", "await using TaskGroup group = new(4); group.Run(WorkAsync);")]
    [InlineData("if (ct.CanBeCanceled) { var group = [|new TaskGroup(ct)|]; group.Run(WorkAsync); }", "if (ct.CanBeCanceled) { await using var group = new TaskGroup(ct); group.Run(WorkAsync); }")]
    public Task The_fix_awaits_its_disposal(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    [Fact]
    public Task The_fix_keeps_comments_and_lines() => Verify.VerifyCodeFixAsync(
        Usings +
        """

        class C
        {
            async Task M(Func<CancellationToken, Task> work)
            {
                // Both at once.
                var group = [|new TaskGroup()|]; // two
                group.Run(work);
                group.Run(work);
                await Task.Yield();
            }
        }
        """,
        Usings +
        """

        class C
        {
            async Task M(Func<CancellationToken, Task> work)
            {
                // Both at once.
                await using var group = new TaskGroup(); // two
                group.Run(work);
                group.Run(work);
                await Task.Yield();
            }
        }
        """);

    [Theory]
    [InlineData("[|new TaskGroup()|].Run(WorkAsync);")]
    [InlineData("TaskGroup group; group = [|new TaskGroup()|]; group.Run(WorkAsync);")]
    [InlineData("switch (ct.CanBeCanceled) { case true: var group = [|new TaskGroup()|]; group.Run(WorkAsync); break; }")]
    [InlineData("lock (Gate) { var group = [|new TaskGroup()|]; group.Run(WorkAsync); }")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));

    [Fact]
    public Task No_fix_in_a_synchronous_method() => Verify.VerifyNoCodeFixAsync(
        Usings + "class C { void M(Func<CancellationToken, Task> work) { var group = [|new TaskGroup()|]; group.Run(work); } }");

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    private static string InMethod(string statements) =>
        Usings + "class C { async Task M(CancellationToken ct) { " + statements + " await Task.Yield(); } static readonly object Gate = new(); " + Members + " } namespace Mine { class TaskGroup { public void Run() { } } }";
}
