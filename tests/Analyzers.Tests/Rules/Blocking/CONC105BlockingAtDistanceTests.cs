using System.Text;
using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC105BlockingAtDistanceAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC105BlockingAtDistanceCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC105BlockingAtDistanceTests
{
    [Theory]
    // What blocks.
    [InlineData("async Task M() { [|Work()|]; await Task.Yield(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Read()|]; } int Read() => FAsync().Result;")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } void Work() => FAsync().Wait();")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|this.Read()|]; } int Read() => FAsync().GetAwaiter().GetResult();")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Read()|]; } int Read() { return VAsync().AsTask().ConfigureAwait(false).GetAwaiter().GetResult(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } static void Work() { Task.WaitAll(FAsync(), FAsync()); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } SemaphoreSlim gate = new(1); void Work() { gate.Wait(); gate.Release(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } void Work() { var t = new Thread(() => { }); t.Start(); t.Join(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } void Work() { using var p = System.Diagnostics.Process.Start(\"x\"); p.WaitForExit(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; } System.Collections.Concurrent.BlockingCollection<int> items = new(); int Work() => items.Take();")]
    // In async code of all kinds.
    [InlineData("Task M() { [|Work()|]; return Task.CompletedTask; } void Work() { Thread.Sleep(1); }")]
    [InlineData("void M() { Func<Task> f = async () => { [|Work()|]; await Task.Yield(); }; f(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("void M() { async Task Local() { [|Work()|]; await Task.Yield(); } Local(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async void M() { [|Work()|]; await Task.Yield(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async IAsyncEnumerable<int> M() { [|Work()|]; await Task.Yield(); yield return 1; } void Work() { Thread.Sleep(1); }")]
    // At any depth.
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { B(); } void B() { if (DateTime.Now.Ticks > 0) C(); } void C() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() => new Other().Work();")]
    [InlineData("async Task M() { await Task.Yield(); [|Other.Shared()|]; }")]
    [InlineData("async Task M() { await Task.Yield(); [|\"x\".Print()|]; }")]
    [InlineData("async Task M() { await Task.Yield(); [|A<int>()|]; } void A<T>() { B<T>(); } void B<T>() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Local(); void Local() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|Local()|]; void Local() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Action wait = () => Thread.Sleep(1); wait(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Action wait = B; wait(); } void B() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { ((Action)(() => Thread.Sleep(1)))(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { new List<int>().ForEach(x => Thread.Sleep(x)); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Array.ForEach(new[] { 1 }, B); } void B(int x) { Thread.Sleep(x); }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); [|A(xs)|]; } List<int> A(int[] xs) => xs.Select(x => FAsync().Result).Where(x => x > 0).ToList();")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); [|A(xs)|]; } void A(int[] xs) { foreach (var x in xs.Select(B)) Console.WriteLine(x); } int B(int x) => FAsync().Result;")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); xs.ToList().ForEach(x => [|Thread.Sleep(x)|]); }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); xs.ToList().ForEach(x => [|Work()|]); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task<int> M(int[] xs) { await Task.Yield(); return xs.Sum(x => [|FAsync().Result|]); }")]
    [InlineData("async Task M(List<int> xs) { await Task.Yield(); xs.ForEach([|Each|]); } void Each(int x) { Thread.Sleep(x); }")]
    [InlineData("async Task<List<int>> M(int[] xs) { await Task.Yield(); return xs.Select([|Slow|]).ToList(); } static int Slow(int x) => FAsync().Result;")]
    [InlineData("async Task M(List<int> xs) { await Task.Yield(); xs.ForEach([|new Other().Each|]); } class Other { public void Each(int x) { Load(); } void Load() { Thread.Sleep(1); } }")]
    // By the local that holds them.
    [InlineData("async Task M() { await Task.Yield(); Action a = Work; [|a()|]; } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); var a = () => Thread.Sleep(1); [|a()|]; [|a.Invoke()|]; }")]
    [InlineData("async Task<int> M() { await Task.Yield(); Func<int> read; read = () => FAsync().Result; return [|read()|]; }")]
    [InlineData("async Task M() { Action a = () => Work(); Func<Task> f = async () => { await Task.Yield(); [|a()|]; }; await f(); } void Work() { Thread.Sleep(1); }")]
    // By a method that calls what it is given.
    [InlineData("async Task M() { await Task.Yield(); Run(() => [|Thread.Sleep(1)|]); } void Run(Action work) { work(); }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => [|Work()|]); } void Work() { Thread.Sleep(1); } static void Run(Action? work) { if (work == null) throw new ArgumentNullException(nameof(work)); try { work.Invoke(); } finally { Console.WriteLine(); } }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return Retry(() => [|FAsync().Result|]); } T Retry<T>(Func<T> read) { while (true) { try { return read(); } catch (TimeoutException) { } } }")]
    [InlineData("async Task M() { await Task.Yield(); Run([|Work|]); } void Work() { Thread.Sleep(1); } void Run(Action work) => work?.Invoke();")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Run(() => Thread.Sleep(1)); } void Run(Action work) { work(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { Run(Work); } void Work() { Thread.Sleep(1); } void Run(Action work) { work(); }")]
    // What the async code around it was given, and doesn't know to be complete.
    [InlineData("async Task<int> M(Task<int> a, int[] xs) { await Task.Yield(); return xs.Sum(x => x + [|a.Result|]); }")]
    // Through members that aren't methods.
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Count|]; } int Count => FAsync().Result;")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Count|]; } int Count { get { return FAsync().Result; } }")]
    [InlineData("async Task M() { await Task.Yield(); [|Count|] = 1; } int Count { get => 1; set => Thread.Sleep(value); }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|this[1]|]; } int this[int i] => FAsync().Result;")]
    [InlineData("async Task<object> M() { await Task.Yield(); return [|new Slow()|]; } class Slow { public Slow() { Thread.Sleep(1); } }")]
    [InlineData("async Task<object> M() { await Task.Yield(); return [|new Slow(1)|]; } class Slow { public Slow() { Thread.Sleep(1); } public Slow(int x) : this() { } }")]
    [InlineData("async Task<Slow> M(Slow a) { await Task.Yield(); return [|a + a|]; } class Slow { public static Slow operator +(Slow a, Slow b) { Thread.Sleep(1); return a; } }")]
    [InlineData("async Task<int> M(Slow a) { await Task.Yield(); return [|a|]; } class Slow { public static implicit operator int(Slow a) => FAsync().Result; }")]
    // With a single target all the same.
    [InlineData("async Task M(Sealed x) { await Task.Yield(); [|x.Run()|]; } class Base { public virtual void Run() { } } sealed class Sealed : Base { public override void Run() { Thread.Sleep(1); } }")]
    [InlineData("async Task M(Final x) { await Task.Yield(); [|x.Run()|]; } class Base { public virtual void Run() { } } class Final : Base { public sealed override void Run() { Thread.Sleep(1); } }")]
    [InlineData("class Base { public virtual void Run() { } } class Waits : Base { public override void Run() { Thread.Sleep(1); } } class Derived : Waits { async Task M() { await Task.Yield(); [|base.Run()|]; } }")]
    [InlineData("class Base { public virtual void Run() { } } class Waits : Base { public override void Run() { Thread.Sleep(1); } } class Derived : Waits { async Task M() { await Task.Yield(); [|Twice()|]; } void Twice() { base . Run(); } }")]
    [InlineData("class Base { public virtual void Run() { Thread.Sleep(1); } } class Derived : Base { public override void Run() { } async Task M() { await Task.Yield(); [|base.Run()|]; } }")]
    [InlineData("abstract class Base { public virtual int Slow => FAsync().Result; } class Derived : Base { public override int Slow => 1; int Twice() => 2 * base.Slow; async Task<int> M() { await Task.Yield(); return [|Twice()|]; } }")]
    [InlineData("class Base { public virtual void Run() { } } partial class Waits : Base { public override void Run() { Thread.Sleep(1); } } sealed partial class Waits { async Task M() { await Task.Yield(); [|Run()|]; } }")]
    // Beside something lazy.
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { foreach (var x in Lazy()) Thread.Sleep(x); IEnumerable<int> Lazy() { yield return 1; } }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } IEnumerable<int> A() { /* no yield */ Thread.Sleep(1); return [1]; }")]
    // Recursion.
    [InlineData("async Task M() { await Task.Yield(); [|A(1)|]; } void A(int x) { if (x > 0) B(x); } void B(int x) { A(x - 1); Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A(1)|]; [|C(1)|]; [|B(1)|]; } void A(int x) { B(x); } void B(int x) { C(x); } void C(int x) { A(x); D(); } void D() { Thread.Sleep(1); }")]
    public Task Blocks(string members) => InClass(members);

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); Work(); } void Work() { Console.WriteLine(); }")]
    [InlineData("void M() { Work(); } void Work() { Thread.Sleep(1); }")]
    // Directly: other rules'.
    [InlineData("async Task M() { await Task.Yield(); Thread.Sleep(1); FAsync().Wait(); }")]
    // Asynchronous on the way: reported there.
    [InlineData("async Task M() { await AAsync(); } async Task AAsync() { await Task.Yield(); Thread.Sleep(1); }")]
    [InlineData("async Task M() { await AAsync(); } Task AAsync() { Thread.Sleep(1); return Task.CompletedTask; }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } async void A() { await Task.Yield(); Thread.Sleep(1); }")]
    // Not waiting, or for nothing.
    [InlineData("async Task M() { await Task.Yield(); Work(); } SemaphoreSlim gate = new(1); bool Work() => gate.Wait(0);")]
    [InlineData("async Task M() { await Task.Yield(); Work(); } void Work() { Thread.Sleep(0); }")]
    [InlineData("async Task M(Task<int> t) { await Task.Yield(); Work(t); } int Work(Task<int> t) => t.IsCompletedSuccessfully ? t.Result : 0;")]
    [InlineData("async Task M() { await Task.Yield(); Work(); } int Work() => Task.FromResult(1).Result;")]
    [InlineData("async Task M() { await Task.Yield(); Work(); } int Work() => ReadAsync(async: false).GetAwaiter().GetResult(); async Task<int> ReadAsync(bool async) { if (async) await Task.Yield(); return 1; }")]
    [InlineData("async Task M() { await Task.Yield(); Work(new()); } string Work(Answer x) => x.Result + x.Join(); class Answer { public string Result => \"\"; public string Join() => \"\"; }")]
    // Elsewhere, or later.
    [InlineData("async Task M() { await Task.Run(() => Work()); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Run(Work); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } void A() { Task.Run(() => Thread.Sleep(1)); }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } void A() { new Thread(B).Start(); } void B() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } Action A() => () => Thread.Sleep(1);")]
    [InlineData("async Task M() { await Task.Yield(); A(); } IEnumerable<int> A() { Thread.Sleep(1); yield return 1; }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); A(xs); } IEnumerable<int> A(int[] xs) => xs.Select(x => FAsync().Result);")]
    [InlineData("async Task M() { await Task.Yield(); A(); } void A() { void Local() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); Action a = () => Work(); Later(a); } void Work() { Thread.Sleep(1); } void Later(Action a) { }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } void A() { Func<Task<int>> f = async () => await FAsync() + FAsync().Result; }")]
    [InlineData("async Task M() { await Task.Yield(); foreach (var x in A()) { } IEnumerable<int> A() { Thread.Sleep(1); yield return 1; } }")]
    // No single target.
    [InlineData("async Task M(Waits x) { await Task.Yield(); x.Run(); } class Base { public virtual void Run() { } } class Waits : Base { public override void Run() { Thread.Sleep(1); } }")]
    [InlineData("async Task M(Runs x) { await Task.Yield(); ((IRun)x).Run(); } interface IRun { void Run(); } class Runs : IRun { void IRun.Run() { Thread.Sleep(1); } }")]
    [InlineData("async Task M(Base x) { await Task.Yield(); x.Run(); } class Base { public virtual void Run() { Thread.Sleep(1); } } class Derived : Base { public override void Run() { } }")]
    [InlineData("async Task M(IRun x) { await Task.Yield(); x.Run(); } interface IRun { void Run(); } class Runs : IRun { public void Run() { Thread.Sleep(1); } }")]
    [InlineData("async Task M(Action x) { await Task.Yield(); x(); } void Work() { Thread.Sleep(1); }")]
    // Once.
    [InlineData("async Task<object> M() { await Task.Yield(); return Root; } object? root; object Root => root ??= FAsync().Result;")]
    [InlineData("async Task<object> M() { await Task.Yield(); return Root; } object? root; object Root { get { if (root is null) { lock (this) { root ??= Make(); } } return root; } } object Make() => FAsync().Result;")]
    [InlineData("async Task<object> M() { await Task.Yield(); return Root; } object? root; object Root { get { if (root == null) root = FAsync().Result; return root; } }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return Root; } bool made; int root; int Root { get { if (!made) { root = FAsync().Result; made = true; } return root; } }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); var all = xs.Select(Slow); Console.WriteLine(all); } int Slow(int x) => FAsync().Result;")]
    [InlineData("async Task M(List<int> xs) { await Task.Yield(); await Task.WhenAll(xs.Select(x => Task.Run(Work))); } void Work() { Thread.Sleep(1); }")]
    [InlineData("event Action? Closed; async Task M() { await Task.Yield(); Closed += Work; Closed?.Invoke(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); Action a = Work; await Task.Run(a); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); Action a = Work; a = () => { }; a(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); Action a = () => { }; if (DateTime.Now.Ticks > 0) a += Work; a(); } void Work() { Thread.Sleep(1); }")]
    [InlineData("async Task M(Action a) { await Task.Yield(); a(); }")]
    [InlineData("async Task M() { await Task.Yield(); Action a = async () => { await Task.Yield(); Thread.Sleep(1); }; a(); }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Thread.Sleep(1)); } void Run(Action work) { Task.Run(work); }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Thread.Sleep(1)); } void Run(Action work) { Task.Run(() => work()); }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Thread.Sleep(1)); } Action? later; void Run(Action work) { later = work; }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Thread.Sleep(1)); } void Run(Action work) { if (Thread.CurrentThread.IsThreadPoolThread) work(); else new Thread(() => work()).Start(); }")]
    [InlineData("async Task M() { await RunAsync(() => Thread.Sleep(1)); } async Task RunAsync(Action work) { await Task.Yield(); work(); }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Thread.Sleep(1)).ToString(); } IEnumerable<int> Run(Action work) { work(); yield return 1; }")]
    [InlineData("async Task M(Runner runner) { await Task.Yield(); runner.Run(() => Thread.Sleep(1)); } class Runner { public virtual void Run(Action work) { work(); } }")]
    [InlineData("async Task M() { await Task.Yield(); Run(() => Console.WriteLine()); } void Run(Action work) { work(); }")]
    // Complete by then.
    [InlineData("async Task<int> M(Task<int> a, Task<int> b, int[] xs) { await Task.WhenAll(a, b); return xs.Sum(x => x + a.Result + b.Result); }")]
    [InlineData("async Task<int> M(Task<int> a, int[] xs) { await a; return xs.Sum(x => x + a.Result); }")]
    [InlineData("async Task M(Task<int> a) { if (!a.IsCompleted) return; await Task.Yield(); Run(() => Console.WriteLine(a.Result)); } void Run(Action work) { work(); }")]
    [InlineData("async Task<int> M(Task<int> a) { await a; Func<int> read = () => a.Result; return read(); }")]
    [InlineData("async Task<int[]> M(Task<int>[] all) { await Task.WhenAll(all); return all.Select(one => one.Result).ToArray(); }")]
    // Names alone.
    [InlineData("async Task<string> M() { await Task.Yield(); return nameof(Count); } int Count => FAsync().Result;")]
    [InlineData("async Task M() { await Task.Yield(); Count = 1; } int Count { get => FAsync().Result; set { } }")]
    [InlineData("async Task M() { await Task.Yield(); Expression(() => Work()); } int Work() => FAsync().Result; void Expression(System.Linq.Expressions.Expression<Func<int>> e) { }")]
    // Clean-up.
    [InlineData("async Task M(Closing x) { await Task.Yield(); x.Dispose(); } class Closing : IDisposable { public void Dispose() { Thread.Sleep(1); } }")]
    // Recursion without a wait.
    [InlineData("async Task M() { await Task.Yield(); A(1); } void A(int x) { B(x); Sleep(); } void B(int x) { A(x); } void Sleep() { }")]
    public Task Not_flagged(string members) => InClass(members);

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); {|#0:ReadConfig()|}; } void ReadConfig() { Parse(); } void Parse() { Thread.Sleep(1); }", "ReadConfig", "ReadConfig → Parse → Thread.Sleep")]
    [InlineData("async Task<int> M() { await Task.Yield(); return {|#0:Count|}; } int Count => FAsync().Result;", "Count", "Count → Task.Result")]
    [InlineData("async Task<object> M() { await Task.Yield(); return {|#0:new Slow()|}; } class Slow { public Slow() { Load(); } void Load() { FAsync().Wait(); } }", "new Slow", "new Slow → Load → Task.Wait")]
    [InlineData("async Task M() { await Task.Yield(); {|#0:A()|}; } void A() { B(); } void B() { C(); } void C() { D(); } void D() { Thread.Sleep(1); }", "A", "A → B → C → D → Thread.Sleep")]
    [InlineData("async Task M() { await Task.Yield(); {|#0:A()|}; } void A() { B(); } void B() { C(); } void C() { D(); } void D() { E(); } void E() { F(); } void F() { Thread.Sleep(1); }", "A", "A → B → C → D → … → Thread.Sleep")]
    // The shortest chain, and of those the first in the text.
    [InlineData("async Task M() { await Task.Yield(); {|#0:A()|}; } void A() { B(); C(); D(); } void B() { C(); } void C() { Thread.Sleep(1); } void D() { Thread.Sleep(1); }", "A", "A → C → Thread.Sleep")]
    public Task Message_and_severity(string members, string name, string chain) => Verify.VerifyAnalyzerAsync(
        Class(members),
        Verify.Diagnostic().WithLocation(0).WithArguments(name, chain).WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));

    [Fact]
    public async Task The_links_are_additional_locations()
    {
        var found = await new Verify.Test { TestCode = Class("async Task M() { await Task.Yield(); A(); } void A() { B(); } void B() { Thread.Sleep(1); }") }.AnalyzeAsync(TestContext.Current.CancellationToken);
        var text = found.Single().AdditionalLocations.Select(link => link.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(link.SourceSpan));
        Assert.Equal(["B()", "Thread.Sleep(1)"], text);
    }

    [Fact]
    public async Task A_chain_of_ten_thousand_methods_in_many_files()
    {
        var test = new Verify.Test { TestCode = "class C { async Task M() { await Task.Yield(); {|#0:Links.F0()|}; } }", TestNullableDisabled = false };
        const int Length = 10_000, InFile = 1_000;
        for (var file = 0; file < Length / InFile; file++)
        {
            var code = new StringBuilder("static partial class Links {");
            for (var i = file * InFile; i < (file + 1) * InFile; i++)
                code.Append("public static void F").Append(i).Append("() { ").Append(i + 1 < Length ? $"F{i + 1}();" : "System.Threading.Thread.Sleep(1);").AppendLine(" }");
            test.Sources.Add(($"Links{file}.cs", code.Append('}').ToString()));
        }

        test.ExpectedDiagnostics.Add(Verify.Diagnostic().WithLocation(0));
        await test.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task Across_files() => new Verify.Test
    {
        TestCode = "partial class C { async Task M() { await Task.Yield(); [|Work()|]; } }",
        Sources = { ("Other.cs", "partial class C { void Work() { System.Threading.Thread.Sleep(1); } }") },
    }.RunAsync();

    [Theory]
    [InlineData("Legacy.Slow.Fetch")]
    [InlineData("Other.Run, Slow.Fetch")]
    [InlineData("Fetch")]
    public Task Methods_that_the_option_names(string names) => new Verify.Test
    {
        TestCode =
            """
            namespace Legacy { static class Slow { public static int Fetch() => 1; public static int Get() => 1; } }
            class C : Base { async Task<int> M() { await Task.Yield(); return [|Legacy.Slow.Fetch()|] + [|Read()|] + Legacy.Slow.Get(); } int Read() => Legacy.Slow.Fetch(); }
            class Base { }
            """,
        EditorConfig = "concurrency.additional_blocking_methods = " + names,
    }.RunAsync();

    [Theory]
    [InlineData("")]
    [InlineData("concurrency.analyze_tests = true")]
    public Task Tests(string config) => new Verify.Test
    {
        TestCode = $$"""
            namespace Xunit { class FactAttribute : Attribute { } }
            class C { [Xunit.Fact] public async Task M() { await Task.Yield(); {{(config.Length > 0 ? "[|Work()|]" : "Work()")}}; } void Work() { Thread.Sleep(1); } }
            """,
        EditorConfig = config,
    }.RunAsync();

    // What the text alone tells must lead to all that the compiler would find.
    // The first file doesn't say what `queue` is; that its Take waits comes to light while the callers of the other Take are looked for.
    [Fact]
    public Task A_wait_that_the_text_of_its_file_does_not_show() => new Verify.Test
    {
        TestCode = "partial class C { async Task M() { await Task.Yield(); [|Pump()|]; } void Pump() { queue.Take(); } } class Other { void Take() { Thread.Sleep(3); } }",
        Sources = { ("Queue.cs", "partial class C { readonly System.Collections.Concurrent.BlockingCollection<int> queue = new(); }") },
    }.RunAsync();

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); Slow s = [|new()|]; } class Slow { public Slow() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|new Made()|].ToString(); } class Base { public Base(int x) { Thread.Sleep(x); } } class Made : Base { public Made() : base(1) { } }")]
    [InlineData("async Task M() { await Task.Yield(); [|new Made()|].ToString(); } class Made { public Made() : this(1) { } Made(int x) { Thread.Sleep(x); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|Make()|]; } Made Make() => new(); class Made { public Made() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|Make()|]; } object Make() => new global::Host.Made(); class Made { public Made() { Thread.Sleep(1); } }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { int? Local() { Thread.Sleep(1); return 1; } B(Local); void B(Func<int?> f) => Local(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } void A() { List<int> Local<T>() { Thread . Sleep(1); return []; } Local<int>(); }")]
    [InlineData("async Task M() { await Task.Yield(); [|@class()|]; } void @class() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|Größe()|]; } void Größe() { Thread.Sleep(1); }")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } int A() => FAsync() /* now */ . /* or later */ Result;")]
    [InlineData("async Task M() { await Task.Yield(); [|A()|]; } int A() => FAsync() is { Result: var result } ? result : 0;")]
    [InlineData("class Reader(System.Collections.Concurrent.BlockingCollection<int> items) { public async Task M() { await Task.Yield(); [|Read()|]; } int Read() => items.Take(); }")]
    public Task Found_in_the_text(string members) => InClass(members);

    [Theory]
    // Another function of the name of one that blocks.
    [InlineData("async Task M() { await Task.Yield(); Work(); new Other().Work(1); } void Work() { Console.WriteLine(); } class Other { public void Work(int x) { } void Work() { Thread.Sleep(1); } }")]
    // Words of comments and strings.
    [InlineData("async Task M() { await Task.Yield(); A(); } void A() { /* FAsync().Result, Thread.Sleep(1) */ Console.WriteLine(\"FAsync().Wait()\"); }")]
    [InlineData("async Task M() { await Task.Yield(); A(); } Page A() => new Page { Result = 1 }; class Page { public int Result { get; set; } }")]
    public Task Nothing_but_words(string members) => InClass(members);

    // Both rules would speak of it, and CONC104 knows what to call.
    [Theory]
    [InlineData("async Task M() { await Task.Yield(); Load(); } void Load() { Thread.Sleep(1); } async Task LoadAsync() { await Task.Delay(1); }")]
    [InlineData("async Task<int> M(string x) { await Task.Yield(); return Load(x); } int Load(string x) => FAsync().Result; Task<int> LoadAsync(string x, CancellationToken stop = default) => FAsync();")]
    public Task Left_to_CONC104(string members) => InClass(members);

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); [|Load()|]; } void Load() { Thread.Sleep(1); } Task LoadAsync() => Task.Run(Load);")]
    [InlineData("async Task M() { await Task.Yield(); [|Load()|]; } void Load() { Thread.Sleep(1); } async Task LoadAsync(int x) { await Task.Delay(x); }")]
    [InlineData("async Task LoadAsync() { await Task.Yield(); [|Load()|]; } void Load() { Thread.Sleep(1); }")]
    public Task No_sibling_to_await(string members) => InClass(members);

    [Fact]
    public Task The_entry_point() => new Verify.Test { TestCode = "await Task.Yield(); Work(); static void Work() { Thread.Sleep(1); }" }.RunAsync();

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { async Task M() { await Task.Yield(); Work(); } void Work() { Thread.Sleep(1); } }");

    [Theory]
    [InlineData("class C { async Task M() { await Task.Yield(); [|Work( |]} void Work() { Thread.Sleep(1) } }")]
    [InlineData("class C { async Task M() { Missing(); [|Work()|]; } void Work() { Thread.Sleep(1); Missing(); } }")]
    [InlineData("class C { async Task M() { await Task.Yield(); Work(); } void Work() { Thread. } int X => ; C( }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    private static Task InClass(string members) => Verify.VerifyAnalyzerAsync(Class(members));

    private static string Class(string members) =>
        $$"""
        class Host : Root
        {
            {{members}}
            static Task<int> FAsync() => Task.Run(() => 1);
            static ValueTask<int> VAsync() => new(FAsync());
        }

        class Root { }

        class Other
        {
            public void Work() { Shared(); }
            public static void Shared() { Thread.Sleep(1); }
        }

        static class Texts
        {
            public static void Print(this string text) { Thread.Sleep(1); Console.WriteLine(text); }
        }
        """;
}
