using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC704WrongExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC704WrongExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC704WrongExecutorTests
{
    [Theory]
    [InlineData("await _thread.RunAsync([|async () => { await WorkAsync(); }|]);")]
    [InlineData("await _thread.RunAsync([|async () => await CountAsync()|]);")]
    [InlineData("await _thread.RunAsync([|() => WorkAsync()|]);")]
    [InlineData("await _thread.RunAsync([|WorkAsync|]);")]
    [InlineData("await _thread.RunAsync([|async token => { await Task.Delay(1, token); }|]);")]
    [InlineData("_thread.Post([|async token => await Task.Delay(1, token)|]);")]
    [InlineData("await _thread.RunAsync([|() => Task.Delay(1)|]);")]
    [InlineData("await _thread.RunAsync([|() => new ValueTask<int>(CountAsync())|]);")]
    [InlineData("_thread.Post([|FireAndForget|]);")]
    [InlineData("await _thread.RunAsync([|async (state, token) => { await Task.Delay(state, token); }|], 3);")]
    [InlineData("await _async.RunAsync([|() => { Thread.Sleep(10); return Task.CompletedTask; }|]);")]
    [InlineData("await _async.RunAsync([|() => Task.FromResult(Compute(3))|]);")]
    [InlineData("await _async.RunAsync([|() => { var n = 0; for (var i = 0; i < 1000; i++) n += i; return Task.FromResult(n); }|]);")]
    [InlineData("await _async.RunAsync([|token => { Compute(3); return Task.CompletedTask; }|]);")]
    [InlineData("_async.Post([|token => { Compute(3); return Task.CompletedTask; }|]);")]
    [InlineData("await _async.RunAsync([|() => { if (Compute(1) > 0) return Task.FromResult(1); return Task.FromResult(Compute(2)); }|]);")]
    [InlineData("Func<Task> work = [|() => { Compute(3); return Task.CompletedTask; }|]; await _async.RunAsync(work);")]
    [InlineData("await s_async.RunAsync([|() => { using var file = File.OpenRead(\"a\"); file.ReadByte(); return Task.CompletedTask; }|]);")]
    [InlineData("#pragma warning disable CS1998\n        await _async.RunAsync([|async () => { Compute(3); }|]);")]
    [InlineData("#pragma warning disable CS1998\n        await _async.RunAsync([|async () => Compute(3)|]);")]
    public Task Flagged(string body) => VerifyAsync(body);

    [Theory]
    [InlineData("await _thread.RunAsync(() => Compute(3));")]
    [InlineData("await _thread.RunAsync(() => Thread.Sleep(3));")]
    [InlineData("await _thread.RunAsync(() => { CountAsync().Wait(); });")]
    [InlineData("await _thread.RunAsync(() => CountAsync().Result);")]
    [InlineData("await _thread.RunAsync(Sync);")]
    [InlineData("_thread.Post(token => Compute(1));")]
    [InlineData("await _thread.RunAsync(() => (Func<Task>)(() => WorkAsync()));")]
    [InlineData("await _async.RunAsync(WorkAsync);")]
    [InlineData("await _async.RunAsync(() => WorkAsync());")]
    [InlineData("await _async.RunAsync(async () => { Compute(3); await WorkAsync(); });")]
    [InlineData("await _async.RunAsync(async token => await Task.Delay(1, token));")]
    [InlineData("await _async.RunAsync(() => Task.CompletedTask);")]
    [InlineData("await _async.RunAsync(() => Task.FromResult(3));")]
    [InlineData("await _async.RunAsync(() => { Compute(1); return WorkAsync(); });")]
    [InlineData("await _async.RunAsync(() => Compute(1) > 0 ? Task.CompletedTask : WorkAsync());")]
    [InlineData("await _async.RunAsync(() => { if (Compute(1) > 0) return Task.CompletedTask; return WorkAsync(); });")]
    [InlineData("await _async.RunAsync(async () => { await foreach (var i in EachAsync()) Compute(i); });")]
    [InlineData("await _async.RunAsync(async () => { await using var s = new MemoryStream(); Compute(1); });")]
    [InlineData("await _async.RunAsync(() => Task.Run(() => Compute(3)));")]
    [InlineData("await _async.RunAsync(() => { var source = new TaskCompletionSource(); Begin(source); return source.Task; });")]
    [InlineData("await _async.RunAsync(() => throw new InvalidOperationException());")]
    [InlineData("await _process.RunAsync(Sync);")]
    [InlineData("await Task.Run(async () => await WorkAsync());")]
    public Task Not_flagged(string body) => VerifyAsync(body);

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        """
        using ConcurrencyAnalyzers.Runtime;
        class C
        {
            async Task M(ThreadExecutor thread, AsyncExecutor async1)
            {
                await thread.RunAsync({|#0:async () => await Task.Delay(1)|});
                await async1.RunAsync({|#1:() => { Thread.Sleep(1); return Task.CompletedTask; }|});
            }
        }
        """,
        Verify.Diagnostic().WithLocation(0).WithArguments("ThreadExecutor", "is done with an async delegate at its first await, so neither its bound nor its shutdown covers the rest; give async work to an AsyncExecutor"),
        Verify.Diagnostic().WithLocation(1).WithArguments("AsyncExecutor", "runs this work on a thread of the pool, and it awaits nothing: it blocks or computes all the while; give it to a ThreadExecutor, or to a ProcessExecutor where it must be isolated"));

    [Fact]
    public Task Without_the_runtime() => new Verify.Test
    {
        TestCode =
            """
            class ThreadExecutor { public Task RunAsync(Func<Task> work) => work(); }
            class C { ThreadExecutor _e = new(); Task M() => _e.RunAsync(async () => await Task.Delay(1)); }
            """,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "using ConcurrencyAnalyzers.Runtime; class C { ThreadExecutor e; AsyncExecutor a; Task M() => e.RunAsync(async () => { await ; a.RunAsync(() => { x(; return Task.; }); }); }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    private static Task VerifyAsync(string body) => Verify.VerifyAnalyzerAsync(
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            private static readonly AsyncExecutor s_async = new(4);
            private readonly AsyncExecutor _async = new(4);
            private readonly ThreadExecutor _thread = new(4);
            private readonly ProcessExecutor _process = new(2);

            async Task M()
            {
                await Task.Yield();
                {{body}}
            }

            Task WorkAsync() => Task.Delay(1);
            Task<int> CountAsync() => Task.FromResult(1);
            async IAsyncEnumerable<int> EachAsync() { await Task.Yield(); yield return 1; }
            async void FireAndForget(CancellationToken token) => await Task.Delay(1, token);
            static int Sync() => 1;
            static int Compute(int n) => n;
            static void Begin(TaskCompletionSource source) => source.SetResult();
        }
        """);
}
