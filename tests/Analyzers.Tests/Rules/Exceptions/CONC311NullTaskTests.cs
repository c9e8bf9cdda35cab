using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC311NullTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC311NullTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC311NullTaskTests
{
    [Theory]
    [InlineData("Task N() { return [|null|]; }", "Task N() { return Task.CompletedTask; }")]
    [InlineData("Task N() => [|null|];", "Task N() => Task.CompletedTask;")]
    [InlineData("Task N() => [|default|];", "Task N() => Task.CompletedTask;")]
    [InlineData("Task N() => [|default(Task)|]; // why", "Task N() => Task.CompletedTask; // why")]
    [InlineData("Task<int> N() => [|null|];", "Task<int> N() => Task.FromResult<int>(default);")]
    [InlineData("Task<int?> N() => [|null|];", "Task<int?> N() => Task.FromResult<int?>(default);")]
    [InlineData("Task N(bool b) => b ? [|null|] : RunAsync();", "Task N(bool b) => b ? Task.CompletedTask : RunAsync();")]
    [InlineData("Task N(int x) => x switch { 1 => RunAsync(), 2 => throw new NotSupportedException(), _ => [|null|] };", "Task N(int x) => x switch { 1 => RunAsync(), 2 => throw new NotSupportedException(), _ => Task.CompletedTask };")]
    [InlineData("Task N() => [|_maybe?.RunAsync()|];", "Task N() => _maybe?.RunAsync() ?? Task.CompletedTask;")]
    [InlineData("Task<int> N() { return [|_maybe?.GetAsync()|]; }", "Task<int> N() { return _maybe?.GetAsync() ?? Task.FromResult<int>(default); }")]
    [InlineData("Task N() { Task L() => [|null|]; return L(); }", "Task N() { Task L() => Task.CompletedTask; return L(); }")]
    [InlineData("Func<Task> N() => () => [|null|];", "Func<Task> N() => () => Task.CompletedTask;")]
    [InlineData("void N() => Run(() => [|null|]);", "void N() => Run(() => Task.CompletedTask);")]
    [InlineData("async Task N() { await [|_maybe?.RunAsync()|]; }", "async Task N() { await (_maybe?.RunAsync() ?? Task.CompletedTask); }")]
    [InlineData("async Task N() { await [|_maybe?.GetAsync()|]; }", "async Task N() { await (_maybe?.GetAsync() ?? Task.CompletedTask); }")]
    [InlineData("async Task<int> N() => await [|_maybe?.GetAsync()|];", "async Task<int> N() => await (_maybe?.GetAsync() ?? Task.FromResult<int>(default));")]
    [InlineData("async Task N() { await [|_handler?.Invoke(this)|]; }", "async Task N() { await (_handler?.Invoke(this) ?? Task.CompletedTask); }")]
    [InlineData("async Task N(bool b) { await (b ? RunAsync() : [|null|]); }", "async Task N(bool b) { await (b ? RunAsync() : Task.CompletedTask); }")]
    [InlineData("async Task N() { await [|_maybe?._maybe?.RunAsync()|]; await [|_maybe?.RunAsync()|]; }", "async Task N() { await (_maybe?._maybe?.RunAsync() ?? Task.CompletedTask); await (_maybe?.RunAsync() ?? Task.CompletedTask); }")]
    [InlineData("Task N() { Task task = [|null|]; return task; }", "Task N() { Task task = Task.CompletedTask; return task; }")]
    [InlineData("Task<int> N() { Task<int> task; task = [|null|]; return task; }", "Task<int> N() { Task<int> task; task = Task.FromResult<int>(default); return task; }")]
    [InlineData("Task N() { var task = [|default(Task)|]; return task; }", "Task N() { var task = Task.CompletedTask; return task; }")]
    [InlineData("async Task N() { await [|_maybe?.RunAsync()|]!; }", "async Task N() { await (_maybe?.RunAsync() ?? Task.CompletedTask); }")]
    [InlineData("async Task<int> N() => await ([|_maybe?.GetAsync()|])!;", "async Task<int> N() => await (_maybe?.GetAsync() ?? Task.FromResult<int>(default));")]
    public Task Null_for_a_task(string before, string after) => Verify.VerifyCodeFixAsync(Class(before), Class(after));

    [Theory]
    [InlineData("Task<string> N() => [|null|];", "Task<string> N() => Task.FromResult<string>(default!);")]
    [InlineData("Task<string?> N() => [|null|];", "Task<string?> N() => Task.FromResult<string?>(default);")]
    public Task Null_results(string before, string after) => new Verify.Test { TestCode = Class(before), FixedCode = Class(after), TestNullableDisabled = false }.RunAsync();

    [Theory]
    [InlineData("Task? N() => null;")]
    [InlineData("Task? N() { Task? task = null; return task; }")]
    [InlineData("Task N() { Task task = null!; return task; }")]
    [InlineData("Task N(bool b) { Task? task = null; if (b) task = Task.CompletedTask; return task!; }")]
    [InlineData("Task N() { Task? task = null; task ??= Task.CompletedTask; return task; }")]
    [InlineData("Task N() { Task? task = null; Make(out task); return task; void Make(out Task made) => made = Task.CompletedTask; }")]
    [InlineData("Task<int>? N() => _maybe?.GetAsync();")]
    [InlineData("Task? N() { Task? L() => null; return L(); }")]
    [InlineData("Func<Task?> N() => () => null;")]
    [InlineData("ValueTask N() => default;")]
    [InlineData("ValueTask<int> N() => default;")]
    [InlineData("Task N() => null!;")]
    [InlineData("Task<int> N() => default!;")]
    [InlineData("async Task<string> N() { await RunAsync(); return null; }")]
    [InlineData("string N() => null;")]
    [InlineData("Task N() => _maybe?.RunAsync() ?? Task.CompletedTask;")]
    [InlineData("async Task N() => await (_maybe?.RunAsync() ?? Task.CompletedTask);")]
    [InlineData("async Task N() { if (_maybe is { } some) await some.RunAsync(); }")]
    [InlineData("async Task N() { if (_maybe?.RunAsync() is { } task) await task; }")]
    [InlineData("Task N { get { return null; } }")]
    [InlineData("object N() => Any(() => { Task? t = null; return t; });")]
    [InlineData("object N() => Any<Task>(() => null);")]
    [InlineData("System.Linq.Expressions.Expression<Func<Task>> N() => () => null;")]
    [InlineData("object N() { Task t = null; return t; }")]
    [InlineData("async Task N(C some) { await some?.RunAsync(); }", true)]
    [InlineData("async Task N(C? some) { if (some != null) await some?.RunAsync(); }", true)]
    [InlineData("async Task N(C? some) { if (some is null) return; await some?.RunAsync(); }", true)]
    [InlineData("async Task N(C? some) { ArgumentNullException.ThrowIfNull(some); await some?.RunAsync(); }", true)]
    [InlineData("Task N(C? some) => some != null ? some?.RunAsync() : Task.CompletedTask;", true)]
    public Task Not_flagged(string member, bool needsNullable = false) =>
        new Verify.Test { TestCode = "#pragma warning disable CS8600, CS8602, CS8603\n" + Class(member), TestNullableDisabled = !needsNullable && !member.Contains('?', StringComparison.Ordinal), TestTopLevelProgram = false }.RunAsync();

    [Theory]
    [InlineData("class C { Task M() => {|#0:null|}; }", "null", "returned", "Task.CompletedTask")]
    [InlineData("class C { async Task M(C? c) => await {|#0:c?.GetAsync()|}; Task<int> GetAsync() => Task.FromResult(1); }", "?.GetAsync", "awaited", "Task.FromResult")]
    public Task Message(string code, string what, string use, string instead) => new Verify.Test
    {
        TestCode = code,
        ExpectedDiagnostics = { Verify.Diagnostic().WithLocation(0).WithArguments(what, use, instead) },
        TestNullableDisabled = false,
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { Task M() => null; }");

    [Theory]
    [InlineData("class C { Task M() => ; Task N() { return ; } async Task O() { await ; } }")]
    [InlineData("class C { Task M(C c) => c?.; async Task O(C c) { await c?.Missing(); await null; } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    private static string Class(string member) =>
        $$"""
        class C
        {
            {{member}}

            C? _maybe = null;
            Func<object, Task>? _handler = null;
            static Task RunAsync() => Task.Delay(1);
            static Task<int> GetAsync() => Task.FromResult(1);
            static void Run(Func<Task> run) => run();
            static T Any<T>(Func<T> get) => get();
        }
        """.Replace("static Task", "Task", StringComparison.Ordinal);
}
