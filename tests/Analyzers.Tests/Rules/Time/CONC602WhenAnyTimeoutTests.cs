using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC602WhenAnyTimeoutAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC602WhenAnyTimeoutCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC602WhenAnyTimeoutTests
{
    [Theory]
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(100))|] != task) throw new TimeoutException();")]
    [InlineData("if (await [|Task.WhenAny(Task.Delay(100), task)|] != task) throw new TimeoutException();")]
    [InlineData("if (task == await [|Task.WhenAny(task, Task.Delay(timeout))|].ConfigureAwait(false)) await task; else Log();")]
    [InlineData("var winner = await [|Task.WhenAny(task, Task.Delay(timeout, ct))|]; if (winner != task) throw new TimeoutException();")]
    [InlineData("var delay = Task.Delay(timeout); var winner = await [|Task.WhenAny(task, delay)|]; if (winner == delay) return; await task;")]
    [InlineData("Task delay; delay = Task.Delay(timeout); if (await [|Task.WhenAny(task, delay)|] == delay) return;")]
    [InlineData("await [|Task.WhenAny(task, Task.Delay(100))|]; if (!task.IsCompleted) throw new TimeoutException();")]
    [InlineData("await [|Task.WhenAny(RunAsync(), Task.Delay(100))|];")]
    [InlineData("await [|Task.WhenAny(new[] { task, Task.Delay(100) })|];")]
    [InlineData("await [|Task.WhenAny([task, Task.Delay(100)])|];")]
    [InlineData("[|Task.WhenAny(task, Task.Delay(100))|].Wait(); if (!task.IsCompleted) Log();")]
    [InlineData("var isInTime = await [|Task.WhenAny(task, Task.Delay(100))|] == task; Console.WriteLine(isInTime);")]
    [InlineData("var isInTime = (await [|Task.WhenAny(task, Task.Delay(100).ContinueWith(_ => { }))|]) == task;", false)]
    [InlineData("Func<Task<bool>> f = async () => await [|Task.WhenAny(task, Task.Delay(100))|] == task; await f();")]
    [InlineData("for (var i = 0; i < 3; i++) { var one = RunAsync(); if (await [|Task.WhenAny(one, Task.Delay(100))|] == one) break; }")]
    [InlineData("using var cts = new CancellationTokenSource(); var one = RunAsync(cts.Token); if (await [|Task.WhenAny(one, Task.Delay(100))|] != one) cts.Cancel();")]
    [InlineData("if (await [|Task.WhenAny(task, Task.Delay(100))|] == task) { await task; } else { Log(); }")]
    public Task A_timeout_by_hand(string statements, bool isFound = true) =>
        Verify.VerifyAnalyzerAsync(Method(isFound ? statements : statements.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("await task.WaitAsync(timeout, ct);")]
    [InlineData("await Task.WhenAny(task, RunAsync());")]
    [InlineData("await Task.WhenAny(task, RunAsync(), Task.Delay(100));")]
    [InlineData("await Task.WhenAny(Task.Delay(50), Task.Delay(100));")]
    [InlineData("await Task.WhenAll(task, Task.Delay(100));")]
    [InlineData("await Task.Delay(100);")]
    // Cancelled when the task is done.
    [InlineData("using var cts = new CancellationTokenSource(); if (await Task.WhenAny(task, Task.Delay(100, cts.Token)) == task) { cts.Cancel(); await task; }")]
    [InlineData("using var cts = CancellationTokenSource.CreateLinkedTokenSource(ct); var token = cts.Token; var delay = Task.Delay(timeout, token); var winner = await Task.WhenAny(task, delay); if (winner == delay) throw new TimeoutException(); await cts.CancelAsync();")]
    // The token's cancellation as a task.
    [InlineData("await Task.WhenAny(task, Task.Delay(-1, ct));")]
    [InlineData("await Task.WhenAny(task, Task.Delay(Timeout.Infinite, ct));")]
    [InlineData("if (await Task.WhenAny(task, Task.Delay(Timeout.InfiniteTimeSpan, ct)) != task) ct.ThrowIfCancellationRequested();")]
    [InlineData("await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(-1), ct));")]
    // The pause of a loop.
    [InlineData("while (!ct.IsCancellationRequested) { Log(); await Task.WhenAny(_signal.Task, Task.Delay(timeout, ct)); }")]
    [InlineData("while (!task.IsCompleted) { if (await Task.WhenAny(task, Task.Delay(100)) != task) Log(); }")]
    [InlineData("while (true) { var winner = await Task.WhenAny(task, Task.Delay(100)); if (winner == task) break; Log(); }")]
    [InlineData("var deadline = Task.Delay(timeout); while (true) { var one = RunAsync(); if (await Task.WhenAny(one, deadline) == deadline) break; }")]
    // A grace period: the task is awaited all the same.
    [InlineData("if (await Task.WhenAny(task, Task.Delay(500)) != task) Log(); await task;")]
    [InlineData("await Task.WhenAny(task, Task.Delay(500)); Log(); await task.ConfigureAwait(false);")]
    // The delay has another use.
    [InlineData("var delay = Task.Delay(500); await Task.WhenAny(task, delay); await delay;")]
    [InlineData("var delay = Task.Delay(500); Task[] all = [delay]; await Task.WhenAny(task, delay); await Task.WhenAll(all);")]
    // An assertion that nothing happens.
    [InlineData("Same(task, await Task.WhenAny(task, Task.Delay(100)));")]
    public Task Not_flagged(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Fact]
    public Task Message() => Verify.VerifyAnalyzerAsync(
        Method("await {|#0:Task.WhenAny(RunAsync(), Task.Delay(1))|};"),
        Verify.Diagnostic().WithLocation(0).WithArguments("RunAsync", "use 'WaitAsync', which stops its timer and throws a TimeoutException"));

    [Fact]
    public Task Where_WaitAsync_is_missing() => new Verify.Test
    {
        TestCode =
            """
            using System;
            using System.Threading.Tasks;

            class C
            {
                async Task M(Task task)
                {
                    if (await {|#0:Task.WhenAny(task, Task.Delay(1))|} != task) throw new TimeoutException();
                }
            }
            """,
        FixedCode =
            """
            using System;
            using System.Threading.Tasks;

            class C
            {
                async Task M(Task task)
                {
                    if (await {|#0:Task.WhenAny(task, Task.Delay(1))|} != task) throw new TimeoutException();
                }
            }
            """,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        ExpectedDiagnostics = { Verify.Diagnostic().WithLocation(0).WithArguments("task", "give the delay a token, and cancel it") },
    }.RunAsync();

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C : object { async Task M(Task task) { await Task.WhenAny(task, Task.Delay(1)); } }");

    [Theory]
    [InlineData("class C { async Task M(Task task) { await Task.WhenAny(task, Task.Delay()); } }")]
    [InlineData("class C { async Task M(Task task) { await Task.WhenAny(task, ); await Task.WhenAny(, Task.Delay(1)); if (await Task.WhenAny(task } }")]
    [InlineData("class C { async Task M(Task task) { var d = ; await Task.WhenAny(task, d); } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    private static string Method(string statements) =>
        $$"""
        class C
        {
            async Task M(Task task, TimeSpan timeout, CancellationToken ct)
            {
                await Task.Yield();
                {{statements}}
            }

            readonly TaskCompletionSource _signal = new();
            static Task RunAsync(CancellationToken ct = default) => Task.Run(() => { }, ct);
            static void Log() { }
            static void Same(object a, object b) { }
        }
        """;
}
