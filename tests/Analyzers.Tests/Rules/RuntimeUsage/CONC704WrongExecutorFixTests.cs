using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC704WrongExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC704WrongExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC704WrongExecutorFixTests
{
    [Theory]
    [InlineData("private readonly ThreadExecutor _work = new(maxThreads: 4);", "private readonly AsyncExecutor _work = new(maxConcurrency: 4);")]
    [InlineData("private static readonly ThreadExecutor _work = new ThreadExecutor(4); // four", "private static readonly AsyncExecutor _work = new AsyncExecutor(4); // four")]
    [InlineData("private readonly ConcurrencyAnalyzers.Runtime.ThreadExecutor _work = new ThreadExecutor(8);", "private readonly ConcurrencyAnalyzers.Runtime.AsyncExecutor _work = new AsyncExecutor(8);")]
    public Task Async_work_gets_an_AsyncExecutor(string before, string after) => VerifyAsync(
        Class(before, "await _work.RunAsync([|async () => await Task.Delay(1)|]);\n        _work.Post([|async token => await Task.Delay(1, token)|]);\n        await _work.ShutdownAsync();"),
        Class(after, "await _work.RunAsync(async () => await Task.Delay(1));\n        _work.Post(async token => await Task.Delay(1, token));\n        await _work.ShutdownAsync();"));

    [Theory]
    [InlineData("await _work.RunAsync([|() => { Thread.Sleep(1); return Task.CompletedTask; }|]);", "await _work.RunAsync(() => { Thread.Sleep(1); return; });")]
    [InlineData("var n = await _work.RunAsync([|() => Task.FromResult(Compute(3))|]);", "var n = await _work.RunAsync(() => Compute(3));")]
    [InlineData("#pragma warning disable CS1998\n        var n = await _work.RunAsync([|async () => Compute(3)|]);", "#pragma warning disable CS1998\n        var n = await _work.RunAsync(() => Compute(3));")]
    [InlineData("_work.Post([|token => { Compute(3); return Task.CompletedTask; }|]); // later", "_work.Post(token => { Compute(3); return; }); // later")]
    public Task Blocking_work_gets_a_ThreadExecutor(string before, string after) => VerifyAsync(
        Class("private readonly AsyncExecutor _work = new(maxConcurrency: 4);", before),
        Class("private readonly ThreadExecutor _work = new(maxThreads: 4);", after));

    [Fact]
    public Task A_local() => VerifyAsync(
        Class("", "await using var work = new ThreadExecutor(2);\n        await work.RunAsync([|async () => await Task.Delay(1)|]);"),
        Class("", "await using var work = new AsyncExecutor(2);\n        await work.RunAsync(async () => await Task.Delay(1));"));

    [Theory]
    // It serves both kinds of work, is made with options, is passed on, or seen by others; an AsyncExecutor needs its bound.
    [InlineData("private readonly ThreadExecutor _work = new();", "await _work.RunAsync([|async () => await Task.Delay(1)|]);\n        await _work.RunAsync(() => Compute(1));")]
    [InlineData("private readonly ThreadExecutor _work = new(new ThreadExecutorOptions { MaxThreads = 2 });", "await _work.RunAsync([|async () => await Task.Delay(1)|]);")]
    [InlineData("private readonly ThreadExecutor _work = new();", "await _work.RunAsync([|async () => await Task.Delay(1)|]);\n        Use(_work);")]
    [InlineData("private readonly ThreadExecutor _work = new();", "await _work.RunAsync([|async () => await Task.Delay(1)|]);")]
    [InlineData("internal readonly ThreadExecutor _work = new();", "await _work.RunAsync([|async () => await Task.Delay(1)|]);")]
    // What comes of it is used as a task of a task.
    [InlineData("private readonly ThreadExecutor _work = new();", "await await _work.RunAsync([|() => Task.Delay(1)|]);")]
    [InlineData("private readonly ThreadExecutor _work = new();", "Task<Task> both = _work.RunAsync([|() => Task.Delay(1)|]); await both.Unwrap();")]
    public Task Refuses(string field, string body) => VerifyAsync(Class(field, body), Class(field, body));

    private static Task VerifyAsync(string before, string after) => new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false }.RunAsync();

    private static string Class(string field, string body) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            private int _n;
            {{field}}

            async Task M()
            {
                _n = await Task.FromResult(1);
                {{body}}
            }

            static int Compute(int n) => n;
            static void Use(ThreadExecutor executor) { }
        }
        """;
}
