using ConcurrencyAnalyzers.Rules.Exceptions;
using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC307OutlivedScopeAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC307OutlivedScopeCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC307OutlivedScopeTests
{
    [Theory]
    [InlineData("using (var file = Open()) return [|ReadAsync(file)|];")]
    [InlineData("using (var file = Open()) { return [|file.ReadAsync(_bytes, 0, 1)|]; }")]
    [InlineData("using var file = Open(); return [|ReadAsync(file)|];")]
    [InlineData("using var file = Open(); var read = ReadAsync(file); return [|read|];")]
    [InlineData("using var file = Open(); if (_bytes.Length == 0) return Task.FromResult(0); return [|ReadAsync(file)|];")]
    [InlineData("using var file = Open(); using var buffered = new BufferedStream(file); return [|ReadAsync(buffered)|];")]
    [InlineData("using var file = Open(); var buffered = new BufferedStream(file); return [|ReadAsync(buffered)|];")]
    [InlineData("using var file = Open(); return [|Task.Run(() => file.ReadByte())|];")]
    [InlineData("using var source = new CancellationTokenSource(1); return [|WorkAsync(source.Token)|];")]
    [InlineData("using var file = Open(); return [|file.ReadAsync(_bytes, 0, (int)file.Length)|];")]
    [InlineData("using var file = Open(); return [|Task.Run(() => (int)file.Length + file.ReadByte())|];")]
    [InlineData("using (Measure()) return [|WorkAsync()|];")]
    [InlineData("using var time = Measure(); return [|WorkAsync()|];")]
    [InlineData("using (var time = Measure()) { return [|WorkAsync()|]; }")]
    [InlineData("try { return [|WorkAsync()|]; } catch (IOException) { return Task.FromResult(0); }")]
    [InlineData("try { return [|WorkAsync()|]; } catch (Exception e) { Use(e); throw; }")]
    [InlineData("try { return [|WorkAsync()|]; } finally { Use(null); }")]
    [InlineData("try { var work = WorkAsync(); return [|work|]; } finally { Use(null); }")]
    [InlineData("try { if (_bytes.Length > 0) { return [|WorkAsync()|]; } } catch { } return Task.FromResult(0);")]
    [InlineData("lock (_bytes) { return [|WorkAsync()|]; }")]
    [InlineData("lock (_bytes) return [|WorkAsync()|];")]
    [InlineData("var file = Open(); var dispose = true; try { return [|ReadAsync(file)|]; } finally { if (dispose) file.Dispose(); }")]
    [InlineData("try { return [|WorkAsync()|]; } catch { Use(null); throw; }")]
    [InlineData("using var source = new CancellationTokenSource(1); var token = source.Token; return [|WorkAsync(token)|];")]
    [InlineData("using var client = new HttpClient(); var api = new Api(client); return [|api.GetAsync()|];")]
    [InlineData("using var scope = Scope(); return [|scope.ServiceProvider.GetRequiredService<Api>().GetAsync()|];")]
    [InlineData("using (var scope = Scope()) return [|scope.ServiceProvider.GetRequiredService<Api>().GetAsync()|];")]
    [InlineData("using var scope = Scope(); var api = scope.ServiceProvider.GetRequiredService<Api>(); return [|api.GetAsync()|];")]
    [InlineData("using var scope = Scope(); var services = scope.ServiceProvider; var api = services.GetRequiredService<Api>(); return [|api.GetAsync()|];")]
    [InlineData("using var scope = Scope(); return [|((Api)scope.ServiceProvider.GetService(typeof(Api))!).GetAsync()|];")]
    [InlineData("using var scope = Scope(); return [|scope.ServiceProvider.GetRequiredService<Orders>().All.FirstAsync()|];")]
    [InlineData("using var orders = new Orders(); return [|orders.All.Where(x => x > 1).OrderBy(x => x).FirstAsync()|];")]
    [InlineData("using var orders = new Orders(); var few = orders.All.Where(x => x > 1); return [|few.FirstAsync()|];")]
    public Task Returned(string statements) => InFunction(statements);

    [Theory]
    [InlineData("return WorkAsync();")]
    [InlineData("using (var file = Open()) Use(file); return WorkAsync();")]
    [InlineData("using (var file = Open()) return Task.FromResult(file.ReadByte());")]
    [InlineData("using var file = Open(); var length = (int)file.Length; return NextAsync(length);")]
    [InlineData("using var file = Open(); return NextAsync(Decode(file));")]
    [InlineData("using var file = Open(); return NextAsync((int)file.Length);")]
    [InlineData("using (var text = new StringReader(\"1\")) { return NextAsync(text.ReadLine()!.Length); }")]
    [InlineData("using var file = Open(); Use(file); return WorkAsync();")]
    [InlineData("using (System.Threading.ExecutionContext.SuppressFlow()) return Task.Run(() => 1);")]
    [InlineData("var flow = System.Threading.ExecutionContext.SuppressFlow(); try { return Task.Run(() => 1); } finally { flow.Undo(); }")]
    [InlineData("using (BeginScope()) return WorkAsync();")]
    [InlineData("using var scope = BeginScope(); return WorkAsync();")]
    [InlineData("try { Use(null); } catch (Exception) { return WorkAsync(); } return WorkAsync();")]
    [InlineData("try { Use(null); } finally { Use(1); } return WorkAsync();")]
    [InlineData("try { return WorkAsync(); } catch (Exception e) { return Task.FromException<int>(e); }")]
    [InlineData("try { return Task.FromResult(1); } catch (Exception) { return Task.FromResult(0); }")]
    [InlineData("lock (_bytes) { return _work ??= WorkAsync(); }")]
    [InlineData("lock (_bytes) { _work = WorkAsync(); return _work; }")]
    [InlineData("lock (_bytes) { return _source.Task; }")]
    [InlineData("using var file = Open(); var read = ReadAsync(file); read.Wait(); return read;")]
    [InlineData("using var file = Open(); Use(file); Func<Task<int>> later = () => WorkAsync(); return later();")]
    [InlineData("var previous = s_current; s_current = 1; try { return WorkAsync(); } finally { s_current = previous; }")]
    [InlineData("using (var file = Open()) Use(nameof(file)); return WorkAsync();")]
    [InlineData("using var scope = Scope(); var api = scope.ServiceProvider.GetRequiredService<Api>(); Use(api); return WorkAsync();")]
    [InlineData("using var scope = Scope(); var log = scope.ServiceProvider.GetRequiredService<object>(); return LoggedAsync(log);")]
    [InlineData("using var scope = Scope(); return LoggedAsync(scope.ServiceProvider.GetRequiredService<object>());")]
    [InlineData("using var file = Open(); var text = new System.Text.StringBuilder(file.Name); return LoggedAsync(text);")]
    [InlineData("using var file = Open(); var table = new Table(file); return table.FindAsync();")]
    [InlineData("using var orders = new Orders(); return NextAsync(orders.All.Where(x => x > 1).Count());")]
    [InlineData("using var orders = new Orders(); var few = orders.All.Where(x => x > 1).ToList(); return LoggedAsync(few);")]
    [InlineData("using var source = new CancellationTokenSource(1); var token = CancellationToken.None; Use(source); return WorkAsync(token);")]
    [InlineData("try { return WorkAsync(); } catch (Exception e) { return Failed(e); }")]
    // What the lock guards is the look at the state.
    [InlineData("lock (_bytes) { if (_bytes.Length > 3) return WorkAsync(); } return WorkAsync();")]
    [InlineData("lock (_bytes) { return _bytes.Length > 3 ? WorkAsync() : Task.FromResult(0); }")]
    // The task takes over what is cleaned up otherwise.
    [InlineData("var file = Open(); var dispose = true; try { if (_bytes.Length > 3) { dispose = false; return ReadAsync(file); } } finally { if (dispose) file.Dispose(); } return WorkAsync();")]
    [InlineData("var file = Open(); try { return ReadAsync(file); } catch { file.Dispose(); throw; }")]
    [InlineData("var previous = s_local.Value; s_local.Value = 1; try { return WorkAsync(); } finally { if (previous > 0) s_local.Value = previous; else { s_current = 0; } }")]
    public Task Not_returned(string statements) => InFunction(statements);

    [Theory]
    [InlineData("using (var file = Open()) { _ = [|ReadAsync(file)|]; }")]
    [InlineData("using (var file = Open()) { _ = [|Task.Run(() => file.ReadByte())|]; }")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read;")]
    [InlineData("Task<int> read; using (var file = Open()) { Use(file); read = [|ReadAsync(file)|]; await Task.Yield(); } Use(await read);")]
    [InlineData("var file = Open(); var read = [|ReadAsync(file)|]; file.Dispose(); await read;")]
    [InlineData("var file = Open(); var read = [|file.ReadAsync(_bytes, 0, 1)|]; await file.DisposeAsync(); Use(await read);")]
    [InlineData("var file = Open(); Task<int> read; try { read = [|ReadAsync(file)|]; } finally { file.Dispose(); } await read;")]
    public Task Awaited_too_late(string statements) => InAsync(statements);

    [Theory]
    [InlineData("using var file = Open(); await ReadAsync(file);")]
    [InlineData("using var file = Open(); var read = ReadAsync(file); await read;")]
    [InlineData("using (var file = Open()) { var read = ReadAsync(file); Use(read.Result); }")]
    [InlineData("using (var file = Open()) { var read = ReadAsync(file); await Task.WhenAll(read, WorkAsync()); }")]
    [InlineData("var file = Open(); var read = ReadAsync(file); await read; file.Dispose();")]
    [InlineData("var file = Open(); var read = ReadAsync(file); try { await read; } finally { file.Dispose(); }")]
    [InlineData("var file = Open(); var read = ReadAsync(file); if (_bytes.Length == 0) { file.Dispose(); } await read;")]
    [InlineData("var file = Open(); try { Use(file); } catch { file.Dispose(); throw; } await ReadAsync(file);")]
    [InlineData("Task<int> work; using (var file = Open()) { work = WorkAsync(); Use(file); } await work;")]
    [InlineData("Task<int> next; using (var file = Open()) { next = NextAsync(Decode(file)); } await next;")]
    [InlineData("using var source = new CancellationTokenSource(); _ = WorkAsync(source.Token); await Task.Delay(1); source.Cancel();")]
    [InlineData("using var source = new CancellationTokenSource(); _ = WorkAsync(source.Token); Console.ReadLine();")]
    [InlineData("using (var file = Open()) { Func<Task> later = () => ReadAsync(file); await later(); }")]
    [InlineData("using (var file = Open()) { var reads = new List<Task> { ReadAsync(file) }; await Task.WhenAll(reads); }")]
    [InlineData("Task<int>? last = null; foreach (var x in _bytes) { using var file = Open(); if (last is not null) await last; last = ReadAsync(file); await Task.Yield(); }")]
    public Task Awaited_in_time(string statements) => InAsync(statements);

    // The compiler says that the call isn't awaited, and not that it works on what is disposed.
    [Theory]
    [InlineData("using (var file = Open()) { [|ReadAsync(file)|]; }")]
    [InlineData("using (var file = Open()) { [|file.FlushAsync()|]; Use(file); }")]
    [InlineData("using (var file = Open()) { await Task.Yield(); [|file.CopyToAsync(Stream.Null)|]; }")]
    [InlineData("{ await Task.Yield(); using var file = Open(); [|file.CopyToAsync(Stream.Null)|]; }")]
    [InlineData("{ using var file = Open(); _ = [|file.CopyToAsync(Stream.Null)|]; await Task.Yield(); }")]
    [InlineData("using (var file = Open()) { var read = [|ReadAsync(file)|]; }")]
    [InlineData("using (var file = Open()) { Task<int> read; read = [|ReadAsync(file)|]; }")]
    [InlineData("using (var file = Open()) { var _ = [|ReadAsync(file)|]; }")]
    [InlineData("await using (var file = Open()) { [|file.CopyToAsync(Stream.Null)|]; }")]
    [InlineData("await using (var file = Open()) { _ = [|ReadAsync(file)|]; }")]
    public Task Dropped(string statements) => InAsync(statements);

    [Theory]
    [InlineData("using (var file = Open()) { Use(file); WorkAsync(); }")]
    [InlineData("using (var file = Open()) { NextAsync((int)file.Length); }")]
    [InlineData("using (var file = Open()) { var read = ReadAsync(file); Use(read.Result); }")]
    [InlineData("using (var file = Open()) { var read = WorkAsync(); Use(file); }")]
    [InlineData("using (var file = Open()) { Task.FromResult(file); }")]
    [InlineData("using (var file = Open()) { file.FlushAsync(); await WorkAsync(); }")]
    [InlineData("using (var file = Open()) { _ = file.FlushAsync(); await Task.Delay(1); }")]
    [InlineData("using (var file = Open()) { var flush = file.FlushAsync(); await WorkAsync(); }")]
    [InlineData("using (var file = Open()) { _work = ReadAsync(file); }")]
    [InlineData("using (var file = Open()) { var reads = new List<Task>(); reads.Add(ReadAsync(file)); await Task.WhenAll(reads); }")]
    [InlineData("var file = Open(); ReadAsync(file); await Task.Yield();")]
    [InlineData("try { WorkAsync(); } catch (IOException) { }")]
    [InlineData("try { _ = WorkAsync(); } finally { Use(null); }")]
    [InlineData("lock (_bytes) { _ = WorkAsync(); }")]
    // Its disposal may be what waits for the work.
    [InlineData("await using (var group = new Group()) { group.RunAsync(); _ = group.RunAsync(); }")]
    public Task Not_dropped(string statements) => InAsync(statements);

    [Theory]
    [InlineData("using (var file = Open()) { var read = [|ReadAsync(file)|]; }")]
    [InlineData("using var file = Open(); Task read = [|file.CopyToAsync(Stream.Null)|];")]
    [InlineData("using var file = Open(); [|file.CopyToAsync(Stream.Null)|];")]
    public Task Dropped_in_synchronous_code(string statements) => Verify.VerifyAnalyzerAsync(Class($"void M() {{ {statements} }}"));

    [Theory]
    [InlineData("using (var file = Open()) { file.CopyToAsync(Stream.Null); }")]
    [InlineData("using (var file = Open()) { var read = ReadAsync(file); }")]
    [InlineData("using var file = Open(); _ = ReadAsync(file); await Task.Yield();")]
    [InlineData("using var file = Open(); var _ = ReadAsync(file); await Task.Yield();")]
    public async Task Dropped_tasks_are_its_own(string statements)
    {
        var code = "#pragma warning disable CS4014\n" + Class($"async Task M() {{ await Task.Yield(); {statements} }}");
        await RuleVerifier<CONC301UnobservedTaskAnalyzer, CONC301UnobservedTaskCodeFix>.VerifyAnalyzerAsync(code);
        await RuleVerifier<CONC302DiscardedTaskAnalyzer, CONC302DiscardedTaskCodeFix>.VerifyAnalyzerAsync(code);
    }

    [Fact]
    public Task An_async_function_returns_no_task() => InAsync("try { await WorkAsync(); } catch (IOException) { }");

    [Fact]
    public Task Messages() => Verify.VerifyAnalyzerAsync(
        Function("using (var file = Open()) return {|#0:ReadAsync(file)|}; } Task<int> N() { try { return {|#1:WorkAsync()|}; } catch { throw; }"),
        Verify.Diagnostic().WithLocation(0).WithArguments("ReadAsync", "'file' is disposed"),
        Verify.Diagnostic().WithLocation(1).WithArguments("WorkAsync", "no exception of it gets to the catch").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\nclass C { Task M() { try { return N(); } finally { } } Task N() => Task.Run(() => 1); }");

    [Theory]
    [InlineData("class C { Task M() { using (var x = ) return Missing(x); } }")]
    [InlineData("class C { Task M() { try { return } catch { } } }")]
    [InlineData("class C { Task M() { lock (this) { return Missing(; } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("using (var file = Open())\n            return [|ReadAsync(file)|]; // one", "using (var file = Open())\n            return await ReadAsync(file); // one")]
    [InlineData("using var file = Open();\n        if (_bytes.Length == 0)\n            return Task.FromResult(0);\n        return [|ReadAsync(file)|];", "using var file = Open();\n        if (_bytes.Length == 0)\n            return 0;\n        return await ReadAsync(file);")]
    [InlineData("try { return [|WorkAsync()|]; } catch (IOException) { return Task.FromResult(0); }", "try { return await WorkAsync(); } catch (IOException) { return 0; }")]
    [InlineData("using var file = Open(); var read = ReadAsync(file); return [|read|];", "using var file = Open(); var read = ReadAsync(file); return await read;")]
    [InlineData("using var file = Open(); if (_bytes.Length > 3) return [|ReadAsync(file)|]; return [|file.ReadAsync(_bytes, 0, 1)|];", "using var file = Open(); if (_bytes.Length > 3) return await ReadAsync(file); return await file.ReadAsync(_bytes, 0, 1);")]
    public Task Fixes_what_is_returned(string before, string after) => Verify.VerifyCodeFixAsync(Function(before), Function(after).Replace("Task<int> M()", "async Task<int> M()"));

    [Fact]
    public Task Fixes_a_lambda_without_a_result() => Verify.VerifyCodeFixAsync(
        Class("void M() { Func<Task> f = () => { using (var file = Open()) return [|file.FlushAsync()|]; }; f(); }"),
        Class("void M() { Func<Task> f = async () => { using (var file = Open()) await file.FlushAsync(); }; f(); }"));

    [Fact]
    public Task Fixes_what_is_dropped() => Verify.VerifyCodeFixAsync(
        Class("Task M() { using (var file = Open()) { _ = [|file.FlushAsync()|]; } return Task.CompletedTask; }"),
        Class("async Task M() { using (var file = Open()) { await file.FlushAsync(); } }"));

    [Theory]
    [InlineData("using (var file = Open()) { [|file.FlushAsync()|]; }", "using (var file = Open()) { await file.FlushAsync(); }")]
    [InlineData("using (var file = Open()) { var flush = [|file.FlushAsync()|]; }", "using (var file = Open()) { await file.FlushAsync(); }")]
    [InlineData("using (var file = Open()) { Task<int> read = [|ReadAsync(file)|]; }", "using (var file = Open()) { int read = await ReadAsync(file); }")]
    [InlineData("using (var file = Open()) { _ = [|ReadAsync(file)|]; await Task.Yield(); }", "using (var file = Open()) { await ReadAsync(file); await Task.Yield(); }")]
    public Task Fixes_what_is_dropped_in_async_code(string before, string after) => new Verify.Test
    {
        TestCode = "#pragma warning disable CS4014, CS0219\n" + Class($"async Task M() {{ await Task.Yield(); {before} }}"),
        FixedCode = "#pragma warning disable CS4014, CS0219\n" + Class($"async Task M() {{ await Task.Yield(); {after} }}"),
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("Task<int> M() { lock (_bytes) { return [|WorkAsync()|]; } }")]
    [InlineData("Task<int> M(out int x) { x = 1; using (var file = Open()) return [|ReadAsync(file)|]; }")]
    [InlineData("void M() { using (var file = Open()) { _ = [|ReadAsync(file)|]; } }")]
    public Task No_fix(string members) => new Verify.Test { TestCode = Class(members), FixedCode = Class(members), TestTopLevelProgram = false }.RunAsync();

    private static Task InFunction(string statements) => Verify.VerifyAnalyzerAsync(Function(statements));

    private static Task InAsync(string statements) => new Verify.Test { TestCode = "#pragma warning disable CS4014\n" + Class($"async Task M() {{ {statements} await Task.Yield(); }}"), TestTopLevelProgram = false }.RunAsync();

    private static string Function(string statements) => Class($"Task<int> M()\n    {{\n        {statements}\n    }}");

    private static string Class(string members) =>
        $$"""
        class C
        {
            {{members}}

            static Scoped Scope() => new();
            static Task<int> LoggedAsync(object log) => WorkAsync();
            sealed class Scoped : IDisposable { public IServiceProvider ServiceProvider => null!; public void Dispose() { } }
            sealed class Api(HttpClient client) { public Task<int> GetAsync() => Task.Run(() => client.MaxResponseContentBufferSize > 1 ? 1 : 0); }
            sealed class Table(Stream stream) { readonly int _first = stream.ReadByte(); public Task<int> FindAsync() => NextAsync(_first); }
            sealed class Orders : IDisposable { public IQueryable<int> All => null!; public void Dispose() { } }
            sealed class Group : IAsyncDisposable { public Task RunAsync() => Task.Delay(1); public async ValueTask DisposeAsync() => await Task.Delay(1); }
            static FileStream Open() => File.OpenRead("x");
            static Task<int> ReadAsync(Stream stream) => stream.ReadAsync(new byte[1], 0, 1);
            static Task<int> WorkAsync(CancellationToken token = default) => Task.Run(() => 1, token);
            static Task<int> NextAsync(int x) => Task.Run(() => x);
            static int Decode(Stream stream) => stream.ReadByte();
            static IDisposable Measure() => File.OpenRead("y");
            static IDisposable BeginScope() => File.OpenRead("z");
            static void Use(object? x) { }
            static Task<int> Failed(Exception e) => Task.FromException<int>(e);
            static int s_current;
            static readonly AsyncLocal<int> s_local = new();
            readonly byte[] _bytes = new byte[4];
            readonly TaskCompletionSource<int> _source = new();
            Task<int>? _work;
        }

        static class ServiceProviderServiceExtensions { public static T GetRequiredService<T>(this IServiceProvider services) => (T)services.GetService(typeof(T))!; }

        static class QueryExtensions { public static Task<int> FirstAsync(this IQueryable<int> query) => Task.Run(() => query.First()); }
        """;
}
