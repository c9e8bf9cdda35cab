using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC105BlockingAtDistanceAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC105BlockingAtDistanceCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC105BlockingAtDistanceFixTests
{
    [Theory]
    [InlineData("async Task M() { await Task.Yield(); [|Work()|]; // why\n    }", "async Task M() { await Task.Yield(); await _threads.RunAsync(() => Work()); // why\n    }")]
    [InlineData("async Task<int> M(int x, CancellationToken token) { await Task.Yield(); return [|Read(x)|] + 1; }", "async Task<int> M(int x, CancellationToken token) { await Task.Yield(); return await _threads.RunAsync(() => Read(x), token) + 1; }")]
    [InlineData("async Task<string> M(int x) { await Task.Yield(); return [|this.Read(x)|].ToString(); }", "async Task<string> M(int x) { await Task.Yield(); return (await _threads.RunAsync(() => this.Read(x))).ToString(); }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Count|]; }", "async Task<int> M() { await Task.Yield(); return await _threads.RunAsync(() => Count); }")]
    [InlineData("async Task<object> M() { await Task.Yield(); return [|new Slow()|]; }", "async Task<object> M() { await Task.Yield(); return await _threads.RunAsync(() => new Slow()); }")]
    [InlineData("async Task M() { await Task.Yield(); Action work = Work; [|work()|]; }", "async Task M() { await Task.Yield(); Action work = Work; await _threads.RunAsync(() => work()); }")]
    [InlineData("Task M() { [|Work()|]; return Task.CompletedTask; }", "async Task M() { await _threads.RunAsync(() => Work()); }")]
    [InlineData("async Task M() { try { await Task.Yield(); } finally { [|Work()|]; } }", "async Task M() { try { await Task.Yield(); } finally { await _threads.RunAsync(() => Work()); } }")]
    [InlineData("async Task M(CancellationToken token) { try { await Task.Delay(1, token); } catch (Exception) { [|Work()|]; } }", "async Task M(CancellationToken token) { try { await Task.Delay(1, token); } catch (Exception) { await _threads.RunAsync(() => Work()); } }")]
    [InlineData("async Task M(CancellationToken token) { try { await Task.Delay(1, token); } catch (IOException) { [|Work()|]; } }", "async Task M(CancellationToken token) { try { await Task.Delay(1, token); } catch (IOException) { await _threads.RunAsync(() => Work()); } }")]
    [InlineData("async Task M(CancellationToken token) { await Task.Yield(); if (token.IsCancellationRequested) [|Work()|]; }", "async Task M(CancellationToken token) { await Task.Yield(); if (token.IsCancellationRequested) await _threads.RunAsync(() => Work()); }")]
    public Task On_a_thread(string member, string mended) => Verify.VerifyCodeFixAsync(Class(member), Class("private static readonly ThreadExecutor _threads = new ThreadExecutor();\n\n    " + mended));

    [Fact]
    public Task The_field_is_shared() => Verify.VerifyCodeFixAsync(
        Class("private static readonly int _size = 1;\n\n    async Task M() { await Task.Yield(); [|Work()|]; [|Read([|Read(1)|])|]; }\n    async Task N() { await Task.Yield(); [|Work()|]; }"),
        Class("private static readonly int _size = 1;\n    private static readonly ThreadExecutor _threads = new ThreadExecutor();\n\n    async Task M() { await Task.Yield(); await _threads.RunAsync(() => Work()); [|Read(await _threads.RunAsync(() => Read(1)))|]; }\n    async Task N() { await Task.Yield(); await _threads.RunAsync(() => Work()); }"));

    [Fact]
    public Task The_sibling_is_awaited_instead() => Verify.VerifyCodeFixAsync(
        Class("async Task<int> M(CancellationToken token) { await Task.Yield(); return [|Load(1)|]; } int Load(int x) => FAsync().Result; Task<int> LoadAsync(int x, CancellationToken token = default) => Task.Run(() => Load(x), token);"),
        Class("async Task<int> M(CancellationToken token) { await Task.Yield(); return await LoadAsync(1, token); } int Load(int x) => FAsync().Result; Task<int> LoadAsync(int x, CancellationToken token = default) => Task.Run(() => Load(x), token);"));

    [Theory]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Load(1)|]; } int Load(int x) => FAsync().Result + x;", "async Task<int> M() { await Task.Yield(); return await Load(1); } async Task<int> Load(int x) => await FAsync() + x;")]
    [InlineData("async Task<int> M() { await Task.Yield(); return [|Load()|]; } int Load() { return Inner() + 1; } static int Inner() { FAsync().Wait(); return 1; }", "async Task<int> M() { await Task.Yield(); return await Load(); } async Task<int> Load() { return await Inner() + 1; } static async Task<int> Inner() { await FAsync(); return 1; }")]
    [InlineData("async Task<int> M() { await Task.Yield(); return Local(); int Local() => FAsync().GetAwaiter().GetResult(); }", "async Task<int> M() { await Task.Yield(); return await Local(); async Task<int> Local() => await FAsync(); }", "return Local()", "return [|Local()|]")]
    public Task What_ends_at_a_task_becomes_async(string member, string mended, string? plain = null, string? marked = null) =>
        Verify.VerifyCodeFixAsync(Class(plain is null ? member : member.Replace(plain, marked, StringComparison.Ordinal)), Class(mended));

    [Fact]
    public Task What_ends_at_a_task_can_run_on_a_thread_as_well() => new Verify.Test
    {
        TestCode = Class("async Task<int> M() { await Task.Yield(); return [|Load(1)|]; } int Load(int x) => FAsync().Result + x;"),
        FixedCode = Class("private static readonly ThreadExecutor _threads = new ThreadExecutor();\n\n    async Task<int> M() { await Task.Yield(); return await _threads.RunAsync(() => Load(1)); } int Load(int x) => FAsync().Result + x;"),
        CodeActionEquivalenceKey = "CONC105.Threads",
    }.RunAsync();

    [Fact]
    public Task What_others_need_as_it_is_runs_on_a_thread() => Verify.VerifyCodeFixAsync(
        Class("async Task<int> M() { await Task.Yield(); return [|Load(1)|]; } int Load(int x) => FAsync().Result + x; int Twice => Load(1) + Load(2);"),
        Class("private static readonly ThreadExecutor _threads = new ThreadExecutor();\n\n    async Task<int> M() { await Task.Yield(); return await _threads.RunAsync(() => Load(1)); } int Load(int x) => FAsync().Result + x; int Twice => Load(1) + Load(2);"));

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); [|Out(out var x)|]; Console.WriteLine(x); } void Out(out int x) { Thread.Sleep(1); x = 1; }")]
    [InlineData("async Task M(int x) { await Task.Yield(); [|Ref(ref x)|]; } void Ref(ref int x) { Thread.Sleep(1); }")]
    [InlineData("async Task M() { [|Read(await FAsync())|]; }")]
    [InlineData("async Task M() { await Task.Yield(); lock (this) { [|Work()|]; } }")]
    [InlineData("async Task M(C? other) { await Task.Yield(); other?[|.Read(1)|]; }")]
    [InlineData("async Task M() { await Task.Yield(); [|Setting|] = 1; } int Setting { set => Thread.Sleep(value); }")]
    [InlineData("async Task<C> M() { await Task.Yield(); return [|this + this|]; } public static C operator +(C a, C b) { Thread.Sleep(1); return a; }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); xs.ToList().ForEach(x => [|Work()|]); }")]
    [InlineData("async Task M(int[] xs) { await Task.Yield(); Array.ForEach(xs, [|Each|]); } void Each(int x) { Thread.Sleep(x); }")]
    [InlineData("async Task<List<int>> M(int[] xs) { await Task.Yield(); return xs.Select([|Load|]).ToList(); } int Load(int x) => FAsync().Result + x;")]
    [InlineData("async Task<int> M() { await Task.Yield(); return Run(() => [|Load(1)|]); } T Run<T>(Func<T> work) => work(); int Load(int x) => FAsync().Result + x;")]
    [InlineData("async Task<int> M() { await Task.Yield(); return Run(() => [|FAsync().Result|]); } T Run<T>(Func<T> work) => work();")]
    [InlineData("async Task M() { await Task.Yield(); [|Span(\"x\".AsSpan())|]; } void Span(ReadOnlySpan<char> x) { Thread.Sleep(1); }")]
    [InlineData("unsafe Task M() { [|Work()|]; return Task.CompletedTask; }")]
    public Task No_fix(string member) => Verify.VerifyNoCodeFixAsync(Class(member));

    [Fact]
    public Task No_fix_in_a_struct_or_a_generic_type_or_a_control() => Verify.VerifyNoCodeFixAsync(
        """
        struct S { async Task M() { await Task.Yield(); [|Work()|]; } void Work() { Thread.Sleep(1); } }
        class G<T> { async Task M() { await Task.Yield(); [|Work()|]; } void Work() { Thread.Sleep(1); } }
        class Control { }
        class Button : Control { async Task M() { await Task.Yield(); [|Work()|]; } void Work() { Thread.Sleep(1); } }
        """);

    [Fact]
    public Task No_fix_without_the_runtime() => new Verify.Test
    {
        TestCode = "class C { async Task M() { await Task.Yield(); [|Work()|]; } void Work() { Thread.Sleep(1); } }",
        FixedCode = "class C { async Task M() { await Task.Yield(); [|Work()|]; } void Work() { Thread.Sleep(1); } }",
        WithRuntime = false,
        TestTopLevelProgram = false,
    }.RunAsync();

    private static string Class(string members) =>
        $$"""
        using ConcurrencyAnalyzers.Runtime;

        class C : Root
        {
            {{members}}

            static void Work() { Thread.Sleep(1); }
            int Read(int x) { Thread.Sleep(x); return x; }
            int Count => FAsync().Result;
            static Task<int> FAsync() => Task.Run(() => 1);
        }

        class Slow
        {
            public Slow() { Thread.Sleep(1); }
        }

        class Root { }
        """;
}
