using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC605DelayPacingAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC605DelayPacingTests
{
    private const string Helpers =
        """
            private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
            private const int Milliseconds = 200;
            private int _delay = 100;
            private static Task SendAsync(object message) => Task.CompletedTask;
            private static Task RefreshAsync() => Task.CompletedTask;
            private static void Show(object message) { }
        """;

    [Fact]
    public async Task Message_names_the_call_and_the_delay()
    {
        var test = new Verify.Test { TestCode = "class C { static Task SendAsync(int x) => Task.CompletedTask; async Task M(List<int> xs) { foreach (var x in xs) { await SendAsync(x); await {|#0:Task.Delay(200)|}; } } }" };
        test.ExpectedDiagnostics.Add(Verify.Diagnostic().WithLocation(0).WithArguments("SendAsync", "200"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(200)|]; }")]
    [InlineData("foreach (var x in xs) { await [|Task.Delay(200)|]; await SendAsync(x); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(200, ct)|]; }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x).ConfigureAwait(false); await [|Task.Delay(Milliseconds, ct)|].ConfigureAwait(false); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(TimeSpan.FromSeconds(1), ct)|]; }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(new TimeSpan(0, 0, 1))|]; }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(Pace)|]; }")]
    [InlineData("for (var i = 0; i < xs.Count; i++) { await SendAsync(xs[i]); await [|Task.Delay(200)|]; }")]
    [InlineData("foreach (var x in xs) { if (x > 0) await SendAsync(x); await [|Task.Delay(200)|]; }")]
    [InlineData("foreach (var (k, v) in xs.Select(x => (x, x))) { try { await SendAsync(k + v); } catch (Exception) { } await [|Task.Delay(200)|]; }")]
    [InlineData("Func<Task> f = async () => { foreach (var x in xs) { await SendAsync(x); await [|Task.Delay(200)|]; } }; await f();")]
    public Task Paced_calls(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("while (true) { await RefreshAsync(); await Task.Delay(200); }")]
    [InlineData("while (!ct.IsCancellationRequested) { await SendAsync(1); await Task.Delay(Pace); }")]
    [InlineData("for (;;) { await SendAsync(1); await Task.Delay(Pace); }")]
    [InlineData("for (var i = 0; i < 5; i++) { await SendAsync(i); await Task.Delay(Pace); }")]
    [InlineData("foreach (var x in xs) { await RefreshAsync(); await Task.Delay(200); }")]
    [InlineData("foreach (var x in xs) { Show(x); await Task.Delay(200); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(x); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(_delay); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(Random.Shared.Next(100)); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(1); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(0); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Yield(); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); if (x > 2) await Task.Delay(200); }")]
    [InlineData("foreach (var x in xs) { try { await SendAsync(x); break; } catch (Exception) { } await Task.Delay(200); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); if (ct.IsCancellationRequested) return; await Task.Delay(200); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); } await Task.Delay(200);")]
    [InlineData("foreach (var x in xs) await SendAsync(x); await Task.Delay(200);")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); Task.Delay(200).Wait(); }")]
    [InlineData("foreach (var x in xs) { await SendAsync(x); await Task.Delay(Timeout.InfiniteTimeSpan, ct); }")]
    public Task Polling_retries_and_waits_that_vary(string statements) => VerifyInMethod(statements);

    [Fact]
    public Task Arrivals_pace_themselves() => Verify.VerifyAnalyzerAsync(
        "class C { async Task M(IAsyncEnumerable<int> xs) { await foreach (var x in xs) { await Task.Delay(x); await Task.Delay(200); } } }");

    [Fact]
    public Task Tests_are_left_alone() => Verify.VerifyAnalyzerAsync(
        "class C { static Task SendAsync(int x) => Task.CompletedTask; [Xunit.Fact] public async Task M() { foreach (var x in new[] { 1 }) { await SendAsync(x); await Task.Delay(200); } } } namespace Xunit { class FactAttribute : Attribute { } }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static Task SendAsync(int x) => Task.CompletedTask; async Task M(List<int> xs) { foreach (var x in xs) { await SendAsync(x); await Task.Delay(200); } } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { async Task M(List<int> xs) { foreach (var x in xs) { await missing(x); await Task.Delay( } } }")]
    [InlineData("class C { async Task M(List<int> xs) { foreach (var x in ) { await Task.Delay(); } } }")]
    [InlineData("class C { async Task M() { for (var i = 0; ; ) { await Task.Delay(100); } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(
        "class C { async Task M(List<int> xs, CancellationToken ct) { " + statements + " } " + Helpers + " }");
}
