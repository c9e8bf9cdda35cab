using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC402PerCallLockAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC402PerCallLockCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

public sealed class CONC402PerCallLockTests
{
    [Fact]
    public Task Message_names_the_local() => Verify.VerifyAnalyzerAsync(
        "class C { void M() { var gate = {|#0:new object()|}; lock (gate) { } lock ({|#1:new object()|}) { } } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("gate"),
        Verify.Diagnostic().WithLocation(1).WithArguments("new Object"));

    [Theory]
    [InlineData("var gate = [|new SemaphoreSlim(1, 1)|]; await gate.WaitAsync(); try { _n++; } finally { gate.Release(); }")]
    [InlineData("using var gate = [|new SemaphoreSlim(1)|]; await gate.WaitAsync().ConfigureAwait(false); _n++; gate.Release();")]
    [InlineData("SemaphoreSlim gate = [|new(4)|]; gate.Wait(); _n++; gate.Release(); gate.Dispose();")]
    [InlineData("using (var gate = [|new SemaphoreSlim(1)|]) { if (!await gate.WaitAsync(100)) return; _n++; gate.Release(); }")]
    [InlineData("var gate = [|new object()|]; lock (gate) _n++;")]
    [InlineData("object gate = [|new()|]; lock (gate) { _n++; }")]
    [InlineData("lock ([|new object()|]) _n++;")]
    [InlineData("var gate = [|new object()|]; Monitor.Enter(gate); try { _n++; } finally { Monitor.Exit(gate); }")]
    [InlineData("var gate = [|new Lock()|]; lock (gate) { _n++; }")]
    [InlineData("var gate = [|new Lock()|]; using (gate.EnterScope()) { _n++; }")]
    [InlineData("using var gate = [|new Mutex()|]; gate.WaitOne(); _n++; gate.ReleaseMutex();")]
    [InlineData("var gate = [|new ReaderWriterLockSlim()|]; gate.EnterWriteLock(); _n++; gate.ExitWriteLock();")]
    [InlineData("var gate = [|new Semaphore(1, 1)|]; gate.WaitOne(); _n++; gate.Release(); gate.Close();")]
    [InlineData("foreach (var i in Enumerable.Range(0, _n)) { var gate = [|new object()|]; lock (gate) _n += i; }")]
    [InlineData("Parallel.For(0, _n, i => { var gate = [|new object()|]; lock (gate) _n += i; });")]
    [InlineData("Local(); void Local() { var gate = [|new object()|]; lock (gate) _n++; }")]
    public Task Flagged(string statements) => new Verify.Test { TestCode = Method(statements), TestTopLevelProgram = false }.RunAsync();

