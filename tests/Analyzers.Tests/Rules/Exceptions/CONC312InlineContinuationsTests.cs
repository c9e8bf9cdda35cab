using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC312InlineContinuationsAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC312InlineContinuationsCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC312InlineContinuationsTests
{
    private const string Option = "TaskCreationOptions.RunContinuationsAsynchronously";

    [Theory]
    [InlineData("_source = [|new TaskCompletionSource<int>()|];", "_source = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_source = [|new()|];", "_source = new(TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource { }|];", "_plain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) { };")]
    [InlineData("_plain = [|new TaskCompletionSource(this)|];", "_plain = new TaskCompletionSource(this, TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource(state: this)|];", "_plain = new TaskCompletionSource(state: this, creationOptions: TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource(TaskCreationOptions.None)|];", "_plain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource(TaskContinuationOptions.RunContinuationsAsynchronously)|];", "_plain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource(state: TaskContinuationOptions.None)|];", "_plain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);")]
    [InlineData("_plain = [|new TaskCompletionSource(this, TaskCreationOptions.AttachedToParent)|]; // why", "_plain = new TaskCompletionSource(this, TaskCreationOptions.AttachedToParent | TaskCreationOptions.RunContinuationsAsynchronously); // why")]
    [InlineData("var s = [|new TaskCompletionSource()|]; Task.Run(() => s.SetResult()); return s.Task;", "var s = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); Task.Run(() => s.SetResult()); return s.Task;")]
    [InlineData("var s = [|new TaskCompletionSource()|]; Changed += s.SetResult; return s.Task;", "var s = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); Changed += s.SetResult; return s.Task;")]
    [InlineData("var s = [|new TaskCompletionSource()|]; var task = s.Task; s.SetResult(); return task;", "var s = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); var task = s.Task; s.SetResult(); return task;")]
    [InlineData("_plain = [|new()|]; _source?.SetResult(1);", "_plain = new(TaskCreationOptions.RunContinuationsAsynchronously); _source?.SetResult(1);")]
    [InlineData("if (_plain is null) { Use(1); _plain = [|new()|]; } else { Use(2); } _plain.SetResult();", "if (_plain is null) { Use(1); _plain = new(TaskCreationOptions.RunContinuationsAsynchronously); } else { Use(2); } _plain.SetResult();")]
    [InlineData("var s = [|new TaskCompletionSource<string>()|]; Use(s); return s.Task;", "var s = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously); Use(s); return s.Task;")]
    public Task Adds_the_option(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData($"_plain = new TaskCompletionSource({Option});")]
    [InlineData($"_plain = new TaskCompletionSource(this, {Option} | TaskCreationOptions.AttachedToParent);")]
    [InlineData($"const TaskCreationOptions All = {Option}; _plain = new(All);")]
    [InlineData("_plain = new TaskCompletionSource(_options);")]
    [InlineData("_plain = new TaskCompletionSource(this, _options);")]
    [InlineData("var s = new TaskCompletionSource(); s.SetResult(); return s.Task;")]
    [InlineData("var s = new TaskCompletionSource<int>(); s.SetException(new InvalidOperationException()); return s.Task;")]
    [InlineData("var s = new TaskCompletionSource<int>(); if (_plain is null) s.TrySetCanceled(); else s.TrySetResult(1); return s.Task;")]
    [InlineData("TaskCompletionSource s = new(); s.SetCanceled(); var t = s.Task; return t;")]
    [InlineData("var never = new TaskCompletionSource(); return never.Task;")]
    [InlineData("var never = _plain is null ? new TaskCompletionSource<int>().Task : Task.Delay(1); return never;")]
    [InlineData("_plain = new TaskCompletionSource(); _plain.SetResult();")]
    [InlineData("if (_plain is null) _plain = new TaskCompletionSource(); _plain.TrySetCanceled();")]
    [InlineData("if (_plain is null) { _plain = new(); } _plain.SetResult(); _source = null;")]
    [InlineData("_ = new Other.TaskCompletionSource();")]
    [InlineData("_ = new List<int>();")]
    public Task Not_flagged(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Fact]
    public Task In_fields_and_several_at_once() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            readonly TaskCompletionSource _started = [|new()|];
            readonly TaskCompletionSource<string> _name = [|new TaskCompletionSource<string>()|];
            TaskCompletionSource Stopped { get; } = [|new TaskCompletionSource()|];
        }
        """,
        """
        class C
        {
            readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
            readonly TaskCompletionSource<string> _name = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource Stopped { get; } = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        """);

    [Theory]
    [InlineData("", "new TaskCompletionSource()")]
    [InlineData("concurrency.analyze_tests = true", "[|new TaskCompletionSource()|]")]
    public Task In_tests(string config, string creation) => new Verify.Test
    {
        TestCode =
            $$"""
            class Tests
            {
                [Xunit.Fact] public void A_test() { var source = {{creation}}; Task.Run(() => source.SetResult()); source.Task.Wait(); }
            }

            namespace Xunit { class FactAttribute : Attribute; }
            """,
        EditorConfig = config,
    }.RunAsync();

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { object o = {|#0:new TaskCompletionSource()|}; }",
        Verify.Diagnostic().WithLocation(0).WithArguments("TaskCompletionSource").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { object o = new TaskCompletionSource(); }");

    [Theory]
    [InlineData("class C { object o = new TaskCompletionSource<>(1, 2, ); }")]
    [InlineData("class C { object o = new TaskCompletionSource<int>(missing")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Fact]
    public Task On_netstandard() => new Verify.Test
    {
        TestCode = "class C\n{\n    object o = [|new System.Threading.Tasks.TaskCompletionSource<int>()|];\n}\n",
        FixedCode = "using System.Threading.Tasks;\n\nclass C\n{\n    object o = new System.Threading.Tasks.TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);\n}\n",
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        ImplicitUsings = false,
    }.RunAsync();

    private static string Method(string statements) =>
        $$"""
        class C
        {
            Task M()
            {
                {{statements}}
        #pragma warning disable CS0162
                return Task.CompletedTask;
            }

            TaskCompletionSource<int>? _source;
            TaskCompletionSource? _plain;
            readonly TaskCreationOptions _options = default;
            event Action? Changed;
            void Use(object o) { Changed?.Invoke(); }
        }

        namespace Other { class TaskCompletionSource; }
        """;
}
