namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

/// <content>Where the fix refuses.</content>
public sealed partial class CONC401PerCallExecutorFixTests
{
    [Theory]
    // The arguments are the call's own.
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = max })|]; limiter.AttemptAcquire();")]
    [InlineData("var count = 4; using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = count })|]; limiter.AttemptAcquire();")]
    [InlineData("var options = new ConcurrencyLimiterOptions(); using var limiter = [|new ConcurrencyLimiter(options)|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = _max })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Max() })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = this._max })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = nameof(max).Length })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetNoLimiter(key + max))|]; limiter.AttemptAcquire(\"a\");")]
    [InlineData("using var limiter = [|PartitionedRateLimiter.Create<T, string>(key => RateLimitPartition.GetNoLimiter(\"a\"))|]; limiter.AttemptAcquire(default!);")]
    // They change, or have no value yet where the field is initialised.
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = s_current })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Setting })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = SetByConstructor })|]; limiter.AttemptAcquire();")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = Later })|]; limiter.AttemptAcquire();")]
    [InlineData("var pair = [|new ConcurrentExclusiveSchedulerPair(TaskScheduler.Current)|]; Task.Factory.StartNew(() => { }, default, default, pair.ExclusiveScheduler);")]
    // What is done with the object allows only one call to have it.
    [InlineData("RateLimiter limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; limiter.AttemptAcquire(); limiter = null!;")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; var alias = limiter; alias.Dispose();")]
    [InlineData("using var owner = new Owner([|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]);")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; using var owner = new Owner(limiter);")]
    [InlineData("var pair = [|new ConcurrentExclusiveSchedulerPair()|]; Task.Factory.StartNew(() => { }, default, default, pair.ExclusiveScheduler); pair.Complete(); pair.Completion.Wait();")]
    [InlineData("[|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|].Dispose();")]
    [InlineData("using ([|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]) { }")]
    [InlineData("using ConcurrencyLimiter a = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|], b = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions())|]; a.AttemptAcquire(); b.AttemptAcquire();")]
    public Task No_fix(string statements) => Unfixed(
        $$"""
        class C
        {
            private readonly int _max = 4;
            private static int s_current = 4;
            private static readonly int SetByConstructor;
            static C() { SetByConstructor = 4; }
            static int Setting { get; set; } = 4;
            static int Later { get; } = 4;
            int Max() => s_current + _max;
            void M<T>(int max)
            {
                {{statements}}
            }
        }
        sealed class Owner(RateLimiter limiter) : IDisposable
        {
            public void Dispose() => limiter.Dispose();
        }
        """);

    [Theory]
    // Taking the statement away would take the directive with it.
    [InlineData("", "#if DEBUG\n        Console.WriteLine();\n#endif\n        using var limiter = [|" + New + "|];\n        limiter.AttemptAcquire();")]
    [InlineData("", "using (var limiter = [|" + New + "|])\n        {\n            limiter.AttemptAcquire();\n#pragma warning disable CS0168\n        }")]
    // The field would be inside the condition.
    [InlineData("#if !DEBUG\n    private int _release;\n#endif\n", "using var limiter = [|" + New + "|];\n        limiter.AttemptAcquire();")]
    public Task No_fix_where_directives_would_move(string field, string statements) => Unfixed(
        $$"""
        class C
        {
        {{field}}
            void M()
            {
                {{statements}}
            }
        }
        """);

    [Fact]
    public Task No_fix_without_a_type_to_hold_it() => Unfixed(
        $$"""
        interface IC
        {
            void M()
            {
                using var limiter = [|{{New}}|];
                limiter.AttemptAcquire();
            }
        }
        """);
}
