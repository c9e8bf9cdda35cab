using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC401PerCallExecutorCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

public sealed class CONC401PerCallExecutorTests
{
    private const string Usings = "using System.Threading.RateLimiting;\nusing ConcurrencyAnalyzers.Runtime;\nusing Polly;\n";

    private const string Options = "new ConcurrencyLimiterOptions { PermitLimit = 4 }";

    /// <summary>What of Polly, a web host and a container the cases need.</summary>
    private const string Stubs =
        """
        namespace Polly
        {
            public class PolicyBuilder { }
            public class AsyncPolicy
            {
                public System.Threading.Tasks.Task<T> ExecuteAsync<T>(System.Func<System.Threading.Tasks.Task<T>> action) => action();
            }
            public class Policy
            {
                public static PolicyBuilder Handle<T>() => new();
                public static AsyncPolicy BulkheadAsync(int max) => new();
                public static AsyncPolicy RateLimitAsync(int max, System.TimeSpan per) => new();
                public static AsyncPolicy WrapAsync(params AsyncPolicy[] policies) => new();
            }
            public static class AsyncCircuitBreakerSyntax
            {
                public static AsyncPolicy CircuitBreakerAsync(this PolicyBuilder builder, int failures, System.TimeSpan duration) => new();
            }
            public static class AsyncRetrySyntax
            {
                public static AsyncPolicy RetryAsync(this PolicyBuilder builder, int count) => new();
            }
            public class ResiliencePipeline
            {
                public System.Threading.Tasks.ValueTask<T> ExecuteAsync<T>(System.Func<System.Threading.CancellationToken, System.Threading.Tasks.ValueTask<T>> action) => action(default);
            }
            public class ResiliencePipelineBuilder
            {
                public ResiliencePipeline Build() => new();
            }
            public static class BuilderExtensions
            {
                public static TBuilder AddTimeout<TBuilder>(this TBuilder builder, System.TimeSpan timeout) where TBuilder : ResiliencePipelineBuilder => builder;
                public static TBuilder AddPipeline<TBuilder>(this TBuilder builder, ResiliencePipeline pipeline) where TBuilder : ResiliencePipelineBuilder => builder;
            }
        }
        namespace ConcurrencyAnalyzers.Runtime { }
        namespace Microsoft.Extensions.Hosting
        {
            public interface IHostedService { System.Threading.Tasks.Task StartAsync(System.Threading.CancellationToken token); }
            public abstract class BackgroundService { protected abstract System.Threading.Tasks.Task ExecuteAsync(System.Threading.CancellationToken token); }
        }
        namespace Microsoft.AspNetCore.Routing
        {
            public interface IEndpointRouteBuilder { }
            public static class EndpointRouteBuilderExtensions
            {
                public static void MapGet(this IEndpointRouteBuilder endpoints, string pattern, System.Delegate handler) { }
            }
        }
        namespace Xunit
        {
            public class FactAttribute : System.Attribute { }
        }
        public interface IServices
        {
            IServices AddSingleton<T>(T instance);
            IServices AddSingleton<T>(System.Func<IServices, T> factory);
            IServices Configure(System.Action<Settings> configure);
        }
        public class Settings
        {
            public System.Threading.RateLimiting.RateLimiter? Limiter { get; set; }
        }
        public sealed class LowPriorityScheduler(int threads) : System.Threading.Tasks.TaskScheduler
        {
            public int Threads { get; } = threads;
            protected override System.Collections.Generic.IEnumerable<System.Threading.Tasks.Task> GetScheduledTasks() => [];
            protected override void QueueTask(System.Threading.Tasks.Task task) { }
            protected override bool TryExecuteTaskInline(System.Threading.Tasks.Task task, bool wasQueued) => false;
        }
        public class Owner(System.Threading.RateLimiting.RateLimiter limiter)
        {
            public System.Threading.RateLimiting.RateLimiter Limiter { get; } = limiter;
        }
        """;

