using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

/// <summary>What is flagged and what isn't, statement by statement; locals and fixes have classes of their own, methods that are safe to forget a file.</summary>
public sealed partial class CONC301UnobservedTaskTests
{
    /// <summary>Its methods are not async as far as the compiler sees them.</summary>
    private const string Worker =
        """

        class Worker
        {
            public Task RunAsync() => Task.Delay(1);
            public Task<int> GetAsync() => Task.Run(() => 1);
            public ValueTask SendAsync() => new(Task.Delay(1));
            public ValueTask<int> ReadAsync() => new(GetAsync());
            public Worker? Next { get; set; }
            public Func<Task> Callback = () => Task.Delay(1);
            public Task this[int index] => Task.Delay(index);
        }
        """;

    [Theory]
    [InlineData("[|worker.RunAsync()|];")]
    [InlineData("[|worker.GetAsync()|];")]
    [InlineData("[|worker.SendAsync()|];")]
    [InlineData("[|worker.ReadAsync()|];")]
    [InlineData("[|maybe?.RunAsync()|];")]
    [InlineData("[|maybe?.ReadAsync()|];")]
    [InlineData("[|maybe?.Next?.RunAsync()|];")]
    [InlineData("[|worker.RunAsync().ConfigureAwait(false)|];")]
    [InlineData("[|worker.SendAsync().AsTask()|];")]
    [InlineData("[|worker.Callback()|];")]
    [InlineData("[|worker.Callback.Invoke()|];")]
    [InlineData("[|maybe?.Callback?.Invoke()|];")]
    [InlineData("[|Task.Run(() => worker.GetHashCode())|];")]
    [InlineData("[|Task.Run(worker.RunAsync)|];")]
    [InlineData("[|Task.Factory.StartNew(() => worker.GetHashCode())|];")]
    [InlineData("[|Task.Delay(1)|];")]
    [InlineData("[|Task.WhenAll(worker.RunAsync(), worker.GetAsync())|];")]
    [InlineData("[|new HttpClient().GetAsync(\"/\")|];")]
    [InlineData("[|Retry(() => worker.RunAsync())|]; T Retry<T>(Func<T> action) => action();")]
    [InlineData("Action action = () => [|worker.RunAsync()|]; action();")]
    [InlineData("Action action = delegate { [|worker.RunAsync()|]; }; action();")]
    [InlineData("using var timer = new Timer(_ => [|worker.RunAsync()|]);")]
    [InlineData("void Local() => [|worker.RunAsync()|]; Local();")]
    [InlineData("for (var i = 0; i < 3; [|worker.RunAsync()|], i++) { }")]
    [InlineData("try { [|worker.RunAsync()|]; } catch (Exception) { }")]
    [InlineData("foreach (var one in new[] { worker }) [|one.RunAsync()|];")]
    public Task A_task_in_synchronous_code(string statement) => InSynchronousCode(statement);

