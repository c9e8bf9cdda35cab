using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC607DroppedTokenRegistrationAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC607DroppedTokenRegistrationCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC607DroppedTokenRegistrationTests
{
    private const string Helpers =
        """
            static void Stop() { }
            static Task<int> ReadAsync(object x) => Task.FromResult(1);
            public sealed class Service { public CancellationToken Stopping => default; }
        """;

    [Fact]
    public Task Message_names_the_token() => Verify.VerifyAnalyzerAsync(
        "class C { static void M(CancellationToken stop) { {|#0:stop.Register(() => { })|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("stop"));

    [Theory]
    [InlineData("[|ct.Register(() => Stop())|];")]
    [InlineData("[|ct.Register(Stop)|];")]
    [InlineData("[|ct.Register(static state => ((IDisposable)state!).Dispose(), new MemoryStream())|];")]
    [InlineData("[|ct.UnsafeRegister(static (_, _) => Stop(), null)|];")]
    [InlineData("_ = [|ct.Register(Stop)|];")]
    [InlineData("var registration = [|ct.Register(Stop)|];")]
    [InlineData("var token = ct; [|token.Register(Stop)|];")]
    [InlineData("var tcs = new TaskCompletionSource(); [|ct.Register(() => tcs.TrySetCanceled())|]; tcs.Task.Wait();")]
    [InlineData("void Local(CancellationToken inner) { [|inner.Register(Stop)|]; } Local(ct);")]
    [InlineData("if (ct.CanBeCanceled) [|ct.Register(Stop)|];")]
    public Task Dropped_on_a_callers_token(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("private readonly CancellationToken _stop; C(CancellationToken stop) => _stop = stop; void M() { [|_stop.Register(Stop)|]; }")]
    [InlineData("C(CancellationToken stop) { [|stop.Register(Stop)|]; }")]
    [InlineData("class D(CancellationToken stop) { void M() { [|stop.Register(Stop)|]; } }")]
    [InlineData("public Task<int> M(CancellationToken ct) { var tcs = new TaskCompletionSource<int>(); [|ct.Register(() => tcs.TrySetCanceled(ct))|]; return tcs.Task; }")]
    public Task Members(string members) => Verify.VerifyAnalyzerAsync("class C { " + members + Helpers + " }");

    [Theory]
    [InlineData("using var registration = ct.Register(Stop);")]
    [InlineData("using (ct.Register(Stop)) Stop();")]
    [InlineData("var registration = ct.Register(Stop); try { Stop(); } finally { registration.Dispose(); }")]
    [InlineData("var registration = ct.Register(Stop); Stop(); registration.Unregister();")]
    [InlineData("ct.Register(Stop).Dispose();")]
    [InlineData("var all = new List<CancellationTokenRegistration>(); all.Add(ct.Register(Stop));")]
    [InlineData("using var source = new CancellationTokenSource(); source.Token.Register(Stop);")]
    [InlineData("using var source = CancellationTokenSource.CreateLinkedTokenSource(ct); var token = source.Token; token.Register(Stop);")]
    [InlineData("CancellationToken.None.Register(Stop);")]
    [InlineData("new Service().Stopping.Register(Stop);")]
    [InlineData("Action<CancellationToken> f = token => token.Register(Stop); f(ct);")]
    [InlineData("System.Linq.Expressions.Expression<Action> e = () => ct.Register(Stop); _ = e;")]
    [InlineData("new Mine.Token().Register(Stop);")]
    public Task Kept_or_short_lived(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("private readonly CancellationTokenSource _cts = new(); void M() { _cts.Token.Register(Stop); }")]
    [InlineData("private readonly CancellationTokenSource _cts = new(); private readonly CancellationToken _token; C() => _token = _cts.Token; void M() { _token.Register(Stop); }")]
    [InlineData("private CancellationTokenRegistration _registration; void M(CancellationToken ct) { _registration = ct.Register(Stop); }")]
    [InlineData("CancellationTokenRegistration M(CancellationToken ct) => ct.Register(Stop);")]
    [InlineData("public CancellationToken Token { get; set; } void M() { Token.Register(Stop); }")]
    public Task Kept_or_owned_members(string members) => Verify.VerifyAnalyzerAsync("class C { " + members + Helpers + " }");

    [Fact]
    public Task What_a_host_runs_once_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        class Worker : Microsoft.Extensions.Hosting.BackgroundService
        {
            protected override async Task ExecuteAsync(CancellationToken stoppingToken)
            {
                stoppingToken.Register(() => Console.WriteLine("stopping"));
                while (!stoppingToken.IsCancellationRequested)
                    await Task.Delay(1000, stoppingToken);
            }
        }

        namespace Microsoft.Extensions.Hosting
        {
            public abstract class BackgroundService { protected abstract Task ExecuteAsync(CancellationToken token); }
        }
        """);

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static void M(CancellationToken stop) { stop.Register(() => { }); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M(CancellationToken ct) { ct.Register( } }")]
    [InlineData("class C { void M(CancellationToken ct) { ct.Register(); } }")]
    [InlineData("class C { void M(CancellationToken ct) { missing.Register(() => { }); } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData(
        "[|ct.Register(() => client.CancelPendingRequests())|]; await client.GetStringAsync(\"/\");",
        "using var registration = ct.Register(() => client.CancelPendingRequests()); await client.GetStringAsync(\"/\");")]
    [InlineData(
        "var tcs = new TaskCompletionSource(); [|ct.Register(() => tcs.TrySetCanceled())|]; await tcs.Task;",
        "var tcs = new TaskCompletionSource(); using var registration = ct.Register(() => tcs.TrySetCanceled()); await tcs.Task;")]
    [InlineData(
        "var kept = [|ct.Register(Stop)|]; await Task.Yield();",
        "using var kept = ct.Register(Stop); await Task.Yield();")]
    [InlineData(
        "var registration = 1; [|ct.Register(Stop)|]; await Task.Delay(registration);",
        "var registration = 1; using var cancellationRegistration = ct.Register(Stop); await Task.Delay(registration);")]
    public Task The_fix_disposes_it_at_the_end(string before, string after) => VerifyFix(InAsyncMethod(before), InAsyncMethod(after));

    [Fact]
    public Task Comments_stay() => VerifyFix(
        """
        class C
        {
            static async Task M(HttpClient client, CancellationToken ct)
            {
                // Give up at once.
                [|ct.Register(() => client.CancelPendingRequests())|]; // all of them

                await client.GetStringAsync("/");
            }
        }
        """,
        """
        class C
        {
            static async Task M(HttpClient client, CancellationToken ct)
            {
                // Give up at once.
                using var registration = ct.Register(() => client.CancelPendingRequests()); // all of them

                await client.GetStringAsync("/");
            }
        }
        """);

    [Theory]
    [InlineData("await Task.Yield(); [|ct.Register(Stop)|];")]
    [InlineData("if (ct.CanBeCanceled) [|ct.Register(Stop)|]; await Task.Yield();")]
    [InlineData("_ = [|ct.Register(Stop)|]; await Task.Yield();", "using var registration = ct.Register(Stop); await Task.Yield();")]
    [InlineData("[|ct.Register(() => _count++)|]; await Task.Yield();")]
    [InlineData("[|ct.Register(Count)|]; await Task.Yield();")]
    [InlineData("var stream = new MemoryStream(); [|ct.Register(() => stream.Dispose())|]; await Task.Yield(); _kept = stream;")]
    [InlineData("switch (_count) { case 1: [|ct.Register(Stop)|]; await Task.Yield(); break; }")]
    public Task No_fix_where_the_callback_may_be_wanted_later(string before, string? after = null) =>
        VerifyFix(InAsyncMethod(before), InAsyncMethod(after ?? before));

    [Fact]
    public Task No_fix_in_a_method_that_is_not_async() => Verify.VerifyNoCodeFixAsync(
        "class C { static Task<int> M(CancellationToken ct) { var tcs = new TaskCompletionSource<int>(); [|ct.Register(() => tcs.TrySetCanceled())|]; return tcs.Task; } }");

    // Not as a top-level program: what registers there does so once.
    private static Task VerifyFix(string before, string after) =>
        new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false }.RunAsync();

    private static Task VerifyInMethod(string statements) => new Verify.Test
    {
        TestCode = "class C { void M(CancellationToken ct) { " + statements + " } " + Helpers + " } namespace Mine { struct Token { public void Register(Action x) { } } }",
        TestTopLevelProgram = false,
    }.RunAsync();

    private static string InAsyncMethod(string statements) =>
        "class C { async Task M(HttpClient client, CancellationToken ct) { " + statements + " } void Count() => _count++; private int _count; private object? _kept; " + Helpers + " }";
}
