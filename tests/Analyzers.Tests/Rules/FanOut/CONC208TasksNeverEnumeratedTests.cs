using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC208TasksNeverEnumeratedAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC208TasksNeverEnumeratedCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC208TasksNeverEnumeratedTests
{
    private static string InMethod(string statements) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task M(List<string> xs, AsyncExecutor executor)
            {
                {{statements}}
                await Task.Yield();
            }

            static Task<int> F(string x) => Task.Run(() => x.Length);
            static Task T(string x, CancellationToken ct = default) => Task.Run(() => x.Length, ct);
            static void Use(object? x) { }
            IEnumerable<Task>? _tasks;
        }
        """;

    [Theory]
    [InlineData("List<string>? maybe = xs; maybe?[|.Select(x => F(x))|];")]
    [InlineData("List<string>? maybe = xs; _ = maybe?[|.Select(x => F(x))|];")]
    [InlineData("List<string>? maybe = xs; var tasks = maybe?[|.Select(x => F(x))|];")]
    public Task Behind_a_null_check(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));

    [Theory]
    [InlineData("List<string>? maybe = xs; maybe?.Select(x => F(x)).ToList();")]
    [InlineData("List<string>? maybe = xs; var tasks = maybe?.Select(x => F(x)); Use(tasks);")]
    [InlineData("List<string>? maybe = xs; maybe?.Select(x => x.Length);")]
    [InlineData("List<string>? maybe = xs; maybe?.ForEach(x => Use(x));")]
    public Task Enumerated_behind_a_null_check(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("[|xs.Select(x => F(x))|];")]
    [InlineData("[|xs.Select(F)|];")]
    [InlineData("[|xs.Where(x => x != \"\").Select(async x => { await F(x); })|];")]
    [InlineData("[|Enumerable.Select(xs, F)|];")]
    [InlineData("_ = [|xs.Select(x => F(x))|];")]
    [InlineData("var tasks = [|xs.Select(x => F(x))|];")]
    [InlineData("_ = [|from x in xs select F(x)|];")]
    [InlineData("[|xs.Select(F).Where(t => !t.IsFaulted)|];")]
    [InlineData("[|executor.MapAsync(xs, F)|];")]
    [InlineData("var results = [|executor.MapAsCompletedAsync(xs, F)|];")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("xs.Select(F).ToList();")]
    [InlineData("xs.ConvertAll(F);")]
    [InlineData("await Task.WhenAll(xs.Select(F));")]
    [InlineData("var tasks = xs.Select(F); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = xs.Select(F); Use(tasks);")]
    [InlineData("_tasks = xs.Select(F);")]
    [InlineData("Use(xs.Select(F));")]
    [InlineData("Func<IEnumerable<Task>> make = () => xs.Select(F); Use(make);")]
    [InlineData("IEnumerable<Task> Make() { return xs.Select(F); } Use(Make());")]
    [InlineData("foreach (var task in xs.Select(F)) await task;")]
    [InlineData("xs.Select(x => Task.FromResult(x));")]
    [InlineData("_ = xs.Select(x => x.Length);")]
    [InlineData("xs.Select(F).Count();")]
    [InlineData("var tasks = xs.Select(F); Action later = () => Use(tasks); later();")]
    [InlineData("await foreach (var one in executor.MapAsync(xs, F)) Use(one);")]
    [InlineData("var results = executor.MapAsync(xs, F); await foreach (var one in results) Use(one);")]
    // Another's MapAsync starts its work at once.
    [InlineData("new Pool().MapAsync(xs, F); } class Pool { public Task MapAsync(IEnumerable<string> xs, Func<string, Task<int>> f) => Task.WhenAll(xs.Select(f)); } async Task Rest() {")]
    [InlineData("_ = new Pool().MapAsync(xs, F); } class Pool { public IAsyncEnumerable<int> MapAsync(IEnumerable<string> xs, Func<string, Task<int>> f) => throw new NotSupportedException(); } async Task Rest() {")]
    public Task Not_flagged(string statements) => new Verify.Test { TestCode = InMethod(statements), TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public Task Message() => Verify.VerifyAnalyzerAsync(
        InMethod("{|#0:xs.Select(F)|}; var results = {|#1:executor.MapAsync(xs, F)|};"),
        Verify.Diagnostic().WithLocation(0).WithArguments("Select"), Verify.Diagnostic().WithLocation(1).WithArguments("MapAsync"));

    [Theory]
    [InlineData("[|xs.Select(x => F(x))|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("[|xs.Select(x => T(x))|]; // go", "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => T(x, ct)); // go")]
    [InlineData("_ = [|xs.Select(F)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, F);")]
    [InlineData("var tasks = [|xs.Where(x => x != \"\").Select(async x => { await F(x); })|];", "await Gather.AllAsync(xs.Where(x => x != \"\"), maxConcurrency: 32, async x => { await F(x); });")]
    [InlineData("_ = [|from x in xs select F(x)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));")]
    [InlineData("[|xs.Select(x => F(x))|]; [|xs.Select(F)|];", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); await Gather.AllAsync(xs, maxConcurrency: 32, F);")]
    public Task Fix(string before, string after) => Verify.VerifyCodeFixAsync(InMethod(before), InMethod(after));

    [Fact]
    public Task Fix_without_results() => new Verify.Test
    {
        TestCode = InMethod("[|xs.Select(x => F(x))|];"),
        FixedCode = InMethod("await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));"),
        CodeActionEquivalenceKey = "CONC208.ParallelForEach",
    }.RunAsync();

    [Theory]
    [InlineData("[|executor.MapAsync(xs, F)|];")]
    [InlineData("[|xs.Select(F).Where(t => !t.IsFaulted)|];")]
    [InlineData("[|xs.Select((x, i) => F(x + i))|];")]
    [InlineData("lock (xs) { [|xs.Select(F)|]; }")]
    [InlineData("Action now = () => { [|xs.Select(F)|]; }; now();")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(InMethod(statements));
}