    [Theory]
    [InlineData("worker.RunAsync().Wait();")]
    [InlineData("worker.RunAsync().GetAwaiter().GetResult();")]
    [InlineData("worker.ToString();")]
    [InlineData("_task = worker.RunAsync();")]
    [InlineData("_task ??= worker.RunAsync();")]
    [InlineData("_ = worker.RunAsync();")]
    [InlineData("Task _ = worker.RunAsync();")]
    [InlineData("Keep(worker.RunAsync()); void Keep(Task task) => _task = task;")]
    [InlineData("Func<Task> action = () => worker.RunAsync(); _task = action();")]
    [InlineData("Func<Task> action = async () => await worker.RunAsync(); _task = action();")]
    // Complete from the start.
    [InlineData("Task.FromResult(1);")]
    [InlineData("Task.FromException(new Exception());")]
    [InlineData("ValueTask.FromResult(1);")]
    // A continuation: what it does with faults is a rule of its own.
    [InlineData("worker.RunAsync().ContinueWith(task => Console.WriteLine(task.Exception), TaskContinuationOptions.OnlyOnFaulted);")]
    [InlineData("worker.RunAsync().ContinueWith(task => worker.GetHashCode());")]
    [InlineData("worker.RunAsync().ContinueWith(task => worker.RunAsync()).Unwrap();")]
    // Taken out of a store or put in another's place: whoever put it there sees to it.
    [InlineData("Interlocked.Exchange(ref _task, null);")]
    [InlineData("Interlocked.CompareExchange(ref _task, worker.RunAsync(), null);")]
    [InlineData("LazyInitializer.EnsureInitialized(ref _task, () => worker.RunAsync());")]
    [InlineData("new Queue<Task>().Dequeue();")]
    [InlineData("new System.Collections.Concurrent.ConcurrentDictionary<int, Task>().GetOrAdd(1, _ => worker.RunAsync());")]
    [InlineData("dynamic any = worker; any.RunAsync();")]
    // Work that catches all there is.
    [InlineData("Task.Run(async () => { try { await worker.RunAsync(); } catch (Exception e) { Console.WriteLine(e); } });")]
    [InlineData("Task.Run(() => { while (true) { try { worker.GetHashCode(); } catch { } } });")]
    [InlineData("Task.Run(async () => { while (worker != null) { await Task.Delay(100).ConfigureAwait(false); try { await worker.RunAsync(); } catch { } } });")]
    [InlineData("Task.Run(async () => { try { await Task.Delay(100); } catch (OperationCanceledException) { return; } try { await worker.RunAsync(); } catch { } });")]
    [InlineData("Task.Run(() => Guarded()); void Guarded() { try { worker.GetHashCode(); } catch (OperationCanceledException) { } catch (Exception) { } }")]
    [InlineData("Task.Run(Guarded); async Task Guarded() { try { await worker.RunAsync(); } catch { } finally { worker.GetHashCode(); } }")]
    // Methods that hand out complete tasks and signals.
    [InlineData("Notify(); Task Notify() { Console.WriteLine(); return Task.CompletedTask; }")]
    [InlineData("Count(); Task<int> Count() => Task.FromResult(1);")]
    [InlineData("Subscribe(); Task Subscribe() { var source = new TaskCompletionSource(); worker.Callback += () => { source.SetResult(); return worker.RunAsync(); }; return source.Task; }")]
    // The compiler knows these methods as async, and says so itself.
    [InlineData("Local(); async Task Local() => await worker.RunAsync();")]
    [InlineData("new List<Worker>().ForEach(one => one.RunAsync());")] // CONC204's.
    [InlineData("new List<Worker?>().ForEach(one => one?.RunAsync());")]
    public Task Not_flagged_in_synchronous_code(string statement) => InSynchronousCode(statement);

    [Theory]
    [InlineData("using ([|semaphore.WaitAsync()|]) { }")]
    [InlineData("using ([|OpenAsync()|]) { }")]
    [InlineData("using (var stream = [|OpenAsync()|]) { }")]
    [InlineData("using var stream = [|OpenAsync()|]; await Task.Yield();")]
    [InlineData("using (await OpenAsync()) { }")]
    [InlineData("using var task = OpenAsync(); await task;")]
    [InlineData("using (var task = OpenAsync()) { await task; }")]
    [InlineData("using (kept) { }")]
    [InlineData("using var stream = new MemoryStream();")]
    public Task A_using_that_disposes_the_task(string statements) => Verify.VerifyAnalyzerAsync(
        "class C { async Task M(SemaphoreSlim semaphore, Task<Stream> kept) { await Task.Yield(); " + statements + " } static Task<Stream> OpenAsync() => Task.Run(() => Stream.Null); }");

    [Theory]
    [InlineData("[|Task.Run(async () => { try { await worker.RunAsync(); } catch (IOException) { } })|];")]
    [InlineData("[|Task.Run(async () => { try { await worker.RunAsync(); } catch (Exception) { throw; } })|];")]
    [InlineData("[|Task.Run(async () => { try { await worker.RunAsync(); } catch (Exception e) when (e is IOException) { } })|];")]
    [InlineData("[|Task.Run(async () => { await worker.RunAsync(); try { } catch { } })|];")]
    [InlineData("[|Notify()|]; Task Notify() { if (worker is null) return Task.CompletedTask; return worker.RunAsync(); }")]
    [InlineData("for (var i = 0; i < 4; i++) [|Task.Run(() => worker.GetHashCode())|];")]
    [InlineData("foreach (var one in new List<Worker>()) [|Task.Run(() => one.GetHashCode())|];")]
    [InlineData("while (true) { if (worker is null) { [|Task.Factory.StartNew(() => 1)|]; break; } }")]
    public Task What_only_looks_safe_is_flagged(string statement) => InSynchronousCode(statement);

