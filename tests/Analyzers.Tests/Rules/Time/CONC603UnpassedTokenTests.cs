using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC603UnpassedTokenAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC603UnpassedTokenCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC603UnpassedTokenTests
{
    [Fact]
    public Task Message_names_the_call_and_the_token() => Verify.VerifyAnalyzerAsync(
        "class C { static async Task M(CancellationToken stop) { await {|#0:Task.Delay(1)|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Delay", "stop"));

    [Theory]
    [InlineData("await [|Task.Delay(1)|];", "await Task.Delay(1, ct);")]
    [InlineData("await [|stream.FlushAsync()|].ConfigureAwait(false);", "await stream.FlushAsync(ct).ConfigureAwait(false);")]
    [InlineData("var n = await [|stream.ReadAsync(bytes, 0, 1)|];", "var n = await stream.ReadAsync(bytes, 0, 1, ct);")]
    [InlineData("var n = await [|stream.ReadAsync(count: 1, offset: 0, buffer: bytes)|];", "var n = await stream.ReadAsync(count: 1, offset: 0, buffer: bytes, cancellationToken: ct);")]
    [InlineData("var n = await [|box.OptionalAsync()|];", "var n = await box.OptionalAsync(cancellationToken: ct);")]
    [InlineData("var n = await [|box.OptionalAsync(1, 2)|];", "var n = await box.OptionalAsync(1, 2, ct);")]
    [InlineData("var n = await [|box.OptionalAsync(b: 1)|];", "var n = await box.OptionalAsync(b: 1, cancellationToken: ct);")]
    [InlineData("await [|box.MiddleAsync(1, \"a\")|];", "await box.MiddleAsync(1, ct, \"a\");")]
    [InlineData("await [|box.ExtendedAsync(1)|];", "await box.ExtendedAsync(1, ct);")]
    [InlineData("await [|Extensions.ExtendedAsync(box, 1)|];", "await Extensions.ExtendedAsync(box, 1, ct);")]
    [InlineData("var t = box?[|.OptionalAsync()|];", "var t = box?.OptionalAsync(cancellationToken: ct);")]
    [InlineData("var s = await [|new StreamReader(stream).ReadLineAsync()|];", "var s = await new StreamReader(stream).ReadLineAsync(ct);")]
    [InlineData("await [|box.OptionalAsync(await [|box.OptionalAsync(1, 2)|], 2)|];", "await box.OptionalAsync(await box.OptionalAsync(1, 2, ct), 2, ct);")]
    [InlineData("await [|Parallel.ForEachAsync(bytes, (b, inner) => default)|];", "await Parallel.ForEachAsync(bytes, ct, (b, inner) => default);")]
    [InlineData("await [|box.ManyAsync(\n            1, // one\n            2)|];", "await box.ManyAsync(\n            1, // one\n            2, ct);")]
    [InlineData("await [|box.ManyAsync(\n            1, // one\n            2  // two\n        )|];", "await box.ManyAsync(\n            1, // one\n            2,  // two\n            ct\n        );")]
    [InlineData("await [|box.ManyAsync(\n            1,\n            2\n        )|];", "await box.ManyAsync(\n            1,\n            2,\n            ct\n        );")]
    [InlineData("await [|Task.WhenAll(bytes.Select(async b => await Task.Delay(b, ct))).WaitAsync(TimeSpan.MaxValue)|];", "await Task.WhenAll(bytes.Select(async b => await Task.Delay(b, ct))).WaitAsync(TimeSpan.MaxValue, ct);")]
    public Task Passed(string before, string after) =>
        Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("await Parallel.ForEachAsync(bytes, ct, async (b, inner) => await [|Task.Delay(b)|]);", "await Parallel.ForEachAsync(bytes, ct, async (b, inner) => await Task.Delay(b, inner));")]
    [InlineData("await Task.WhenAll(bytes.Select(async b => await [|Task.Delay(b)|]));", "await Task.WhenAll(bytes.Select(async b => await Task.Delay(b, ct)));")]
    [InlineData("async Task Inner(CancellationToken token) { await [|Task.Delay(1)|]; } await Inner(ct);", "async Task Inner(CancellationToken token) { await Task.Delay(1, token); } await Inner(ct);")]
    [InlineData("using var limit = new CancellationTokenSource(1000); await [|stream.FlushAsync()|];", "using var limit = new CancellationTokenSource(1000); await stream.FlushAsync(limit.Token);")]
    [InlineData("using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct); limit.CancelAfter(1000); await [|stream.FlushAsync()|];", "using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct); limit.CancelAfter(1000); await stream.FlushAsync(limit.Token);")]
    [InlineData("using var heart = CancellationTokenSource.CreateLinkedTokenSource(ct); var beat = Beat(heart.Token); await [|stream.FlushAsync()|]; heart.Cancel(); await beat;", "using var heart = CancellationTokenSource.CreateLinkedTokenSource(ct); var beat = Beat(heart.Token); await stream.FlushAsync(ct); heart.Cancel(); await beat;")]
    [InlineData("using var limit = new CancellationTokenSource(1000); var beat = Task.Run(() => Beat(limit.Token)); await [|stream.FlushAsync()|]; await beat;", "using var limit = new CancellationTokenSource(1000); var beat = Task.Run(() => Beat(limit.Token)); await stream.FlushAsync(ct); await beat;")]
    [InlineData("await foreach (var x in [|sequence.Where(x => x > 0)|]) { }", "await foreach (var x in sequence.Where(x => x > 0).WithCancellation(ct)) { }")]
    [InlineData("while (bytes.Length > 0) { if (ct.IsCancellationRequested) { break; } await [|Task.Delay(1)|]; }", "while (bytes.Length > 0) { if (ct.IsCancellationRequested) { break; } await Task.Delay(1, ct); }")]
    [InlineData("using var limit = new CancellationTokenSource(1000); try { await Task.Delay(2, limit.Token); } catch (IOException) { } await [|Task.Delay(1)|];", "using var limit = new CancellationTokenSource(1000); try { await Task.Delay(2, limit.Token); } catch (IOException) { } await Task.Delay(1, limit.Token);")]
    [InlineData("using var limit = new CancellationTokenSource(1000); try { await Task.Delay(2, limit.Token); } catch (OperationCanceledException) { } await [|Task.Delay(1)|];", "using var limit = new CancellationTokenSource(1000); try { await Task.Delay(2, limit.Token); } catch (OperationCanceledException) { } await Task.Delay(1, ct);")]
    [InlineData("while (!ct.IsCancellationRequested) await [|Task.Delay(1)|];", "while (!ct.IsCancellationRequested) await Task.Delay(1, ct);")]
    [InlineData("var none = CancellationToken.None; await Beat(none); await [|Task.Delay(1)|];", "var none = CancellationToken.None; await Beat(none); await Task.Delay(1, ct);")]
    public Task The_nearest_token(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("await Flush(); async Task Flush() { await [|stream.FlushAsync()|]; }", "await Flush(); async Task Flush() { await stream.FlushAsync(ct); }")]
    [InlineData("if (bytes.Length > 0) await Flush().ConfigureAwait(false); else await Task.WhenAll(Flush(), Flush()); async Task Flush() => await [|stream.FlushAsync()|];", "if (bytes.Length > 0) await Flush().ConfigureAwait(false); else await Task.WhenAll(Flush(), Flush()); async Task Flush() => await stream.FlushAsync(ct);")]
    [InlineData("await Outer(); Task Outer() => Inner(); async Task Inner() { await [|stream.FlushAsync()|]; }", "await Outer(); Task Outer() => Inner(); async Task Inner() { await stream.FlushAsync(ct); }")]
    [InlineData("await Flush(3); async Task Flush(int n) { await [|stream.FlushAsync()|]; if (n > 0) await Flush(n - 1); }", "await Flush(3); async Task Flush(int n) { await stream.FlushAsync(ct); if (n > 0) await Flush(n - 1); }")]
    [InlineData("Enter(); void Enter() { [|gate.Wait()|]; }", "Enter(); void Enter() { gate.Wait(ct); }")]
    [InlineData("Func<Task> flush = async () => await [|stream.FlushAsync()|]; await flush(); await flush.Invoke();", "Func<Task> flush = async () => await stream.FlushAsync(ct); await flush(); await flush.Invoke();")]
    [InlineData("Func<int, Task> pause = n => [|Task.Delay(n)|]; await pause(1); await pause(2);", "Func<int, Task> pause = n => Task.Delay(n, ct); await pause(1); await pause(2);")]
    [InlineData("await Task.WhenAll(bytes.Select(Pause)); async Task Pause(byte b) { await [|Task.Delay(b)|]; }", "await Task.WhenAll(bytes.Select(Pause)); async Task Pause(byte b) { await Task.Delay(b, ct); }")]
    [InlineData("Flush handler = async (n, token) => await Task.Delay(n, token); await [|handler(1)|];", "Flush handler = async (n, token) => await Task.Delay(n, token); await handler(1, ct);")]
    [InlineData("Flush handler = async (n, token) => await [|Task.Delay(n)|]; await handler(1, ct);", "Flush handler = async (n, token) => await Task.Delay(n, token); await handler(1, ct);")]
    public Task Functions_that_are_awaited(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("await foreach (var x in [|sequence|]) { }", "await foreach (var x in sequence.WithCancellation(ct)) { }")]
    [InlineData("await foreach (var x in [|sequence|].ConfigureAwait(false)) { }", "await foreach (var x in sequence.WithCancellation(ct).ConfigureAwait(false)) { }")]
    [InlineData("await foreach (var x in [|Task.WhenEach(beats)|]) { }", "await foreach (var x in Task.WhenEach(beats).WithCancellation(ct)) { }")]
    [InlineData("await foreach (var x in [|box.ReadAllAsync()|]) { }", "await foreach (var x in box.ReadAllAsync(ct)) { }")]
    public Task Sequences(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("private readonly CancellationToken _stop; async Task M() => await [|Task.Delay(1)|];", "private readonly CancellationToken _stop; async Task M() => await Task.Delay(1, _stop);")]
    [InlineData("private readonly CancellationToken _stop; void M() { Action a = async () => await [|Task.Delay(1)|]; a(); }", "private readonly CancellationToken _stop; void M() { Action a = async () => await Task.Delay(1, _stop); a(); }")]
    [InlineData("CancellationToken Stopping { get; set; } Task M() => [|Task.Delay(1)|];", "CancellationToken Stopping { get; set; } Task M() => Task.Delay(1, Stopping);")]
    [InlineData("class D(CancellationToken stop) { Task M() => [|Task.Delay(1)|]; }", "class D(CancellationToken stop) { Task M() => Task.Delay(1, stop); }")]
    [InlineData("async Task M(CancellationTokenSource? source) { CancellationToken token = default; if (source != null) token = source.Token; await [|Task.Delay(1)|]; }", "async Task M(CancellationTokenSource? source) { CancellationToken token = default; if (source != null) token = source.Token; await Task.Delay(1, token); }")]
    [InlineData("Task M(CancellationToken ct) { return Work(); async Task Work() { await [|Task.Delay(1)|]; } }", "Task M(CancellationToken ct) { return Work(); async Task Work() { await Task.Delay(1, ct); } }")]
    [InlineData("void M(SemaphoreSlim gate, CancellationToken ct) => [|gate.Wait()|];", "void M(SemaphoreSlim gate, CancellationToken ct) => gate.Wait(ct);")]
    [InlineData("Task M(CancellationToken @event) => [|Task.Delay(1)|];", "Task M(CancellationToken @event) => Task.Delay(1, @event);")]
    [InlineData("Task<int> M(CancellationToken ct) => [|M(1)|]; Task<int> M(int n) => M(n, default); Task<int> M(int n, CancellationToken ct) => Task.FromResult(n);", "Task<int> M(CancellationToken ct) => M(1, ct); Task<int> M(int n) => M(n, default); Task<int> M(int n, CancellationToken ct) => Task.FromResult(n);")]
    public Task Members(string before, string after) => Verify.VerifyCodeFixAsync($"class C {{ {before} }}", $"class C {{ {after} }}");

    [Theory]
    // The token is given, or not giving it is a decision.
    [InlineData("await Task.Delay(1, ct);")]
    [InlineData("await Task.Delay(1, CancellationToken.None);")]
    [InlineData("await Task.Delay(1, default(CancellationToken));")]
    [InlineData("await box.OptionalAsync(cancellationToken: default);")]
    [InlineData("await box.OptionalAsync(1, 2, ct);")]
    [InlineData("await foreach (var x in sequence.WithCancellation(ct)) { }")]
    [InlineData("await foreach (var x in box.ReadAllAsync(ct)) { }")]
    [InlineData("await foreach (var x in box.ReadAllAsync().WithCancellation(ct)) { }")]
    [InlineData("await foreach (var x in box.ReadAllAsync().ConfigureAwait(false).WithCancellation(ct)) { }")]
    [InlineData("await foreach (var x in box.ReadAllAsync().WithCancellation(ct).ConfigureAwait(false)) { }")]
    [InlineData("var all = box.ReadAllAsync().WithCancellation(ct); await foreach (var x in all) { }")]
    [InlineData("await foreach (var x in Iterate()) { } static async IAsyncEnumerable<int> Iterate() { await Task.Yield(); yield return 1; }")]
    [InlineData("var all = box.ReadAllAsync(ct); await foreach (var x in all) { }")]
    [InlineData("var all = bytes.Length switch { 0 => null, 1 => box.ReadAllAsync(ct), _ => box.ReadAllAsync(ct).Where(x => x > 0) }; await foreach (var x in all!) { }")]
    [InlineData("var all = bytes.Length == 0 ? sequence : box.ReadAllAsync(ct); await foreach (var x in all) { }")]
    [InlineData("var all = bytes.Length == 0 ? null : box.ReadAllAsync(ct); await foreach (var x in all ?? sequence) { }")]
    // Nothing takes it.
    [InlineData("await Task.Yield(); bytes.ToString(); box.Plain(1);")]
    [InlineData("await box.OtherAsync(1);")]
    [InlineData("await box.ObsoleteAsync(1);")]
    [InlineData("await box.RequiredAsync(ct, 1);")]
    [InlineData("await box.KeysAsync(1, 2);")]
    // Clean-up, and what runs because of the cancellation.
    [InlineData("try { } finally { await stream.FlushAsync(); }")]
    [InlineData("try { } catch (OperationCanceledException) { await stream.FlushAsync(); }")]
    [InlineData("try { } catch (Exception) { await stream.FlushAsync(); }")]
    [InlineData("try { } catch { await stream.FlushAsync(); }")]
    [InlineData("if (ct.IsCancellationRequested) { await stream.FlushAsync(); return; }")]
    [InlineData("while (!ct.IsCancellationRequested) await Task.Yield(); await stream.FlushAsync();")]
    [InlineData("while (bytes.Length > 0) { await Task.Delay(500); if (ct.IsCancellationRequested || gate.CurrentCount == 0) { bytes = []; box.Plain(1); } }")]
    [InlineData("await box.RollbackAsync();")]
    // It may outlive the call that the token is of.
    [InlineData("_ = Task.Run(async () => { await stream.FlushAsync(); }, ct);")]
    [InlineData("box.Changed += async (_, _) => await stream.FlushAsync();")]
    [InlineData("_ = Background(); async Task Background() { await stream.FlushAsync(); }")]
    [InlineData("var flushed = Flush(); await Task.WhenAny(flushed, Task.Delay(1, ct)); async Task Flush() { await stream.FlushAsync(); }")]
    [InlineData("await Flush(); _ = Flush(); async Task Flush() { await stream.FlushAsync(); }")]
    [InlineData("await Outer(); async Task Outer() { await Task.Yield(); _ = Inner(); } async Task Inner() { await stream.FlushAsync(); }")]
    [InlineData("Func<Task> flush = async () => await stream.FlushAsync(); box.Later(flush); await flush();")]
    [InlineData("Func<Task> flush = async () => await stream.FlushAsync(); flush = () => Task.CompletedTask; await flush();")]
    [InlineData("Action flush = async () => await stream.FlushAsync(); flush();")]
    [InlineData("box.Later(Flush); async Task Flush() { await stream.FlushAsync(); }")]
    [InlineData("try { } finally { await Flush(); } async Task Flush() { await stream.FlushAsync(); }")]
    [InlineData("await Flush(3); async Task Flush(int n) { await stream.FlushAsync(); if (n > 0) _ = Flush(n - 1); }")]
    [InlineData("await box.SubscribeAsync(Flush); async Task Flush() { await stream.FlushAsync(); }")]
    [InlineData("async Task Unused() { await stream.FlushAsync(); }")]
    [InlineData("await Flush(); static async Task Flush() { await Task.Delay(1); }")]
    // Which of two tokens it would be is not to be known; one that is called _ isn't wanted.
    [InlineData("await Parallel.ForEachAsync(bytes, ct, async (b, _) => await Task.Yield());")]
    [InlineData("await Two(ct, ct); async Task Two(CancellationToken first, CancellationToken second) { await stream.FlushAsync(); }")]
    // No call, or not of work.
    [InlineData("System.Linq.Expressions.Expression<Func<Task>> e = () => Task.Delay(1);")]
    [InlineData("var s = nameof(Task.Delay);")]
    [InlineData("using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct);")]
    [InlineData("var tcs = new TaskCompletionSource(); tcs.TrySetCanceled();")]
    [InlineData("await using var e = sequence.GetAsyncEnumerator();")]
    [InlineData("await Task.Factory.StartNew(() => { });")]
    [InlineData("Action<CancellationToken> run = own => Task.Delay(1, own).Wait();")]
    [InlineData("Action<CancellationToken> run = own => { var work = Task.Delay(1, own); work.Wait(); };")]
    [InlineData("await Task.Run(() => { });")]
    [InlineData("if (gate.Wait(0)) return;")]
    [InlineData("gate.Wait(); beats[0].Wait();")]
    [InlineData("await new MemoryStream().WriteAsync(bytes, 0, 1);")]
    [InlineData("await box.StopAsync();")]
    [InlineData("var n = await box.ReadAllAsync(ct).FirstAsync();")]
    [InlineData("await foreach (var x in box.ReadAllAsync(ct).Where(x => x > 0)) { }")]
    [InlineData("await foreach (var x in box.ReadAllAsync(ct).Where(x => x > 0).Distinct().ConfigureAwait(false)) { }")]
    public Task Left_alone(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("static Task M() => Task.Delay(1);")]
    [InlineData("private readonly CancellationToken _stop; static Task M() => Task.Delay(1);")]
    [InlineData("Task M(CancellationToken ct) => M(); Task M() => Task.CompletedTask;")]
    [InlineData("public async ValueTask DisposeAsync(CancellationToken ct) => await Task.Delay(1);")]
    [InlineData("public async Task StopAsync(CancellationToken ct) => await Task.Delay(1);")]
    [InlineData("private readonly CancellationTokenSource _source = new(); Task M() => Task.Delay(1);")]
    [InlineData("async Task M() { var token = CancellationToken.None; await Task.Delay(1); await Task.Delay(2, token); }")]
    [InlineData("async Task M() { CancellationToken token = default; await Task.Delay(1); await Task.Delay(2, token); }")]
    [InlineData("async Task M() { var token = default(CancellationToken); await Task.Delay(1); }")]
    [InlineData("async Task M() { await Flush(); var token = new CancellationTokenSource(5).Token; await Task.Delay(2, token); async Task Flush() { await Task.Delay(1); } }")]
    [InlineData("async Task M(CancellationToken stop, CancellationToken done) { var none = CancellationToken.None; await Task.Delay(1); }")]
    [InlineData("Task M(out CancellationToken ct) { ct = default; return Task.Delay(1); }")]
    [InlineData("[Xunit.Fact] public async Task M() { var token = new CancellationToken(false); await Task.Delay(1); } } namespace Xunit { class FactAttribute : Attribute { }")]
    public Task Members_left_alone(string members) => Verify.VerifyAnalyzerAsync($"class C {{ {members} }}");

    [Theory]
    [InlineData("async Task M() { await foreach (var n in _items.Reader.ReadAllAsync()) { } }", "_items.Writer.Complete()")]
    [InlineData("async Task M() { await foreach (var n in _items.Reader.ReadAllAsync().ConfigureAwait(false)) { } }", "_items.Writer.TryComplete()")]
    [InlineData("async Task M() => await this._items.Writer.WriteAsync(1);", "_items.Writer.TryComplete(new IOException())")]
    [InlineData("async Task M() { while (await _items.Reader.WaitToReadAsync()) { } }", "this._items.Writer.Complete()")]
    [InlineData("async Task M() => await _writer.WriteAsync(1);", "_writer.Complete()")]
    public Task The_objects_token_is_not_for_a_channel_that_it_completes(string reads, string completes) =>
        Verify.VerifyAnalyzerAsync(Channels(reads, completes));

    [Theory]
    [InlineData("async Task M() { await foreach (var n in [|_items.Reader.ReadAllAsync()|]) { } }", "_writer.Complete()")]
    [InlineData("async Task M() => await [|_items.Writer.WriteAsync(1)|];", "_items.Reader.TryRead(out _)")]
    [InlineData("async Task M() => await [|_items.Writer.WriteAsync(1)|]; async Task N() { while (await _items.Reader.WaitToReadAsync(_stopping)) { } }", "_items.Writer.Complete()")]
    [InlineData("async Task M(Channel<int> other) { await foreach (var n in [|other.Reader.ReadAllAsync()|]) { } }", "_items.Writer.Complete()")]
    [InlineData("async Task M(CancellationToken ct) { await foreach (var n in [|_items.Reader.ReadAllAsync()|]) { } }", "_items.Writer.Complete()")]
    [InlineData("async Task M() { await [|Task.Delay(1)|]; }", "_items.Writer.Complete()")]
    public Task A_channel_that_others_complete_or_a_method_has_a_token_for(string reads, string completes) =>
        Verify.VerifyAnalyzerAsync(Channels(reads, completes));

    [Fact]
    public Task Tests_are_looked_at_where_asked_for() => new Verify.Test
    {
        TestCode = "class C { [Xunit.Fact] public async Task M() { var token = new CancellationToken(false); await [|Task.Delay(1)|]; } } namespace Xunit { class FactAttribute : Attribute { } }",
        EditorConfig = "concurrency.analyze_tests = true",
    }.RunAsync();

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static Task M(CancellationToken stop) => Task.Delay(1); }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { async Task M(CancellationToken ct) { await Task.Delay( } }")]
    [InlineData("class C { async Task M(CancellationToken ct) { await foreach (var x in ) { } await missing.FooAsync(); } }")]
    [InlineData("class C { async Task M(CancellationToken ct) { await Task.Delay(missing); await foreach (var x in missing) } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.AnalyzeAsync();

    private static string Channels(string reads, string completes) =>
        $$"""
        using System.Threading.Channels;

        class C
        {
            readonly CancellationToken _stopping = new CancellationToken();
            readonly Channel<int> _items = Channel.CreateBounded<int>(8);
            readonly ChannelWriter<int> _writer = Channel.CreateBounded<int>(8).Writer;
            {{reads}}
            void End() => {{completes}};
        }
        """;

    private static string Method(string statements) =>
        $$"""
        class C
        {
            async Task M(Stream stream, Box box, byte[] bytes, SemaphoreSlim gate, IAsyncEnumerable<int> sequence, List<Task> beats, CancellationToken ct)
            {
                await Task.Yield();
                {{statements}}
            }

            static Task Beat(CancellationToken token) => Task.Delay(1, token);
        }

        public sealed class Box
        {
            public event EventHandler Changed { add { } remove { } }
            public void Plain(int n) { }
            public void Later(Func<Task> work) { }
            public Task SubscribeAsync(Func<Task> handler) => Task.CompletedTask;
            public Task<int> OptionalAsync(int a = 0, int b = 0, CancellationToken cancellationToken = default) => Task.FromResult(a);
            public Task MiddleAsync(int a, string b) => Task.CompletedTask;
            public Task MiddleAsync(int a, CancellationToken token, string b) => Task.CompletedTask;
            public Task ManyAsync(int a, int b) => Task.CompletedTask;
            public Task ManyAsync(int a, int b, CancellationToken token) => Task.CompletedTask;
            public Task OtherAsync(int a) => Task.CompletedTask;
            public Task OtherAsync(string a, CancellationToken token) => Task.CompletedTask;
            public Task ObsoleteAsync(int a) => Task.CompletedTask;
            [Obsolete] public Task ObsoleteAsync(int a, CancellationToken token) => Task.CompletedTask;
            public Task RequiredAsync(CancellationToken token, int a) => Task.CompletedTask;
            public Task KeysAsync(params object[] keys) => Task.CompletedTask;
            public Task KeysAsync(object[] keys, CancellationToken token) => Task.CompletedTask;
            public Task StopAsync(CancellationToken token = default) => Task.CompletedTask;
            public Task RollbackAsync(CancellationToken token = default) => Task.CompletedTask;
            public async IAsyncEnumerable<int> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token = default) { await Task.Delay(1, token); yield return 1; }
        }

        public delegate Task Flush(int n, CancellationToken token = default);

        public static class Extensions
        {
            public static Task ExtendedAsync(this Box box, int a) => Task.CompletedTask;
            public static Task ExtendedAsync(this Box box, int a, CancellationToken token) => Task.CompletedTask;
        }
        """;
}
