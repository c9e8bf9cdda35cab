using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC506WaitUnderLockAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC506WaitUnderLockTests
{
    [Fact]
    public Task Message_names_the_wait_and_the_lock() => Verify.VerifyAnalyzerAsync(
        "class C { private readonly object _sync = new(); void M() { lock (_sync) { {|#0:Thread.Sleep(1)|}; } } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Thread.Sleep", "_sync"));

    [Theory]
    [InlineData("lock (_sync) { [|Thread.Sleep(1)|]; }")]
    [InlineData("lock (_sync) [|Thread.Sleep(TimeSpan.FromSeconds(1))|];")]
    [InlineData("lock (_sync) { if (_n > 0) [|_task.Wait()|]; }")]
    [InlineData("lock (_sync) { _n = [|_task.Result|]; }")]
    [InlineData("lock (_sync) { _n = [|_task.GetAwaiter().GetResult()|]; }")]
    [InlineData("lock (_sync) { [|Task.WaitAll(_task)|]; }")]
    [InlineData("lock (_sync) { [|_signal.Wait()|]; }")]
    [InlineData("lock (_sync) { [|_event.WaitOne()|]; }")]
    [InlineData("lock (_sync) { [|_thread.Join()|]; }")]
    [InlineData("lock (_sync) { [|_count.Wait()|]; }")]
    [InlineData("lock (_sync) { _n = [|_queue.Take()|]; }")]
    [InlineData("lock (_sync) { [|_process.WaitForExit()|]; }")]
    [InlineData("lock (_sync) { using var response = [|_client.Send(new HttpRequestMessage())|]; }")]
    [InlineData("lock (_sync) { var address = [|System.Net.Dns.GetHostAddresses(\"a\")|]; }")]
    [InlineData("lock (_sync) { var client = [|_listener.AcceptTcpClient()|]; }")]
    [InlineData("lock (_sync) { foreach (var i in new[] { 1, 2 }) { try { [|Thread.Sleep(i)|]; } finally { _n++; } } }")]
    [InlineData("lock (_lock) { [|Thread.Sleep(1)|]; }")]
    [InlineData("using (_lock.EnterScope()) { [|Thread.Sleep(1)|]; }")]
    [InlineData("using var scope = _lock.EnterScope(); _n++; [|Thread.Sleep(1)|];")]
    [InlineData("Monitor.Enter(_sync); try { [|Thread.Sleep(1)|]; } finally { Monitor.Exit(_sync); }")]
    [InlineData("_readers.EnterReadLock(); try { [|Thread.Sleep(1)|]; } finally { _readers.ExitReadLock(); }")]
    [InlineData("_readers.EnterWriteLock(); [|Thread.Sleep(1)|]; _readers.ExitWriteLock(); Thread.Sleep(1);")]
    [InlineData("lock (_sync) { lock (_lock) { [|Thread.Sleep(1)|]; } }")]
    [InlineData("void Local() { lock (_sync) [|Thread.Sleep(1)|]; } Local();")]
    [InlineData("Action a = () => { lock (_sync) [|Thread.Sleep(1)|]; }; a();")]
    public Task Flagged(string statements) => VerifyAsync(statements);

    [Theory]
    [InlineData("Thread.Sleep(1); lock (_sync) { _n++; } _task.Wait();")]
    [InlineData("lock (_sync) { Thread.Sleep(0); }")]
    [InlineData("lock (_sync) { if (_task.Wait(0)) _n++; if (_event.WaitOne(0)) _n++; }")]
    [InlineData("lock (_sync) { if (_task.IsCompleted) _n = _task.Result; }")]
    [InlineData("_task.Wait(); lock (_sync) { _n = _task.Result; }")]
    [InlineData("lock (_sync) { _n = Task.FromResult(1).Result; }")]
    [InlineData("lock (_sync) { while (_n == 0) Monitor.Wait(_sync); }")]
    [InlineData("lock (_sync) { Monitor.Wait(_sync, 100); Monitor.PulseAll(_sync); }")]
    [InlineData("lock (_sync) { _ = Task.Run(() => Thread.Sleep(1)); }")]
    [InlineData("lock (_sync) { _callback = () => { Thread.Sleep(1); }; }")]
    [InlineData("lock (_sync) { void Later() => Thread.Sleep(1); _callback = Later; }")]
    [InlineData("lock (_sync) { lock (_lock) { _n++; } }")]
    [InlineData("lock (_sync) { _gate.Wait(); _gate.Release(); }")]
    [InlineData("lock (_sync) { Parallel.For(0, 3, i => { }); }")]
    [InlineData("lock (_sync) { File.WriteAllText(\"a\", \"b\"); _n = File.ReadAllText(\"a\").Length; }")]
    [InlineData("lock (_sync) { _stream.Write(new byte[1]); _stream.Flush(); }")]
    [InlineData("lock (_sync) { var name = nameof(Thread.Sleep); var own = new Mine.Thread(); own.Sleep(1); }")]
    [InlineData("_gate.Wait(); try { Thread.Sleep(1); } finally { _gate.Release(); }")]
    [InlineData("Monitor.Enter(_sync); _n++; Monitor.Exit(_sync); Thread.Sleep(1);")]
    [InlineData("if (Monitor.TryEnter(_sync)) { Monitor.Exit(_sync); Thread.Sleep(1); }")]
    // In async code the rules of area 1 find them.
    [InlineData("async Task Local() { await Task.Yield(); lock (_sync) { Thread.Sleep(1); _task.Wait(); _signal.Wait(); } } Local().Wait();")]
    public Task Left_alone(string statements) => VerifyAsync(statements);

    [Fact]
    public Task A_network_call_in_async_code_is_flagged() => VerifyAsync(
        "async Task Local() { await Task.Yield(); lock (_sync) { using var response = [|_client.Send(new HttpRequestMessage())|]; } } Local().Wait();");

    [Theory]
    [InlineData("", "")]
    [InlineData("concurrency.analyze_tests = true", "|")]
    public Task Tests(string config, string mark) => new Verify.Test
    {
        TestCode = "class C { private readonly object _sync = new(); [Xunit.Fact] public void M() { lock (_sync) { " + (mark == "|" ? "[|Thread.Sleep(1)|]" : "Thread.Sleep(1)") + "; } } } namespace Xunit { class FactAttribute : Attribute { } }",
        EditorConfig = config,
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { private readonly object _sync = new(); void M() { lock (_sync) Thread.Sleep(1); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { lock ( { Thread.Sleep(1); } } }")]
    [InlineData("class C { void M() { lock (missing) { missing.Wait(); Thread.Sleep( } } }")]
    [InlineData("class C { void M() { using (missing.EnterScope()) { } Monitor.Enter(; Thread.Sleep(1); } }")]
    public async Task Incomplete_code(string code) => await new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.AnalyzeAsync();

    private static Task VerifyAsync(string statements) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            private readonly object _sync = new();
            private readonly Lock _lock = new();
            private readonly Task<int> _task = Task.Run(() => 1);
            private readonly ManualResetEventSlim _signal = new();
            private readonly AutoResetEvent _event = new(false);
            private readonly CountdownEvent _count = new(1);
            private readonly Thread _thread = new(() => { });
            private readonly SemaphoreSlim _gate = new(1);
            private readonly ReaderWriterLockSlim _readers = new();
            private readonly Stream _stream = new MemoryStream();
            private readonly HttpClient _client = new();
            private readonly System.Net.Sockets.TcpListener _listener = new(System.Net.IPAddress.Any, 1);
            private readonly System.Diagnostics.Process _process = new();
            private readonly System.Collections.Concurrent.BlockingCollection<int> _queue = new();
            private Action? _callback;
            private int _n;

            void M()
            {
                {{statements}}
            }
        }

        namespace Mine { class Thread { public void Sleep(int n) { } } }
        """);
}