    [Theory]
    [InlineData("new CancellationTokenSource().CancelAsync();")]
    [InlineData("var source = new CancellationTokenSource(); source.CancelAsync();")]
    [InlineData("CancellationTokenSource? source = null; source?.CancelAsync();")]
    public Task To_cancel_is_safe_to_forget(string statement) => InSynchronousCode(statement);

    // Where a loop starts them without bound, the finding is CONC202's.
    [Theory]
    [InlineData("foreach (var one in workers) one.RunAsync();")]
    [InlineData("foreach (var one in workers) one?.RunAsync();")]
    [InlineData("foreach (var one in workers) { var task = one.RunAsync(); }")]
    [InlineData("workers.ForEach(one => { one.RunAsync(); });")]
    public Task Starts_of_a_loop_are_no_single_mistake(string statement) => Verify.VerifyAnalyzerAsync(
        $$"""
        class Worker
        {
            public Task RunAsync() => Task.Run(() => { });
            static void M(List<Worker> workers) { {{statement}} }
        }
        """);

    // Where CS4014 is an error, compiler and rule together show that each place is reported once, and none is missed.
    [Fact]
    public Task The_compilers_own_warning_and_the_rule_never_overlap() => new Verify.Test
    {
        TestCode =
            """
            class C
            {
                readonly object _gate = new();
                async Task SourceAsync() => await Task.Delay(1);
                async ValueTask<int> SourceValueAsync() { await Task.Delay(1); return 1; }
                Task Plain() => Task.Delay(1);

                void Synchronous(C c, C? maybe)
                {
                    {|CS4014:SourceAsync()|};
                    {|CS4014:c.SourceValueAsync()|};
                    [|Plain()|];
                    [|maybe?.SourceAsync()|];
                    [|maybe?.SourceValueAsync()|];
                    [|SourceAsync().ConfigureAwait(false)|];
                    Action lambda = () => {|CS4014:SourceAsync()|};
                    Action plain = () => [|Plain()|];
                    Action asynchronous = async () => {|CS4014:Plain()|};
                    {|CS4014:Local()|};
                    [|PlainLocal()|];
                    lambda += plain + asynchronous;

                    async Task Local() => await Task.Delay(1);
                    Task PlainLocal() => Task.Delay(1);
                }

                Task TaskReturning()
                {
                    {|CS4014:SourceAsync()|};
                    [|Plain()|];
                    return Plain();
                }

                void Body() => {|CS4014:SourceAsync()|};
                void PlainBody() => [|Plain()|];

                int Property
                {
                    get { {|CS4014:SourceAsync()|}; return 1; }
                    set => [|Plain()|];
                }

                async Task Asynchronous(C? maybe)
                {
                    {|CS4014:SourceAsync()|};
                    {|CS4014:Plain()|};
                    {|CS4014:Task.Delay(1)|};
                    {|CS4014:Plain().ConfigureAwait(false)|};
                    {|CS4014:new ValueTask(Plain()).AsTask()|};
                    [|maybe?.Plain()|];
                    [|maybe?.SourceAsync()|];
                    Action plain = () => [|Plain()|];
                    Func<Task> nested = async () => { {|CS4014:Plain()|}; await Plain(); };
                    lock (_gate)
                    {
                        {|CS4014:SourceAsync()|};
                        [|Plain()|];
                        [|maybe?.SourceAsync()|];
                        Func<Task> inLock = async () => { {|CS4014:Plain()|}; await nested(); };
                        plain();
                        nested += inLock;
                    }

                    try { await Plain(); }
                    catch (IOException) { {|CS4014:Plain()|}; }
                    finally { {|CS4014:Plain()|}; }
                }

                async IAsyncEnumerable<int> Iterate()
                {
                    {|CS4014:Plain()|};
                    await Plain();
                    yield return 1;
                }

                async void Void()
                {
                    {|CS4014:Plain()|};
                    await Plain();
                    unsafe
                    {
                        {|CS4014:SourceAsync()|};
                        [|Plain()|];
                    }
                }

                unsafe async void UnsafeMethod()
                {
                    {|CS4014:SourceAsync()|};
                    [|Plain()|];
                }

                unsafe class Inner
                {
                    async void InUnsafeType(C c)
                    {
                        {|CS4014:c.SourceAsync()|};
                        [|c.Plain()|];
                    }
                }

                IEnumerable<int> Synchronous()
                {
                    [|Plain()|];
                    yield return 1;
                }
            }
            """,
        EditorConfig = "dotnet_diagnostic.CS4014.severity = error",
    }.RunAsync();