    [Theory]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; using var lease = await limiter.AcquireAsync();")]
    [InlineData("using (var limiter = [|new ConcurrencyLimiter(" + Options + ")|]) { using var lease = await limiter.AcquireAsync(); }")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; using var lease = await limiter.AcquireAsync(); limiter.Dispose();")]
    [InlineData("using var lease = await [|new ConcurrencyLimiter(" + Options + ")|].AcquireAsync();")]
    [InlineData("RateLimiter limiter = [|new ConcurrencyLimiter(" + Options + ")|]; limiter.AttemptAcquire().Dispose();")]
    [InlineData("await using RateLimiter limiter = [|new TokenBucketRateLimiter(new() { TokenLimit = 1, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1) })|];")]
    [InlineData("using var limiter = [|PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetNoLimiter(key))|]; limiter.AttemptAcquire(\"a\").Dispose();")]
    [InlineData("var pair = [|new ConcurrentExclusiveSchedulerPair()|]; await Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.None, pair.ExclusiveScheduler);")]
    [InlineData("var scheduler = [|new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 2)|].ConcurrentScheduler; Parallel.ForEach(items, new ParallelOptions { TaskScheduler = scheduler }, Work);")]
    [InlineData("await Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.None, [|new LowPriorityScheduler(2)|]);")]
    [InlineData("var factory = new TaskFactory([|new LowPriorityScheduler(2)|]); await factory.StartNew(Work);")]
    [InlineData("await [|Policy.BulkheadAsync(4)|].ExecuteAsync(() => GetAsync(items[0]));")]
    [InlineData("var policy = [|Policy.RateLimitAsync(4, TimeSpan.FromSeconds(1))|]; await policy.ExecuteAsync(() => GetAsync(items[0]));")]
    [InlineData("await [|Policy.Handle<Exception>().CircuitBreakerAsync(2, TimeSpan.FromMinutes(1))|].ExecuteAsync(() => GetAsync(items[0]));")]
    [InlineData("await Policy.WrapAsync(Policy.Handle<Exception>().RetryAsync(3), [|Policy.BulkheadAsync(4)|]).ExecuteAsync(() => GetAsync(items[0]));")]
    [InlineData("var pipeline = [|new ResiliencePipelineBuilder().AddTimeout(TimeSpan.FromSeconds(1)).Build()|]; await pipeline.ExecuteAsync(async token => await GetAsync(items[0]));")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; await Task.WhenAll(items.Select(async item => { using var lease = await limiter.AcquireAsync(); await GetAsync(item); }));")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; await Parallel.ForEachAsync(items, async (item, token) => { using var lease = await limiter.AcquireAsync(1, token); });")]
    [InlineData("using var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; await Elsewhere.RunAsync(limiter);")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; await ReceiveAsync(limiter);")]
    [InlineData("var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; await Local(limiter); async Task Local(RateLimiter one) { using var lease = await one.AcquireAsync(); }")]
    [InlineData("var owner = new Owner([|new ConcurrencyLimiter(" + Options + ")|]); owner.Limiter.AttemptAcquire().Dispose();")]
    [InlineData("var limiters = new List<RateLimiter> { [|new ConcurrencyLimiter(" + Options + ")|] }; foreach (var limiter in limiters) limiter.AttemptAcquire().Dispose();")]
    [InlineData("foreach (var item in items) { using var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; using var lease = await limiter.AcquireAsync(); }")]
    [InlineData("Func<Task> send = async () => { using var limiter = [|new ConcurrencyLimiter(" + Options + ")|]; using var lease = await limiter.AcquireAsync(); }; await send();")]
    public Task Flagged(string statements) => VerifyAsync(Method(statements));

    [Theory]
    // It leaves by the method's result, a parameter or the object's state.
    [InlineData("return new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); return limiter;")]
    [InlineData("return (object)(_limiter ?? new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("return Task.FromResult<RateLimiter>(new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("return new[] { new ConcurrencyLimiter(" + Options + ") };")]
    [InlineData("return (1, new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("return new { Limiter = new ConcurrencyLimiter(" + Options + ") };")]
    [InlineData("return new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;")]
    [InlineData("return new TaskFactory(new LowPriorityScheduler(1));")]
    [InlineData("var pair = new ConcurrentExclusiveSchedulerPair(); return new ParallelOptions { TaskScheduler = pair.ConcurrentScheduler };")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); return new Owner(limiter);")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); Func<RateLimiter> get = () => limiter; return get;")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); return (Action)Use; void Use() => limiter.AttemptAcquire().Dispose();")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); return (Func<int, CancellationToken, ValueTask<RateLimitLease>>)limiter.AcquireAsync;")]
    [InlineData("result = new ConcurrencyLimiter(" + Options + "); return 1;")]
    [InlineData("_limiter = new ConcurrencyLimiter(" + Options + "); return 1;")]
    [InlineData("_limiter ??= new ConcurrencyLimiter(" + Options + "); return 1;")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); _limiter = limiter; return 1;")]
    [InlineData("RateLimiter a, b; a = b = new ConcurrencyLimiter(" + Options + "); _limiter = a; return 1;")]
    [InlineData("Limiter = new ConcurrencyLimiter(" + Options + "); return 1;")]
    [InlineData("Interlocked.CompareExchange(ref _limiter, new ConcurrencyLimiter(" + Options + "), null); return _limiter;")]
    [InlineData("var made = new ConcurrencyLimiter(" + Options + "); var old = Interlocked.Exchange(ref _limiter, made); return old;")]
    [InlineData("return LazyInitializer.EnsureInitialized(ref _limiter, () => new ConcurrencyLimiter(" + Options + "));")]
    // Collections and owners that leave.
    [InlineData("_limiters.Add(\"a\", new ConcurrencyLimiter(" + Options + ")); return 1;")]
    [InlineData("_limiters[\"a\"] = new ConcurrencyLimiter(" + Options + "); return 1;")]
    [InlineData("return _byKey.GetOrAdd(\"a\", key => new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("return _byKey.GetOrAdd(\"a\", new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("var list = new List<RateLimiter>(); list.Add(new ConcurrencyLimiter(" + Options + ")); return list;")]
    [InlineData("var list = new List<RateLimiter> { new ConcurrencyLimiter(" + Options + ") }; return list.ToArray();")]
    [InlineData("var array = new RateLimiter[1]; array[0] = new ConcurrencyLimiter(" + Options + "); return array;")]
    [InlineData("List<RateLimiter> list = [new ConcurrencyLimiter(" + Options + ")]; foreach (var one in list) _limiter = one; return 1;")]
    [InlineData("var settings = new Settings { Limiter = new ConcurrencyLimiter(" + Options + ") }; return settings;")]
    [InlineData("var settings = new Settings(); settings.Limiter = new ConcurrencyLimiter(" + Options + "); return settings;")]
    [InlineData("return Enumerable.Range(0, 4).Select(i => new ConcurrencyLimiter(" + Options + ")).ToList();")]
    [InlineData("return new Lazy<RateLimiter>(() => new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("Changed += (_, _) => { }; var limiter = new ConcurrencyLimiter(" + Options + "); Changed += (_, _) => limiter.AttemptAcquire(); return 1;")]
    // A container has it, or whoever asked for it.
    [InlineData("services.AddSingleton<RateLimiter>(new ConcurrencyLimiter(" + Options + ")); return 1;")]
    [InlineData("services.AddSingleton<RateLimiter>(_ => new ConcurrencyLimiter(" + Options + ")); return 1;")]
    [InlineData("services.AddSingleton(_ => { var limiter = new ConcurrencyLimiter(" + Options + "); return new Owner(limiter); }); return 1;")]
    [InlineData("services.Configure(o => o.Limiter = new ConcurrencyLimiter(" + Options + ")); return 1;")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); services.AddSingleton(_ => new Owner(limiter)); return 1;")]
    [InlineData("return RateLimitPartition.Get(\"a\", key => new ConcurrencyLimiter(" + Options + "));")]
    [InlineData("return PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetNoLimiter(key));")]
    [InlineData("return new ResiliencePipelineBuilder().Build();")]
    [InlineData("var inner = new ResiliencePipelineBuilder().Build(); return new ResiliencePipelineBuilder().AddPipeline(inner).Build();")]
    [InlineData("return Policy.WrapAsync(Policy.BulkheadAsync(4), Policy.Handle<Exception>().RetryAsync(3));")]
    // It may have been kept, and this call doesn't dispose it.
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); Elsewhere.Keep(limiter); return 1;")]
    [InlineData("Elsewhere.Keep(new ConcurrencyLimiter(" + Options + ")); return 1;")]
    [InlineData("var limiter = new ConcurrencyLimiter(" + Options + "); Elsewhere.Keep(() => limiter.AttemptAcquire()); return 1;")]
    [InlineData("dynamic d = services; d.Add(new ConcurrencyLimiter(" + Options + ")); return 1;")]
    // What is no limiter, no scheduler, and what has no state to share.
    [InlineData("using var semaphore = new SemaphoreSlim(1); semaphore.Wait(); return 1;")]
    [InlineData("_ = TaskScheduler.Default; return Policy.Handle<Exception>().RetryAsync(3).ExecuteAsync(() => Task.FromResult(1));")]
    [InlineData("_ = nameof(ConcurrencyLimiter); Expression<Func<RateLimiter>> e = () => new ConcurrencyLimiter(new ConcurrencyLimiterOptions()); return e;")]
    // A worker's own, for as long as it works.
    [InlineData("using var limiter = new ConcurrencyLimiter(" + Options + "); while (true) { limiter.AttemptAcquire().Dispose(); if (services is null) break; } return 1;")]
    [InlineData("var token = CancellationToken.None; using var limiter = new ConcurrencyLimiter(" + Options + "); while (!token.IsCancellationRequested) limiter.AttemptAcquire().Dispose(); return 1;")]
    public Task Not_flagged(string statements) => VerifyAsync(
        "using System.Collections.Concurrent;\nusing System.Linq.Expressions;\n" + Usings +
        $$"""
        class C
        {
            private RateLimiter? _limiter;
            private readonly Dictionary<string, RateLimiter> _limiters = new();
            private readonly ConcurrentDictionary<string, RateLimiter> _byKey = new();
            public RateLimiter? Limiter { get; set; }
            public event EventHandler? Changed;
            object? M(IServices services, out RateLimiter? result)
            {
                result = null;
                {{statements}}
            }
            void Raise() => Changed?.Invoke(this, EventArgs.Empty);
        }
        static class Elsewhere
        {
            private static readonly List<object> Kept = [];
            public static void Keep(object kept) => Kept.Add(kept);
        }
        """);

    [Theory]
    [InlineData("private readonly RateLimiter _limiter = new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("private static readonly RateLimiter Limiter = new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("public RateLimiter Limiter { get; } = new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("public RateLimiter Limiter => new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("static RateLimiter Make() => new ConcurrencyLimiter(" + Options + ");")]
    [InlineData("async Task<RateLimiter> MakeAsync() { await Task.Yield(); return new ConcurrencyLimiter(" + Options + "); }")]
    [InlineData("IEnumerable<RateLimiter> Make() { yield return new ConcurrencyLimiter(" + Options + "); }")]
    [InlineData("public C() { using var limiter = new ConcurrencyLimiter(" + Options + "); limiter.AttemptAcquire(); }")]
    [InlineData("static C() { using var limiter = new ConcurrencyLimiter(" + Options + "); limiter.AttemptAcquire(); }")]
    [InlineData("static async Task Main() { using var limiter = new ConcurrencyLimiter(" + Options + "); await limiter.AcquireAsync(); }")]
    [InlineData("static void Main(string[] args) { Run(); void Run() { using var limiter = new ConcurrencyLimiter(" + Options + "); limiter.AttemptAcquire(); } }")]
    [InlineData("[Xunit.Fact] public async Task Limits() { using var limiter = new ConcurrencyLimiter(" + Options + "); await limiter.AcquireAsync(); }")]
    [InlineData("[Xunit.Fact] public Task Limits() => HelpAsync(); async Task HelpAsync() { using var limiter = new ConcurrencyLimiter(" + Options + "); await limiter.AcquireAsync(); }")]
    [InlineData("class Service : Microsoft.Extensions.Hosting.BackgroundService { protected override async Task ExecuteAsync(CancellationToken token) { using var limiter = new ConcurrencyLimiter(" + Options + "); await limiter.AcquireAsync(1, token); } }")]
    [InlineData("class Service : Microsoft.Extensions.Hosting.IHostedService { public async Task StartAsync(CancellationToken token) { using var limiter = new ConcurrencyLimiter(" + Options + "); await limiter.AcquireAsync(1, token); } }")]
    public Task Members_that_run_once_or_hand_it_out_are_not_flagged(string member) =>
        VerifyAsync(Usings + "class C\n{\n" + member + "\n}\n");

    [Fact]
    public Task Main_is_once_but_its_request_handlers_are_not() => VerifyAsync(
        Usings +
        """
        using Microsoft.AspNetCore.Routing;

        using var limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 4 });
        using var lease = await limiter.AcquireAsync();
        IEndpointRouteBuilder app = null!;
        app.MapGet("/", async () =>
        {
            using var own = [|new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 4 })|];
            using var lease = await own.AcquireAsync();
        });
        """);

    [Fact]
    public Task The_message_says_what_is_lost() => new Verify.Test
    {
        TestCode = Method("using var limiter = {|#0:new ConcurrencyLimiter(" + Options + ")|}; await {|#1:Policy.Handle<Exception>().CircuitBreakerAsync(2, TimeSpan.FromMinutes(1))|}.ExecuteAsync(() => GetAsync(items[0]));"),
        Sources = { ("Stubs.cs", Stubs) },
        TestTopLevelProgram = false, // Main makes its own, once.
        ExpectedDiagnostics =
        {
            Verify.Diagnostic().WithLocation(0).WithArguments("ConcurrencyLimiter", "it limits that one call alone"),
            Verify.Diagnostic().WithLocation(1).WithArguments("AsyncPolicy", "it never sees the failures of other calls"),
        },
    }.RunAsync();

    [Fact]
    public Task The_runtimes_own_types() => new Verify.Test
    {
        TestCode =
            """
            using ConcurrencyAnalyzers.Runtime;
            class C
            {
                async Task M()
                {
                    await using var async = [|new AsyncExecutor(4)|];
                    await using var threads = [|new ThreadExecutor(4)|];
                    await using var processes = [|new ProcessExecutor(4)|];
                    var breaker = [|new CircuitBreaker(4)|];
                    var policy = [|new ResiliencePolicy(new Options { Breaker = new CircuitBreaker(4) })|];
                }
            }
            class Options { public CircuitBreaker? Breaker { get; init; } }
            """,
        Sources =
        {
            ("Runtime.cs",
                """
                namespace ConcurrencyAnalyzers.Runtime
                {
                    public class Executor(int max) : System.IAsyncDisposable { public int Max => max; public System.Threading.Tasks.ValueTask DisposeAsync() => default; }
                    public sealed class AsyncExecutor(int max) : Executor(max);
                    public sealed class ThreadExecutor(int max) : Executor(max);
                    public sealed class ProcessExecutor(int max) : Executor(max);
                    public sealed class CircuitBreaker(int max) { public int Max => max; }
                    public sealed class ResiliencePolicy(object options) { public object Options => options; }
                }
                """),
        },
        WithRuntime = false, // The stubs stand for it.
    }.RunAsync();

    [Fact]
    public Task Limiters_of_ones_own_and_of_the_runtime() => VerifyAsync(
        Usings +
        """
        class MyLimiter : RateLimiter
        {
            public override TimeSpan? IdleDuration => null;
            public override RateLimiterStatistics? GetStatistics() => null;
            protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => throw new NotSupportedException();
            protected override RateLimitLease AttemptAcquireCore(int permitCount) => throw new NotSupportedException();
        }
        class C<T>
        {
            void M<TResult>()
            {
                using var limiter = [|new MyLimiter()|];
                limiter.AttemptAcquire().Dispose();
            }
            int Count
            {
                get
                {
                    using var limiter = [|new MyLimiter()|];
                    return limiter.AttemptAcquire().IsAcquired ? 1 : 0;
                }
            }
            bool IsFree => [|new MyLimiter()|].AttemptAcquire().IsAcquired;
        }
        """);

    [Fact]
    public Task Old_language_without_the_runtime() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading;
            using System.Threading.Tasks;
            class C
            {
                Task M()
                {
                    var pair = [|new ConcurrentExclusiveSchedulerPair()|];
                    return Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.None, pair.ExclusiveScheduler);
                }
            }
            """,
        FixedCode =
            """
            using System.Threading;
            using System.Threading.Tasks;
            class C
            {
                private static readonly ConcurrentExclusiveSchedulerPair _pair = new ConcurrentExclusiveSchedulerPair();

                Task M()
                {
                    return Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.None, _pair.ExclusiveScheduler);
                }
            }
            """,
        LanguageVersion = LanguageVersion.CSharp7_3,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => VerifyAsync("// <auto-generated/>\n" + Method("using var limiter = new ConcurrencyLimiter(" + Options + ");"));

    [Theory]
    [InlineData("using var limiter = new ConcurrencyLimiter(new Missing()); limiter.")]
    [InlineData("var limiter = new ConcurrencyLimiter(")]
    [InlineData("using var limiter = new Missing(")]
    public Task Broken_code(string statements) => new Verify.Test
    {
        TestCode = "using System.Threading.RateLimiting;\nclass C { void M() { " + statements,
        FixedCode = "using System.Threading.RateLimiting;\nclass C { void M() { " + statements,
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.RunAsync();

    private static string Method(string statements) => Usings +
        $$"""
        class C
        {
            async Task M(List<string> items)
            {
                await Task.Yield();
                {{statements}}
            }
            static void Work() { }
            static void Work(string item) { }
            static Task<string> GetAsync(string item) => Task.FromResult(item);
            static async Task ReceiveAsync(RateLimiter limiter) { using var lease = await limiter.AcquireAsync(); }
        }
        abstract class Elsewhere
        {
            private static readonly List<object> Kept = [];
            public static Task RunAsync(RateLimiter limiter) { Kept.Add(limiter); return Task.CompletedTask; }
        }
        """;

    // As top-level statements they would run once, and are another test's.
    private static Task VerifyAsync(string code) => new Verify.Test
    {
        TestCode = code,
        Sources = { ("Stubs.cs", Stubs) },
        TestTopLevelProgram = false,
    }.RunAsync();
}