    [Theory]
    // Delegates that run at once share it: what it is for.
    [InlineData("var gate = new SemaphoreSlim(4); await Task.WhenAll(Enumerable.Range(0, 9).Select(async i => { await gate.WaitAsync(); try { _n++; } finally { gate.Release(); } }));")]
    [InlineData("var gate = new object(); Parallel.For(0, 9, i => { lock (gate) _n += i; });")]
    [InlineData("var gate = new object(); var t = Task.Run(() => { lock (gate) _n++; }); lock (gate) _n++; await t;")]
    [InlineData("var gate = new SemaphoreSlim(4); foreach (var i in new[] { 1, 2 }) { await gate.WaitAsync(); _ = Task.Delay(i).ContinueWith(_ => gate.Release()); }")]
    [InlineData("var gate = new object(); await Task.WhenAll(Work(), Work()); async Task Work() { await Task.Yield(); lock (gate) _n++; }")]
    // Others get it.
    [InlineData("var gate = new SemaphoreSlim(1); await gate.WaitAsync(); Use(gate); gate.Release();")]
    [InlineData("var gate = new object(); lock (gate) Monitor.Pulse(gate); _kept = gate;")]
    [InlineData("var gate = new SemaphoreSlim(1); _gates.Add(gate); await gate.WaitAsync(); gate.Release();")]
    [InlineData("var gate = new object(); var same = _gates2.GetOrAdd(1, gate); lock (gate) _n++;")]
    [InlineData("var gate = _gates2.GetOrAdd(1, _ => new object()); lock (gate) _n++;")]
    [InlineData("var gate = _kept ?? new object(); lock (gate) _n++;")]
    // A signal, one of the system's, or no lock at all.
    [InlineData("var signal = new SemaphoreSlim(0); await signal.WaitAsync(10);")]
    [InlineData("var gate = new SemaphoreSlim(_n); await gate.WaitAsync(); gate.Release();")]
    [InlineData("using var gate = new Mutex(false, \"Global\\\\app\"); gate.WaitOne(); gate.ReleaseMutex();")]
    [InlineData("using var gate = new Semaphore(1, 1, \"app\"); gate.WaitOne(); gate.Release();")]
    [InlineData("var marker = new object(); if (_kept == marker) return;")]
    [InlineData("var gate = new SemaphoreSlim(1); if (gate.CurrentCount == 1) return; gate.Wait();")]
    [InlineData("var unused = new SemaphoreSlim(1);")]
    [InlineData("var list = new List<int>(); lock (list) list.Add(1);")]
    [InlineData("lock (_fixed) _n++;")]
    public Task Left_alone(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("private readonly object _sync = new(); void M() { lock (_sync) { } }")]
    [InlineData("C() { var gate = new object(); lock (gate) { } }")]
    [InlineData("static void Main() { var gate = new object(); lock (gate) { } }")]
    [InlineData("[Xunit.Fact] public void M() { var gate = new object(); lock (gate) { } } } namespace Xunit { class FactAttribute : Attribute { }")]
    public Task Members_left_alone(string members) => new Verify.Test { TestCode = $"class C {{ {members} }}", TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { void M() { lock (new object()) { } } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { var gate = new SemaphoreSlim(; gate.Wait(); } }")]
    [InlineData("class C { void M() { lock (new object() } }")]
    [InlineData("class C { void M() { var gate = new object(); lock (gate) gate.Missing(); lock (gate } }")]
    public async Task Incomplete_code(string code) => await new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.TryAllFixesAsync();

    [Fact]
    public Task The_fix_makes_an_instance_field() => VerifyFix(
        """
        class C
        {
            private int _n;

            async Task M()
            {
                // One at a time.
                using var gate = [|new SemaphoreSlim(1, 1)|];
                await gate.WaitAsync();
                try
                {
                    _n++;
                }
                finally
                {
                    gate.Release();
                }
            }
        }
        """,
        """
        class C
        {
            private int _n;
            // One at a time.
            private readonly SemaphoreSlim _gate = new SemaphoreSlim(1, 1);

            async Task M()
            {
                await _gate.WaitAsync();
                try
                {
                    _n++;
                }
                finally
                {
                    _gate.Release();
                }
            }
        }
        """);

    [Theory]
    [InlineData("lock ([|new object()|]) // all of it\n            s_n++;", "lock (s_lock) // all of it\n            s_n++;", "object s_lock = new object()")]
    [InlineData("object sync = [|new()|];\n        lock (sync)\n            s_n--;", "lock (s_sync)\n            s_n--;", "object s_sync = new()")]
    [InlineData("var sync = [|new Lock()|];\n        using (sync.EnterScope())\n            s_n--;", "using (s_sync.EnterScope())\n            s_n--;", "Lock s_sync = new Lock()")]
    public Task In_a_static_method_it_is_static(string before, string after, string field) => VerifyFix(
        $$"""
        class C
        {
            private static int s_n;

            static void M()
            {
                {{before}}
            }
        }
        """,
        $$"""
        class C
        {
            private static int s_n;
            private static readonly {{field}};

            static void M()
            {
                {{after}}
            }
        }
        """);

    [Theory]
    [InlineData("struct S { int _n; void M() { lock ([|new object()|]) _n++; } }")]
    [InlineData("interface I { void M() { lock ([|new object()|]) Console.WriteLine(); } }")]
    [InlineData("class C { void M() { var gate = [|new SpinLock()|]; var taken = false; gate.Enter(ref taken); gate.Exit(); } }")]
    public Task Refuses(string code) => new Verify.Test { TestCode = code, FixedCode = code, TestTopLevelProgram = false }.RunAsync();

    private static Task VerifyFix(string before, string after) => new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false }.RunAsync();

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private readonly object _fixed = new();
            private readonly List<SemaphoreSlim> _gates = [];
            private readonly System.Collections.Concurrent.ConcurrentDictionary<int, object> _gates2 = new();
            private object? _kept;
            private int _n;

            async Task M()
            {
                await Task.Yield();
                {{statements}}
            }

            static void Use(SemaphoreSlim gate) => gate.Dispose();
        }
        """;
}
