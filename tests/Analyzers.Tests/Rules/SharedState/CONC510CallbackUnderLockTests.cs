using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC510CallbackUnderLockAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC510CallbackUnderLockCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC510CallbackUnderLockTests
{
    [Fact]
    public Task Message_names_what_runs_and_the_lock() => Verify.VerifyAnalyzerAsync(
        "class C { private readonly object _sync = new(); event Action? Changed; void M() { lock (_sync) { Changed?{|#0:.Invoke()|}; } } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("The event 'Changed' is raised", "_sync"));

    [Theory]
    [InlineData("lock (_sync) { Changed?[|.Invoke(this, EventArgs.Empty)|]; }")]
    [InlineData("lock (_sync) { if (Changed != null) [|Changed(this, EventArgs.Empty)|]; }")]
    [InlineData("lock (_sync) { var handler = Changed; if (handler != null) [|handler(this, EventArgs.Empty)|]; }")]
    [InlineData("lock (_sync) { _given?[|.Invoke()|]; }")]
    [InlineData("lock (_sync) { Callback?[|.Invoke(1)|]; }")]
    [InlineData("lock (_sync) { foreach (var one in _callbacks) [|one()|]; }")]
    [InlineData("lock (_sync) { foreach (var one in _callbacks.ToArray()) [|one.Invoke()|]; }")]
    [InlineData("lock (_sync) { _ = [|_givenAsync()|]; }")]
    [InlineData("lock (_sync) { [|_inline.SetResult(1)|]; }")]
    [InlineData("lock (_sync) { [|_inline.TrySetException(new InvalidOperationException())|]; }")]
    [InlineData("lock (_sync) { _inline?[|.TrySetCanceled()|]; }")]
    [InlineData("lock (_sync) { var source = _inline; [|source.TrySetResult(1)|]; }")]
    [InlineData("var source = new TaskCompletionSource(); _task = source.Task; lock (_sync) { [|source.SetResult()|]; }")]
    [InlineData("using (_lock.EnterScope()) { Changed?[|.Invoke(this, EventArgs.Empty)|]; }")]
    [InlineData("using var scope = _lock.EnterScope(); Changed?[|.Invoke(this, EventArgs.Empty)|];")]
    [InlineData("Monitor.Enter(_sync); try { Changed?[|.Invoke(this, EventArgs.Empty)|]; } finally { Monitor.Exit(_sync); }")]
    [InlineData("_readers.EnterWriteLock(); try { Changed?[|.Invoke(this, EventArgs.Empty)|]; } finally { _readers.ExitWriteLock(); }")]
    [InlineData("lock (_sync) { lock (_lock) { Changed?[|.Invoke(this, EventArgs.Empty)|]; } }")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("lock (_sync) { _n++; } Changed?.Invoke(this, EventArgs.Empty);")]
    [InlineData("EventHandler? handler; lock (_sync) { handler = Changed; } handler?.Invoke(this, EventArgs.Empty);")]
    [InlineData("lock (_sync) { Changed += (_, _) => { }; Changed -= null; }")]
    [InlineData("lock (_sync) { _own(); }")]
    [InlineData("lock (_sync) { Action local = () => _n++; local(); }")]
    [InlineData("lock (_sync) { parameter(); }")]
    [InlineData("lock (_sync) { _n = _factory(); }")]
    [InlineData("lock (_sync) { if (_condition?.Invoke(1) == true) _n++; }")]
    [InlineData("lock (_sync) { _asynchronous.SetResult(1); }")]
    [InlineData("lock (_sync) { var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); source.SetResult(); }")]
    [InlineData("lock (_sync) { _sources.Dequeue().SetResult(1); }")]
    [InlineData("lock (_sync) { if (_bySomeone.TryDequeue(out var source)) source.TrySetResult(1); }")]
    [InlineData("lock (_sync) { _task = Task.Run(() => Changed?.Invoke(this, EventArgs.Empty)); }")]
    [InlineData("lock (_sync) { void Later() => Changed?.Invoke(this, EventArgs.Empty); _later = Later; }")]
    [InlineData("lock (_sync) { _n = new Mine.TaskCompletionSource().SetResult(1); }")]
    [InlineData("await _gate.WaitAsync(); try { Changed?.Invoke(this, EventArgs.Empty); } finally { _gate.Release(); }")]
    [InlineData("Monitor.Enter(_sync); _n++; Monitor.Exit(_sync); Changed?.Invoke(this, EventArgs.Empty);")]
    public Task Left_alone(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("protected virtual void OnChanged() => Changed?.Invoke(this, EventArgs.Empty);")]
    [InlineData("void OnChanged() { Changed?.Invoke(this, EventArgs.Empty); }")]
    [InlineData("void OnChanged() { this.Changed?.Invoke(this, EventArgs.Empty); }")]
    [InlineData("void OnChanged() { if (Changed != null) Changed(this, EventArgs.Empty); }")]
    [InlineData("void OnChanged() { if (Changed != null) { Changed.Invoke(this, EventArgs.Empty); } }")]
    [InlineData("void OnChanged() { var handler = Changed; handler?.Invoke(this, EventArgs.Empty); }")]
    [InlineData("void OnChanged() { EventHandler? handler = Changed; if (handler != null) handler(this, EventArgs.Empty); }")]
    public Task A_method_that_raises_an_event(string method) => Verify.VerifyNoCodeFixAsync(
        $$"""
        class C
        {
            private readonly object _sync = new();
            private int _n;
            event EventHandler? Changed;
            void M() { lock (_sync) { _n++; [|OnChanged()|]; } }
            {{method}}
        }
        """);

    [Theory]
    [InlineData("void OnChanged() { _n++; Changed?.Invoke(this, EventArgs.Empty); }")]
    [InlineData("void OnChanged() => Later(() => Changed?.Invoke(this, EventArgs.Empty)); void Later(Action raise) { }")]
    [InlineData("void OnChanged() => Helper(); void Helper() { }")]
    [InlineData("void OnChanged() => _own(); readonly Action _own = () => { };")]
    [InlineData("void OnChanged() => Changed += (_, _) => { };")]
    [InlineData("bool OnChanged() => Changed == null;")]
    [InlineData("void OnChanged() { var handler = _own; handler?.Invoke(); } Action? _own = () => { };")]
    public Task A_method_that_does_more_or_raises_nothing(string method) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            private readonly object _sync = new();
            private int _n;
            event EventHandler? Changed;
            void M(C other) { lock (_sync) { _n++; OnChanged(); } Changed?.Invoke(this, EventArgs.Empty); }
            void N() { lock (_sync) { _n++; } OnChanged(); }
            {{method}}
        }
        """);

    [Fact]
    public Task Tests_are_left_alone() => Verify.VerifyAnalyzerAsync(
        "class C { private readonly object _sync = new(); event Action? Changed; [Xunit.Fact] public void M() { lock (_sync) { Changed?.Invoke(); } } } namespace Xunit { class FactAttribute : Attribute { } }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { private readonly object _sync = new(); event Action Changed; void M() { lock (_sync) Changed(); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { event Action Changed; void M() { lock ( { Changed(); } } }")]
    [InlineData("class C { void M() { lock (missing) { missing(); missing?.Invoke( } } }")]
    [InlineData("class C { TaskCompletionSource s = new(; void M() { lock (this) { s.SetResult(; } } }")]
    public async Task Incomplete_code(string code) => await new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.TryAllFixesAsync();

    [Theory]
    [InlineData("Changed?[|.Invoke(this, EventArgs.Empty)|];", "Changed?.Invoke(this, EventArgs.Empty);")]
    [InlineData("[|_inline.SetResult(1)|]; // done", "_inline.SetResult(1); // done")]
    [InlineData("// Tell them.\n            [|_inline.TrySetResult(number)|];", "// Tell them.\n        _inline.TrySetResult(number);")]
    [InlineData("[|_inline.TrySetException(new InvalidOperationException(\"a\"))|];", "_inline.TrySetException(new InvalidOperationException(\"a\"));")]
    public Task The_fix_moves_it_behind_the_lock(string before, string after) => VerifyFixAsync(
        Fixable($"lock (_sync)\n        {{\n            _n++;\n            {before}\n        }}\n\n        _n--;"),
        Fixable($"lock (_sync)\n        {{\n            _n++;\n        }}\n        {after}\n\n        _n--;"));

    [Theory]
    [InlineData("lock (_sync)\n        {\n            Changed?[|.Invoke(this, EventArgs.Empty)|];\n            _n++;\n        }")]
    [InlineData("lock (_sync)\n        {\n            Changed?[|.Invoke(this, EventArgs.Empty)|];\n        }")]
    [InlineData("lock (_sync)\n        {\n            _n++;\n            [|_inline.SetResult(_n)|];\n        }")]
    [InlineData("lock (_sync)\n        {\n            var result = ++_n;\n            [|_inline.SetResult(result)|];\n        }")]
    [InlineData("lock (_sync)\n        {\n            _n++;\n            if (_n > 1)\n                [|_inline.SetResult(1)|];\n        }")]
    [InlineData("lock (_sync)\n        {\n            _n++;\n            [|_inline.SetResult(Next())|];\n        }")]
    [InlineData("if (number > 0)\n            lock (_sync)\n            {\n                _n++;\n                [|_inline.SetResult(1)|];\n            }")]
    public Task Refuses(string statements) => VerifyFixAsync(Fixable(statements), Fixable(statements));

    private static Task VerifyFixAsync(string before, string after) => new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false }.RunAsync();

    private static string Fixable(string statements) =>
        $$"""
        class C
        {
            private readonly object _sync = new();
            private readonly TaskCompletionSource<int> _inline = new();
            private int _n;

            event EventHandler? Changed;

            void M(int number)
            {
                {{statements}}
            }

            int Next() => _n;
        }
        """;

    private static string Method(string statements) =>
        $$"""
        class C(Action given, Func<Task> givenAsync, Func<int> factory)
        {
            private readonly object _sync = new();
            private readonly Lock _lock = new();
            private readonly ReaderWriterLockSlim _readers = new();
            private readonly SemaphoreSlim _gate = new(1);
            private readonly Action? _given = given;
            private readonly Func<Task> _givenAsync = givenAsync;
            private readonly Func<int> _factory = factory;
            private readonly Func<int, bool>? _condition = null;
            private readonly Action _own = static () => Console.WriteLine();
            private readonly List<Action> _callbacks = [];
            private readonly TaskCompletionSource<int> _inline = new();
            private readonly TaskCompletionSource<int> _asynchronous = new(TaskCreationOptions.RunContinuationsAsynchronously);
            private readonly Queue<TaskCompletionSource<int>> _sources = new();
            private readonly Queue<TaskCompletionSource<int>> _bySomeone = new();
            private Action? _later;
            private Task? _task;
            private int _n;

            public event EventHandler? Changed;
            public Action<int>? Callback { get; set; }

            async Task M(Action parameter)
            {
                await Task.Yield();
                {{statements}}
                _later?.Invoke();
            }
        }

        namespace Mine { class TaskCompletionSource { public int SetResult(int n) => n; } }
        """;
}
