using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC205ParallelBlockingAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC205ParallelBlockingCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC205ParallelBlockingTests
{
    [Theory]
    [InlineData("[|Parallel.ForEach(xs, x => Thread.Sleep(x.Length))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => File.ReadAllText(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => { var text = File.ReadAllText(x); Use(text); })|];")]
    [InlineData("[|Parallel.For(0, xs.Count, i => Use(FAsync(xs[i]).Result))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => FAsync(x).GetAwaiter().GetResult())|];")]
    [InlineData("[|Parallel.ForEach(xs, x => Load(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, Load)|];")]
    [InlineData("[|Parallel.ForEach(xs, x => _gate.WaitOne())|];")]
    [InlineData("[|Parallel.ForEach(xs, (x, state) => Load(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { CancellationToken = token }, x => Load(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions(), x => Load(x))|];")]
    [InlineData("var options = new ParallelOptions { CancellationToken = token }; [|Parallel.ForEach(xs, options, x => Load(x))|];")]
    [InlineData("[|xs.AsParallel()|].ForAll(x => Load(x));")]
    [InlineData("var all = [|xs.AsParallel()|].Select(x => File.ReadAllText(x)).ToList(); Use(all);")]
    [InlineData("var all = [|xs.AsParallel()|].Where(x => x != \"\").AsOrdered().Select(x => FAsync(x).Result).ToArray(); Use(all);")]
    [InlineData("var all = from x in [|xs.AsParallel()|] select File.ReadAllText(x); Use(all.ToList());")]
    [InlineData("[|Parallel.For(0, 100, i => Thread.Sleep(i))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => File.Delete(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, File.Delete)|];")]
    [InlineData("[|Parallel.ForEach(xs, x => File.Copy(x, x + \".bak\", true))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => { using var file = File.OpenRead(x); Use(file.Length); })|];")]
    [InlineData("[|Parallel.For(0, xs.Count, i => File.WriteAllText(xs[i], \"\"))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => Use(Directory.GetFiles(x)))|];")]
    [InlineData("[|Parallel.ForEach(xs, x => new FileInfo(x).MoveTo(x + \".old\"))|];")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = -1 }, x => Load(x))|];")]
    [InlineData("var options = new ParallelOptions { MaxDegreeOfParallelism = -1 }; [|Parallel.ForEach(xs, options, x => Load(x))|];")]
    public Task Flagged(string statements) => InMethod(statements);

    [Theory]
    [InlineData("Parallel.ForEach(xs, x => Use(x.Length));")]
    [InlineData("Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, x => Load(x));")]
    [InlineData("Parallel.ForEach(xs, _options, x => Load(x));")]
    [InlineData("var options = new ParallelOptions(); options.MaxDegreeOfParallelism = 4; Parallel.ForEach(xs, options, x => Load(x));")]
    [InlineData("Parallel.ForEach(xs, new ParallelOptions { TaskScheduler = TaskScheduler.Current }, x => Load(x));")]
    [InlineData("Parallel.For(0, 8, i => Thread.Sleep(i));")]
    [InlineData("Parallel.ForEach(new[] { \"a\", \"b\" }, x => Load(x));")]
    [InlineData("Parallel.ForEach(xs.Take(4), x => Load(x));")]
    [InlineData("Parallel.For(0, Environment.ProcessorCount, i => Thread.Sleep(i));")]
    [InlineData("Parallel.ForEach(xs, x => { _semaphore.Wait(); try { Load(x); } finally { _semaphore.Release(); } });")]
    [InlineData("xs.AsParallel().WithDegreeOfParallelism(4).ForAll(x => Load(x));")]
    [InlineData("var all = xs.AsParallel().Select(x => x.Length).ToList(); Use(all);")]
    [InlineData("foreach (var x in xs.AsParallel().Select(x => x.Length).AsSequential().Select(x => File.ReadAllText(x.ToString()))) Use(x);")]
    [InlineData("foreach (var x in xs) Load(x);")]
    [InlineData("Parallel.Invoke(() => Load(\"a\"), () => Load(\"b\"));")]
    [InlineData("Parallel.ForEach(xs, x => Use(Task.FromResult(x).Result));")]
    [InlineData("Parallel.ForEach(xs, x => { Action later = () => Load(x); Use(later); });")]
    [InlineData("Parallel.ForEach(xs, x => new StringReader(x).ReadToEnd());")]
    [InlineData("Parallel.ForEach(xs, x => Use(Path.Combine(x, x)));")]
    [InlineData("Parallel.ForEach(xs, x => Use(File.Exists(x)));")]
    [InlineData("Parallel.ForEach(xs, x => Use(new FileInfo(x).Length));")]
    [InlineData("Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = xs.Count == 1 ? -1 : 4 }, x => File.Delete(x));")]
    [InlineData("Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, x => File.Delete(x));")]
    [InlineData("var options = new ParallelOptions { MaxDegreeOfParallelism = -1 }; options.MaxDegreeOfParallelism = 2; Parallel.ForEach(xs, options, x => Load(x));")]
    [InlineData("Parallel.ForEach(xs, x => Use(new FileInfo(x).FullName.Replace('a', 'b')));")]
    [InlineData("Parallel.ForEach(xs, x => Thread.Sleep(0));")]
    [InlineData("Parallel.ForEach(xs, x => _loader.Load(x));")]
    public Task Not_flagged(string statements) => InMethod(statements);

    [Fact]
    public Task In_async_code_the_loop_is_another_rules() => Verify.VerifyAnalyzerAsync(
        Class("async Task M(List<string> xs) { Parallel.ForEach(xs, x => Load(x)); await Task.Yield(); [|xs.AsParallel()|].ForAll(x => Load(x)); }"));

    [Fact]
    public Task Parallel_ForEachAsync_has_a_limit_of_its_own() => Verify.VerifyAnalyzerAsync(
        Class("Task M(List<string> xs) => Parallel.ForEachAsync(xs, (x, _) => { Load(x); return ValueTask.CompletedTask; });"));

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        Method("{|#0:Parallel.ForEach(xs, x => Load(x))|}; {|#1:xs.AsParallel()|}.ForAll(x => Thread.Sleep(1));"),
        Verify.Diagnostic().WithLocation(0).WithArguments("Parallel.ForEach", "File.ReadAllBytes").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info),
        Verify.Diagnostic().WithLocation(1).WithArguments("AsParallel", "Thread.Sleep"));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { void M(string[] xs) => Parallel.ForEach(xs, x => Thread.Sleep(1)); }");

    [Fact]
    public Task The_threshold_is_an_option() => new Verify.Test { TestCode = Method("[|Parallel.For(0, 8, i => Thread.Sleep(i))|];"), EditorConfig = "concurrency.unbounded_threshold = 4" }.RunAsync();

    [Theory]
    [InlineData("class C { void M(string[] xs) { Parallel.ForEach(xs, x => ); } }")]
    [InlineData("class C { void M(string[] xs) { Parallel.ForEach(); xs.AsParallel(.Select(x => } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("[|Parallel.ForEach(xs, x => Load(x))|]; // one", "Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, x => Load(x)); // one")]
    [InlineData("[|Parallel.For(0, 20, i => Load(xs[i]))|];", "Parallel.For(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i => Load(xs[i]));")]
    [InlineData("[|Parallel.For(0, xs.Count, i => Load(xs[i]))|];", "Parallel.For(0, xs.Count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, i => Load(xs[i]));")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions(), x => Load(x))|];", "Parallel.ForEach(xs, new ParallelOptions() { MaxDegreeOfParallelism = 32 }, x => Load(x));")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { CancellationToken = token }, x => Load(x))|];", "Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = token }, x => Load(x));")]
    [InlineData("[|Parallel.ForEach(xs, new ParallelOptions { CancellationToken = token, MaxDegreeOfParallelism = -1 /* all */ }, x => Load(x))|];", "Parallel.ForEach(xs, new ParallelOptions { CancellationToken = token, MaxDegreeOfParallelism = 32 /* all */ }, x => Load(x));")]
    [InlineData("[|xs.AsParallel()|].ForAll(x => Load(x));", "xs.AsParallel().WithDegreeOfParallelism(32).ForAll(x => Load(x));")]
    [InlineData("Use(from x in [|xs.AsParallel()|] select File.ReadAllText(x));", "Use(from x in xs.AsParallel().WithDegreeOfParallelism(32) select File.ReadAllText(x));")]
    [InlineData("[|Parallel.ForEach(xs, x => { Load(x); [|Parallel.ForEach(xs, y => Load(y))|]; })|];", "Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, x => { Load(x); Parallel.ForEach(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, y => Load(y)); });")]
    public Task Fixes(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("var options = new ParallelOptions { CancellationToken = token }; [|Parallel.ForEach(xs, options, x => Load(x))|];")]
    [InlineData("[|Parallel.ForEach(xs, body: x => Load(x))|];")]
    public Task No_fix(string statements) => Verify.VerifyNoCodeFixAsync(Method(statements));

    private static Task InMethod(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    private static string Method(string statements) => Class($"void M(List<string> xs, CancellationToken token)\n    {{\n        {statements}\n    }}");

    private static string Class(string members) =>
        $$"""
        class C
        {
            {{members}}

            static void Load(string x) => File.ReadAllBytes(x);
            static Task<int> FAsync(string x) => Task.Run(() => x.Length);
            static void Use(object? x) { }
            readonly ParallelOptions _options = new();
            readonly SemaphoreSlim _semaphore = new(4);
            readonly ManualResetEvent _gate = new(false);
            readonly ILoader _loader = null!;
        }

        interface ILoader { void Load(string x); }
        """;
}
