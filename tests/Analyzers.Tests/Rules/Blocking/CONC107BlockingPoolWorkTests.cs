using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC107BlockingPoolWorkAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC107BlockingPoolWorkCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC107BlockingPoolWorkTests
{
    [Theory]
    [InlineData("void M() { [|Task.Run(() => Thread.Sleep(1))|]; }")]
    [InlineData("Task M() => [|Task.Run(() => { Thread.Sleep(1); })|];")]
    [InlineData("Task<int> M() => [|Task.Run(() => FAsync().Result)|];")]
    [InlineData("Task M(CancellationToken token) => [|Task.Run(() => Work(), token)|];")]
    [InlineData("Task M() => [|Task.Run(Work)|];")]
    [InlineData("Task M() => [|Task.Run(() => Deep())|];")]
    [InlineData("async Task M() { await [|Task.Run(() => { Console.WriteLine(); Deep(); })|]; }")]
    [InlineData("Task M() => [|Task.Factory.StartNew(() => Thread.Sleep(1))|];")]
    [InlineData("Task M() => [|Task.Factory.StartNew(() => Thread.Sleep(1), TaskCreationOptions.DenyChildAttach)|];")]
    [InlineData("Task M() => [|Task.Factory.StartNew(() => Thread.Sleep(1), default, TaskCreationOptions.None, TaskScheduler.Default)|];")]
    [InlineData("void M() { [|ThreadPool.QueueUserWorkItem(_ => Thread.Sleep(1))|]; }")]
    [InlineData("void M() { [|ThreadPool.UnsafeQueueUserWorkItem(_ => Work(), null)|]; }")]
    [InlineData("void M() { [|ThreadPool.QueueUserWorkItem(Callback)|]; } void Callback(object? state) { Thread.Sleep(1); }")]
    [InlineData("Task M(SemaphoreSlim gate) => [|Task.Run(() => gate.Wait())|];")]
    [InlineData("Task M(System.Diagnostics.Process p) => [|Task.Run(() => p.WaitForExit())|];")]
    [InlineData("Task M(System.Collections.Concurrent.BlockingCollection<int> items) => [|Task.Run(() => { foreach (var x in items.GetConsumingEnumerable()) Console.WriteLine(x); })|];")]
    // For ever.
    [InlineData("Task M(System.Net.Sockets.TcpListener listener) => [|Task.Run(() => { while (true) { listener.AcceptTcpClient(); } })|];")]
    [InlineData("Task M(System.Net.HttpListener listener, CancellationToken token) => [|Task.Run(() => { while (!token.IsCancellationRequested) { var c = listener.GetContext(); c.Response.Close(); } })|];")]
    [InlineData("Task M() => [|Task.Run(Read)|]; void Read() { for (;;) Console.ReadLine(); }")]
    // For ever, which fits Func<Task>, too.
    [InlineData("Task M() => [|Task.Run(() => { while (true) { Work(); } })|];")]
    [InlineData("Task M(SemaphoreSlim gate) => [|Task.Run(() => { while (true) { gate.Wait(); Console.WriteLine(); } })|];")]
    [InlineData("async Task M() { await [|Task.Run(() => { for (;;) { Thread.Sleep(1000); Console.WriteLine(); } })|]; }")]
    [InlineData("Task M(CancellationToken token) => [|Task.Run(() => { while (true) { token.ThrowIfCancellationRequested(); FAsync().Wait(); } }, token)|];")]
    // A task that the method around it was given.
    [InlineData("Task<int> M(Task<int> task) => [|Task.Run(() => task.Result)|];")]
    [InlineData("Task<int> M(Task<int> task) => [|Task.Run(() => task.GetAwaiter().GetResult() + 1)|];")]
    // A method of the framework by its name.
    [InlineData("Task M(System.Diagnostics.Process process) => [|Task.Run(process.WaitForExit)|];")]
    [InlineData("Task M(SemaphoreSlim gate) => [|Task.Run(gate.Wait)|];")]
    [InlineData("Task M(Thread thread) => [|Task.Run(thread.Join)|];")]
    [InlineData("Task<bool> M(EventWaitHandle signal) => [|Task.Run(signal.WaitOne)|];")]
    // Started by hand.
    [InlineData("void M() { [|new Task(() => Thread.Sleep(1)).Start()|]; }")]
    [InlineData("Task M() { var task = new Task<int>(() => FAsync().Result); [|task.Start()|]; return task; }")]
    [InlineData("Task M() { var task = new Task(Work); [|task.Start(TaskScheduler.Default)|]; return task; }")]
    public Task Blocks(string members) => InClass(members);

    [Theory]
    [InlineData("Task M() => Task.Run(() => Console.WriteLine());")]
    [InlineData("Task M() => Task.Run(async () => { await Task.Yield(); Thread.Sleep(1); });")]
    [InlineData("Task M() => Task.Run(() => FAsync());")]
    [InlineData("Task M() => Task.Run(FAsync);")]
    [InlineData("Task M() => Task.Run(() => Thread.Sleep(0));")]
    [InlineData("Task M(SemaphoreSlim gate) => Task.Run(() => gate.Wait(0));")]
    [InlineData("Task M(Task<int> t) => Task.Run(() => t.IsCompleted ? t.Result : 0);")]
    // Threads of their own.
    [InlineData("Task M() => Task.Factory.StartNew(() => Thread.Sleep(1), TaskCreationOptions.LongRunning);")]
    [InlineData("Task M() => Task.Factory.StartNew(Work, default, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);")]
    [InlineData("Task M(TaskCreationOptions options) => Task.Factory.StartNew(Work, options);")]
    [InlineData("Task M(TaskScheduler scheduler) => Task.Factory.StartNew(Work, default, TaskCreationOptions.None, scheduler);")]
    [InlineData("Task M(TaskFactory factory) => factory.StartNew(Work);")]
    [InlineData("void M() { new Thread(() => Thread.Sleep(1)).Start(); }")]
    [InlineData("Task M() => Threads.RunAsync(() => Thread.Sleep(1)); static readonly ConcurrencyAnalyzers.Runtime.ThreadExecutor Threads = new();")]
    [InlineData("void M() { new Task(() => Thread.Sleep(1), TaskCreationOptions.LongRunning).Start(); }")]
    [InlineData("void M(TaskScheduler scheduler) { new Task(() => Thread.Sleep(1)).Start(scheduler); }")]
    [InlineData("void M() { var task = new Task(() => Thread.Sleep(1), TaskCreationOptions.LongRunning); task.Start(); }")]
    [InlineData("void M(Task task) { task.Start(); }")]
    [InlineData("void M() { new Task(() => Console.WriteLine()).Start(); }")]
    [InlineData("Task M() { var task = new Task(() => Thread.Sleep(1)); return task; }")]
    [InlineData("Task M(Action wait) => Task.Run(wait);")]
    [InlineData("Task M(StringWriter writer) => Task.Run(writer.Flush);")]
    [InlineData("async Task<int> M(Task<int> task) { await task; return await Task.Run(() => task.Result + 1); }")]
    [InlineData("Task<int> M(Task<int> task) => task.ContinueWith(t => t.Result);")]
    [InlineData("Task M() => Task.Run(() => { while (true) { Console.WriteLine(); } });")]
    [InlineData("Task M() => Task.Run(async () => { while (true) { await Task.Delay(1); } });")]
    [InlineData("Task M() => Task.Run(() => { while (true) { if (DateTime.Now.Ticks > 0) return Task.CompletedTask; Thread.Sleep(1); } });")]
    // Ends, or reads nothing that comes when it comes.
    [InlineData("Task M() => Task.Run(() => { Console.ReadLine(); });")]
    [InlineData("Task M(StreamReader reader) => Task.Run(() => { while (reader.Peek() > 0) reader.ReadLine(); });")]
    [InlineData("Task M(Own own) => Task.Run(() => { while (true) own.ReadLine(); }); class Own { public void ReadLine() { } }")]
    // Busy with the loop's own work.
    [InlineData("Task M(List<int> xs) => Task.Run(() => Parallel.ForEach(xs, x => Console.WriteLine(x)));")]
    [InlineData("Task M(List<int> xs) => Task.Run(() => All(xs)); void All(List<int> xs) { Parallel.For(0, xs.Count, i => Console.WriteLine(xs[i])); }")]
    // Not run there.
    [InlineData("Task M() => Task.Run(() => { Action later = () => Thread.Sleep(1); return later; });")]
    [InlineData("void M(Action work) { Task.Run(work); }")]
    [InlineData("void M() { Run(() => Thread.Sleep(1)); } void Run(Action work) { }")]
    // In a loop it is CONC202's.
    [InlineData("void M(List<int> xs) { foreach (var x in xs) Task.Run(() => Thread.Sleep(x)); }")]
    [InlineData("void M(List<int> xs) { foreach (var x in xs) ThreadPool.QueueUserWorkItem(_ => Thread.Sleep(x)); }")]
    public Task Not_flagged(string members) => InClass(members);

    [Theory]
    [InlineData("Task M() => {|#0:Task.Run(() => Deep())|};", "Task.Run", "Deep → Work → Thread.Sleep")]
    [InlineData("void M() { {|#0:ThreadPool.QueueUserWorkItem(_ => FAsync().Wait())|}; }", "ThreadPool.QueueUserWorkItem", "Task.Wait")]
    public Task Message_and_severity(string members, string start, string chain) => Verify.VerifyAnalyzerAsync(
        Class(members),
        Verify.Diagnostic().WithLocation(0).WithArguments(start, chain).WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Tests_and_the_entry_point() => Verify.VerifyAnalyzerAsync(
        """
        namespace Xunit { class FactAttribute : Attribute { } }
        class C { [Xunit.Fact] public void M() { Task.Run(() => Thread.Sleep(1)); } }
        class P { static void Main() { Task.Run(() => Thread.Sleep(1)); } }
        """);

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { void M() { Task.Run(() => Thread.Sleep(1)); } }");

    [Theory]
    [InlineData("class C { void M() { Task.Run( } }")]
    [InlineData("class C { void M() { [|Task.Run(() => Thread.Sleep(1)|]; } }")]
    [InlineData("class C { void M() { Task.Run(() => { while } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("void M()\n    {\n        [|Task.Run(() => Thread.Sleep(1))|]; // why\n    }", "void M()\n    {\n        _threads.RunAsync(() => Thread.Sleep(1)); // why\n    }")]
    [InlineData("Task M() => [|Task.Run(() => { while (true) Console.ReadLine(); })|];", "Task M() => _threads.RunAsync(() => { while (true) Console.ReadLine(); });")]
    [InlineData("Task M() => [|Task.Run(() => { while (true) { Work(); } })|];", "Task M() => _threads.RunAsync(() => { while (true) { Work(); } });")]
    [InlineData("Task<int> M(CancellationToken token) => [|Task.Run(() => FAsync().Result, token)|];", "Task<int> M(CancellationToken token) => _threads.RunAsync(() => FAsync().Result, token);")]
    [InlineData("async Task M() { await [|Task.Run(() =>\n    {\n        Work();\n    })|]; }", "async Task M() { await _threads.RunAsync(() =>\n    {\n        Work();\n    }); }")]
    [InlineData("Task M() => [|Task.Factory.StartNew(() => Work())|];", "Task M() => _threads.RunAsync(() => Work());")]
    [InlineData("void M() { [|ThreadPool.QueueUserWorkItem(_ => Work())|]; }", "void M() { _threads.Post(_ => Work()); }")]
    public Task Fixes(string member, string mended) => Verify.VerifyCodeFixAsync(Class(member), Class("private static readonly ThreadExecutor _threads = new ThreadExecutor();\n\n    " + mended));

    [Fact]
    public Task The_field_is_shared() => Verify.VerifyCodeFixAsync(
        Class("private static readonly ThreadExecutor Slow = new(2);\n    void M() { [|Task.Run(() => Work())|]; [|Task.Run(() => Deep())|]; }"),
        Class("private static readonly ThreadExecutor Slow = new(2);\n    void M() { Slow.RunAsync(() => Work()); Slow.RunAsync(() => Deep()); }"));

    [Theory]
    [InlineData("void M() { if ([|ThreadPool.QueueUserWorkItem(_ => Work())|]) return; }")]
    [InlineData("void M() { [|ThreadPool.QueueUserWorkItem(state => { Console.WriteLine(state); Work(); })|]; }")]
    [InlineData("void M() { [|ThreadPool.QueueUserWorkItem(state => Work(), \"x\")|]; }")]
    [InlineData("Task M() => [|Task.Factory.StartNew(() => Work(), TaskCreationOptions.DenyChildAttach)|];")]
    [InlineData("Task M() => [|Task.Factory.StartNew(_ => Work(), null)|];")]
    [InlineData("void M() { [|new Task(() => Work()).Start()|]; }")]
    [InlineData("Task M(SemaphoreSlim gate) => [|Task.Run(gate.Wait)|];")]
    public Task No_fix(string member) => Verify.VerifyNoCodeFixAsync(Class(member));

    [Fact]
    public Task No_fix_without_the_runtime() => new Verify.Test
    {
        TestCode = "class C { void M() { [|Task.Run(() => Thread.Sleep(1))|]; } }",
        FixedCode = "class C { void M() { [|Task.Run(() => Thread.Sleep(1))|]; } }",
        WithRuntime = false,
    }.RunAsync();

    private static Task InClass(string members) => Verify.VerifyAnalyzerAsync(Class(members));

    private static string Class(string members) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class Host : Root
        {
            {{members}}

            static void Work() { Thread.Sleep(1); }
            static void Deep() { Work(); }
            static Task<int> FAsync() => Task.Run(() => 1);
        }

        class Root { }
        """;
}
