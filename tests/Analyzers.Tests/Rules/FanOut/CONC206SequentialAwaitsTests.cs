using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.FanOut.CONC206SequentialAwaitsAnalyzer,
    ConcurrencyAnalyzers.Rules.FanOut.CONC206SequentialAwaitsCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.FanOut;

public sealed class CONC206SequentialAwaitsTests
{
    [Theory]
    [InlineData("[|foreach|] (var x in xs) await F(x);")]
    [InlineData("[|foreach|] (var x in xs) { await F(x).ConfigureAwait(false); }")]
    [InlineData("var all = new List<int>(); [|foreach|] (var x in xs) all.Add(await F(x));")]
    [InlineData("var all = new List<int>(); [|foreach|] (var x in xs) { var y = await F(x); all.Add(y); }")]
    [InlineData("[|foreach|] (var x in xs) { var y = await F(x); await F(y.ToString()); }")]
    [InlineData("[|foreach|] (var x in xs) { var y = x.Trim(); if (y.Length > 0) await F(y); }")]
    [InlineData("[|foreach|] (var x in xs) _ = await _http.GetStringAsync(x);")]
    [InlineData("using var http = new HttpClient(); [|foreach|] (var x in xs) _ = await http.GetStringAsync(x);")]
    [InlineData("[|foreach|] (var x in xs) { var found = new List<string>(); await FindAsync(x, found); }")]
    [InlineData("[|foreach|] (var item in items) { item.Value = await F(item.Name); }")]
    [InlineData("[|foreach|] (var x in xs) { try { await F(x); } catch (IOException e) { _logger.LogError(e.Message); } }")]
    [InlineData("[|foreach|] (var x in xs) await F(string.Format(\"{0}\", x));")]
    [InlineData("foreach (var _ in new[] { 1, 2 }) { [|foreach|] (var x in xs) await F(x); }")]
    [InlineData("[|foreach|] (var x in xs) { if (x.Length == 0) continue; await F(x); }")]
    [InlineData("[|for|] (var i = 0; i < xs.Count; i++) await F(xs[i]);")]
    [InlineData("var names = xs.ToArray(); [|for|] (int i = 0; i < names.Length; ++i) { await F(names[i]); }")]
    [InlineData("var all = new List<int>(); [|for|] (var i = 0; i < xs.Count; i++) { var y = xs[i].Trim(); all.Add(await F(y + xs[i])); }")]
    public Task Flagged(string statements) => InMethod(statements);

    [Theory]
    [InlineData("foreach (var x in xs) Use(x);")]
    [InlineData("await foreach (var x in Source()) await F(x);")]
    [InlineData("foreach (var x in xs) { if (await F(x) > 0) break; }")]
    [InlineData("foreach (var x in xs) { if (await F(x) > 0) return; }")]
    [InlineData("var all = new List<int>(); foreach (var x in xs) { if (x.Length == 0) continue; all.Add(await F(x)); }")]
    [InlineData("var sum = 0; foreach (var x in xs) sum += await F(x);")]
    [InlineData("var last = \"\"; foreach (var x in xs) { await F(last); last = x; }")]
    [InlineData("var count = 0; foreach (var x in xs) { await F(x); count++; }")]
    [InlineData("foreach (var x in xs) { _count = await F(x); }")]
    [InlineData("foreach (var x in xs) { Use(x); await F(x); }")]
    [InlineData("foreach (var x in xs) { await F(x); await Task.Delay(1); }")]
    [InlineData("foreach (var x in xs) await Task.Delay(1);")]
    [InlineData("foreach (var x in xs) await _stream.WriteAsync(new byte[1]);")]
    [InlineData("foreach (var x in xs) await _dbContext.SaveAsync(x);")]
    [InlineData("foreach (var x in xs) await SaveTo(_dbContext, x);")]
    [InlineData("foreach (var x in xs) await _orderRepository.GetAsync(x);")]
    [InlineData("foreach (var x in xs) await _dbContext.Database.RunAsync(x);")]
    [InlineData("foreach (var x in xs) await _database.RunAsync(x);")]
    [InlineData("using (var batch = new Batch()) foreach (var x in xs) await batch.AddAsync(x);")]
    [InlineData("using var batch = new Batch(); foreach (var x in xs) await batch.AddAsync(x);")]
    [InlineData("var found = new List<string>(); foreach (var x in xs) await FindAsync(x, found);")]
    [InlineData("IDictionary<string, int> found = new Dictionary<string, int>(); foreach (var x in xs) await CollectAsync(x, found);")]
    [InlineData("foreach (var x in xs) await ExecuteAsync(x);")]
    [InlineData("foreach (var x in xs) await RemoveNoLock(x);")]
    [InlineData("var holder = new ConnectionHolder(); foreach (var x in xs) await UpdateAsync(holder, x);")]
    [InlineData("System.Net.WebSockets.WebSocket socket = null!; foreach (var x in xs) await socket.SendAsync(new byte[x.Length], default, true, default);")]
    [InlineData("var mail = new System.Net.Mail.SmtpClient(); foreach (var x in xs) await mail.SendMailAsync(x, x, x, x);")]
    [InlineData("var handlers = new List<Func<Task>>(); foreach (var handler in handlers) await handler();")]
    [InlineData("foreach (var x in xs) await CountAsync(x);")]
    [InlineData("var map = new Dictionary<string, int>(); foreach (var x in xs) map[x] = await F(x);")]
    [InlineData("var all = new List<int>(); foreach (var x in xs) { all.Add(await F(x + all.Count)); }")]
    [InlineData("var all = new List<int>(); foreach (var x in xs) { all.Add(await F(x)); all.Add(await F(x)); }")]
    [InlineData("var all = new List<int>(); foreach (var x in xs) { if (x != \"\") all.Add(await F(x)); }")]
    [InlineData("foreach (var x in xs.OrderBy(x => x)) await F(x);")]
    [InlineData("var tasks = xs.Select(F).ToList(); foreach (var task in tasks) await task;")]
    [InlineData("foreach (var x in _queue.GetConsumingEnumerable()) await F(x);")]
    [InlineData("foreach (var x in xs) { Func<Task> f = () => F(x); await f(); }")]
    [InlineData("for (var i = 0; i < xs.Count; i++) await F(xs[i] + i);")]
    [InlineData("for (var i = 1; i < xs.Count; i++) await F(xs[i]);")]
    [InlineData("for (var i = 0; i < xs.Count - 1; i++) await F(xs[i]);")]
    [InlineData("for (var i = 0; i < xs.Count; i += 2) await F(xs[i]);")]
    [InlineData("for (var i = 0; i < xs.Count; i++) { await F(xs[i]); i++; }")]
    [InlineData("for (var i = 0; i < xs.Count; i++) await F(xs[i - 1]);")]
    [InlineData("for (var i = 0; i < xs.Count; i++) xs[i] = (await F(xs[i])).ToString();")]
    [InlineData("for (var i = 0; i < xs.Count; i++) { if (await F(xs[i]) > 0) break; }")]
    [InlineData("var ys = xs; for (var i = 0; i < xs.Count; i++) await F(ys[i]);")]
    [InlineData("for (var i = 0; i < 3; i++) await F(i.ToString());")]
    [InlineData("for (var i = 0; i < xs.Count; i++) { await F(xs[i]); xs.RemoveAt(i); }")]
    [InlineData("for (var i = 0; i < xs.Count; i++) await F(\"\");")]
    public Task Not_flagged(string statements) => InMethod(statements);

