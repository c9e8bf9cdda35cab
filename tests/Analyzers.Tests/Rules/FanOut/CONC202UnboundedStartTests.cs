using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC202UnboundedStartAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC202UnboundedStartCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC202UnboundedStartTests
{
    /// <summary>An async method whose statements start work; nothing warns of what isn't awaited.</summary>
    private static string InMethod(string statements) =>
        $$"""
        #pragma warning disable CS4014
        class C
        {
            async Task M(List<string> xs, SemaphoreSlim gate, int workers, bool stop, CancellationToken ct)
            {
                {{statements}}
                await Task.Yield();
            }

            static async Task<int> F(string x) { await Task.Delay(1); return x.Length; }
            static async Task G(string x, CancellationToken ct = default) => await Task.Delay(x.Length, ct);
            static ValueTask<int> V(string x) => new(F(x));
            static void Work(object? x) { }
            static Task Done(string x) { return Task.CompletedTask; }
            static async Task Gated(string x, SemaphoreSlim gate) { await gate.WaitAsync(); try { await G(x); } finally { gate.Release(); } }
        }
        """;

    [Theory]
    [InlineData("foreach (var x in xs) _ = [|F(x)|];")]
    [InlineData("foreach (var x in xs) [|F(x)|];")]
    [InlineData("foreach (var x in xs) _ = [|F(x)|].ConfigureAwait(false);")]
    [InlineData("foreach (var x in xs) _ = [|V(x)|].AsTask();")]
    [InlineData("foreach (var x in xs) { if (x.Length > 2) _ = [|F(x)|]; }")]
    [InlineData("foreach (var x in xs) { var task = [|F(x)|]; }")]
    [InlineData("foreach (var x in xs) _ = [|Task.Run(() => Work(x))|];")]
    [InlineData("foreach (var x in xs) [|Task.Factory.StartNew(() => Work(x), TaskCreationOptions.LongRunning)|];")]
    [InlineData("foreach (var x in xs) [|F(x)|].ContinueWith(t => Work(t));")]
    [InlineData("foreach (var x in xs) [|F(x)|].ContinueWith(t => Work(t)).ConfigureAwait(false);")]
    [InlineData("foreach (var x in xs) _ = x.Length > 2 ? [|F(x)|] : Task.FromResult(1);")]
    [InlineData("for (var i = 0; i < xs.Count; i++) _ = [|F(xs[i])|];")]
    [InlineData("for (var i = 0; i < 1000; i++) _ = [|F(xs[0])|];")]
    [InlineData("var i = 0; while (i < xs.Count) _ = [|F(xs[i++])|];")]
    [InlineData("xs.ForEach(x => { _ = [|F(x)|]; });")]
    [InlineData("Array.ForEach(xs.ToArray(), x => { [|F(x)|]; });")]
    [InlineData("foreach (var x in xs) foreach (var y in new[] { 1, 2 }) _ = [|F(x + y)|];")]
    [InlineData("while (!stop) { await Task.Delay(10); foreach (var x in xs) _ = [|F(x)|]; }")]
    [InlineData("foreach (var x in xs) { switch (x) { case \"\": _ = [|F(x)|]; break; } }")]
    [InlineData("foreach (var x in xs) { if (x == \"\") return; _ = [|F(x)|]; }")]
    public Task Tasks_that_nobody_waits_for(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("foreach (var x in xs) [|new Thread(() => Work(x))|].Start();")]
    [InlineData("foreach (var x in xs) [|new Thread(Work)|] { IsBackground = true }.Start(x);")]
    [InlineData("foreach (var x in xs) { var thread = [|new Thread(Work)|]; thread.Start(x); }")]
    [InlineData("var threads = new List<Thread>(); foreach (var x in xs) { var thread = [|new Thread(Work)|]; threads.Add(thread); thread.Start(x); } threads.ForEach(one => one.Join());")]
    [InlineData("foreach (var x in xs) [|ThreadPool.QueueUserWorkItem(Work, x)|];")]
    [InlineData("foreach (var x in xs) [|ThreadPool.QueueUserWorkItem(_ => Work(x))|];")]
    public Task Threads_and_work_for_the_pool(string statements) =>
        Verify.VerifyAnalyzerAsync(InMethod(statements.Replace("[|new Thread(Work)|] { IsBackground = true }", "[|new Thread(Work) { IsBackground = true }|]", StringComparison.Ordinal)));

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) [|tasks.Add(F(x))|]; Task.WaitAll(tasks.ToArray());")]
    [InlineData("var tasks = new Task[xs.Count]; for (var i = 0; i < xs.Count; i++) [|tasks[i] = F(xs[i])|]; Task.WaitAll(tasks);")]
    [InlineData("Task.WaitAll([|xs.Select(x => Task.Run(() => Work(x)))|].ToArray());")]
    public Task Tasks_that_a_thread_waits_for(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add([|F(x)|]); Work(\"started\");")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add([|F(x)|]); Work(tasks.Count);")]
    [InlineData("List<Task> tasks = []; for (var i = 0; i < xs.Count; i++) { tasks.Add([|F(xs[i])|]); }")]
    [InlineData("var tasks = new Task[xs.Count]; for (var i = 0; i < xs.Count; i++) tasks[i] = [|F(xs[i])|]; Work(tasks.Length);")]
    [InlineData("var tasks = new Dictionary<string, Task>(); foreach (var x in xs) tasks[x] = [|F(x)|];")]
    [InlineData("var tasks = new Dictionary<string, Task>(); foreach (var x in xs) tasks.Add(x, [|F(x)|]);")]
    [InlineData("var tasks = new List<Task>(); xs.ForEach(x => { tasks.Add([|F(x)|]); });")]
    [InlineData("var tasks = new System.Collections.Concurrent.ConcurrentBag<Task>(); foreach (var x in xs) tasks.Add([|Task.Run(() => Work(x))|]);")]
    [InlineData("var tasks = [|xs.Select(x => F(x))|].ToList(); Work(tasks.Count);")]
    [InlineData("var tasks = [|xs.Select(F)|].ToArray();")]
    [InlineData("_ = [|xs.Select(x => F(x))|].ToList();")]
    [InlineData("[|xs.Where(x => x != \"\").Select(x => F(x))|].ToList();")]
    public Task Tasks_that_are_kept_and_never_awaited(string statements) => new Verify.Test { TestCode = InMethod(statements), FixedCode = InMethod(statements) }.RunAsync();

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); Work(tasks);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); _tasks = tasks;")]
    [InlineData("foreach (var x in xs) _tasks.Add(F(x));")]
    [InlineData("var tasks = _tasks; foreach (var x in xs) tasks.Add(F(x));")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); foreach (var task in tasks) await task;")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); await tasks[0];")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); Func<Task> all = () => Task.WhenAll(tasks); await all();")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); if (tasks.TrueForAll(task => task.IsCompleted)) return;")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < 4; i++) tasks.Add(F(xs[i]));")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < workers; i++) tasks.Add(Task.Run(() => Work(xs)));")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { await gate.WaitAsync(); tasks.Add(F(x)); }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(Gated(x, gate));")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(Done(x));")]
    [InlineData("var tasks = new Tracker(); foreach (var x in xs) tasks.Add(F(x));")]
    [InlineData("var lengths = new List<int>(); foreach (var x in xs) lengths.Add(await F(x)); Work(lengths.Count);")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList(); foreach (var task in tasks) await task;")]
    [InlineData("var tasks = xs.Select(x => F(x)).ToList(); Work(tasks);")]
    [InlineData("var tasks = xs.Take(4).Select(x => F(x)).ToList(); Work(tasks.Count);")]
    [InlineData("var tasks = xs.Select(x => Gated(x, gate)).ToList(); Work(tasks.Count);")]
    [InlineData("var tasks = xs.Select(Done).ToList(); Work(tasks.Count);")]
    [InlineData("var tasks = xs.Select(x => Done(x)).ToList(); Work(tasks.Count);")]
    [InlineData("var lengths = xs.Select(x => x.Length).ToList(); Work(lengths.Count);")]
    [InlineData("var rows = xs.Select(x => x.Trim()).ToList();")]
    [InlineData("var rows = xs.Select(x => x.Split(':')).ToArray(); Work(rows.Length);")]
    [InlineData("xs.Select(int.Parse).ToList();")]
    [InlineData("_ = xs.AsParallel().Select(x => x.Trim()).ToList();")]
    public Task Tasks_that_are_kept_for_someone(string statements) =>
        new Verify.Test { TestCode = InMethod(statements).Replace("static ValueTask<int> V", "List<Task> _tasks = new(); class Tracker { public void Add(Task task) => task.ContinueWith(Work); } static ValueTask<int> V", StringComparison.Ordinal), TestTopLevelProgram = false }.RunAsync();

    [Theory]
    [InlineData("var q = new Queue<string>(xs); while (q.Count > 0) { var x = q.Dequeue(); _ = [|F(x)|]; }")]
    [InlineData("var q = new Queue<string>(xs); while (q.TryDequeue(out var x)) { _ = [|F(x)|]; }")]
    [InlineData("var q = new Stack<string>(xs); while (q.Count > 0) _ = [|F(q.Pop())|];")]
    [InlineData("var q = new System.Collections.Concurrent.ConcurrentQueue<string>(xs); while (q.TryDequeue(out var x)) new Thread(Work).Start(x);", "new Thread(Work)")]
    [InlineData("var q = new System.Collections.Concurrent.ConcurrentBag<string>(xs); while (!q.IsEmpty) if (q.TryTake(out var x)) _ = [|F(x)|];")]
    [InlineData("var q = new Queue<string>(xs); while (q.Count > 0) { var x = q.Dequeue(); if (x == \"\") q.Enqueue(x); _ = [|F(x)|]; }")]
    [InlineData("var q = new List<string>(xs); while (q.Count > 0) { if (stop) q.Add(\"\"); _ = [|F(q[0])|]; q.RemoveAt(0); }")]
    public Task Queues_that_are_emptied(string statements, string start = "") =>
        Verify.VerifyAnalyzerAsync(InMethod(start == "" ? statements : statements.Replace(start, $"[|{start}|]", StringComparison.Ordinal)));

    [Fact]
    public Task A_parameter_that_is_emptied() => Verify.VerifyAnalyzerAsync(
        "class C { void M(Queue<string> q) { while (q.Count > 0) { var x = q.Dequeue(); _ = [|F(x)|]; } } static Task F(string x) => Task.Run(() => x); }");

    [Theory]
    [InlineData("while (_arrived.TryDequeue(out var x)) _ = F(x);")]
    [InlineData("while (true) { if (_arrived.TryDequeue(out var x)) _ = F(x); else Thread.Sleep(10); if (stop) break; }")]
    [InlineData("var q = new System.Collections.Concurrent.ConcurrentQueue<string>(xs); while (!stop) { if (q.TryDequeue(out var x)) _ = F(x); }")]
    [InlineData("var q = new Queue<string>(xs); while (q.Count > 0) { _ = F(q.Dequeue()); await Task.Delay(10); }")]
    [InlineData("var q = new Queue<string>(xs); while (q.Count > 0) { await gate.WaitAsync(); _ = F(q.Dequeue()); }")]
    [InlineData("var q = new Queue<string>(xs); while (q.Count > 0) { var x = q.Dequeue(); await F(x); }")]
    [InlineData("var q = new Queue<string>(xs.Take(4)); while (q.TryDequeue(out var x)) _ = F(x);")]
    [InlineData("var q = new Queue<string>(); q.Enqueue(\"a\"); q.Enqueue(\"b\"); while (q.Count > 0) _ = F(q.Dequeue());")]
    [InlineData("var q = new System.Collections.Concurrent.BlockingCollection<string>(8); while (q.TryTake(out var x, 1000)) _ = F(x);")]
    public Task Queues_that_are_not(string statements) => new Verify.Test
    {
        TestCode = InMethod(statements).Replace("static ValueTask<int> V", "readonly System.Collections.Concurrent.ConcurrentQueue<string> _arrived = new(); static ValueTask<int> V", StringComparison.Ordinal),
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("var threads = xs.Select(x => [|new Thread(() => Work(x))|]).ToArray(); foreach (var thread in threads) thread.Start();")]
    [InlineData("var threads = xs.Select(x => [|new Thread(Work)|]).ToList(); threads.ForEach(thread => thread.Start(1)); threads.ForEach(thread => thread.Join());")]
    [InlineData("var threads = xs.Select(x => [|new Thread(Work)|]).ToArray(); Array.ForEach(threads, thread => thread.Start());")]
    [InlineData("foreach (var thread in xs.Select(x => [|new Thread(() => Work(x))|])) thread.Start();")]
    [InlineData("var threads = xs.Select(x => { var y = x + 1; return [|new Thread(() => Work(y))|]; }).ToArray(); foreach (var thread in threads) { thread.Start(); }")]
    public Task Threads_of_a_projection(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("var threads = Enumerable.Range(0, workers).Select(i => new Thread(() => Work(i))).ToArray(); foreach (var thread in threads) thread.Start();")]
    [InlineData("var threads = xs.Take(4).Select(x => new Thread(() => Work(x))).ToArray(); foreach (var thread in threads) thread.Start();")]
    [InlineData("var threads = xs.Select(x => new Thread(() => Work(x))).ToArray(); Work(threads);")]
    [InlineData("var threads = xs.Select(x => new Thread(() => Work(x))).ToArray(); foreach (var thread in threads) { thread.Start(); thread.Join(); }")]
    [InlineData("var threads = xs.Select(x => new Thread(() => { gate.Wait(); Work(x); gate.Release(); })).ToArray(); foreach (var thread in threads) thread.Start();")]
    [InlineData("var threads = xs.Select(x => new Thread(() => Work(x))).ToArray(); threads[0].Start();")]
    public Task Threads_of_a_projection_that_are_few(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("foreach (var x in xs) await F(x);")]
    [InlineData("foreach (var x in xs) Work(await F(x));")]
    [InlineData("foreach (var x in xs) { var task = F(x); await task; }")]
    [InlineData("foreach (var x in xs) { var task = F(x); task.Wait(); }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(F(x)); await Task.WhenAll(tasks);")]
    [InlineData("await Task.WhenAll(xs.Select(x => F(x)));")]
    [InlineData("Task last = Task.CompletedTask; foreach (var x in xs) last = F(x); await last;")]
    [InlineData("foreach (var x in xs) _ = Done(x);")]
    [InlineData("foreach (var x in xs) _ = Task.FromResult(x);")]
    [InlineData("foreach (var x in xs) _ = Task.Delay(10);")]
    [InlineData("var ps = new System.Diagnostics.Process[xs.Count]; var tasks = new Task[ps.Length]; for (var i = 0; i < ps.Length; i++) tasks[i] = ps[i].WaitForExitAsync(ct); Task.WaitAll(tasks);")]
    [InlineData("foreach (var x in xs) Work(new Thread(Work));")]
    [InlineData("foreach (var x in xs) { Func<Task> later = () => F(x); Work(later); }")]
    [InlineData("foreach (var source in new List<CancellationTokenSource>(Enumerable.Repeat(new CancellationTokenSource(), xs.Count))) _ = source.CancelAsync();")]
    public Task Nothing_is_left_running(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("_ = F(xs[0]);")]
    [InlineData("for (var i = 0; i < 4; i++) _ = F(xs[0]);")]
    [InlineData("for (var i = 0; i < workers; i++) _ = Task.Run(() => Work(xs));")]
    [InlineData("for (var i = 0; i < Environment.ProcessorCount; i++) new Thread(Work).Start();")]
    [InlineData("foreach (var x in new[] { \"a\", \"b\" }) _ = F(x);")]
    [InlineData("foreach (var x in xs.Take(10)) _ = F(x);")]
    [InlineData("foreach (var day in Enum.GetValues<DayOfWeek>()) _ = F(day.ToString());")]
    [InlineData("foreach (var x in xs) if (x == \"\") { _ = F(x); break; }")]
    [InlineData("foreach (var x in xs) { if (x == \"\") { _ = F(x); return; } }")]
    [InlineData("for (var attempt = 0; ; attempt++) { if (attempt > 3) { _ = F(xs[0]); throw new TimeoutException(); } }")]
    [InlineData("foreach (var x in xs) { Action later = () => { _ = F(x); }; }")]
    [InlineData("foreach (var x in xs) { void Later() { _ = F(x); } Work((Action)Later); }")]
    [InlineData("Action<string>? changed = null; foreach (var one in changed?.GetInvocationList() ?? []) _ = F(one.ToString()!);")]
    [InlineData("foreach (var chunk in xs.Chunk(8)) { foreach (var x in chunk) _ = F(x); await Task.Delay(100); }")]
    public Task Few_at_most(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("while (!stop) { var x = await F(\"\"); _ = F(x + \"\"); }")]
    [InlineData("while (!ct.IsCancellationRequested) { _ = F(\"\"); await Task.Delay(1000, ct); }")]
    [InlineData("var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, 0); while (true) { var client = await listener.AcceptTcpClientAsync(); _ = Task.Run(() => Work(client)); if (stop) break; }")]
    [InlineData("var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, 0); while (!stop) { var client = listener.AcceptTcpClient(); new Thread(() => Work(client)).Start(); }")]
    [InlineData("using var listener = new System.Net.HttpListener(); for (; ; ) { var context = listener.GetContext(); ThreadPool.QueueUserWorkItem(Work, context); if (stop) break; }")]
    [InlineData("var channel = System.Threading.Channels.Channel.CreateBounded<string>(1); await foreach (var x in channel.Reader.ReadAllAsync()) _ = F(x);")]
    [InlineData("var channel = System.Threading.Channels.Channel.CreateBounded<string>(1); while (await channel.Reader.WaitToReadAsync()) while (channel.Reader.TryRead(out var x)) _ = F(x);")]
    [InlineData("using var queue = new System.Collections.Concurrent.BlockingCollection<string>(8); foreach (var x in queue.GetConsumingEnumerable()) _ = F(x);")]
    [InlineData("while (!stop) { Thread.Sleep(1000); _ = F(\"\"); }")]
    [InlineData("while (Console.ReadLine() is { } line) _ = F(line);")]
    [InlineData("foreach (var x in xs) { _ = F(x); await Task.Delay(50); }")]
    [InlineData("foreach (var x in xs) { var thread = new Thread(Work); thread.Start(x); thread.Join(); }")]
    public Task Each_turn_waits_for_something(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("foreach (var x in xs) { await gate.WaitAsync(); _ = F(x); }")]
    [InlineData("foreach (var x in xs) { gate.Wait(); new Thread(() => { Work(x); gate.Release(); }).Start(); }")]
    [InlineData("foreach (var x in xs) _ = Gated(x, gate);")]
    [InlineData("foreach (var x in xs) _ = Task.Run(async () => { await gate.WaitAsync(); try { await F(x); } finally { gate.Release(); } });")]
    [InlineData("foreach (var x in xs) ThreadPool.QueueUserWorkItem(_ => { gate.Wait(); Work(x); gate.Release(); });")]
    [InlineData("var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 4).ConcurrentScheduler; foreach (var x in xs) _ = Task.Factory.StartNew(() => Work(x), ct, TaskCreationOptions.None, scheduler);")]
    [InlineData("var running = new List<Task>(); foreach (var x in xs) { if (running.Count == 8) running.Remove(await Task.WhenAny(running)); running.Add(F(x)); }")]
    public Task Something_holds_it_back(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("F(x).Await();")]
    [InlineData("F(x).WaitAndLog();")]
    [InlineData("F(x).RunSynchronously();")]
    [InlineData("[|F(x)|].Forget();")]
    public Task An_extension_that_waits_is_no_start(string turn) => Verify.VerifyAnalyzerAsync(
        $$"""
        static class TaskExtensions
        {
            public static void Await(this Task task) => task.GetAwaiter().GetResult();
            public static void WaitAndLog(this Task task) => task.GetAwaiter().GetResult();
            public static void RunSynchronously(this Task<int> task) => task.GetAwaiter().GetResult();
            public static void Forget(this Task task) => task.ContinueWith(static one => Console.WriteLine(one.Exception), TaskScheduler.Default);
        }

        class C
        {
            void M(List<string> xs)
            {
                foreach (var x in xs)
                    {{turn}}
            }

            static async Task<int> F(string x) { await Task.Delay(1); return x.Length; }
        }
        """);

    [Fact]
    public Task Message() => Verify.VerifyAnalyzerAsync(
        InMethod("foreach (var x in xs) _ = {|#0:F(x)|}; for (var i = 0; i < 99; i++) {|#1:new Thread(Work)|}.Start();"),
        Verify.Diagnostic().WithLocation(0).WithArguments("F", "element of 'xs'"),
        Verify.Diagnostic().WithLocation(1).WithArguments("new Thread", "turn of a loop"));

    [Theory]
    [InlineData("concurrency.unbounded_threshold = 2000", "for (var i = 0; i < 1000; i++) _ = F(xs[0]);")]
    [InlineData("concurrency.unbounded_threshold = 3", "for (var i = 0; i < 4; i++) _ = [|F(xs[0])|];")]
    [InlineData("concurrency.safe_to_forget_methods = F", "foreach (var x in xs) _ = F(x);")]
    public Task Options(string option, string statements) => new Verify.Test { TestCode = InMethod(statements), EditorConfig = option }.RunAsync();

    [Theory]
    [InlineData("concurrency.analyze_tests = false", "F(x)")]
    [InlineData("concurrency.analyze_tests = true", "[|F(x)|]")]
    public Task Test_methods(string option, string start) => new Verify.Test
    {
        TestCode = $$"""
            class Tests
            {
                [Xunit.Fact]
                void Runs() { foreach (var x in Environment.GetCommandLineArgs()) _ = {{start}}; }
                static Task F(string x) => Task.Run(() => x);
            }
            namespace Xunit { class FactAttribute : Attribute; }
            """,
        EditorConfig = option,
    }.RunAsync();

    [Fact]
    public Task Parts_that_a_program_is_composed_of() => Verify.VerifyAnalyzerAsync(
        """
        interface IEventHandler { Task HandleAsync(object e); }
        class Bus(IEnumerable<IEventHandler> handlers, List<Bus> others)
        {
            void Publish(object e)
            {
                foreach (var handler in handlers)
                    _ = handler.HandleAsync(e);
                foreach (var other in others)
                    _ = [|other.SendAsync(e)|];
            }
            async Task SendAsync(object e) => await Task.Delay(1);
        }
        """);

    [Fact]
    public Task Generated_code() => new Verify.Test { TestCode = "// <auto-generated/>\n" + InMethod("foreach (var x in xs) _ = F(x);"), TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = InMethod("foreach (var x in ) _ = F(x); foreach (var x in xs) _ = Missing(x); foreach (var x in xs) new Thread().Start(; for (;;"),
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.RunAsync();
}
