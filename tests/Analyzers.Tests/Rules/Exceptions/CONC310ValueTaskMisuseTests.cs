using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC310ValueTaskMisuseAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC310ValueTaskMisuseCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC310ValueTaskMisuseTests
{
    [Theory]
    [InlineData("var read = ReadAsync(); await read; await [|read|];")]
    [InlineData("var read = ReadAsync(); await read; await [|read|]; await read;")]
    [InlineData("var read = ReadAsync(); _ = await read + await [|read|];")]
    [InlineData("ValueTask<int> read; read = ReadAsync(); await read.ConfigureAwait(false); Use([|read|].AsTask());")]
    [InlineData("var read = ReadAsync(); if (flag) await read; await [|read|];")]
    [InlineData("var read = ReadAsync(); if (!read.IsCompleted) await read; Use([|read|].GetAwaiter());")]
    [InlineData("var read = ReadAsync(); await Task.WhenAll(read.AsTask(), [|read|].AsTask());")]
    [InlineData("var read = ReadAsync(); while (flag) await [|read|];")]
    [InlineData("var flush = FlushAsync(); foreach (var x in new[] { 1, 2 }) { await [|flush|]; }")]
    [InlineData("var read = ReadAsync(); try { await read; } finally { await [|read|]; }")]
    [InlineData("foreach (var read in Many()) { await read; await [|read|]; }")]
    [InlineData("var read = ReadAsync(); try { Use(await read); } catch (IOException) { } Use(await [|read|]);")]
    [InlineData("var read = flag ? ReadAsync() : new ValueTask<int>(1); await read; await [|read|];")]
    [InlineData("async Task F(ValueTask<int> read) { await read; await [|read|]; } await F(ReadAsync());")]
    [InlineData("Func<ValueTask, Task> f = async flush => { await flush; await [|flush|]; }; await f(FlushAsync());")]
    [InlineData("var read = ReadAsync(); try { Use(await read); } catch (IOException) { Use(await [|read|]); }")]
    [InlineData("var read = ReadAsync(); try { await read; } catch (Exception e) when (e is IOException) { await [|read|]; }")]
    [InlineData("var read = ReadAsync(); await PassedAsync(read); Use(await [|read|]); static async Task PassedAsync(ValueTask<int> passed) => await passed;")]
    [InlineData("var read = ReadAsync(); await read; await PassedAsync([|read|]); static async Task PassedAsync(ValueTask<int> passed) { var x = await passed.ConfigureAwait(false); }")]
    [InlineData("var read = ReadAsync(); var copy = read; await copy; await [|read|];")]
    [InlineData("var read = ReadAsync(); var copy = read; await copy; await [|copy|];")]
    [InlineData("var read = ReadAsync(); while (flag) { var copy = read; await [|copy|]; }")]
    [InlineData("async Task F(ValueTask<int> read) { var copy = read; await read; await [|copy|]; } await F(ReadAsync());")]
    public Task Consumed_twice(string statements) => InMethod(statements);

    [Theory]
    [InlineData("var read = ReadAsync(); await read;")]
    [InlineData("var read = ReadAsync(); try { await read; } catch (IOException) { Use(null); }")]
    [InlineData("var read = ReadAsync(); try { await read; } catch (IOException) { read = ReadAsync(); await read; }")]
    [InlineData("var read = ReadAsync(); while (true) { try { await read; break; } catch (IOException) { read = ReadAsync(); } }")]
    [InlineData("var read = ReadAsync(); try { Use(null); } catch (IOException) { await read; return; } await read;")]
    [InlineData("var read = ReadAsync(); try { await read; } catch (IOException) when (!read.IsCompleted) { await read; }")]
    [InlineData("var read = ReadAsync(); Look(read); await read; static void Look(ValueTask<int> passed) => Use(passed.IsCompleted);")]
    [InlineData("var read = ReadAsync(); await PassedAsync(read); static async Task PassedAsync(ValueTask<int> passed) => await passed;")]
    [InlineData("var read = ReadAsync(); if (flag) await PassedAsync(read); else await read; static async Task PassedAsync(ValueTask<int> passed) => await passed;")]
    [InlineData("var read = ReadAsync(); Use(read); await read;")]
    [InlineData("var read = ReadAsync(); var copy = read; await copy;")]
    [InlineData("var read = ReadAsync(); var copy = read; if (flag) await copy; else await read;")]
    [InlineData("var read = ReadAsync(); var copy = read; await copy; read = ReadAsync(); await read;")]
    [InlineData("var read = ReadAsync().Preserve(); var copy = read; await copy; await read;")]
    [InlineData("var read = ReadAsync(); var task = read.AsTask(); await task; await task;")]
    [InlineData("var read = ReadAsync(); if (flag) await read; else Use(await read);")]
    [InlineData("var read = ReadAsync(); if (read.IsCompletedSuccessfully) Use(read.Result); else Use(await read);")]
    [InlineData("var read = ReadAsync(); if (flag) { await read; return; } await read;")]
    [InlineData("var read = ReadAsync().AsTask(); await read; await read;")]
    [InlineData("var read = ReadAsync().Preserve(); await read; await read;")]
    [InlineData("var read = ReadAsync(); read = read.Preserve(); await read; await read;")]
    [InlineData("var read = new ValueTask<int>(1); await read; await read;")]
    [InlineData("var read = new ValueTask<int>(Task.Run(() => 1)); await read; await read;")]
    [InlineData("ValueTask flush = default; await flush; await flush;")]
    [InlineData("var read = ReadAsync(); await read; read = ReadAsync(); await read;")]
    [InlineData("var read = ReadAsync(); while (flag) { await read; read = ReadAsync(); }")]
    [InlineData("while (flag) { var read = ReadAsync(); await read; }")]
    [InlineData("foreach (var read in Many()) await read;")]
    [InlineData("var read = ReadAsync(); await read; Use(read.IsCompleted);")]
    [InlineData("var read = ReadAsync(); Use(nameof(read)); await read;")]
    [InlineData("var read = ReadAsync(); Func<Task> later = async () => await read; await later();")]
    [InlineData("var read = ReadAsync(); Refill(ref read); await read; await read;")]
    [InlineData("var task = Task.Run(() => 1); await task; await task;")]
    // Asked in between, it is known what is done.
    [InlineData("var read = ReadAsync(); if (flag) await read; if (!read.IsCompleted) await read;")]
    public Task Consumed_once(string statements) => InMethod(statements);

    [Theory]
    [InlineData("Use([|ReadAsync().Result|]);")]
    [InlineData("[|FlushAsync().GetAwaiter().GetResult()|];")]
    [InlineData("[|FlushAsync().ConfigureAwait(false).GetAwaiter().GetResult()|];")]
    [InlineData("var read = ReadAsync(); Use([|read.Result|]);")]
    [InlineData("Action later = () => [|FlushAsync().GetAwaiter().GetResult()|]; later();")]
    [InlineData("if (_stream is { } stream) [|stream.DisposeAsync().GetAwaiter().GetResult()|];")]
    public Task Blocked_on(string statements) => Verify.VerifyAnalyzerAsync(Class($"void M(bool flag) {{ {statements} }}"));

    [Theory]
    [InlineData("Use(ReadAsync().AsTask().Result);")]
    [InlineData("FlushAsync().AsTask().GetAwaiter().GetResult();")]
    [InlineData("var read = ReadAsync(); if (read.IsCompleted) Use(read.Result);")]
    [InlineData("var read = ReadAsync(); if (!read.IsCompletedSuccessfully) return; Use(read.GetAwaiter().GetResult());")]
    [InlineData("var read = ReadAsync(); System.Diagnostics.Debug.Assert(read.IsCompleted); Use(read.Result);")]
    [InlineData("Use(new ValueTask<int>(1).Result);")]
    [InlineData("Use(new ValueTask<int>(Task.Run(() => 1)).Result);")]
    [InlineData("var read = ReadAsync(); Use(read.IsCompleted ? read.Result : 0);")]
    [InlineData("Use(Task.Run(() => 1).Result);")]
    [InlineData("System.Linq.Expressions.Expression<Func<int>> read = () => ReadAsync(0).Result; Use(read);")]
    // Who hands it on has seen to it.
    [InlineData("void Take(ValueTask<int> read) => Use(read.Result); Take(ReadAsync());")]
    public Task Not_blocked_on(string statements) => Verify.VerifyAnalyzerAsync(Class($"void M(bool flag) {{ {statements} }}"));

    [Fact]
    public Task Blocking_in_async_code_is_another_rules() => InMethod("Use(ReadAsync().Result);");

    [Theory]
    [InlineData("ValueTask<int> _read; void M() { _read = [|ReadAsync()|]; }")]
    [InlineData("ValueTask Flushed { get; set; } void M() { Flushed = [|FlushAsync()|]; }")]
    [InlineData("static ValueTask _flush; C() { _flush = [|FlushAsync()|]; }")]
    [InlineData("ValueTask<int> _read; void M() { this._read = [|Volatile()|]; } ValueTask<int> Volatile() => ReadAsync();")]
    public Task Kept(string members) => Verify.VerifyAnalyzerAsync(Class(members));

    [Theory]
    [InlineData("Task<int>? _read; void M() { _read = ReadAsync().AsTask(); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = ReadAsync().Preserve(); }")]
    [InlineData("ValueTask<int> _read; void M() { _read = new ValueTask<int>(1); _read = ValueTask.FromResult(2); _read = default; }")]
    [InlineData("readonly ValueTask _flush; C(ValueTask flush) { _flush = flush; }")]
    // Set back where it is consumed.
    [InlineData("ValueTask<int> _read; void Start() { _read = ReadAsync(); } async Task<int> EndAsync() { var read = _read; _read = default; return await read; }")]
    public Task Not_kept(string members) => Verify.VerifyAnalyzerAsync(Class(members));

    [Fact]
    public Task A_second_consumption_by_return() => Verify.VerifyAnalyzerAsync(Class(
        "ValueTask<int> M() { var read = ReadAsync(); var task = read.AsTask(); task.ContinueWith(_ => { }); return [|read|]; }"));

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        Class("ValueTask _flush; void M() { {|#0:ReadAsync().Result|}.ToString(); _flush = {|#1:FlushAsync()|}; } async Task N() { var read = ReadAsync(); await read; await {|#2:read|}; }"),
        Verify.Diagnostic().WithLocation(0).WithArguments("ReadAsync", "gives a ValueTask, whose result can't be had before it is complete; block on its AsTask(), or await it"),
        Verify.Diagnostic().WithLocation(1).WithArguments("_flush", "keeps a ValueTask, which may be consumed once, and by nobody knows whom; keep its AsTask() instead"),
        Verify.Diagnostic().WithLocation(2).WithArguments("read", "is a ValueTask that has been consumed before, and may belong to another operation by now; call AsTask at the start, and use that").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { int M(ValueTask<int> read) => read.Result; }");

    [Fact]
    public Task In_tests_blocking_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        namespace Xunit { class FactAttribute : Attribute; }
        class C { [Xunit.Fact] void M() { var x = F().Result; } async ValueTask<int> F() { await Task.Yield(); return 1; } }
        """);

    [Theory]
    [InlineData("class C { async Task M(ValueTask t) { await t; await ; await [|t|]; } }")]
    [InlineData("class C { async Task M() { var t = Missing(); await t; await t; } }")]
    [InlineData("class C { void M(ValueTask<int> t) { var x = t.Result. } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("var read = ReadAsync(); // one\n        await read; await [|read|];", "var read = ReadAsync().AsTask(); // one\n        await read; await read;")]
    [InlineData("ValueTask<int> read = ReadAsync(); await read.ConfigureAwait(false); Use([|read|].AsTask());", "Task<int> read = ReadAsync().AsTask(); await read.ConfigureAwait(false); Use(read);")]
    [InlineData("var flush = FlushAsync(); while (flag) await [|flush|];", "var flush = FlushAsync().AsTask(); while (flag) await flush;")]
    [InlineData("var read = flag ? ReadAsync() : default; await read; await [|read|];", "var read = (flag ? ReadAsync() : default).AsTask(); await read; await read;")]
    [InlineData("var a = ReadAsync(); await a; await [|a|]; var b = ReadAsync(); await b; await [|b|];", "var a = ReadAsync().AsTask(); await a; await a; var b = ReadAsync().AsTask(); await b; await b;")]
    public Task Fixes_from_the_start(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    [InlineData("Use([|ReadAsync().Result|]); // one", "Use(ReadAsync().AsTask().GetAwaiter().GetResult()); // one")]
    [InlineData("[|FlushAsync().GetAwaiter().GetResult()|];", "FlushAsync().AsTask().GetAwaiter().GetResult();")]
    [InlineData("[|FlushAsync().ConfigureAwait(false).GetAwaiter().GetResult()|];", "FlushAsync().AsTask().ConfigureAwait(false).GetAwaiter().GetResult();")]
    [InlineData("Use([|ReadAsync([|ReadAsync().Result|]).Result|]);", "Use(ReadAsync(ReadAsync().AsTask().GetAwaiter().GetResult()).AsTask().GetAwaiter().GetResult());")]
    public Task Fixes_blocking(string before, string after) => Verify.VerifyCodeFixAsync(Class($"void M() {{ {before}\n }}"), Class($"void M() {{ {after}\n }}"));

    [Fact]
    public Task Fixes_what_is_returned() => Verify.VerifyCodeFixAsync(
        Class("ValueTask<int> M() { var read = ReadAsync(); var task = read.AsTask(); Use(task); return [|read|]; }"),
        Class("ValueTask<int> M() { var read = ReadAsync().AsTask(); var task = read; Use(task); return new ValueTask<int>(read); }"));

    [Theory]
    [InlineData("async Task M() { ValueTask read; read = FlushAsync(); await read; await [|read|]; }")]
    [InlineData("async Task M() { var read = FlushAsync(); Take(read); await read; await [|read|]; } void Take(ValueTask x) { }")]
    public Task No_fix(string members) => Verify.VerifyNoCodeFixAsync(Class(members));

    private static Task InMethod(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    private static string Method(string statements) => Class($"async Task M(bool flag) {{ {statements} await Task.Yield(); }}");

    private static string Class(string members) =>
        $$"""
        class C
        {
            {{members}}

            ValueTask<int> ReadAsync(int x = 0) => new(Task.Run(() => x));
            ValueTask FlushAsync() => new(Task.Run(() => 1));
            static IEnumerable<ValueTask<int>> Many() => [];
            static void Refill(ref ValueTask<int> read) => read = default;
            static void Use(object? x) { }
            readonly Stream? _stream;
            public C(Stream stream) => _stream = stream;
        }
        """;
}
