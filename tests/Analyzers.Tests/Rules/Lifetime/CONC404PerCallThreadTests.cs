using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC404PerCallThreadAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC404PerCallThreadCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

public sealed class CONC404PerCallThreadTests
{
    [Theory]
    [InlineData("[|new Thread(Work)|].Start();")]
    [InlineData("[|new Thread(() => Work())|].Start();")]
    [InlineData("[|new Thread(() => Work()) { IsBackground = true }|].Start();")]
    [InlineData("var thread = [|new Thread(Work)|]; thread.Start();")]
    [InlineData("Thread thread = [|new(Work)|]; thread.IsBackground = true; thread.Start();")]
    [InlineData("var thread = [|new Thread(Work)|]; thread.Start(); thread.Join();")]
    [InlineData("var thread = [|new Thread(WorkOn)|]; thread.Start(1);")]
    [InlineData("Thread thread; thread = [|new Thread(Work)|]; thread.Start();")]
    [InlineData("[|new Thread(() => { foreach (var n in _numbers) Console.WriteLine(n); })|].Start();")]
    [InlineData("void Local() => [|new Thread(Work)|].Start(); Local();")]
    [InlineData("Action a = () => [|new Thread(Work)|].Start(); a();")]
    public Task Flagged(string statements) => VerifyAsync(Method(statements));

    [Theory]
    // It is kept, or never started here.
    [InlineData("_thread = new Thread(Work); _thread.Start();")]
    [InlineData("var thread = new Thread(Work); _thread = thread; thread.Start();")]
    [InlineData("_threads.Add(new Thread(Work));")]
    [InlineData("var thread = new Thread(Work); thread.Start(); _threads.Add(thread);")]
    [InlineData("var thread = new Thread(Work);")]
    [InlineData("Thread thread; thread = new Thread(Work); Console.WriteLine(thread.Name);")]
    [InlineData("Thread thread; thread = new Thread(Work); thread.Start(); _threads.Add(thread);")]
    [InlineData("Thread thread; thread = new Thread(Work); thread.SetApartmentState(ApartmentState.STA); thread.Start();")]
    // It lives for longer than the call.
    [InlineData("new Thread(() => { while (true) Work(); }).Start();")]
    [InlineData("new Thread(ReadLoop).Start();")]
    [InlineData("new Thread(Endless).Start();")]
    [InlineData("new Thread(() => Endless()).Start();")]
    [InlineData("new Thread(Indirect).Start();")]
    // What no thread of a pool has.
    [InlineData("var thread = new Thread(Work); thread.SetApartmentState(ApartmentState.STA); thread.Start();")]
    [InlineData("new Thread(Work, 16 * 1024 * 1024).Start();")]
    // In a loop that is CONC202's.
    [InlineData("foreach (var n in _numbers) new Thread(() => WorkOn(n)).Start();")]
    [InlineData("for (var i = 0; i < _numbers.Count; i++) { var thread = new Thread(Work); thread.Start(); }")]
    public Task Left_alone(string statements) => VerifyAsync(Method(statements));

    [Theory]
    [InlineData("C() { new Thread(Work).Start(); }")]
    [InlineData("public void Start() { var worker = new Thread(Work); worker.Start(); }")]
    [InlineData("void InitializeWorker() => new Thread(Work).Start();")]
    [InlineData("static Thread Create() => new Thread(Work);")]
    [InlineData("private readonly Thread _worker = new Thread(Work);")]
    [InlineData("static void Main() { new Thread(Work).Start(); }")]
    [InlineData("[Xunit.Fact] public void M() { new Thread(Work).Start(); } } namespace Xunit { class FactAttribute : Attribute { }")]
    public Task Members_left_alone(string members) => VerifyAsync($"class C {{ static void Work() {{ }} {members} }}");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static void Work() { } void M() => new Thread(Work).Start(); }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { new Thread(missing).Start(); } }")]
    [InlineData("class C { void M() { new Thread(() => ).Start(); var t = new Thread( } }")]
    [InlineData("class C { void M() => new Thread().Start( }")]
    public async Task Incomplete_code(string code) => await new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.TryAllFixesAsync();

    [Theory]
    [InlineData("[|new Thread(Work)|].Start();", "s_threads.Post(_ => Work());")]
    [InlineData("// Send it.\n        [|new Thread(() => Work())|].Start(); // now", "// Send it.\n        s_threads.Post(_ => Work()); // now")]
    [InlineData("[|new Thread(() => { Work(); Work(); }) { IsBackground = true }|].Start();", "s_threads.Post(_ => { Work(); Work(); });")]
    [InlineData("// Send it.\n        var thread = [|new Thread(Work)|];\n        thread.Start();\n        Work();", "// Send it.\n        s_threads.Post(_ => Work());\n        Work();")]
    public Task The_fix_shares_an_executor(string before, string after) => VerifyFixAsync(
        Fixable("", before),
        Fixable("\n    private static readonly ThreadExecutor s_threads = new ThreadExecutor();", after));

    [Fact]
    public Task Two_calls_share_one_executor() => VerifyFixAsync(
        Fixable("", "[|new Thread(Work)|].Start();\n        [|new Thread(() => Console.WriteLine())|].Start();"),
        Fixable("\n    private static readonly ThreadExecutor s_threads = new ThreadExecutor();", "s_threads.Post(_ => Work());\n        s_threads.Post(_ => Console.WriteLine());"));

    [Theory]
    [InlineData("var thread = [|new Thread(Work)|];\n        thread.Start();\n        thread.Join();")]
    [InlineData("var thread = [|new Thread(WorkOn)|];\n        thread.Start(1);")]
    [InlineData("Thread thread;\n        thread = [|new Thread(Work)|];\n        thread.Start();")]
    [InlineData("[|new Thread(Work) { Priority = ThreadPriority.Lowest }|].Start();")]
    [InlineData("if (s_n > 0)\n            Work();\n        var thread = [|new Thread(async () => await Task.Yield())|];\n        thread.Start();")]
    public Task Refuses(string statements) => VerifyFixAsync(Fixable("", statements), Fixable("", statements));

    [Fact]
    public Task No_fix_without_the_runtime() => new Verify.Test
    {
        TestCode = "class C { void M() { [|new Thread(Work)|].Start(); } static void Work() { } }",
        FixedCode = "class C { void M() { [|new Thread(Work)|].Start(); } static void Work() { } }",
        WithRuntime = false,
        TestTopLevelProgram = false,
    }.RunAsync();

    private static Task VerifyAsync(string code) => new Verify.Test { TestCode = code, TestTopLevelProgram = false }.RunAsync();

    private static Task VerifyFixAsync(string before, string after) => new Verify.Test { TestCode = before, FixedCode = after, TestTopLevelProgram = false }.RunAsync();

    private static string Fixable(string field, string statements) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            private static int s_n;{{field}}

            void M()
            {
                {{statements}}
            }

            static void Work() => s_n = 1;

            static void WorkOn(object? n) => s_n = (int)n!;
        }
        """;

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private readonly List<Thread> _threads = [];
            private readonly List<int> _numbers = [];
            private Thread? _thread;

            void M()
            {
                {{statements}}
            }

            static void Work() => Console.WriteLine();
            static void WorkOn(object? n) => Console.WriteLine(n);
            static void ReadLoop() => Console.ReadLine();
            static void Endless() { while (Console.ReadLine() is not null) Work(); }
            void Indirect() => Endless();
        }
        """;
}