    [Fact]
    public Task An_iterator() => Verify.VerifyAnalyzerAsync(
        Class("async IAsyncEnumerable<int> M(List<string> xs) { foreach (var x in xs) yield return await F(x); }"));

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        Method("{|#0:foreach|} (var x in xs) await F(x);"),
        Verify.Diagnostic().WithLocation(0).WithArguments("F").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Hidden));

    [Fact]
    public Task Generated_code() => new Verify.Test
    {
        TestCode = "// <auto-generated/>\nclass C { async Task M(int[] xs) { foreach (var x in xs) await N(x); } Task N(int x) => Task.Delay(x); }",
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Test_code() => Verify.VerifyAnalyzerAsync(
        "namespace Xunit { class FactAttribute : Attribute; }\nclass C { [Xunit.Fact] async Task M() { foreach (var x in new List<int>()) await N(x); } async Task N(int x) => await Task.Delay(x); }");

    [Theory]
    [InlineData("class C { async Task M(int[] xs) { foreach (var x in xs) await ; } }")]
    [InlineData("class C { async Task M(int[] xs) { foreach (var x in ) { await Missing(x); } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("[|foreach|] (var x in xs)\n            await F(x); // one", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); // one")]
    [InlineData("[|foreach|] (var x in xs) await T(x);", "await Gather.AllAsync(xs, maxConcurrency: 32, (x, ct) => T(x, ct));")]
    [InlineData("var all = new List<int>();\n        [|foreach|] (var x in xs)\n            all.Add(await F(x));", "var all = new List<int>();\n        all.AddRange(await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)));")]
    [InlineData("var all = new List<int>();\n        [|foreach|] (var x in xs)\n        {\n            var y = await F(x); // y\n            all.Add(y);\n        }", "var all = new List<int>();\n        all.AddRange(await Gather.AllAsync(xs, maxConcurrency: 32, async x =>\n        {\n            var y = await F(x); // y\n            return y;\n        }));")]
    [InlineData("[|foreach|] (var x in xs)\n        {\n            try\n            {\n                await F(x);\n            }\n            catch (IOException e)\n            {\n                _logger.LogError(e.Message);\n            }\n        }", "await Gather.AllAsync(xs, maxConcurrency: 32, async x =>\n        {\n            try\n            {\n                await F(x);\n            }\n            catch (IOException e)\n            {\n                _logger.LogError(e.Message);\n            }\n        });")]
    [InlineData("[|foreach|] (var x in xs) await F(x); [|foreach|] (var y in xs) await F(y);", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); await Gather.AllAsync(xs, maxConcurrency: 32, y => F(y));")]
    [InlineData("[|foreach|] (var x in xs)\n        {\n            if (x.Length == 0)\n                continue; // nothing to do\n\n            if (x == \"a\") { continue; }\n            await F(x);\n        }", "await Gather.AllAsync(xs, maxConcurrency: 32, async x =>\n        {\n            if (x.Length == 0)\n                return; // nothing to do\n\n            if (x == \"a\") { return; }\n            await F(x);\n        });")]
    [InlineData("[|for|] (var i = 0; i < xs.Count; i++)\n            await F(xs[i]); // one", "await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x)); // one")]
    [InlineData("[|for|] (var i = 0; i < items.Count; i++) await T(items[i].Name);", "await Gather.AllAsync(items, maxConcurrency: 32, (item, ct) => T(item.Name, ct));")]
    [InlineData("var all = new List<int>();\n        [|for|] (var i = 0; i < xs.Count; i++)\n        {\n            var y = xs[i].Trim(); // y\n            all.Add(await F(y + xs[i]));\n        }", "var all = new List<int>();\n        all.AddRange(await Gather.AllAsync(xs, maxConcurrency: 32, async x =>\n        {\n            var y = x.Trim(); // y\n            return await F(y + x);\n        }));")]
    public Task Fixes(string before, string after) => Verify.VerifyCodeFixAsync("using ConcurrencyAnalyzers.Runtime;\n\n" + Method(before), "using ConcurrencyAnalyzers.Runtime;\n\n" + Method(after));

    [Fact]
    public Task Comments_go_above() => Verify.VerifyCodeFixAsync(
        "using ConcurrencyAnalyzers.Runtime;\n\n" + Method("var all = new List<int>();\n        [|foreach|] (var x in xs) // in any order\n            all.Add(await F(x)); // slow"),
        "using ConcurrencyAnalyzers.Runtime;\n\n" + Method("var all = new List<int>();\n        // in any order\n        all.AddRange(await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x))); // slow"));

    [Fact]
    public Task Continue_without_the_runtime() => new Verify.Test
    {
        TestCode = Method("[|foreach|] (var x in xs)\n        {\n            if (x.Length == 0)\n                continue;\n\n            await F(x);\n        }"),
        FixedCode = Method("await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) =>\n        {\n            if (x.Length == 0)\n                return;\n\n            await F(x);\n        });"),
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Fixes_without_the_runtime() => new Verify.Test
    {
        TestCode = Method("[|foreach|] (var x in xs) await F(x);"),
        FixedCode = Method("await Parallel.ForEachAsync(xs, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (x, _) => await F(x));"),
        WithRuntime = false,
    }.RunAsync();

    private static Task InMethod(string statements) => new Verify.Test { TestCode = Method(statements), TestTopLevelProgram = false }.RunAsync();

    private static string Method(string statements) => Class($"async Task M(List<string> xs, List<Item> items)\n    {{\n        {statements}\n        await Task.Yield();\n    }}");

    private static string Class(string members) =>
        $$"""
        class C
        {
            {{members}}

            static async Task<int> F(string x) { await Task.Delay(x.Length); return x.Length; }
            static Task T(string x, CancellationToken ct = default) => Task.Delay(x.Length, ct);
            static Task SaveTo(OrderDbContext context, string x) => context.SaveAsync(x);
            static Task FindAsync(string x, List<string> found) => Task.Delay(x.Length);
            static Task CollectAsync(string x, IDictionary<string, int> found) => Task.Delay(x.Length);
            static Task RemoveNoLock(string x) => Task.Delay(x.Length);
            static Task UpdateAsync(ConnectionHolder holder, string x) => Task.Delay(x.Length);
            static Task ExecuteAsync(string x) => Task.Delay(x.Length);
            static void Use(object? x) { }
            async IAsyncEnumerable<string> Source() { await Task.Yield(); yield return ""; }
            static async Task CountAsync(string x) { await Task.Yield(); s_count++; }
            static int s_count;
            int _count;
            readonly HttpClient _http = new();
            readonly Stream _stream = new MemoryStream();
            readonly OrderDbContext _dbContext = new();
            readonly LocalDatabase _database = new();
            readonly IOrderRepository _orderRepository = null!;
            readonly Logger _logger = new();
            readonly System.Collections.Concurrent.BlockingCollection<string> _queue = new(8);
        }

        class Item { public string Name = ""; public int Value; }
        class OrderDbContext { public Facade Database = new(); public Task SaveAsync(string x) => Task.Delay(x.Length); }
        class Facade { public Task RunAsync(string x) => Task.Delay(x.Length); }
        class LocalDatabase : Facade;
        class ConnectionHolder;
        class Batch : IDisposable { public Task AddAsync(string x) => Task.Delay(x.Length); public void Dispose() { } }
        class Logger { public void LogError(string text) { } }
        interface IOrderRepository { Task GetAsync(string x); }
        """;
}
