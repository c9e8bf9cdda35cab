using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC201UnboundedWhenAllCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

/// <summary>What is not flagged: few tasks, gated work, tasks that run already, tests.</summary>
public sealed class CONC201UnboundedWhenAllExemptionTests
{
    private static string InMethod(string statements) => CONC201UnboundedWhenAllTests.InMethod(statements);

    [Theory]
    [InlineData("await Task.WhenAll(F(\"a\"), F(\"b\"));")]
    [InlineData("await Task.WhenAll(new[] { F(\"a\"), F(\"b\") });")]
    [InlineData("await Task.WhenAll(new List<Task> { F(\"a\"), F(\"b\") });")]
    [InlineData("await Task.WhenAll(new[] { \"a\", \"b\" }.Select(x => F(x)));")]
    [InlineData("string[] ys = [\"a\", \"b\"]; await Task.WhenAll(ys.Select(x => F(x)).ToList());")]
    [InlineData("var ys = new List<string> { \"a\" }; ys.Add(\"b\"); await Task.WhenAll(from y in ys select F(y));")]
    [InlineData("await Task.WhenAll(xs.Take(16).Select(x => F(x)));")]
    [InlineData("await Task.WhenAll(xs.Select(x => F(x)).Take(16));")]
    [InlineData("var n = int.Parse(xs[0]); await Task.WhenAll(xs.Skip(n).Take(n).Select(x => F(x)));")]
    [InlineData("await Task.WhenAll(xs.Take(Math.Min(xs.Count, 8)).Select(x => F(x)));")]
    [InlineData("foreach (var chunk in xs.Chunk(16)) await Task.WhenAll(chunk.Select(x => F(x)));")]
    [InlineData("var size = int.Parse(xs[0]); foreach (var chunk in xs.Chunk(size)) { var tasks = chunk.Select(x => F(x)).ToList(); await Task.WhenAll(tasks); }")]
    [InlineData("for (var i = 0; i < xs.Count; i += 10) await Task.WhenAll(xs.GetRange(i, 10).Select(x => F(x)));")]
    [InlineData("await Task.WhenAll(Enumerable.Range(0, 8).Select(i => F(i + \"\")));")]
    [InlineData("await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => F(\"\")));")]
    [InlineData("var workers = int.Parse(xs[0]); await Task.WhenAll(Enumerable.Range(0, workers).Select(async i => { await G(\"\"); }));")]
    [InlineData("var workers = int.Parse(xs[0]); await Task.WhenAll(Enumerable.Repeat(\"\", workers).Select(x => F(x)));")]
    [InlineData("await Task.WhenAll(Enum.GetValues<DayOfWeek>().Select(day => F(day.ToString())));")]
    [InlineData("await Task.WhenAll(Enum.GetValues(typeof(DayOfWeek)).Cast<DayOfWeek>().Select(day => F(day.ToString())));")]
    [InlineData("await Task.WhenAll(Enum.GetNames<DayOfWeek>().Where(x => x != \"\").Select(x => F(x)));")]
    [InlineData("var tasks = new List<Task>(); for (var i = 0; i < 4; i++) tasks.Add(F(i + \"\")); await Task.WhenAll(tasks);")]
    [InlineData("var workers = Environment.ProcessorCount; var tasks = new Task[workers]; for (var i = 0; i < tasks.Length; i++) tasks[i] = F(\"\"); await Task.WhenAll(tasks);")]
    [InlineData("var workers = Environment.ProcessorCount; var tasks = new List<Task>(); for (var i = 0; i < workers; i++) tasks.Add(Task.Run(() => F(\"\"))); foreach (var task in tasks) await task;")]
    [InlineData("var tasks = new List<Task>(); while (tasks.Count < 8) tasks.Add(F(\"\")); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); tasks.Add(F(\"a\")); tasks.Add(F(\"b\")); await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in new[] { \"a\", \"b\" }) tasks.Add(F(x)); await Task.WhenAll(tasks);")]
    public Task Few_tasks(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Fact]
    public Task Waiting_is_no_work() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            Task M(List<Part> parts) => Task.WhenAll(parts.Select(part => WaitForReadyAsync(part)));
            Task M2(List<Part> parts) => Task.WhenAll(parts.Select(part => part.WaitAsync()));
            Task D(List<int> pauses) => Task.WhenAll(pauses.Select(pause => Task.Delay(pause)));
            Task D2(List<int> pauses) => Task.WhenAll(pauses.Select(Task.Delay));
            Task D3(List<int> pauses, TimeProvider clock) => Task.WhenAll(pauses.Select(pause => Task.Delay(TimeSpan.FromSeconds(pause), clock)));
            Task D4(List<int> pauses) => Task.WhenAll(pauses.Select(async pause => { await Task.Delay(pause).ConfigureAwait(false); Console.WriteLine(pause); }));
            Task D5(List<int> pauses) { var all = new List<Task>(); foreach (var pause in pauses) all.Add(Task.Delay(pause)); return Task.WhenAll(all); }
            Task M3(List<Part> parts) => [|Task.WhenAll(parts.Select(part => part.WaiveAsync()))|];
            Task M4(List<Part> parts) => [|Task.WhenAll(parts.Select(part => WaitAndRetryAsync(() => part.WaiveAsync())))|];
            static async Task WaitForReadyAsync(Part part) => await Task.Delay(1);
            static async Task WaitAndRetryAsync(Func<Task> work) => await work();
        }

        class Part
        {
            public async Task WaitAsync() => await Task.Delay(1);
            public async Task WaiveAsync() => await Task.Delay(1);
        }
        """);

    [Fact]
    public Task Read_only_members_that_hold_a_literal() => Verify.VerifyAnalyzerAsync(
        """
        using System.Collections.Immutable;
        class C
        {
            static readonly string[] Names = { "a", "b" };
            static readonly ImmutableArray<string> Fixed = ImmutableArray.Create("a", "b");
            static IReadOnlyList<string> Hosts { get; } = ["a", "b"];
            static readonly List<string> Growing = new() { "a" };
            static string[] _replaced = { "a" };
            Task M() => Task.WhenAll(Names.Select(F));
            Task M2() => Task.WhenAll(Fixed.Select(F));
            Task M3() => Task.WhenAll(Hosts.Select(F));
            Task M4() => [|Task.WhenAll(Growing.Select(F))|];
            Task M5() => [|Task.WhenAll(_replaced.Select(F))|];
            static async Task F(string x) => await Task.Delay(x.Length);
        }
        """);

    [Theory]
    [InlineData("await Task.WhenAll(xs.Select(async x => { await gate.WaitAsync(); try { await G(x); } finally { gate.Release(); } }));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.Run(async () => { await gate.WaitAsync(); try { await G(x); } finally { gate.Release(); } })));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.Run(() => { gate.Wait(); try { G(x).Wait(); } finally { gate.Release(); } })));")]
    [InlineData("await Task.WhenAll(xs.Select(Gated));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Gated(x)));")]
    [InlineData("await Task.WhenAll(xs.Select(async x => await Outer(x)));")]
    [InlineData("await Task.WhenAll(from x in xs select Outer(x));")]
    [InlineData("await Task.WhenAll(xs.Select(async x => { using var lease = await limiter.AcquireAsync(); await G(x); }));")]
    [InlineData("Func<string, Task> f = async x => { await gate.WaitAsync(); await G(x); gate.Release(); }; await Task.WhenAll(xs.Select(f));")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { await gate.WaitAsync(); tasks.Add(Released(x)); } await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(Gated(x)); await Task.WhenAll(tasks);")]
    [InlineData("async Task Local(string x) { await gate.WaitAsync(); await G(x); gate.Release(); } await Task.WhenAll(xs.Select(Local));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.Factory.StartNew(() => x.Length, default, default, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler)));")]
    [InlineData("await [|Task.WhenAll(xs.Select(async x => { await G(x); await gate.WaitAsync(); gate.Release(); }))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(Ungated))|];")]
    [InlineData("await gate.WaitAsync(); await [|Task.WhenAll(xs.Select(x => G(x)))|]; gate.Release();")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { tasks.Add(G(x)); await gate.WaitAsync(); } await [|Task.WhenAll(tasks)|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => Task.Factory.StartNew(() => x.Length, default, default, TaskScheduler.Default)))|];")]
    public Task Gated_work(string statements) => Verify.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            static readonly SemaphoreSlim gate = new(4);
            static readonly System.Threading.RateLimiting.ConcurrencyLimiter limiter = new(new() { PermitLimit = 4 });

            async Task M(List<string> xs)
            {
                {{statements}}
            }

            static async Task G(string x) => await Task.Delay(x.Length);
            static async Task Gated(string x) { await gate.WaitAsync().ConfigureAwait(false); try { await G(x); } finally { gate.Release(); } }
            static async Task Released(string x) { try { await G(x); } finally { gate.Release(); } }
            static Task Outer(string x) { if (x == "") return Task.CompletedTask; return Middle(x); }
            static async Task<int> Middle(string x) { await Gated(x); return 1; }
            static async Task Ungated(string x) { await G(x); await Gated(x); }
        }
        """);

    [Fact]
    public Task Work_on_an_executor() => Verify.VerifyAnalyzerAsync(
        """
        class AsyncExecutor
        {
            public Task RunAsync(Func<Task> work) => work();
        }

        class C
        {
            Task M(AsyncExecutor executor, List<string> xs) => Task.WhenAll(xs.Select(x => executor.RunAsync(() => F(x))));
            static async Task F(string x) => await Task.Delay(x.Length);
        }
        """);

    [Theory]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { if (tasks.Count >= 4) tasks.Remove(await Task.WhenAny(tasks)); tasks.Add(F(x)); } await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { tasks.Add(F(x)); if (tasks.Count == 4) { await Task.WhenAll(tasks); tasks.Clear(); } } await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { var task = F(x); tasks.Add(task); await task; } await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); while (true) { var x = await F(\"\"); if (x == 0) break; tasks.Add(F(x + \"\")); } await Task.WhenAll(tasks);")]
    [InlineData("var tasks = new List<Task>(); var channel = System.Threading.Channels.Channel.CreateBounded<string>(1); await foreach (var x in channel.Reader.ReadAllAsync()) tasks.Add(F(x)); await Task.WhenAll(tasks);")]
    [InlineData("foreach (var task in xs.Select(x => F(x))) await task;")]
    [InlineData("var tasks = xs.Select(x => F(x)); foreach (var task in tasks) await task;")]
    [InlineData("foreach (var x in xs) await F(x);")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) { await F(x); } await Task.WhenAll(tasks);")]
    public Task Windows_batches_and_arrivals(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.FromResult(x.Length)));")]
    [InlineData("await Task.WhenAll(xs.Select(Task.FromResult));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.CompletedTask));")]
    [InlineData("await Task.WhenAll(xs.Select(x => x == \"\" ? Task.CompletedTask : Task.FromResult(1)));")]
    [InlineData("await Task.WhenAll(xs.Select(x => Task.Delay(x.Length)));")]
    [InlineData("var sources = xs.ConvertAll(x => new TaskCompletionSource()); await Task.WhenAll(sources.Select(source => source.Task));")]
    [InlineData("var running = new Dictionary<string, Task>(); await Task.WhenAll(xs.Select(x => running[x]));")]
    [InlineData("var running = new List<Task>(); await Task.WhenAll(running.Select(async task => { await task; }));")]
    [InlineData("var running = new List<Task>(); await Task.WhenAll(running.Select(task => task.WaitAsync(TimeSpan.FromSeconds(1))));")]
    [InlineData("var running = new List<(string Name, Task Task)>(); await Task.WhenAll(running.Select(one => one.Task.WaitAsync(TimeSpan.FromSeconds(1))));")]
    [InlineData("var running = new List<(string Name, Task Task)>(); await Task.WhenAll(running.Select(async one => { await one.Task; }));")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(Task.CompletedTask); await Task.WhenAll(tasks);")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => x == \"\" ? Task.CompletedTask : F(x)))|];")]
    [InlineData("await [|Task.WhenAll(xs.Select(x => F(x).WaitAsync(TimeSpan.FromSeconds(1))))|];")]
    public Task Nothing_is_started(string statements) => Verify.VerifyAnalyzerAsync(InMethod(statements));

    [Theory]
    [InlineData("Xunit", "FactAttribute", "Fact")]
    [InlineData("Xunit", "TheoryAttribute", "Theory")]
    [InlineData("NUnit.Framework", "TestAttribute", "Test")]
    [InlineData("NUnit.Framework", "TestCaseAttribute", "TestCase")]
    [InlineData("Microsoft.VisualStudio.TestTools.UnitTesting", "TestMethodAttribute", "TestMethod")]
    [InlineData("TUnit.Core", "TestAttribute", "Test")]
    [InlineData("BenchmarkDotNet.Attributes", "BenchmarkAttribute", "Benchmark")]
    [InlineData("BenchmarkDotNet.Attributes", "IterationSetupAttribute", "IterationSetup")]
    public async Task Test_methods(string space, string attribute, string name)
    {
        string Source(string place) =>
            $$"""
            using {{space}};
            class C
            {
                [{{name}}]
                public async Task M()
                {
                    await {{place}};
                    async Task Local(List<string> xs) => await {{place.Replace("Xs", "xs", StringComparison.Ordinal)}};
                    await Local(Xs);
                }
                static readonly List<string> Xs = new();
                static async Task F(string x) => await Task.Delay(x.Length);
            }

            namespace {{space}} { class {{attribute}} : Attribute { } }
            """;
        await Verify.VerifyAnalyzerAsync(Source("Task.WhenAll(Xs.Select(x => F(x)))"));
        await new Verify.Test { TestCode = Source("[|Task.WhenAll(Xs.Select(x => F(x)))|]"), EditorConfig = "concurrency.analyze_tests = true" }.RunAsync();
    }

    [Fact]
    public Task Attribute_of_that_name_elsewhere_makes_no_test() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            [Mine.Test]
            public Task M(List<string> xs) => [|Task.WhenAll(xs.Select(x => F(x)))|];
            static async Task F(string x) => await Task.Delay(x.Length);
        }

        namespace Mine { class TestAttribute : Attribute { } }
        """);

    [Fact]
    public Task Other_methods_of_that_name_and_expression_trees() => Verify.VerifyAnalyzerAsync(
        """
        using System.Linq.Expressions;
        static class Task2
        {
            public static Task WhenAll(IEnumerable<Task> tasks) => Task.CompletedTask;
        }

        class C
        {
            Expression<Func<List<string>, Task>> _setUp = xs => Task.WhenAll(xs.Select(x => F(x)));
            Task M(List<string> xs) => Task2.WhenAll(xs.Select(x => F(x)));
            Task M2(IEnumerable<Task> tasks) => Task.WhenAll(tasks);
            string M3() => nameof(Task.WhenAll);
            static async Task F(string x) => await Task.Delay(x.Length);
        }
        """);

    // Seen in real code: what is composed, and what is shut down, is no data of unknown size.
    [Fact]
    public Task Components_of_the_program() => Verify.VerifyAnalyzerAsync(
        """
        interface ISearchProvider { Task<int> SearchAsync(string text); bool CanSearch { get; } }
        abstract class Listener { public abstract Task OnMessageAsync(string text); }
        interface IOrder { Task ShipAsync(); }
        sealed class MessageHandler { public Task HandleAsync() => Task.Run(() => { }); }

        class C(IEnumerable<ISearchProvider> providers, Listener[] listeners, List<IOrder> orders, List<MessageHandler> handlers)
        {
            Task<int[]> Search(string text) => Task.WhenAll(providers.Where(p => p.CanSearch).Select(p => p.SearchAsync(text)));

            async Task Notify(string text)
            {
                var tasks = new Task[listeners.Length];
                for (var i = 0; i < listeners.Length; i++)
                    tasks[i] = listeners[i].OnMessageAsync(text);
                await Task.WhenAll(tasks);
            }

            Task Ship() => [|Task.WhenAll(orders.Select(order => order.ShipAsync()))|];
            Task Handle() => [|Task.WhenAll(handlers.Select(handler => handler.HandleAsync()))|];
        }
        """);

    [Fact]
    public Task Ending_what_was_started() => Verify.VerifyAnalyzerAsync(
        """
        class Consumer : IAsyncDisposable
        {
            public Task StartAsync() => Task.Run(() => { });
            public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => { }, cancellationToken);
            public ValueTask DisposeAsync() => new(Task.Run(() => { }));
        }

        class C(List<Consumer> consumers)
        {
            Task Start() => [|Task.WhenAll(consumers.Select(c => c.StartAsync()))|];
            Task Stop(CancellationToken token) => Task.WhenAll(consumers.Select(c => c.StopAsync(token)));
            async Task Dispose() => await Task.WhenAll(consumers.Select(async c => await c.DisposeAsync()));
            Task Dispose2() => Task.WhenAll(consumers.Select(c => c.DisposeAsync().AsTask()));
        }
        """);

    [Fact]
    public Task Generated_code() => new Verify.Test
    {
        Sources = { ("A.g.cs", "class C { System.Threading.Tasks.Task M(List<string> xs) => Task.WhenAll(xs.Select(x => Task.Run(() => x.Length))); }") },
    }.RunAsync();

    [Theory]
    [InlineData("await Task.WhenAll(xs.Select(x => ));")]
    [InlineData("await Task.WhenAll(xs.Select());")]
    [InlineData("await Task.WhenAll(xs.Take().Select(x => F(x)));")]
    [InlineData("await Task.WhenAll();")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in ) tasks.Add(F(x)); await Task.WhenAll(tasks")]
    [InlineData("var tasks = tasks.Select(x => tasks); await Task.WhenAll(tasks);")]
    [InlineData("for (var i = 0; ; ) tasks[i] = F(; foreach (var t in tasks) await t;")]
    public Task Unfinished_code_throws_nothing(string statements) => new Verify.Test
    {
        TestCode = InMethod(statements),
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.RunAsync();

    [Fact]
    public Task Validators_of_a_pipeline() => Verify.VerifyAnalyzerAsync(
        """
        public interface IValidator<T> { Task<bool> ValidateAsync(T value); }

        class ValidationBehavior<T>(IEnumerable<IValidator<T>> validators)
        {
            Task<bool[]> M(T value) => Task.WhenAll(validators.Select(one => one.ValidateAsync(value)));
        }
        """);

    [Fact(Timeout = 20_000)]
    public Task A_number_made_of_itself_takes_no_time() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            async Task M(int a)
            {
                int n = a;
                n = n + n + n; n = n * n + n; n = n - n + n; n = a + n + n; n = n + n + n; n = n + n + n; n = n + n + n; n = n + n + n; n = n + n + n;
                await [|Task.WhenAll(Enumerable.Range(0, n).Select(_ => F()))|];
            }

            static Task F() => Task.Run(() => { });
        }
        """);
}
