using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC302DiscardedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC302DiscardedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC302DiscardedTaskTests
{
    private const string AwaitKey = "CONC302.Await";

    private const string Members =
        """
        Task RunAsync() => Task.Delay(1);
            async Task SourceAsync() => await Task.Delay(1);
            Task<int> GetAsync() => Task.Run(() => 1);
            ValueTask SendAsync() => new(Task.Delay(1));
            ValueTask<int> ReadAsync() => new(GetAsync());
            Task Completion => Task.Delay(1);
            readonly Func<Task> _callback = () => Task.Delay(1);
            Task? _task;
        """;

    [Theory]
    [InlineData("_ = [|c.RunAsync()|];")]
    [InlineData("(_, var x) = ([|c.RunAsync()|], 1);")]
    [InlineData("int x; (x, _) = (1, [|c.GetAsync()|]);")]
    [InlineData("_ = [|c.SourceAsync()|];")]
    [InlineData("_ = [|c.GetAsync()|];")]
    [InlineData("_ = [|c.SendAsync()|];")]
    [InlineData("_ = [|c.ReadAsync()|];")]
    [InlineData("_ = [|c._callback()|];")]
    [InlineData("_ = [|maybe?.RunAsync()|];")]
    [InlineData("_ = [|maybe?.ReadAsync()|];")]
    [InlineData("_ = [|c.RunAsync().ConfigureAwait(false)|];")]
    [InlineData("_ = [|c.SendAsync().AsTask()|];")]
    [InlineData("_ = ([|c.RunAsync()|]);")]
    [InlineData("_ = [|maybe == null ? c.RunAsync() : Task.CompletedTask|];")]
    [InlineData("_ = [|maybe?.RunAsync() ?? c.RunAsync()|];")]
    [InlineData("_ = [|maybe switch { null => Task.CompletedTask, _ => c.RunAsync() }|];")]
    [InlineData("_ = [|Task.Run(() => c.GetHashCode())|];")]
    [InlineData("_ = [|Task.Run(async () => { await c.RunAsync(); try { } catch { } })|];")]
    [InlineData("_ = [|Task.WhenAll(c.RunAsync(), c.GetAsync())|];")]
    [InlineData("var _ = [|c.RunAsync()|];")]
    [InlineData("Task _ = [|c.RunAsync()|];")]
    [InlineData("var __ = [|c.GetAsync()|];")]
    [InlineData("var task = c.RunAsync(); _ = [|task|];")]
    [InlineData("Action action = () => _ = [|c.RunAsync()|]; action();")]
    [InlineData("Action action = async () => { await c.RunAsync(); _ = [|c.RunAsync()|]; }; action();")]
    [InlineData("new List<C>().ForEach(one => _ = [|one.RunAsync()|]);")]
    [InlineData("foreach (var one in new List<C>()) _ = [|one.RunAsync()|];")]
    [InlineData("for (var i = 0; i < 4; i++) _ = [|Task.Run(() => c.GetHashCode())|];")]
    [InlineData("foreach (var one in new List<C>()) _ = [|Task.Run(() => one.GetHashCode())|];")]
    [InlineData("while (true) { await c.RunAsync(); _ = [|Task.Run(() => c.GetHashCode())|]; }")]
    [InlineData("try { _ = [|c.RunAsync()|]; } catch { }")]
    public Task A_discarded_task(string statement) => InMethod(statement);

    [Theory]
    [InlineData("_ = await c.GetAsync();")]
    [InlineData("var _ = await c.GetAsync();")]
    [InlineData("_ = c.ToString();")]
    [InlineData("maybe?.RunAsync();")]
    [InlineData("_task = c.RunAsync();")]
    [InlineData("var _ = c.RunAsync(); await _;")]
    [InlineData("var task = c.RunAsync(); _ = task; await task;")]
    [InlineData("Func<Task> action = () => _ = c.RunAsync(); await action();")]
    // Someone else holds these tasks.
    [InlineData("_ = c.Completion;")]
    [InlineData("_ = c._task;")]
    [InlineData("_ = Interlocked.Exchange(ref _task, null);")]
    [InlineData("_ = new System.Collections.Concurrent.ConcurrentDictionary<int, Task>().GetOrAdd(1, _ => c.RunAsync());")]
    [InlineData("void Forget(Task task) { _ = task; } Forget(c.RunAsync());")]
    [InlineData("_ = (object)1; using var _1 = c.RunAsync();")]
    // Complete from the start.
    [InlineData("_ = Task.CompletedTask;")]
    [InlineData("_ = Task.FromResult(1);")]
    [InlineData("_ = default(ValueTask);")]
    [InlineData("_ = new Task(() => { });")]
    // Faults are handled, or are another rule's business.
    [InlineData("_ = c.RunAsync().ContinueWith(task => Console.WriteLine(task.Exception), TaskContinuationOptions.OnlyOnFaulted);")]
    [InlineData("_ = c.RunAsync().ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);")]
    [InlineData("_ = Task.Run(async () => { try { await c.RunAsync(); } catch (Exception) { } });")]
    [InlineData("_ = LoopAsync(); async Task LoopAsync() { while (true) { try { await c.RunAsync(); } catch (Exception e) { Console.WriteLine(e); } } }")]
    [InlineData("_ = new CancellationTokenSource().CancelAsync();")]
    [InlineData("(_, var x) = (1, Task.Delay(1)); await x;")]
    [InlineData("(_, var x) = (Task.CompletedTask, 1);")]
    [InlineData("var pair = (Task.Delay(1), 1); (_, var x) = pair; await pair.Item1;")]
    public Task Not_flagged(string statement) => InMethod(statement);

    [Fact]
    public Task Safe_to_forget() => new Verify.Test
    {
        TestCode =
            """
            class C
            {
                void M(Task task)
                {
                    _ = FireAndForget();
                    _ = SendAndForgetAsync();
                    _ = Annotated();
                    _ = RefreshAsync();
                    _ = task.Forget();
                    _ = task.ObserveFaults();
                    _ = [|OtherAsync()|];
                    _ = [|ForgetUserAsync()|];
                }

                Task FireAndForget() => Task.Delay(1);
                Task SendAndForgetAsync() => Task.Delay(1);
                [SafeToForget] Task Annotated() => Task.Delay(1);
                Task RefreshAsync() => Task.Delay(1);
                Task OtherAsync() => Task.Delay(1);
                Task ForgetUserAsync() => Task.Delay(1);
            }

            [AttributeUsage(AttributeTargets.Method)] class SafeToForgetAttribute : Attribute;

            static class Extensions
            {
                public static Task Forget(this Task task) => task;
                public static Task ObserveFaults(this Task task) => task;
            }
            """,
        EditorConfig = "concurrency.safe_to_forget_methods = C.RefreshAsync",
    }.RunAsync();

    [Fact]
    public Task Mocks_and_expression_trees() => Verify.VerifyAnalyzerAsync(
        """
        using NSubstitute;

        class Tests
        {
            void M(IService service)
            {
                _ = service.Received().RunAsync();
                service.When(x => _ = x.RunAsync());
            }
        }

        public interface IService { Task RunAsync(); }

        namespace NSubstitute
        {
            static class Substitute
            {
                public static T Received<T>(this T service) => service;
                public static void When<T>(this T service, Action<T> call) { }
            }
        }
        """);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { void M() { _ = {|#0:Task.Delay(1)|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Delay").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { void M() { _ = Task.Delay(1); } }");

    [Fact]
    public Task A_variable_named_like_a_discard() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            Task? _;
            void M() { _ = Task.Delay(1); }
            void N(Task _) { _ = Task.Delay(1); }
        }
        """);

    [Theory]
    [InlineData("class C { void M() { _ = Task.; } }")]
    [InlineData("class C { void M() { _ = Missing(); var _ = Missing?.A(); _ = } }")]
    [InlineData("class C { void M() { _ = [|Task.Delay(1)|] } }")]
    [InlineData("_ = [|System.Threading.Tasks.Task.Delay(1)|]; _ = ")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("_ = [|c.RunAsync()|];", "c.RunAsync().Observe();")]
    [InlineData("_ = [|c.ReadAsync()|]; // why", "c.ReadAsync().Observe(); // why")]
    [InlineData("_ = [|maybe?.SendAsync()|];", "maybe?.SendAsync().Observe();")]
    [InlineData("_ = [|c.RunAsync().ConfigureAwait(false)|];", "c.RunAsync().Observe();")]
    [InlineData("_ = ([|c.RunAsync()|]);", "c.RunAsync().Observe();")]
    [InlineData("_ = [|c.RunAsync()|]!;", "c.RunAsync().Observe();")]
    [InlineData("_ = [|maybe == null ? c.RunAsync() : Task.CompletedTask|];", "(maybe == null ? c.RunAsync() : Task.CompletedTask).Observe();")]
    [InlineData("var _ = [|c.GetAsync()|];", "c.GetAsync().Observe();")]
    [InlineData("Task _ = [|c.GetAsync()|], __ = c.RunAsync();\n        await __;", "Task _ = c.GetAsync(), __ = c.RunAsync();\n        _.Observe();\n        await __;")]
    [InlineData("var task = c.RunAsync();\n        _ = [|task|];", "var task = c.RunAsync();\n        task.Observe();")]
    [InlineData("Action action = () => _ = [|c.RunAsync()|];\n        action();", "Action action = () => c.RunAsync().Observe();\n        action();")]
    [InlineData("if (maybe != null) _ = [|c.RunAsync()|];", "if (maybe != null) c.RunAsync().Observe();")]
    [InlineData("_ = [|Task.Run(() => { _ = [|c.RunAsync()|]; })|];", "Task.Run(() => { c.RunAsync().Observe(); }).Observe();")]
    public Task Observes(string statement, string mended) =>
        Verify.VerifyCodeFixAsync(Method(statement), "using ConcurrencyAnalyzers.Runtime;\n\n" + Method(mended));

    [Theory]
    [InlineData("_ = [|c.RunAsync()|];", "await c.RunAsync();")]
    [InlineData("_ = [|maybe?.SendAsync()|];", "await (maybe?.SendAsync() ?? default);")]
    [InlineData("_ = [|c.RunAsync().ConfigureAwait(false)|];", "await c.RunAsync().ConfigureAwait(false);")]
    [InlineData("var _ = [|c.GetAsync()|];", "await c.GetAsync();")]
    [InlineData("var task = c.RunAsync();\n        _ = [|task|];", "var task = c.RunAsync();\n        await task;")]
    public Task Awaits_where_asked(string statement, string mended) => new Verify.Test
    {
        TestCode = Method(statement),
        FixedCode = Method(mended),
        CodeActionEquivalenceKey = AwaitKey,
    }.RunAsync();

    [Fact]
    public Task What_may_be_no_task_has_no_fix() => Verify.VerifyNoCodeFixAsync(
        Method("_ = [|maybe == null ? null : c.RunAsync()|];"));

    [Fact]
    public Task Synchronous_code_without_the_runtime_has_no_fix() => new Verify.Test
    {
        TestCode = "class C { void M() { _ = [|Task.Delay(1)|]; } }",
        FixedCode = "class C { void M() { _ = [|Task.Delay(1)|]; } }",
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task On_netstandard_in_old_code() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading.Tasks;

            class C
            {
                async Task M()
                {
                    var _ = [|Task.Delay(1)|];
                    await Task.Yield();
                }
            }
            """,
        FixedCode =
            """
            using System.Threading.Tasks;

            class C
            {
                async Task M()
                {
                    await Task.Delay(1);
                    await Task.Yield();
                }
            }
            """,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        LanguageVersion = LanguageVersion.CSharp7_3,
    }.RunAsync();

    [Fact]
    public Task Top_level_statements() => Verify.VerifyCodeFixAsync(
        """
        // start
        _ = [|Task.Delay(1)|];
        Console.WriteLine();
        """,
        """
        // start
        using ConcurrencyAnalyzers.Runtime;

        Task.Delay(1).Observe();
        Console.WriteLine();
        """);

    private static Task InMethod(string statement) => Verify.VerifyAnalyzerAsync("#nullable disable warnings\n" + Method(statement));

    private static string Method(string statement) =>
        $$"""
        class C
        {
            async Task M(C c, C? maybe)
            {
                {{statement}}
            }

            {{Members}}
        }
        """;
}
