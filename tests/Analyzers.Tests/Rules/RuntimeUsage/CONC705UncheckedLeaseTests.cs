using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC705UncheckedLeaseAnalyzer,
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC705UncheckedLeaseCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC705UncheckedLeaseTests
{
    private const string Usings = "using System.Threading.RateLimiting;\nusing ConcurrencyAnalyzers.Runtime;\n";

    private const string Members =
        """
            private readonly RateLimiter _limiter;
            private readonly ConcurrencyLimiter _four = new(new ConcurrencyLimiterOptions { PermitLimit = 4 });
            private readonly TokenBucketRateLimiter _bucket = null!;
            private readonly RateLimiter _rate = new IntervalRateLimiter(new IntervalRateLimiterOptions { Interval = TimeSpan.FromSeconds(1) });
            private readonly RateLimiter _patient = new ConcurrencyLimiter(new() { PermitLimit = 4, QueueLimit = int.MaxValue });
            private readonly PartitionedRateLimiter<string> _tenants = null!;
            private RateLimitLease? _kept;
            static void Work() { }
            static void Take(RateLimitLease lease) => lease.Dispose();
            public C(RateLimiter limiter) => _limiter = limiter;
        """;

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        Usings + "class C { void M(RateLimiter limiter) { {|#0:limiter.AttemptAcquire()|}; using var a = {|#1:limiter.AttemptAcquire()|}; var b = {|#2:limiter.AttemptAcquire()|}.IsAcquired; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("AttemptAcquire", "neither checked nor disposed", "put it into a using, and look at IsAcquired"),
        Verify.Diagnostic().WithLocation(1).WithArguments("AttemptAcquire", "never checked", "look at IsAcquired, since a refused permit is no exception"),
        Verify.Diagnostic().WithLocation(2).WithArguments("AttemptAcquire", "never disposed", "put it into a using, or its permits never come back"));

    [Theory]
    [InlineData("[|_limiter.AttemptAcquire()|]; await Task.Yield();")]
    [InlineData("await [|_limiter.AcquireAsync()|];")]
    [InlineData("_ = await [|_limiter.AcquireAsync(1, ct)|];")]
    [InlineData("await [|_limiter.AcquireAsync(1, ct)|].ConfigureAwait(false);")]
    [InlineData("var lease = await [|_limiter.AcquireAsync()|]; Work();")]
    [InlineData("using var lease = await [|_limiter.AcquireAsync()|]; Work();")]
    [InlineData("using (await [|_limiter.AcquireAsync()|]) Work();")]
    [InlineData("using (var lease = await [|_limiter.AcquireAsync()|]) Work();")]
    [InlineData("var lease = await [|_limiter.AcquireAsync()|]; try { Work(); } finally { lease.Dispose(); }")]
    [InlineData("var lease = await [|_limiter.AcquireAsync()|]; if (lease.IsAcquired) Work();")]
    [InlineData("if ([|_limiter.AttemptAcquire()|].IsAcquired) Work(); await Task.Yield();")]
    [InlineData("if ((await [|_four.AcquireAsync()|]).IsAcquired) Work();")]
    [InlineData("using var lease = await [|_bucket.AcquireAsync()|]; Work();")]
    [InlineData("await [|_rate.AcquireAsync()|]; Work();")]
    [InlineData("using var lease = await [|_tenants.AcquireAsync(\"a\")|]; Work();")]
    [InlineData("var lease = await [|_patient.AcquireAsync()|]; Work();")]
    [InlineData("using var lease = [|_patient.AttemptAcquire()|]; await Task.Yield();")]
    public Task Not_checked_or_not_disposed(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("using var lease = await _limiter.AcquireAsync(); if (!lease.IsAcquired) return; Work();")]
    [InlineData("using (var lease = await _limiter.AcquireAsync()) { if (lease.IsAcquired) Work(); }")]
    [InlineData("var lease = await _limiter.AcquireAsync(); try { if (lease.IsAcquired) Work(); } finally { lease.Dispose(); }")]
    [InlineData("RateLimitLease? lease = null; try { lease = await _limiter.AcquireAsync(); if (!lease.IsAcquired) return; } finally { lease?.Dispose(); }")]
    [InlineData("using var lease = await _limiter.AcquireAsync(); if (lease is not { IsAcquired: true }) return; Work();")]
    [InlineData("var lease = await _limiter.AcquireAsync(); Take(lease);")]
    [InlineData("Take(await _limiter.AcquireAsync());")]
    [InlineData("_kept = await _limiter.AcquireAsync();")]
    [InlineData("var lease = await _limiter.AcquireAsync(); _kept = lease;")]
    [InlineData("var pending = _limiter.AcquireAsync(); using var lease = await pending; if (lease.IsAcquired) Work();")]
    [InlineData("if (_bucket.AttemptAcquire().IsAcquired) Work(); await Task.Yield();")]
    [InlineData("if ((await _rate.AcquireAsync()).IsAcquired) Work();")]
    [InlineData("if (_limiter.AttemptAcquire(0).IsAcquired) Work(); await Task.Yield();")]
    [InlineData("using var lease = await _patient.AcquireAsync(); Work();")]
    [InlineData("var all = new List<RateLimitLease> { await _limiter.AcquireAsync() }; all.ForEach(Take);")]
    [InlineData("await new Mine.Limiter().AcquireAsync();")]
    public Task Checked_and_disposed_or_passed_on(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("ValueTask<RateLimitLease> M(RateLimiter limiter) => limiter.AcquireAsync();")]
    [InlineData("async Task<RateLimitLease> M(RateLimiter limiter) => await limiter.AcquireAsync();")]
    [InlineData("RateLimitLease M(RateLimiter limiter) { var lease = limiter.AttemptAcquire(); return lease; }")]
    public Task Returned(string member) => Verify.VerifyAnalyzerAsync(Usings + "class C { " + member + " }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", Usings + "class C { void M(RateLimiter limiter) { limiter.AttemptAcquire(); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M(RateLimiter limiter) { limiter.AttemptAcquire( } }")]
    [InlineData("class C { async Task M(RateLimiter limiter) { var x = await limiter.AcquireAsync(). } }")]
    [InlineData("class C { void M() { missing.AttemptAcquire(); } }")]
    public async Task Incomplete_code(string code) => _ = await new Verify.Test { TestCode = Usings + code, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    [Fact]
    public Task Without_rate_limiting() => new Verify.Test
    {
        TestCode = "class C { void M(dynamic limiter) { limiter.AttemptAcquire(); } }",
        WithRuntime = false,
    }.RunAsync();

    private const string Check = "if (!lease.IsAcquired)\n            throw new InvalidOperationException(\"The rate limiter refused the permit.\");";

    [Theory]
    [InlineData("await [|_limiter.AcquireAsync(1, ct)|];", "using var lease = await _limiter.AcquireAsync(1, ct);\n        " + Check)]
    [InlineData("var lease = await [|_limiter.AcquireAsync()|];", "using var lease = await _limiter.AcquireAsync();\n        " + Check)]
    [InlineData("using var lease = await [|_limiter.AcquireAsync()|]; // wait", "using var lease = await _limiter.AcquireAsync(); // wait\n        " + Check)]
    [InlineData("_ = [|_limiter.AttemptAcquire()|];", "using var lease = _limiter.AttemptAcquire();\n        " + Check)]
    [InlineData("var lease = [|_limiter.AttemptAcquire()|];\n        if (lease.IsAcquired) Work();", "using var lease = _limiter.AttemptAcquire();\n        if (lease.IsAcquired) Work();")]
    [InlineData("if (![|_limiter.AttemptAcquire()|].IsAcquired) return;", "using var lease = _limiter.AttemptAcquire();\n        if (!lease.IsAcquired) return;")]
    [InlineData("if ((await [|_four.AcquireAsync()|]).IsAcquired) Work();", "using var lease = await _four.AcquireAsync();\n        if (lease.IsAcquired) Work();")]
    public Task The_fix_checks_and_disposes(string before, string after) => VerifyFixInMethod(before, after);

    [Theory]
    [InlineData("using (await [|_limiter.AcquireAsync()|]) Work();")]
    [InlineData("if (ct.CanBeCanceled && [|_limiter.AttemptAcquire()|].IsAcquired) Work();")]
    [InlineData("if (ct.CanBeCanceled) await [|_limiter.AcquireAsync()|];")]
    [InlineData("var ok = [|_limiter.AttemptAcquire()|].IsAcquired; Work();")]
    [InlineData("RateLimitLease lease; lease = [|_limiter.AttemptAcquire()|]; Work();")]
    public Task No_fix(string statements) => VerifyFixInMethod(statements, statements);

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    private static Task VerifyFixInMethod(string before, string after) => new Verify.Test { TestCode = InMethod(before), FixedCode = InMethod(after), TestTopLevelProgram = false }.RunAsync();

    private static string InMethod(string statements) =>
        Usings + "class C\n{\n    async Task M(CancellationToken ct)\n    {\n        " + statements + "\n        await Task.Yield();\n    }\n" + Members + "\n}\n\nnamespace Mine { class Limiter { public Task<int> AcquireAsync() => Task.FromResult(1); } }";
}
