using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC103BlockingSynchronizationInAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC103BlockingSynchronizationInAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC103BlockingSynchronizationInAsyncTests
{
    [Theory]
    [InlineData("{|#0:new SemaphoreSlim(1).Wait()|};", "SemaphoreSlim.Wait", "await WaitAsync instead")]
    [InlineData("{|#0:new ManualResetEventSlim().Wait()|};", "ManualResetEventSlim.Wait", "await a TaskCompletionSource's task instead")]
    [InlineData("{|#0:new CountdownEvent(1).Wait()|};", "CountdownEvent.Wait", "await the tasks that it counts instead")]
    [InlineData("{|#0:new AutoResetEvent(false).WaitOne()|};", "WaitHandle.WaitOne", "await a SemaphoreSlim or a TaskCompletionSource's task instead")]
    [InlineData("{|#0:new Thread(() => { }).Join()|};", "Thread.Join", "await the work's task instead")]
    [InlineData("{|#0:Parallel.Invoke(() => { }, () => { })|};", "Parallel.Invoke", "await Task.WhenAll instead")]
    [InlineData("{|#0:new Barrier(2).SignalAndWait()|};", "Barrier.SignalAndWait", "await the tasks of each phase with Task.WhenAll instead")]
    [InlineData("new System.Collections.Concurrent.BlockingCollection<int>().Add({|#0:new System.Collections.Concurrent.BlockingCollection<int>().Take()|});", "BlockingCollection.Take", "read from a Channel instead")]
    public Task Message_names_the_wait_and_the_way_out(string statement, string name, string advice) =>
        VerifyAsync(Code(statement), null, Verify.Diagnostic().WithLocation(0).WithArguments(name, advice));

    [Theory]
    [InlineData("[|_gate.Wait(100)|];")]
    [InlineData("if ([|_gate.Wait(TimeSpan.FromSeconds(1))|]) _gate.Release();")]
    [InlineData("lock (_items) { [|Monitor.Wait(_items)|]; }")]
    [InlineData("foreach (var item in [|_items.GetConsumingEnumerable()|]) await Task.Yield();")]
    [InlineData("[|_items.TryTake(out var item, 1000)|];")]
    [InlineData("[|_bounded.Add(1)|];")]
    [InlineData("var queue = new BlockingCollection<int>(boundedCapacity: 3); [|queue.Add(1)|];")]
    [InlineData("[|WaitHandle.WaitAll(new WaitHandle[] { new ManualResetEvent(false) })|];")]
    [InlineData("var i = [|WaitHandle.WaitAny(new WaitHandle[] { new ManualResetEvent(false) }, 100)|];")]
    [InlineData("using var process = Process.Start(\"git\"); [|process!.WaitForExit(1000)|];")]
    [InlineData("using var mutex = new Mutex(); [|mutex.WaitOne(500)|];")]
    [InlineData("[|new Thread(() => { }).Join(TimeSpan.FromSeconds(3))|];")]
    [InlineData("Func<Task> f = async () => { [|_gate.Wait(5)|]; await Task.Yield(); }; await f();")]
    [InlineData("async Task Local() { await Task.Yield(); [|_gate.Wait(5)|]; } await Local();")]
    [InlineData("async void Local() { await Task.Yield(); [|_gate.Wait(5)|]; } Local();")]
    public Task Flags(string statement) => VerifyAsync(Code(statement));

    [Theory]
    [InlineData("await _gate.WaitAsync();")]
    [InlineData("if (_gate.Wait(0)) _gate.Release();")]
    [InlineData("if (_gate.Wait(TimeSpan.Zero)) _gate.Release();")]
    [InlineData("if (_gate.Wait(millisecondsTimeout: 0, cancellationToken: default)) _gate.Release();")]
    [InlineData("var set = new ManualResetEvent(false).WaitOne(0);")]
    [InlineData("lock (_items) { Monitor.Wait(_items, 0); Monitor.PulseAll(_items); }")]
    [InlineData("_items.Add(1);")]
    [InlineData("_items.TryAdd(1); _items.TryTake(out var item);")]
    [InlineData("new Thread(() => { }).Join(0);")]
    [InlineData("using var process = Process.Start(\"git\")!; process.WaitForExit(0);")]
    [InlineData("using var process = Process.Start(\"git\")!; await process.WaitForExitAsync(); process.WaitForExit();")]
    [InlineData("Action a = () => _gate.Wait(); a();")]
    [InlineData("void Local() => _gate.Wait(); Local();")]
    [InlineData("var thread = new Thread(() => { foreach (var item in _items.GetConsumingEnumerable()) { } }); thread.Start();")]
    [InlineData("await Task.Factory.StartNew(() => _gate.Wait(), TaskCreationOptions.LongRunning);")]
    [InlineData("new Waiter().Wait(); Waiter.Join();")]
    [InlineData("Parallel.ForEach(new[] { 1 }, async x => await Task.Delay(x));")]
    [InlineData("Parallel.ForEach(new[] { 1 }, x => Task.Run(() => x)); Parallel.Invoke(() => Task.Run(() => 1));")]
    [InlineData("System.Linq.Expressions.Expression<Func<Task<bool>>> e = () => Task.FromResult(_gate.Wait(5));")]
    [InlineData("var name = nameof(SemaphoreSlim.Wait);")]
    [InlineData("await Task.Run(() => { while (true) { _gate.Wait(); Use(1); } });")]
    public Task Leaves_alone(string statement) => VerifyAsync(Code(statement));

    [Theory]
    [InlineData("void M(SemaphoreSlim gate) { gate.Wait(); }")]
    [InlineData("int P { get { new SemaphoreSlim(1).Wait(); return 1; } }")]
    [InlineData("static async Task Main() { await Task.Yield(); new ManualResetEvent(false).WaitOne(); }")]
    [InlineData("static async Task Main() { await Task.Yield(); Parallel.ForEach(new[] { 1 }, x => { }); }")]
    public Task Synchronous_code_and_the_entry_point_are_left_alone(string member) =>
        Verify.VerifyAnalyzerAsync("class C { " + member + " }");

    [Fact]
    public Task Task_returning_methods_are_async_code() => VerifyAsync(
        "class C { Task M(SemaphoreSlim gate) { [|gate.Wait()|]; return Task.CompletedTask; } }",
        "class C { async Task M(SemaphoreSlim gate) { await gate.WaitAsync(); } }");

    [Theory]
    [InlineData("[|_gate.Wait()|];", "await _gate.WaitAsync();")]
    [InlineData("if (![|_gate.Wait(100)|]) return;", "if (!await _gate.WaitAsync(100)) return;")]
    [InlineData("var taken = [|_gate.Wait(timeout: TimeSpan.FromSeconds(1))|];", "var taken = await _gate.WaitAsync(timeout: TimeSpan.FromSeconds(1));")]
    [InlineData("/* a */ [|_gate.Wait( /* b */ )|]; // c", "/* a */ await _gate.WaitAsync( /* b */ ); // c")]
    [InlineData("[|_gate.Wait(CancellationToken.None)|];", "await _gate.WaitAsync(CancellationToken.None);")]
    [InlineData("SemaphoreSlim? s = null; s?[|.Wait()|];", "SemaphoreSlim? s = null; await (s?.WaitAsync() ?? Task.CompletedTask);")]
    [InlineData("using var p = Process.Start(\"git\")!; [|p.WaitForExit()|];", "using var p = Process.Start(\"git\")!; await p.WaitForExitAsync();")]
    [InlineData("[|Parallel.ForEach(new[] { 1 }, x => Use(x))|];", "await Parallel.ForEachAsync(new[] { 1 }, (x, _) => { Use(x); return ValueTask.CompletedTask; });")]
    [InlineData("[|Parallel.ForEach(new[] { 1 }, new ParallelOptions { MaxDegreeOfParallelism = 2 }, x => Use(x))|];", "await Parallel.ForEachAsync(new[] { 1 }, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (x, _) => { Use(x); return ValueTask.CompletedTask; });")]
    [InlineData("[|Parallel.For(0, 9, i => Use(i))|];", "await Parallel.ForAsync(0, 9, (i, _) => { Use(i); return ValueTask.CompletedTask; });")]
    public Task Awaits_instead(string before, string after) => VerifyAsync(Code(before), Code(after));

    [Theory]
    [InlineData("lock (_items) { [|_gate.Wait(5)|]; }")]
    [InlineData("SemaphoreSlim? s = null; var taken = s?[|.Wait(5)|];")]
    [InlineData("Span<int> span = new int[1]; [|_gate.Wait()|]; span[0] = 1;")]
    [InlineData("using var p = Process.Start(\"git\")!; [|p.WaitForExit(1000)|];")]
    [InlineData("var all = [|Parallel.ForEach(new[] { 1 }, x => Use(x))|].IsCompleted;")]
    [InlineData("[|Parallel.ForEach(new[] { 1 }, Use)|];")]
    [InlineData("[|Parallel.ForEach(new[] { 1 }, (x, state) => state.Stop())|];")]
    [InlineData("[|new ManualResetEventSlim().Wait()|];")]
    public Task Refuses(string statement) => VerifyAsync(Code(statement), Code(statement));

    [Fact]
    public Task Passes_the_token_and_keeps_the_files_ConfigureAwait() => VerifyAsync(
        """
        class C
        {
            async Task M(SemaphoreSlim gate, CancellationToken cancellationToken)
            {
                await Task.Delay(1).ConfigureAwait(false);
                [|gate.Wait()|];
                try
                {
                    [|gate.Wait(5)|];
                }
                finally
                {
                    [|gate.Wait()|];
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(SemaphoreSlim gate, CancellationToken cancellationToken)
            {
                await Task.Delay(1).ConfigureAwait(false);
                await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    await gate.WaitAsync(5, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    await gate.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        """);

    [Fact]
    public Task The_token_can_be_left_out() => new Verify.Test
    {
        TestCode = "class C { async Task M(SemaphoreSlim gate, CancellationToken ct) { await Task.Yield(); [|gate.Wait()|]; } }",
        FixedCode = "class C { async Task M(SemaphoreSlim gate, CancellationToken ct) { await Task.Yield(); await gate.WaitAsync(); } }",
        CodeActionEquivalenceKey = "CONC103.WithoutToken",
    }.RunAsync();

    [Fact]
    public Task Bodies_of_loops_keep_their_lines() => VerifyAsync(
        """
        class C
        {
            async Task M(string[] files)
            {
                await Task.Yield();
                [|Parallel.ForEach(files, file =>
                {
                    // Empty names are none.
                    if (file.Length == 0)
                        return;

                    File.Delete(file);
                })|];
            }
        }
        """,
        """
        class C
        {
            async Task M(string[] files)
            {
                await Task.Yield();
                await Parallel.ForEachAsync(files, (file, _) =>
                {
                    // Empty names are none.
                    if (file.Length == 0)
                        return ValueTask.CompletedTask;

                    File.Delete(file);
                    return ValueTask.CompletedTask;
                });
            }
        }
        """);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Tests_may_wait_for_events(bool analyzeTests) => new Verify.Test
    {
        TestCode = $$"""
            namespace Xunit { class FactAttribute : Attribute; }
            class T
            {
                [Xunit.Fact]
                public async Task M()
                {
                    await Task.Yield();
                    {{(analyzeTests ? "[|new ManualResetEventSlim().Wait(5)|]" : "new ManualResetEventSlim().Wait(5)")}};
                    [|new SemaphoreSlim(1).Wait()|];
                }
            }
            """,
        EditorConfig = analyzeTests ? "concurrency.analyze_tests = true" : null,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => VerifyAsync(
        "// <auto-generated/>\nclass C { async Task M(SemaphoreSlim gate) { await Task.Yield(); gate.Wait(); } }");

    [Fact]
    public Task Old_frameworks_have_no_parallel_loop_to_await() => new Verify.Test
    {
        TestCode = "class C { async Task M(int[] xs, SemaphoreSlim gate) { await Task.Yield(); [|Parallel.ForEach(xs, x => { })|]; [|gate.Wait()|]; } }",
        FixedCode = "class C { async Task M(int[] xs, SemaphoreSlim gate) { await Task.Yield(); [|Parallel.ForEach(xs, x => { })|]; await gate.WaitAsync(); } }",
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Incomplete_code() => new Verify.Test
    {
        TestCode = "class C { async Task M(SemaphoreSlim gate) { gate.Wait(; [|gate.Wait(|]} }",
        CompilerDiagnostics = CompilerDiagnostics.None,
        TestTopLevelProgram = false,
    }.TryAllFixesAsync();

    // The entry point, which a top-level program is, may wait.
    private static Task VerifyAsync(string before, string? after = null, params DiagnosticResult[] expected)
    {
        var test = new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false };
        foreach (var one in expected)
            test.ExpectedDiagnostics.Add(one);

        return test.RunAsync();
    }

    private static string Code(string statement) => $$"""
        using System.Collections.Concurrent;
        using System.Diagnostics;

        class C
        {
            static readonly SemaphoreSlim _gate = new(1);
            static readonly BlockingCollection<int> _items = new();
            static readonly BlockingCollection<int> _bounded = new(10);

            async Task M()
            {
                await Task.Yield();
                {{statement}}
            }

            static void Use(int value) { }
        }

        class Waiter
        {
            public void Wait() { }
            public static void Join() { }
        }
        """;
}
