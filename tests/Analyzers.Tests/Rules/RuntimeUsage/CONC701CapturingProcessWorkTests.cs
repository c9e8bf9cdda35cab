using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.RuntimeUsage.CONC701CapturingProcessWorkAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.RuntimeUsage;

public sealed class CONC701CapturingProcessWorkTests
{
    private const string Usings = "using ConcurrencyAnalyzers.Runtime;\n";

    [Fact]
    public Task Message_names_what_is_captured() => Verify.VerifyAnalyzerAsync(
        Usings + "class C { Task<int> M(ProcessExecutor executor, int factor) => executor.RunAsync(x => x * {|#0:factor|}, 2); }",
        Verify.Diagnostic().WithLocation(0).WithArguments("'factor'", "RunAsync"));

    [Theory]
    [InlineData("executor.RunAsync(x => x * [|factor|], 2);")]
    [InlineData("executor.RunAsync((x, ct) => x * [|factor|], 2);")]
    [InlineData("executor.RunAsync(async x => { await Task.Yield(); return x * [|factor|]; }, 2);")]
    [InlineData("executor.RunAsync(() => [|factor|]);")]
    [InlineData("executor.RunAsync(delegate (int x) { return x * [|factor|]; }, 2);")]
    [InlineData("var local = factor; executor.RunAsync(x => x * [|local|], 2);")]
    [InlineData("executor.RunAsync(x => x * [|_field|], 2);")]
    [InlineData("executor.RunAsync(x => [|this|].Instance(x), 2);")]
    [InlineData("executor.RunAsync(x => [|Instance|](x), 2);")]
    [InlineData("executor.RunAsync([|Instance|], 2);")]
    [InlineData("executor.RunAsync([|this.Instance|], 2);")]
    [InlineData("executor.RunAsync([|new C().Instance|], 2);")]
    [InlineData("executor.RunAsync(new Func<int, int>([|Instance|]), 2);")]
    [InlineData("executor.RunAsync([|\"text\".Twice|], 2);")]
    [InlineData("int Local(int x) => x * factor; executor.RunAsync([|Local|], 2);")]
    [InlineData("int Inner() => factor; int Local(int x) => x * Inner(); executor.RunAsync([|Local|], 2);")]
    [InlineData("int Local(int x) => x * factor; executor.RunAsync(x => [|Local(x)|], 2);")]
    [InlineData("Func<int, int> work = x => x * factor; executor.RunAsync([|work|], 2);")]
    [InlineData("executor.RunAsync(x => new[] { x }.Select(y => y * [|factor|]).Sum(), 2);")]
    [InlineData("executor.MapAsync(new[] { 1 }, x => x * [|factor|]);")]
    [InlineData("executor.MapAsCompletedAsync(new[] { 1 }, x => x * [|factor|]);")]
    [InlineData("executor.SettleAsync(new[] { 1 }, x => x * [|factor|]);")]
    [InlineData("new ProcessExecutorOptions().SetInitializer(() => Console.WriteLine([|factor|]));")]
    [InlineData("foreach (var item in new[] { 1 }) executor.RunAsync(() => [|item|]);")]
    [InlineData("if (factor is > 1 and var big) executor.RunAsync(() => [|big|]);")]
    public Task Captures(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("executor.RunAsync(x => x * 2, 2);")]
    [InlineData("executor.RunAsync(static x => x * 2, 2);")]
    [InlineData("executor.RunAsync(x => { var y = x; return y * 2; }, 2);")]
    [InlineData("executor.RunAsync(x => { int Double(int z) => z * x; return Double(2); }, 2);")]
    [InlineData("executor.RunAsync(x => new[] { x }.Select(y => y * x).Sum(), 2);")]
    [InlineData("executor.RunAsync(Static, factor);")]
    [InlineData("executor.RunAsync(C.Static, factor);")]
    [InlineData("executor.RunAsync(Generic<int>, factor);")]
    [InlineData("executor.RunAsync(Math.Abs, factor);")]
    [InlineData("executor.RunAsync(new Func<int, int>(Static), factor);")]
    [InlineData("const int Two = 2; executor.RunAsync(x => x * Two, factor);")]
    [InlineData("executor.RunAsync(x => x * s_shared, factor);")]
    [InlineData("executor.RunAsync(x => nameof(factor) + x, factor);")]
    [InlineData("executor.RunAsync(x => new C().Instance(x), factor);")]
    [InlineData("int Local(int x) => x * 2; executor.RunAsync(Local, factor);")]
    [InlineData("int Inner() => 2; int Local(int x) => x * Inner(); executor.RunAsync(Local, factor);")]
    [InlineData("static int Local(int x) => x * 2; executor.RunAsync(Local, factor);")]
    [InlineData("int Again(int x) => x == 0 ? 0 : Again(x - 1); executor.RunAsync(Again, factor);")]
    [InlineData("Func<int, int> work = x => x * 2; executor.RunAsync(work, factor);")]
    [InlineData("Func<int, int> work = Static; work = Instance; executor.RunAsync(work, factor);")]
    [InlineData("executor.RunAsync(work: x => x * 2, argument: factor);")]
    [InlineData("executor.RunAsync(x => new { x }.x, factor);")]
    [InlineData("executor.RunAsync(x => x switch { > 1 and var big => big, _ => 0 }, factor);")]
    [InlineData("executor.RunAsync(x => int.TryParse(x, out var y) ? y : 0, \"1\");")]
    [InlineData("threads.RunAsync(() => factor);")]
    [InlineData("new ProcessExecutorOptions { OutputReceived = (id, line) => Console.WriteLine(factor + line) }.ToString();")]
    [InlineData("new Mine.ProcessExecutor().RunAsync(() => factor);")]
    public Task What_a_worker_can_call(string statements) => VerifyInMethod(statements);

