using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC505LockAcrossAwaitAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC505LockAcrossAwaitTests
{
    [Theory]
    [InlineData("[|Monitor.Enter(_gate)|]; try { await WorkAsync(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; await WorkAsync(); Monitor.Exit(_gate);")]
    [InlineData("[|Monitor.Enter(_gate)|]; await WorkAsync();")]
    [InlineData("[|Monitor.Enter(this)|]; await WorkAsync(); Monitor.Exit(this);")]
    [InlineData("var taken = false; try { [|Monitor.Enter(_gate, ref taken)|]; await WorkAsync(); } finally { if (taken) Monitor.Exit(_gate); }")]
    [InlineData("if ([|Monitor.TryEnter(_gate)|]) { try { await WorkAsync(); } finally { Monitor.Exit(_gate); } }")]
    [InlineData("if (![|Monitor.TryEnter(_gate, 100)|]) return; try { await WorkAsync(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("var ok = [|Monitor.TryEnter(_gate, 100)|]; if (ok) { await WorkAsync(); Monitor.Exit(_gate); }")]
    [InlineData("[|_lock.Enter()|]; try { await WorkAsync(); } finally { _lock.Exit(); }")]
    [InlineData("if ([|_lock.TryEnter()|]) { await WorkAsync(); _lock.Exit(); }")]
    [InlineData("[|_mutex.WaitOne()|]; try { await WorkAsync(); } finally { _mutex.ReleaseMutex(); }")]
    [InlineData("if ([|_mutex.WaitOne(1000)|]) { await WorkAsync(); _mutex.ReleaseMutex(); }")]
    [InlineData("[|_rw.EnterReadLock()|]; try { await WorkAsync(); } finally { _rw.ExitReadLock(); }")]
    [InlineData("[|_rw.EnterWriteLock()|]; try { await WorkAsync(); } finally { _rw.ExitWriteLock(); }")]
    [InlineData("[|_rw.EnterUpgradeableReadLock()|]; try { await WorkAsync(); } finally { _rw.ExitUpgradeableReadLock(); }")]
    [InlineData("_rw.EnterReadLock(); try { } finally { _rw.ExitReadLock(); } [|_rw.EnterWriteLock()|]; try { await WorkAsync(); } finally { _rw.ExitWriteLock(); }")]
    [InlineData("var taken = false; [|_spin.Enter(ref taken)|]; await WorkAsync(); _spin.Exit();")]
    [InlineData("[|Monitor.Enter(_gate)|]; try { foreach (var i in new[] { 1 }) { if (i > 0) await WorkAsync(); } } finally { Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; try { await using var stream = new MemoryStream(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; try { await foreach (var i in Items()) { } } finally { Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; try { } finally { await WorkAsync(); Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; try { throw new Exception(); } catch (Exception) { await WorkAsync(); } finally { Monitor.Exit(_gate); }")]
    [InlineData("Func<Task> f = async () => { [|Monitor.Enter(_gate)|]; await WorkAsync(); Monitor.Exit(_gate); }; await f();")]
    [InlineData("await Local(); async Task Local() { [|Monitor.Enter(_gate)|]; await WorkAsync(); Monitor.Exit(_gate); }")]
    [InlineData("[|Monitor.Enter(_gate)|]; await Task.Yield(); Monitor.Exit(_gate);")]
    public Task Flagged(string statements) => VerifyAsync(statements);

    [Theory]
    [InlineData("lock (_gate) { } await WorkAsync();")]
    [InlineData("Monitor.Enter(_gate); try { } finally { Monitor.Exit(_gate); } await WorkAsync();")]
    [InlineData("Monitor.Enter(_gate); Monitor.Exit(_gate); await WorkAsync();")]
    [InlineData("await WorkAsync(); Monitor.Enter(_gate); Monitor.Exit(_gate);")]
    [InlineData("var taken = false; try { Monitor.Enter(_gate, ref taken); } finally { if (taken) Monitor.Exit(_gate); } await WorkAsync();")]
    [InlineData("var taken = false; Monitor.TryEnter(_gate, ref taken); if (taken) { Monitor.Exit(_gate); } await WorkAsync();")]
    [InlineData("if (Monitor.TryEnter(_gate)) { Monitor.Exit(_gate); } await WorkAsync();")]
    [InlineData("if (!Monitor.TryEnter(_gate)) { await WorkAsync(); return; } Monitor.Exit(_gate);")]
    [InlineData("if (Monitor.TryEnter(_gate)) { Monitor.Exit(_gate); } else { await WorkAsync(); }")]
    [InlineData("var ok = Monitor.TryEnter(_gate); if (!ok) await WorkAsync(); else Monitor.Exit(_gate);")]
    [InlineData("await _semaphore.WaitAsync(); try { await WorkAsync(); } finally { _semaphore.Release(); }")]
    [InlineData("_semaphore.Wait(); await WorkAsync(); _semaphore.Release();")]
    [InlineData("Monitor.Enter(_gate); var task = WorkAsync(); Monitor.Exit(_gate); await task;")]
    [InlineData("Monitor.Enter(_gate); Func<Task> f = async () => await WorkAsync(); Monitor.Exit(_gate); await f();")]
    [InlineData("_rw.EnterReadLock(); try { } finally { _rw.ExitReadLock(); } await WorkAsync();")]
    [InlineData("using (_lock.EnterScope()) { } await WorkAsync();")]
    [InlineData("Action sync = () => { Monitor.Enter(_gate); Monitor.Exit(_gate); }; sync(); await WorkAsync();")]
    [InlineData("_event.WaitOne(); await WorkAsync();")]
    [InlineData("foreach (var i in new[] { 1, 2 }) { Monitor.Enter(_gate); try { } finally { Monitor.Exit(_gate); } await WorkAsync(); }")]
    [InlineData("var locking = _gate is string; if (locking) Monitor.Enter(_gate); if (locking) Monitor.Exit(_gate); await WorkAsync();")]
    [InlineData("Monitor.Enter(_gate); if (_mutex is null) { Monitor.Exit(_gate); await WorkAsync(); return; } Monitor.Exit(_gate);")]
    [InlineData("Monitor.Enter(_gate); try { Monitor.Exit(_gate); await WorkAsync(); } catch (Exception) { }")]
    public Task Not_flagged(string statements) => VerifyAsync(statements);

    [Fact]
    public Task The_message_names_lock_and_line() => new Verify.Test
    {
        TestCode =
            """
            class C
            {
                private readonly object _gate = new();

                async Task M()
                {
                    {|#0:Monitor.Enter(_gate)|};
                    await Task.Delay(1);
                    Monitor.Exit(_gate);
                }
            }
            """,
        ExpectedDiagnostics = { Verify.Diagnostic().WithLocation(0).WithArguments("_gate", 8) },
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => new Verify.Test { TestCode = "// <auto-generated/>\n" + Method("Monitor.Enter(_gate); await WorkAsync();"), TestTopLevelProgram = false }.RunAsync();

    [Theory]
    [InlineData("Monitor.Enter(_gate); await ")]
    [InlineData("Monitor.Enter(")]
    [InlineData("Monitor.Enter(missing); await missing; Monitor.Exit(missing")]
    public Task Broken_code(string statements) => new Verify.Test { TestCode = "class C { object _gate; async Task M() { " + statements, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    private static Task VerifyAsync(string statements) => new Verify.Test { TestCode = Method(statements) }.RunAsync();

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private static readonly object _gate = new();
            private static readonly Lock _lock = new();
            private static readonly Mutex _mutex = new();
            private static readonly ReaderWriterLockSlim _rw = new();
            private static readonly SemaphoreSlim _semaphore = new(1);
            private static readonly ManualResetEvent _event = new(true);
            private static SpinLock _spin;

            async Task M()
            {
                {{statements}}
            }

            private static Task WorkAsync() => Task.CompletedTask;

            private static async IAsyncEnumerable<int> Items() { await Task.Yield(); yield return 1; }
        }
        """;
}
