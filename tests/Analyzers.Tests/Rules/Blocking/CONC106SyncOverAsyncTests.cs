using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC106SyncOverAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC106SyncOverAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC106SyncOverAsyncTests
{
    [Theory]
    [InlineData("int M() => [|FAsync().Result|];")]
    [InlineData("void M() { [|FAsync().Wait()|]; }")]
    [InlineData("int M() => [|FAsync().GetAwaiter().GetResult()|];")]
    [InlineData("int M() => [|FAsync().ConfigureAwait(false).GetAwaiter().GetResult()|];")]
    [InlineData("void M() { [|Task.WaitAll(FAsync(), FAsync())|]; }")]
    [InlineData("void M() { [|Task.WaitAny(FAsync(), FAsync())|]; }")]
    [InlineData("void M(Task<int> t) { [|t.Wait(1000)|]; }")]
    [InlineData("int P => [|FAsync().Result|];")]
    [InlineData("int P { get { return [|FAsync().Result|]; } }")]
    [InlineData("Host() { [|FAsync().Wait()|]; }")]
    [InlineData("static Host() { [|FAsync().Wait()|]; }")]
    [InlineData("static int value = [|FAsync().Result|];")]
    [InlineData("void M() { Local(); void Local() { [|FAsync().Wait()|]; } }")]
    [InlineData("Action M() => () => [|FAsync().Wait()|];")]
    [InlineData("async Task M() { await Task.Yield(); Action a = () => [|FAsync().Wait()|]; Take(a); }")]
    [InlineData("void M(List<int> xs) { xs.ForEach(x => [|FAsync().Wait()|]); }")]
    [InlineData("void M(Task<int> t) { if (!t.IsCompleted) Console.WriteLine([|t.Result|]); }")]
    [InlineData("readonly object _own = new(); int M() { if (Monitor.TryEnter(_own)) return [|FAsync().Result|]; return 0; }")]
    [InlineData("readonly object _own = new(); int M() { Monitor.Enter(_own); Monitor.Exit(_own); return [|FAsync().Result|]; }")]
    [InlineData("void M() { FAsync().ContinueWith(t => OnDone(t)); } void OnDone(Task<int> done) => Console.WriteLine([|done.Result|]);")]
    public Task Blocks(string members) => InClass(members);

    [Theory]
    [InlineData("async Task<int> M() { await Task.Yield(); return FAsync().Result; }")]
    [InlineData("Task M() { FAsync().Wait(); return Task.CompletedTask; }")]
    [InlineData("bool M(Task t) => t.Wait(0);")]
    [InlineData("int M(Task<int> t) => t.IsCompleted ? t.Result : 0;")]
    [InlineData("int M(Task<int> t) { if (t.Status == TaskStatus.RanToCompletion) return t.Result; return 0; }")]
    [InlineData("int M() => Task.FromResult(1).Result;")]
    [InlineData("Task M() => FAsync().ContinueWith(t => Console.WriteLine(t.Result));")]
    [InlineData("int M() => CoreAsync(isAsync: false).GetAwaiter().GetResult(); Task<int> CoreAsync(bool isAsync) => FAsync();")]
    [InlineData("void Dispose() { FAsync().Wait(); }")]
    [InlineData("sealed class D : IDisposable { void IDisposable.Dispose() => Task.Delay(1).Wait(); }")]
    [InlineData("void M() { FAsync().ContinueWith(OnDone, TaskScheduler.Default); } void OnDone(Task<int> done) { if (!done.IsFaulted) Console.WriteLine(done.Result); }")]
    [InlineData("void M() { FAsync().ContinueWith(this.OnDone, TaskContinuationOptions.OnlyOnRanToCompletion); } void OnDone(Task<int> done) => Console.WriteLine(done.Result);")]
    [InlineData("protected virtual void Dispose(bool disposing) { FAsync().Wait(); }")]
    [InlineData("~Host() { FAsync().Wait(); }")]
    [InlineData("readonly Lock _own = new(); int M() { using (_own.EnterScope()) return FAsync().Result; }")]
    [InlineData("readonly Lock _own = new(); int M() { using var scope = _own.EnterScope(); return FAsync().Result; }")]
    [InlineData("readonly object _own = new(); int M() { Monitor.Enter(_own); try { return FAsync().Result; } finally { Monitor.Exit(_own); } }")]
    [InlineData("string M() => nameof(Task<int>.Result);")]
    [InlineData("object M() { System.Linq.Expressions.Expression<Func<Task<int>, int>> e = t => t.Result; return e; }")]
    // Other rules'.
    [InlineData("int M(ValueTask<int> t) => t.Result;")]
    [InlineData("int M() { lock (this) { return FAsync().Result; } }")]
    [InlineData("Task M() => Task.Run(() => FAsync().Wait());")]
    [InlineData("async Task M(List<int> xs) { await Task.Yield(); xs.ForEach(x => FAsync().Wait()); }")]
    [InlineData("void M(Task t) { t.RunSynchronously(); }")]
    [InlineData("string M(Answer a) => a.Result; class Answer { public string Result => \"\"; }")]
    [InlineData("void M() { Task.Run(() => { while (true) { Task.Delay(1).Wait(); } }); }")]
    [InlineData("void M() { new Task(() => Task.Delay(1).Wait()).Start(); }")]
    public Task Not_flagged(string members) => InClass(members);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        Class("int M() => {|#0:FAsync().Result|};"),
        Verify.Diagnostic().WithLocation(0).WithArguments("Task.Result", "M").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Main_and_tests() => Verify.VerifyAnalyzerAsync(
        """
        namespace Xunit { class FactAttribute : Attribute { } }
        class T { [Xunit.Fact] public void M() { Task.Delay(1).Wait(); } }
        class P { static void Main() { Task.Delay(1).Wait(); } }
        """);

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { void M() { Task.Delay(1).Wait(); } }");

    [Theory]
    [InlineData("class C { void M() { [|Task.Delay(1).Wait( |]} }")]
    [InlineData("class C { int M() => Missing().Result; }")]
    [InlineData("class C { int M() => [|Task.FromException<int>(null!).ContinueWith(t => 1).Result|] }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    private static Task InClass(string members) => Verify.VerifyAnalyzerAsync(Class(members));

    private static string Class(string members) =>
        $$"""
        class Host : Root
        {
            {{members}}
            static Task<int> FAsync() => Task.Run(() => 1);
            static void Take(Action a) { }
        }

        class Root { }
        """;
}