    [Fact]
    public Task Constructors_accessors_and_initializers() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            static readonly Action Act = () => [|Task.Delay(1)|];
            C() => [|Task.Delay(1)|];
            ~C() { [|Task.Delay(2)|]; }
            int P { get => 1; set { [|Task.Delay(value)|]; } }
            event Action E { add { [|Task.Delay(3)|]; } remove { } }
            public static C operator +(C left, C right) { [|Task.Delay(4)|]; return left; }
            public void Dispose() => [|Task.Delay(5)|];
        }
        """);

    [Fact]
    public Task Top_level_statements() => Verify.VerifyAnalyzerAsync(
        """
        [|Task.Delay(1)|];
        var worker = Environment.MachineName.Length > 100 ? null : "a";
        [|worker?.Length.Wait()|];

        static class Extensions
        {
            public static Task Wait(this int milliseconds) => Task.Delay(milliseconds);
        }
        """);

    [Fact]
    public Task Expression_trees() => Verify.VerifyAnalyzerAsync(
        """
        using System.Linq.Expressions;

        class C
        {
            Expression<Action<C>> Tree => c => c.RunAsync();
            void M(Mock<C> mock) => mock.Setup(c => c.RunAsync());
            Task RunAsync() => Task.Delay(1);
        }

        class Mock<T>
        {
            public void Setup(Expression<Action<T>> call) { }
        }
        """);

    [Fact]
    public Task A_task_that_returns_itself() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            void M(Job job)
            {
                job.Named("a");
                job.Named("b").Named("c");
                [|job.RunAsync()|];
            }
        }

        class Job() : Task(() => { })
        {
            public Job Named(string name) => this;
            public Task RunAsync() => Delay(1);
        }
        """);

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { void M() => Task.Delay(1); }");

    [Fact]
    public Task Message() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            readonly Func<Task> _callback = () => Task.Delay(1);

            void M(Worker worker)
            {
                {|#0:worker.RunAsync()|};
                {|#1:_callback()|};
                var task = {|#2:worker.GetAsync()|};
            }
        }
        """ + Worker,
        Verify.Diagnostic().WithLocation(0).WithArguments("RunAsync", ""),
        Verify.Diagnostic().WithLocation(1).WithArguments("_callback", ""),
        Verify.Diagnostic().WithLocation(2).WithArguments("GetAsync", ", and nothing reads 'task' afterwards"));

    [Theory]
    [InlineData("class C { void M() { [|Task.Delay(1)|] } }")]
    [InlineData("class C { void M() { Task.Run(; } }")]
    [InlineData("class C { void M(C c) { c?.; var t = Task. } }")]
    [InlineData("class C { void M() { Missing(); Missing?.Async(); var t = Missing(); t = ; } }")]
    [InlineData("class C { void M() => Undefined.RunAsync(")]
    [InlineData("void M() { Task t = [|Task.Delay(1)|] t = ")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public Task On_netstandard() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading.Tasks;

            class C
            {
                void M() { [|Task.Delay(1)|]; }
            }
            """,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        LanguageVersion = LanguageVersion.CSharp7_3,
    }.RunAsync();

    private static Task InSynchronousCode(string statement) => Verify.VerifyAnalyzerAsync(
        $$"""
        #nullable disable warnings
        class C
        {
            Task? _task;

            void M(Worker worker, Worker? maybe)
            {
                {{statement}}
            }
        }
        """ + Worker);
}
