using ConcurrencyAnalyzers.Rules.Exceptions;
using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC306NestedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC306NestedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC306NestedTaskTests
{
    private const string UnwrapKey = "CONC306.Unwrap";

    [Theory]
    [InlineData("await [|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("await [|Task.Factory.StartNew(async () => await Task.Delay(1))|].ConfigureAwait(false);")]
    [InlineData("_ = await [|Task.Factory.StartNew(async () => { await Task.Delay(1); return 1; })|];")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync)|];")]
    [InlineData("await [|Task.Factory.StartNew(() => RunAsync())|];")]
    [InlineData("await [|Task.Factory.StartNew(async state => await Task.Delay(1), new object())|];")]
    [InlineData("[|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("_ = [|Task.Factory.StartNew(async () => await Task.Delay(1), TaskCreationOptions.LongRunning)|];")]
    [InlineData("_ = [|Task.Factory.StartNew(async () => { try { await Task.Delay(1); } catch { } }, TaskCreationOptions.LongRunning)|];")]
    [InlineData("[|Task.Factory.StartNew(async () => await Task.Delay(1))|].Wait();")]
    [InlineData("[|Task.Factory.StartNew(async () => await Task.Delay(1))|].GetAwaiter().GetResult();")]
    [InlineData("Task task = [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; await task;")]
    [InlineData("var task = [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; await task;")]
    [InlineData("var task = [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; task.Wait(); await task.ConfigureAwait(false);")]
    [InlineData("_task = [|Task.Factory.StartNew(() => RunAsync(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)|];")]
    [InlineData("_tasks.Add([|Task.Factory.StartNew(async () => await Task.Delay(1))|]);")]
    [InlineData("await Task.WhenAll([|Task.Factory.StartNew(RunAsync)|], [|Task.Factory.StartNew(RunAsync)|]);")]
    [InlineData("await Task.WhenAll(RunAsync(), [|Task.Factory.StartNew(RunAsync)|]);")]
    [InlineData("Task.WaitAll([|Task.Factory.StartNew(RunAsync)|], [|Task.Factory.StartNew(RunAsync)|]);")]
    [InlineData("await Task.WhenAll(new[] { 1, 2 }.Select(x => [|Task.Factory.StartNew(async () => await Task.Delay(x))|]));")]
    [InlineData("await Task.WhenAll(new[] { 1, 2 }.Select(x => [|Task.Factory.StartNew(async () => await Task.Delay(x))|]).ToList());")]
    [InlineData("Task.WaitAll(new[] { 1, 2 }.Select(x => [|Task.Factory.StartNew(async () => await Task.Delay(x))|]).ToArray());")]
    [InlineData("Func<Task> start = () => [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; await start();")]
    [InlineData("await [|new TaskFactory().StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("await [|RunAsync().ContinueWith(async _ => await Task.Delay(1))|];")]
    [InlineData("[|RunAsync().ContinueWith(async task => await Task.Delay(1), TaskScheduler.Default)|];")]
    [InlineData("_task = [|RunAsync().ContinueWith(_ => RunAsync(), TaskScheduler.Default)|];")]
    public Task Where_the_inner_task_is_lost(string statement) => InMethod(statement);

    [Theory]
    [InlineData("[|new Task<Task>(async () => await Task.Delay(1))|].Start();")]
    [InlineData("var work = [|new Task<Task>(async () => await Task.Delay(1))|]; work.Start(); await work;")]
    [InlineData("var work = [|new Task<Task<int>>(async () => { await Task.Delay(1); return 1; })|]; work.Start(); work.Wait();")]
    public Task A_task_of_a_task_that_is_made_and_started(string statements) => Verify.VerifyNoCodeFixAsync(Method(statements));

    [Theory]
    [InlineData("var work = new Task<Task>(async () => await Task.Delay(1)); work.Start(); await await work;")]
    [InlineData("var work = new Task<Task>(async () => await Task.Delay(1)); work.Start(); await work.Unwrap();")]
    [InlineData("var work = new Task<Task>(async () => await Task.Delay(1)); Func<Task<Task>> later = () => work; work.Start(); await await later();")]
    [InlineData("var work = new Task<int>(() => 1); work.Start(); await work;")]
    public Task A_made_task_whose_work_is_awaited(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("Task work = [|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("var work = [|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("_ = (Task)[|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    [InlineData("[|Task.Factory.StartNew(async () => await Task.Delay(1))|];")]
    public async Task A_task_that_nothing_reads_is_its_own(string statement)
    {
        var code = "#pragma warning disable CS4014\n" + Method(statement);
        await Verify.VerifyAnalyzerAsync(code);
        code = code.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal);
        await RuleVerifier<CONC301UnobservedTaskAnalyzer, CONC301UnobservedTaskCodeFix>.VerifyAnalyzerAsync(code);
        await RuleVerifier<CONC302DiscardedTaskAnalyzer, CONC302DiscardedTaskCodeFix>.VerifyAnalyzerAsync(code);
    }

    [Theory]
    [InlineData("await Task.Factory.StartNew(() => 1);")]
    [InlineData("await Task.Factory.StartNew(() => { });")]
    [InlineData("await Task.Run(async () => await Task.Delay(1));")]
    [InlineData("await Task.Factory.StartNew(async () => await Task.Delay(1)).Unwrap();")]
    [InlineData("await await Task.Factory.StartNew(async () => await Task.Delay(1));")]
    [InlineData("await (await Task.Factory.StartNew(async () => await Task.Delay(1)).ConfigureAwait(false)).ConfigureAwait(false);")]
    [InlineData("await Task.Factory.StartNew(async () => await Task.Delay(1)).Result;")]
    [InlineData("Task.Factory.StartNew(async () => await Task.Delay(1)).Result.Wait();")]
    [InlineData("Task.Factory.StartNew(async () => await Task.Delay(1)).Unwrap().Wait();")]
    [InlineData("Task.Factory.StartNew(async () => await Task.Delay(1)).GetAwaiter().GetResult().GetAwaiter().GetResult();")]
    [InlineData("var task = Task.Factory.StartNew(async () => await Task.Delay(1)); await task.Unwrap();")]
    [InlineData("var task = Task.Factory.StartNew(async () => await Task.Delay(1)); task.Wait(); await await task;")]
    [InlineData("var inner = await Task.Factory.StartNew(async () => await Task.Delay(1)); await inner;")]
    [InlineData("var number = await await Task.Factory.StartNew(async () => { await Task.Delay(1); return 1; });")]
    [InlineData("var tasks = new List<Task<Task>>(); tasks.Add(Task.Factory.StartNew(async () => await Task.Delay(1))); await Task.WhenAll(await Task.WhenAll(tasks));")]
    [InlineData("await Task.WhenAll(await Task.WhenAll(Task.Factory.StartNew(RunAsync), Task.Factory.StartNew(RunAsync)));")]
    [InlineData("await Task.WhenAll(new[] { 1 }.Select(x => Task.Factory.StartNew(async () => await Task.Delay(x)).Unwrap()));")]
    [InlineData("Task<Task> Start() => Task.Factory.StartNew(async () => await Task.Delay(1)); await await Start();")]
    [InlineData("await RunAsync().ContinueWith(_ => RunAsync(), TaskScheduler.Default).Unwrap();")]
    [InlineData("await RunAsync().ContinueWith(_ => 1);")]
    [InlineData("RunAsync().ContinueWith(_ => { });")]
    [InlineData("await Task.Delay(1, token).ContinueWith(t => t, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);")]
    [InlineData("RunAsync().ContinueWith(async _ => { try { await Task.Delay(1); } catch (Exception) { Console.WriteLine(); } }, TaskContinuationOptions.RunContinuationsAsynchronously);")]
    // It handles its exceptions itself, and nobody waits for it.
    [InlineData("_ = Task.Factory.StartNew(async () => { try { await Task.Delay(1); } catch (Exception) { } });")]
    [InlineData("Task.Factory.StartNew(async () => { try { await Task.Delay(1); } catch { } }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);")]
    public Task Not_flagged(string statement) => InMethod(statement);

    [Fact]
    public Task What_a_method_returns() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            Task Plain() => [|Task.Factory.StartNew(async () => await Task.Delay(1))|];
            Task Block() { return [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; }
            Task<Task> Nested() => Task.Factory.StartNew(async () => await Task.Delay(1));
            object Boxed() => Task.Factory.StartNew(async () => await Task.Delay(1));
        }
        """);

    [Fact]
    public Task Others_of_the_name() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            async Task M(Pool pool) { await pool.StartNew(async () => await Task.Delay(1)); }
        }

        class Pool { public Task<Task> StartNew(Func<Task> work) => Task.FromResult(work()); }
        """);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { async Task M() { await {|#0:Task.Factory.StartNew(async () => await Task.Delay(1))|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("StartNew").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync(
        "// <auto-generated/>\nclass C { void M() { Task.Factory.StartNew(async () => await Task.Delay(1)); } }");

    [Theory]
    [InlineData("class C { async Task M() { await [|Task.Factory.StartNew(async () => )|]; } }")]
    [InlineData("class C { async Task M() { await Task.Factory.StartNew(; Task.Factory.StartNew() } }")]
    [InlineData("class C { void M() { missing.ContinueWith(async _ => await Missing()); } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("await [|Task.Factory.StartNew(async () => await Task.Delay(1))|]; // why", "await Task.Run(async () => await Task.Delay(1)); // why")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync)|].ConfigureAwait(false);", "await Task.Run(RunAsync).ConfigureAwait(false);")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, token)|];", "await Task.Run(RunAsync, token);")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)|];", "await Task.Run(RunAsync);")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, token, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)|];", "await Task.Run(RunAsync, token);")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, creationOptions: TaskCreationOptions.LongRunning)|];", "await Task.Run(RunAsync);")]
    [InlineData("_task = [|Task.Factory.StartNew(async () =>\n        {\n            await Task.Delay(1); // one\n        })|];", "_task = Task.Run(async () =>\n        {\n            await Task.Delay(1); // one\n        });")]
    [InlineData("[|Task.Factory.StartNew(async () => await Task.Delay(1))|].Wait();", "Task.Run(async () => await Task.Delay(1)).Wait();")]
    [InlineData("var task = [|Task.Factory.StartNew(RunAsync)|];\n        await task;", "var task = Task.Run(RunAsync);\n        await task;")]
    [InlineData("await Task.WhenAll([|Task.Factory.StartNew(RunAsync)|], [|Task.Factory.StartNew(RunAsync)|]);", "await Task.WhenAll(Task.Run(RunAsync), Task.Run(RunAsync));")]
    [InlineData("await Task.WhenAll(new[] { 1 }.Select(x => [|Task.Factory.StartNew(async () => await Task.Delay(x))|]));", "await Task.WhenAll(new[] { 1 }.Select(x => Task.Run(async () => await Task.Delay(x))));")]
    [InlineData("_ = [|Task.Factory.StartNew(RunAsync, TaskCreationOptions.LongRunning)|];", "_ = Task.Run(RunAsync);")]
    [InlineData("await [|Task.Factory.StartNew(async () => { await [|Task.Factory.StartNew(RunAsync)|]; })|];", "await Task.Run(async () => { await Task.Run(RunAsync); });")]
    // Where Task.Run doesn't mean the same.
    [InlineData("await [|Task.Factory.StartNew(async state => await Task.Delay(1), new object())|];", "await Task.Factory.StartNew(async state => await Task.Delay(1), new object()).Unwrap();")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, token, TaskCreationOptions.None, TaskScheduler.Current)|];", "await Task.Factory.StartNew(RunAsync, token, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();")]
    [InlineData("await [|Task.Factory.StartNew(RunAsync, TaskCreationOptions.AttachedToParent)|];", "await Task.Factory.StartNew(RunAsync, TaskCreationOptions.AttachedToParent).Unwrap();")]
    [InlineData("await [|new TaskFactory().StartNew(RunAsync)|];", "await new TaskFactory().StartNew(RunAsync).Unwrap();")]
    [InlineData("_task = [|RunAsync().ContinueWith(async _ => await Task.Delay(1), TaskScheduler.Default)|];", "_task = RunAsync().ContinueWith(async _ => await Task.Delay(1), TaskScheduler.Default).Unwrap();")]
    public Task Fixes(string statement, string mended) => Verify.VerifyCodeFixAsync(Method(statement), Method(mended));

    [Fact]
    public Task Unwraps_where_asked() => new Verify.Test
    {
        TestCode = Method("await [|Task.Factory.StartNew(RunAsync)|];"),
        FixedCode = Method("await Task.Factory.StartNew(RunAsync).Unwrap();"),
        CodeActionEquivalenceKey = UnwrapKey,
    }.RunAsync();

    [Fact]
    public Task A_dropped_continuation_is_observed() => Verify.VerifyCodeFixAsync(
        Method("[|RunAsync().ContinueWith(async _ => await Task.Delay(1))|];"),
        "using ConcurrencyAnalyzers.Runtime;\n\n" + Method("RunAsync().ContinueWith(async _ => await Task.Delay(1)).Unwrap().Observe();"));

    [Fact]
    public Task A_dropped_continuation_without_the_runtime_has_no_fix() => new Verify.Test
    {
        TestCode = Method("[|RunAsync().ContinueWith(async _ => await Task.Delay(1))|];"),
        FixedCode = Method("[|RunAsync().ContinueWith(async _ => await Task.Delay(1))|];"),
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task A_local_of_the_nested_type_has_no_fix() => Verify.VerifyNoCodeFixAsync(
        Method("Task<Task> task = [|Task.Factory.StartNew(RunAsync)|];\n        await task;"));

    [Fact]
    public Task A_value_task_has_no_fix() => Verify.VerifyNoCodeFixAsync(
        Method("await [|Task.Factory.StartNew(() => new ValueTask(RunAsync()))|];"));

    [Fact]
    public Task On_netstandard_without_usings() => new Verify.Test
    {
        TestCode = "class C { async System.Threading.Tasks.Task M() { await [|System.Threading.Tasks.Task.Factory.StartNew(async () => await M())|]; } }",
        FixedCode = "class C { async System.Threading.Tasks.Task M() { await System.Threading.Tasks.Task.Run(async () => await M()); } }",
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        LanguageVersion = Microsoft.CodeAnalysis.CSharp.LanguageVersion.CSharp7_3,
        ImplicitUsings = false,
        TestNullableDisabled = false,
    }.RunAsync();

    private static Task InMethod(string statement) => Verify.VerifyAnalyzerAsync(Method(statement));

    private static string Method(string statement) =>
        $$"""
        class C
        {
            async Task M(CancellationToken token)
            {
                {{statement}}
            }

            async Task RunAsync() => await Task.Delay(1);
            readonly List<Task> _tasks = [];
            Task _task = Task.CompletedTask;
        }
        """;
}