    [Fact]
    public Task Parameters_of_a_primary_constructor() => Verify.VerifyAnalyzerAsync(
        Usings + "class C(ProcessExecutor executor, int factor) { Task<int> M() => executor.RunAsync(x => x * [|factor|], 2); }");

    [Fact]
    public Task In_a_generic_method() => Verify.VerifyAnalyzerAsync(
        Usings + "class C<T> { Task<string> M<U>(ProcessExecutor executor, U argument) => executor.RunAsync(x => typeof(T).Name + typeof(U).Name + x, argument); }");

    [Fact]
    public Task Static_fields_with_delegates_are_not_followed() => Verify.VerifyAnalyzerAsync(
        Usings + "class C { static readonly Func<int, int> Work = x => x; Task<int> M(ProcessExecutor executor) => executor.RunAsync(Work, 2); }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", Usings + "class C { Task<int> M(ProcessExecutor executor, int factor) => executor.RunAsync(x => x * factor, 2); }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M(ProcessExecutor e, int f) { e.RunAsync(x => x * , 2); } }")]
    [InlineData("class C { void M(ProcessExecutor e, int f) { e.RunAsync(missing, 2); e.RunAsync(); } }")]
    [InlineData("class C { void M(ProcessExecutor e, int f) { int Local( => f; e.RunAsync(Local } }")]
    public async Task Incomplete_code(string code) => _ = await new Verify.Test { TestCode = Usings + code, CompilerDiagnostics = CompilerDiagnostics.None }.AnalyzeAsync();

    private static Task VerifyInMethod(string statements) => new Verify.Test
    {
        TestCode = Usings + "class C { void M(ProcessExecutor executor, ThreadExecutor threads, int factor) { " + statements + " } private int _field; private static int s_shared; int Instance(int x) => x + _field; static int Static(int x) => x + s_shared; static T Generic<T>(T x) => x; } static class Texts { public static int Twice(this string text, int x) => x; } namespace Mine { class ProcessExecutor { public void RunAsync(Func<int> work) { } } }",
        TestTopLevelProgram = false,
    }.RunAsync();
}
