using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC706UnreadOutcomeAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC706UnreadOutcomeTests
{
    private const string Usings = "using ConcurrencyAnalyzers.Runtime;\n";

    private const string Settle = "Gather.SettleAsync(xs, 4, PriceAsync)";

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        Usings + "class C { async Task M(int[] xs, CircuitBreaker breaker) { await {|#0:Gather.SettleAsync(xs, 4, async (x, ct) => await Task.Yield())|}; await {|#1:breaker.TryExecuteAsync(async ct => 1)|}; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("SettleAsync", ", or call ThrowIfAnyFailed"),
        Verify.Diagnostic().WithLocation(1).WithArguments("TryExecuteAsync", ""));

    [Theory]
    [InlineData("await [|" + Settle + "|];")]
    [InlineData("_ = await [|" + Settle + "|];")]
    [InlineData("await [|" + Settle + "|].ConfigureAwait(false);")]
    [InlineData("await [|executor.SettleAsync(xs, PriceAsync)|];")]
    [InlineData("var outcomes = await [|" + Settle + "|];")]
    [InlineData("var outcomes = await [|" + Settle + "|]; Use(outcomes.Length);")]
    [InlineData("var outcomes = await [|" + Settle + "|]; foreach (var one in outcomes) Use(one.GetValueOrDefault());")]
    [InlineData("foreach (var one in await [|" + Settle + "|]) { Use(one.Source); Use(one.Duration); }")]
    [InlineData("var outcomes = await [|" + Settle + "|]; Use(outcomes.Successes().Count());")]
    [InlineData("var prices = (await [|" + Settle + "|]).Successes().Select(one => one.Value); Use(prices);")]
    [InlineData("var prices = (await [|" + Settle + "|]).Select(one => one.GetValueOrDefault()).ToList(); Use(prices);")]
    [InlineData("var outcomes = await [|" + Settle + "|]; Use(outcomes[0].GetValueOrDefault(1));")]
    [InlineData("await [|Gather.SettleAsync(xs.Select(x => PriceAsync(x, default)))|];")]
    [InlineData("await [|breaker.TryExecuteAsync(async ct => await PriceAsync(1, ct))|];")]
    [InlineData("var outcome = await [|breaker.TryExecuteAsync(async ct => await PriceAsync(1, ct))|]; Use(outcome.RetryAfter);")]
    public Task Failures_that_nothing_reads(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("var outcomes = await " + Settle + "; outcomes.ThrowIfAnyFailed();")]
    [InlineData("(await " + Settle + ").ThrowIfAnyFailed();")]
    [InlineData("var outcomes = await " + Settle + "; Use(outcomes.Failures());")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var one in outcomes) if (!one.IsSuccess) Use(one.Source);")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var one in outcomes) Use(one.Exception);")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var one in outcomes) Use(one.Value);")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var (source, value, exception) in outcomes) Use(exception);")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var one in outcomes) if (one.TryGetValue(out var value)) Use(value);")]
    [InlineData("var outcomes = await " + Settle + "; foreach (var one in outcomes) Use(one);")]
    [InlineData("var outcomes = await " + Settle + "; Use(outcomes.Length); Use(outcomes.Count(one => one.IsSuccess));")]
    [InlineData("var outcomes = await " + Settle + "; Use(outcomes.Select(one => one.Status));")]
    [InlineData("var outcomes = await " + Settle + "; Use(outcomes.Where(one => one.IsSuccess).Select(one => one.GetValueOrDefault()));")]
    [InlineData("var outcomes = await " + Settle + "; Use(outcomes);")]
    [InlineData("Use(await " + Settle + ");")]
    [InlineData("var task = " + Settle + "; Use((await task).Length);")]
    [InlineData("_kept = await " + Settle + ";")]
    [InlineData("var outcome = await breaker.TryExecuteAsync(async ct => await PriceAsync(1, ct)); Use(outcome.Status);")]
    [InlineData("var outcome = await breaker.TryExecuteAsync(async ct => await PriceAsync(1, ct)); switch (outcome.Status) { default: break; }")]
    [InlineData("await new Mine.Store().SettleAsync();")]
    [InlineData("await Gather.AllAsync(xs, 4, PriceAsync);")]
    public Task Failures_that_are_read_or_passed_on(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("Task<Outcome<int, int>[]> M(int[] xs) => Gather.SettleAsync(xs, 4, async (x, ct) => x);")]
    [InlineData("async Task<Outcome<int, int>[]> M(int[] xs) => await Gather.SettleAsync(xs, 4, async (x, ct) => x);")]
    [InlineData("async Task<Outcome<int, int>[]> M(int[] xs) { var outcomes = await Gather.SettleAsync(xs, 4, async (x, ct) => x); return outcomes; }")]
    public Task Returned(string member) => Verify.VerifyAnalyzerAsync(Usings + "class C { " + member + " }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", Usings + "class C { async Task M(int[] xs) { await Gather.SettleAsync(xs, 4, async (x, ct) => x); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { async Task M(int[] xs) { await Gather.SettleAsync(xs, 4, } }")]
    [InlineData("class C { async Task M(int[] xs) { var o = await Gather.SettleAsync(xs, 4, missing); foreach (var x in o) } }")]
    public async Task Incomplete_code(string code) => _ = await new Verify.Test { TestCode = Usings + code, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    [Fact]
    public Task Without_the_runtime() => new Verify.Test
    {
        TestCode = "class C { static Task<int[]> SettleAsync() => Task.FromResult(new int[0]); async Task M() { await SettleAsync(); } }",
        WithRuntime = false,
    }.RunAsync();

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(
        Usings + "class C { async Task M(int[] xs, AsyncExecutor executor, CircuitBreaker breaker) { " + statements + " } private object? _kept; static void Use(object? x) { } static async Task<int> PriceAsync(int x, CancellationToken ct) => x; } namespace Mine { class Store { public Task<int[]> SettleAsync() => Task.FromResult(new int[0]); } }");
}
