using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC703WorkWaitsForItsExecutorAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC703WorkWaitsForItsExecutorTests
{
    [Theory]
    [InlineData("await _async.RunAsync(async () => { await [|_async.RunAsync(WorkAsync)|]; });")]
    [InlineData("await _async.RunAsync(async token => { var n = await [|_async.RunAsync(t => CountAsync(), token)|]; });")]
    [InlineData("await _async.RunAsync(() => [|_async.RunAsync(WorkAsync)|]);")]
    [InlineData("await _async.RunAsync(async () => { var inner = [|_async.RunAsync(WorkAsync)|]; await inner; });")]
    [InlineData("await _async.RunAsync(async () => { await Task.WhenAll([|_async.RunAsync(WorkAsync)|], [|_async.RunAsync(WorkAsync)|]); });")]
    [InlineData("await _async.RunAsync(async () => { await [|_async.RunAsync(WorkAsync)|].ConfigureAwait(false); });")]
    [InlineData("await _thread.RunAsync(() => { [|_thread.RunAsync(() => 1)|].Wait(); });")]
    [InlineData("await _thread.RunAsync(() => [|_thread.RunAsync(() => 1)|].Result);")]
    [InlineData("await _thread.RunAsync(() => [|_thread.RunAsync(() => 1)|].GetAwaiter().GetResult());")]
    [InlineData("await _async.RunAsync(async () => { await [|_async.ShutdownAsync()|]; });")]
    [InlineData("await _async.RunAsync(async () => { await [|NestedAsync()|]; });")]
    [InlineData("await _async.RunAsync([|NestedAsync|]);")]
    [InlineData("_async.Post(async token => { await [|_async.RunAsync(WorkAsync)|]; });")]
    [InlineData("await using var own = new AsyncExecutor(4); await own.RunAsync(async () => { await [|own.RunAsync(WorkAsync)|]; });")]
    [InlineData("await given.RunAsync(async () => { await [|given.RunAsync(WorkAsync)|]; });")]
    [InlineData("await _async.RunAsync(async () => { await [|LocalAsync()|]; }); async Task LocalAsync() { await _async.RunAsync(WorkAsync); }")]
    [InlineData("await s_shared.RunAsync(async () => { await [|s_shared.RunAsync(WorkAsync)|]; });")]
    [InlineData("await this._async.RunAsync(async () => { await [|_async.RunAsync(WorkAsync)|]; });")]
    [InlineData("await Executor.RunAsync(async () => { await [|Executor.RunAsync(WorkAsync)|]; });")]
    [InlineData("Func<Task> work = async () => { await [|_async.RunAsync(WorkAsync)|]; }; await _async.RunAsync(work);")]
    [InlineData("await _async.RunAsync(async () => { if (given != null) { foreach (var i in new[] { 1 }) await [|_async.RunAsync(WorkAsync)|]; } });")]
    public Task Flagged(string body) => VerifyAsync(body);

    [Theory]
    [InlineData("await _async.RunAsync(async () => { await WorkAsync(); });")]
    [InlineData("await _async.RunAsync(async () => { await _other.RunAsync(WorkAsync); });")]
    [InlineData("await _async.RunAsync(async () => { await _thread.RunAsync(() => 1); });")]
    [InlineData("await _async.RunAsync(async () => { await WorkAsync(); _async.Post(token => WorkAsync()); });")]
    [InlineData("await _async.RunAsync(async () => { await WorkAsync(); _async.RunAsync(WorkAsync).Observe(); });")]
    [InlineData("await _async.RunAsync(async () => { await WorkAsync(); _ = _async.RunAsync(WorkAsync); });")]
    [InlineData("await _async.RunAsync(WorkAsync); await _async.RunAsync(WorkAsync);")]
    [InlineData("var first = _async.RunAsync(WorkAsync); await _async.RunAsync(WorkAsync); await first;")]
    [InlineData("await _async.RunAsync(async () => { await given.RunAsync(WorkAsync); });")]
    [InlineData("await _async.RunAsync(async () => { await other._async.RunAsync(WorkAsync); });")]
    [InlineData("await other._async.RunAsync(async () => { await _async.RunAsync(WorkAsync); });")]
    [InlineData("await _async.RunAsync(async () => { await other.NestedAsync(); });")]
    [InlineData("await _async.RunAsync(async () => { await Task.Yield(); Console.WriteLine(_async.MaxConcurrency); });")]
    [InlineData("await _async.RunAsync(async () => { await Task.Yield(); Func<Task> later = () => _async.RunAsync(WorkAsync); Keep(later); });")]
    [InlineData("await Task.Run(async () => { await _async.RunAsync(WorkAsync); });")]
    [InlineData("await _async.RunAsync(async () => { await Task.Yield(); _ = nameof(_async.RunAsync); });")]
    [InlineData("await _async.RunAsync(async () => { await RecurseAsync(3); });")]
    [InlineData("await _async.RunAsync(async () => { await VirtualAsync(); });")]
    public Task Not_flagged(string body) => VerifyAsync(body);

    [Fact]
    public Task Message_names_the_executor() => Verify.VerifyAnalyzerAsync(
        """
        using ConcurrencyAnalyzers.Runtime;
        class C
        {
            private readonly AsyncExecutor _pages = new(4);
            Task M() => _pages.RunAsync(async () => { await {|#0:_pages.RunAsync(() => Task.Delay(1))|}; });
        }
        """,
        Verify.Diagnostic().WithLocation(0).WithArguments("_pages"));

    [Fact]
    public Task Without_the_runtime() => new Verify.Test
    {
        TestCode =
            """
            class AsyncExecutor { public Task RunAsync(Func<Task> work) => work(); }
            class C { AsyncExecutor _e = new(); Task M() => _e.RunAsync(async () => { await _e.RunAsync(() => Task.Delay(1)); }); }
            """,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "using ConcurrencyAnalyzers.Runtime; class C { AsyncExecutor e; Task M() => e.RunAsync(async () => { await e.RunAsync( ; e.(); }); }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    private static Task VerifyAsync(string body) => Verify.VerifyAnalyzerAsync(
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            private static readonly AsyncExecutor s_shared = new(4);
            private readonly AsyncExecutor _async = new(4);
            private readonly AsyncExecutor _other = new(4);
            private readonly ThreadExecutor _thread = new(4);
            private AsyncExecutor Executor => _async;

            async Task M(AsyncExecutor given, C other)
            {
                await Task.Yield();
                {{body}}
            }

            async Task NestedAsync() => await _async.RunAsync(WorkAsync);
            async Task RecurseAsync(int n) { if (n > 0) await RecurseAsync(n - 1); await WorkAsync(); }
            protected virtual async Task VirtualAsync() => await _async.RunAsync(WorkAsync);
            Task WorkAsync() => Task.Delay(1);
            Task<int> CountAsync() => Task.FromResult(1);
            static void Keep(Func<Task> work) { }
        }
        """);
}
