using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC501UnsynchronizedWriteAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC501UnsynchronizedWriteCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC501UnsynchronizedWriteTests
{
    [Theory]
    [InlineData("int count = 0; Parallel.For(0, 100, i => [|count|]++); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { if (item.Length > 3) [|count|] += item.Length; }); return count;")]
    [InlineData("int count = 0; await Parallel.ForEachAsync(items, async (item, token) => { await Task.Delay(1, token); [|count|]++; }); return count;")]
    [InlineData("int count = 0; await Gather.AllAsync(items, maxConcurrency: 8, async item => { [|count|] += await GetAsync(item); }); return count;")]
    [InlineData("int count = 0; items.AsParallel().ForAll(item => [|count|]++); return count;")]
    [InlineData("int count = 0; var all = items.AsParallel().Select(item => { [|count|]++; return item; }).ToList(); return count;")]
    [InlineData("int count = 0; await Task.WhenAll(items.Select(async item => { await GetAsync(item); [|count|]++; })); return count;")]
    [InlineData("int count = 0; await Task.WhenAll(items.Select(async item => [|count|] += await GetAsync(item))); return count;")]
    [InlineData("int count = 0; var tasks = items.Select(async item => { await GetAsync(item); [|count|]++; }).ToList(); await Task.WhenAll(tasks); return count;")]
    [InlineData("int count = 0; var tasks = new List<Task>(); foreach (var item in items) tasks.Add(Task.Run(() => [|count|]++)); await Task.WhenAll(tasks); return count;")]
    [InlineData("int count = 0; for (int i = 0; i < 4; i++) { var t = new Thread(() => { [|count|]++; }); t.Start(); } return count;")]
    [InlineData("int count = 0; for (int i = 0; i < 4; i++) ThreadPool.QueueUserWorkItem(_ => [|count|]++); return count;")]
    [InlineData("int count = 0; for (int i = 0; i < 4; i++) _ = Task.Factory.StartNew(() => [|count|]++); return count;")]
    [InlineData("int count = 0; var tasks = new List<Task>(); foreach (var item in items) tasks.Add(CountAsync(item)); await Task.WhenAll(tasks); return count; async Task CountAsync(string item) { await GetAsync(item); [|count|]++; }")]
    [InlineData("int count = 0; Parallel.ForEach(items, Count); return count; void Count(string item) { [|count|]++; }")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { if (item != null) Count(); }); return count; void Count() => [|count|]++;")]
    [InlineData("int max = 0; Parallel.ForEach(items, item => { if (item.Length > max) [|max|] = item.Length; }); return max;")]
    [InlineData("int max = 0; Parallel.ForEach(items, item => [|max|] = Math.Max(max, item.Length)); return max;")]
    [InlineData("var longest = \"\"; Parallel.ForEach(items, item => { if (item.Length > longest.Length) [|longest|] = item; }); return longest.Length;")]
    [InlineData("string? longest = null; Parallel.ForEach(items, item => { if (longest == null || item.Length > longest.Length) { [|longest|] = item; } }); return 1;")]
    [InlineData("var last = \"\"; Parallel.ForEach(items, item => { [|last|] = item; }); return last;")]
    [InlineData("bool ok = true; Parallel.ForEach(items, item => [|ok|] &= item.Length > 1); return ok;")]
    [InlineData("double sum = 0; Parallel.ForEach(items, item => { sum += 0; var x = 1; [|sum|] -= x; }); return sum;", "sum += 0", "[|sum|] += 0")]
    [InlineData("Parallel.ForEach(items, item => [|_count|]++); return _count;")]
    [InlineData("Parallel.ForEach(items, item => [|this._count|]++); return _count;")]
    [InlineData("Parallel.ForEach(items, item => [|s_total|] += item.Length); return s_total;")]
    [InlineData("Parallel.ForEach(items, item => [|Hits|]++); return Hits;")]
    [InlineData("Parallel.ForEach(items, item => { [|Bump()|]; }); return _count;")]
    [InlineData("Parallel.ForEach(items, [|BumpFor|]); return _count;")]
    [InlineData("var stats = new Stats(); Parallel.ForEach(items, item => { [|stats.Total|]++; }); return stats;")]
    [InlineData("var stats = new Stats(); Parallel.ForEach(items, item => [|stats.Add(item)|]); return stats;")]
    [InlineData("var sums = new int[2]; Parallel.ForEach(items, item => [|sums[0]|] += item.Length); return sums;")]
    [InlineData("int count = 0; var options = new ParallelOptions { MaxDegreeOfParallelism = 4 }; Parallel.ForEach(items, options, item => [|count|]++); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { lock (_gate) { } [|count|]++; }); return count;")]
    [InlineData("int count = 0; var four = new SemaphoreSlim(4); await Task.WhenAll(items.Select(async item => { await four.WaitAsync(); try { [|count|]++; } finally { four.Release(); } })); return count;")]
    [InlineData("int count = 0; Parallel.Invoke(() => [|count|]++, () => [|count|]++); return count;")]
    [InlineData("int count = 0; await Task.WhenAll(Task.Run(() => [|count|]++), Task.Run(() => [|count|]++)); return count;")]
    [InlineData("int count = 0; var t = Task.Run(() => [|count|]++); count++; await t; return count;")]
    [InlineData("var list = System.Collections.Immutable.ImmutableList<string>.Empty; Parallel.ForEach(items, item => [|list|] = list.Add(item)); return list;")]
    [InlineData("int count = 0; Action<string> count1 = item => [|count|]++; Parallel.ForEach(items, count1); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { Parallel.For(0, 3, i => [|count|]++); }); return count;")]
    [InlineData("int count = 0; var a = Task.Run(() => [|count|]++); var b = Task.Run(() => [|count|]++); await Task.WhenAll(a, b); return count;")]
    [InlineData("var a = Task.Run(() => [|_count|]++); var b = Task.Run(() => { [|_count|] += 2; }); await Task.WhenAll(a, b); return _count;")]
    [InlineData("await Task.WhenAll(Task.Run(() => [|_count|]++), Task.Run(() => [|_count|]++)); return _count;")]
    [InlineData("Parallel.Invoke(() => [|_count|]++, () => [|_count|]--); return _count;")]
    [InlineData("var a = Task.Run(() => Interlocked.Increment(ref _count)); var b = Task.Run(() => [|_count|]++); await Task.WhenAll(a, b); return _count;")]
    [InlineData("Parallel.Invoke(() => [|s_total|]++, () => [|s_total|]++, () => Console.WriteLine()); return s_total;")]
    [InlineData("int count = 0; var a = new Thread(() => [|count|]++); var b = new Thread(() => [|count|]++); a.Start(); b.Start(); a.Join(); b.Join(); return count;")]
    [InlineData("ThreadPool.QueueUserWorkItem(_ => [|_count|]++); ThreadPool.QueueUserWorkItem(_ => [|_count|]++); return 0;")]
    [InlineData("_ = Task.Run(() => [|_count|]++); Console.WriteLine(); _ = Task.Factory.StartNew(() => [|_count|]++); return 0;")]
    [InlineData("var counts = new int[9]; var data = new int[99]; Parallel.For(0, data.Length, i => [|counts[data[i]]|]++); return counts;")]
    [InlineData("var counts = new int[256]; var text = items[0]; Parallel.For(0, text.Length, i => { [|counts[text[i]]|] += 1; }); return counts;")]
    [InlineData("var sums = new int[8]; Parallel.For(0, 99, i => { var place = i % 8; [|sums[place]|] += i; }); return sums;")]
    [InlineData("var bits = new int[8]; Parallel.For(0, 99, i => [|bits[i >> 5]|] |= 1 << (i & 31)); return bits;")]
    [InlineData("var counts = new int[9]; Parallel.ForEach(items, item => [|counts[item.Length % 9]|]++); return counts;")]
    public Task Flagged(string body, string? from = null, string? to = null) => VerifyAsync(from is null ? body : body.Replace(from, to, StringComparison.Ordinal));

    [Theory]
    [InlineData("int count = 0; Parallel.For(0, 100, i => Interlocked.Increment(ref count)); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { lock (_gate) count++; }); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { lock (_gate) { Count(); } }); return count; void Count() => count++;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { Monitor.Enter(_gate); try { count++; } finally { Monitor.Exit(_gate); } }); return count;")]
    [InlineData("int count = 0; var one = new SemaphoreSlim(1, 1); await Task.WhenAll(items.Select(async item => { await one.WaitAsync(); try { count++; } finally { one.Release(); } })); return count;")]
    [InlineData("int count = 0; await Task.WhenAll(items.Select(async item => { using (await _mutex.LockAsync()) count++; })); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { using var held = _lock.EnterScope(); count++; }); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => { _rw.EnterWriteLock(); try { count++; } finally { _rw.ExitWriteLock(); } }); return count;")]
    [InlineData("var results = new int[items.Count]; Parallel.For(0, items.Count, i => results[i] = items[i].Length); return results;")]
    [InlineData("var results = new int[items.Count]; Parallel.For(0, items.Count, i => { results[i]++; results[i] += 2; }); return results;")]
    [InlineData("Parallel.ForEach(items, item => { int count = 0; foreach (var c in item) count++; Console.WriteLine(count); }); return 0;")]
    [InlineData("Parallel.ForEach(items, () => 0, (item, state, local) => { local += item.Length; return local; }, local => Interlocked.Add(ref _count, local)); return 0;")]
    [InlineData("int count = 0; await Task.Run(() => count++); return count;")]
    [InlineData("int count = 0; Task.Run(() => count++).Wait(); return count;")]
    [InlineData("int count = 0; var t = Task.Run(() => count++); await t; count++; return count;")]
    [InlineData("int count = 0; var t = new Thread(() => count++); t.Start(); t.Join(); count++; return count;")]
    [InlineData("int count = 0; var t = new Thread(() => count++); count = 5; t.Start(); t.Join(); return count;")]
    [InlineData("int count = 0; foreach (var item in items) await Task.Run(() => count++); return count;")]
    [InlineData("int count = 0; foreach (var item in items) { var t = Task.Run(() => count++); await t; } return count;")]
    [InlineData("int count = 0; foreach (var item in items) { var t = new Thread(() => count++); t.Start(); t.Join(); } return count;")]
    [InlineData("foreach (var item in items) { int count = 0; _ = Task.Run(() => { count++; return count; }); } return 0;")]
    [InlineData("int count = 0; foreach (var item in items) { if (item == null) { _ = Task.Run(() => count++); break; } } return count;")]
    [InlineData("int a = 0, b = 0; Parallel.Invoke(() => a += 1, () => b += 1); return a + b;")]
    [InlineData("int a = 0, b = 0; await Task.WhenAll(Task.Run(() => a++), Task.Run(() => b++)); return a + b;")]
    [InlineData("int count = 0; await Task.WhenAll(items.Select(async item => { count++; await GetAsync(item); })); return count;")]
    [InlineData("int count = 0; var all = items.Select(item => count++).ToList(); return count;")]
    [InlineData("int count = 0; items.ToList().ForEach(item => count++); return count;")]
    [InlineData("int count = 0; foreach (var t in items.Select(async item => { await GetAsync(item); count++; })) await t; return count;")]
    [InlineData("int count = 0; await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 1 }, async (item, token) => { await GetAsync(item); count++; }); return count;")]
    [InlineData("int count = 0; await Gather.AllAsync(items, maxConcurrency: 1, async item => { await GetAsync(item); count++; }); return count;")]
    [InlineData("bool found = false; Parallel.ForEach(items, item => { if (item == \"\") found = true; }); return found;")]
    [InlineData("string? found = null; Parallel.ForEach(items, (item, state) => { if (item == \"\") { found = item; state.Stop(); } }); return found;")]
    [InlineData("Exception? error = null; Parallel.ForEach(items, item => { try { GetAsync(item); } catch (Exception e) { error = e; } }); return error;")]
    [InlineData("Parallel.ForEach(items, item => { s_perThread++; }); return 0;")]
    [InlineData("Parallel.ForEach(items, item => { _local.Value++; }); return 0;")]
    [InlineData("Parallel.ForEach(new List<Stats>(), stats => { stats.Total++; stats.Add(\"\"); }); return 0;")]
    [InlineData("Parallel.ForEach(items, item => { var stats = new Stats(); stats.Total++; stats.Add(item); }); return 0;")]
    [InlineData("Parallel.ForEach(items, item => SafeBump()); return 0;")]
    [InlineData("Parallel.ForEach(items, item => Console.WriteLine(nameof(_count))); return 0;")]
    [InlineData("int sum = items.AsParallel().Aggregate(0, (total, item) => { total += item.Length; return total; }); return sum;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => RunLocked(() => count++)); return count;")]
    [InlineData("int count = 0; Parallel.ForEach(items, item => BumpLocked()); return count;")]
    [InlineData("int count = 0; Action<string> run = item => count++; foreach (var item in items) run(item); return count;")]
    [InlineData("int count = 0; await Task.WhenAll(Enumerable.Range(0, 1).Select(async x => { await Task.Yield(); count += x; })); return count;")]
    [InlineData("int turn = 0; foreach (var item in items) { var first = Task.Run(() => turn++); await Task.WhenAll(first, GetAsync(item)); } return turn;")]
    [InlineData("int count = 0; var a = Task.Run(() => count++); await a; var b = Task.Run(() => count++); await b; return count;")]
    [InlineData("int count = 0; var a = new Thread(() => count++); var b = new Thread(() => count++); a.Start(); a.Join(); b.Start(); b.Join(); return count;")]
    [InlineData("int count = 0; var a = new Thread(() => count++); var b = new Thread(() => count++); a.Start(); a.Join(); return count;")]
    [InlineData("var a = Task.Run(() => _count++); a.Wait(); var b = Task.Run(() => _count++); b.Wait(); return _count;")]
    [InlineData("Task a; if (items.Count > 3) { a = Task.Run(() => _count++); } else { a = Task.Run(() => _count--); } await a; return _count;")]
    [InlineData("var a = Task.Run(() => _count++); var b = Task.Run(() => s_total++); await Task.WhenAll(a, b); return _count;")]
    [InlineData("var a = Task.Run(() => _count++); var b = Task.Run(() => Console.WriteLine(_count)); await Task.WhenAll(a, b); return _count;")]
    [InlineData("var a = Task.Run(() => { lock (_gate) _count++; }); var b = Task.Run(() => { lock (_gate) _count++; }); await Task.WhenAll(a, b); return _count;")]
    [InlineData("var one = new Stats(); var two = new Stats(); var a = Task.Run(() => one.Total++); var b = Task.Run(() => two.Total++); await Task.WhenAll(a, b); return 0;")]
    [InlineData("Parallel.Invoke(() => _count++, () => s_total++); return _count;")]
    [InlineData("var one = TaskScheduler.FromCurrentSynchronizationContext(); var a = Task.Factory.StartNew(() => _count++, CancellationToken.None, TaskCreationOptions.None, one); var b = Task.Factory.StartNew(() => _count++, CancellationToken.None, TaskCreationOptions.None, one); await Task.WhenAll(a, b); return _count;")]
    [InlineData("var factory = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler); var a = factory.StartNew(() => _count++); var b = factory.StartNew(() => _count++); await Task.WhenAll(a, b); return _count;")]
    [InlineData("var a = Task.Run(() => _count++).ContinueWith(_ => _count++); await a; return _count;")]
    [InlineData("var results = new int[9]; var order = new int[9]; Parallel.For(0, 9, i => results[order[i]] = i); return results;")]
    [InlineData("var counts = new int[4, 9]; var data = new int[9]; Parallel.For(0, 4, t => { foreach (var n in data) counts[t, data[n]]++; }); return counts;")]
    [InlineData("var counts = new int[4][]; var data = new int[9]; Parallel.For(0, 4, t => { foreach (var n in data) counts[t][data[n]]++; }); return counts;")]
    [InlineData("var data = new int[9]; Parallel.For(0, 4, t => { var own = new int[9]; foreach (var n in data) own[data[n]]++; }); return data;")]
    [InlineData("var counts = new int[9]; var data = new int[9]; Parallel.For(0, 9, i => Interlocked.Increment(ref counts[data[i]])); return counts;")]
    [InlineData("var counts = new int[9]; var data = new int[9]; Parallel.For(0, 9, i => { lock (counts) counts[data[i]]++; }); return counts;")]
    [InlineData("var counts = new int[36]; var data = new int[9]; Parallel.For(0, 4, t => { foreach (var n in data) counts[t * 9 + data[n]]++; }); return counts;")]
    [InlineData("var counts = new int[9]; var data = new int[99]; for (var i = 0; i < 99; i++) counts[data[i]]++; return counts;")]
    [InlineData("Changed += (_, _) => { }; Parallel.ForEach(items, item => Changed += (_, _) => { }); return 0;")]
    public Task Not_flagged(string body) => VerifyAsync(body);

    [Fact]
    public Task Message_names_variable_and_reason() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            int _hits;

            void M()
            {
                int count = 0;
                Parallel.For(0, 10, i => {|#0:count|}++);
                Parallel.For(0, 10, i => {|#1:Bump()|});
            }

            void Bump() => _hits++;
        }
        """,
        Verify.Diagnostic().WithLocation(0).WithArguments("count", "'Parallel.For' runs this code several times at once"),
        Verify.Diagnostic().WithLocation(1).WithArguments("_hits' in 'Bump", "'Parallel.For' runs this code several times at once"));

    [Theory]
    [InlineData("Window", "")]
    [InlineData("ComponentBase", "")]
    [InlineData("Plain", "[|")]
    public Task Continuations_of_a_user_interface_come_one_by_one(string type, string open) => Verify.VerifyAnalyzerAsync(
        $$"""
        class Plain { }
        class Window { }
        class ComponentBase { }
        class C : {{type}}
        {
            int _count;
            public Task M(List<string> items) => Task.WhenAll(items.Select(async item => { await Task.Delay(1); {{open}}_count{{(open.Length > 0 ? "|]" : "")}}++; }));
            public void P(List<string> items) => Parallel.ForEach(items, item => [|_count|]++);
        }
        """);

    [Fact]
    public Task Generated_code_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        // <auto-generated/>
        class C { static int s_count; void M() => Parallel.For(0, 9, i => s_count++); }
        """);

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "class C { void M() { int c = 0; Parallel.For(0, 9, i => { c++ ; Parallel.For(; q += ; }); Task.WhenAll(x.Select(async y => z++)); } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
        ExpectedDiagnostics = { },
    }.AnalyzeAsync();

    [Fact]
    public Task Without_the_runtime_and_on_netstandard() => new Verify.Test
    {
        TestCode =
            """
            class C { void M() { int c = 0; Parallel.For(0, 9, i => { [|c|]++; }); } }
            """,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Recursion_ends() => Verify.VerifyAnalyzerAsync(
        """
        class C
        {
            int _count;
            void M() => Parallel.For(0, 9, i => { [|A(i)|]; });
            void A(int n) { if (n > 0) B(n - 1); }
            void B(int n) { _count++; A(n); B(n); }
        }
        """);

    [Fact]
    public Task Method_of_another_file() => new Verify.Test
    {
        TestCode = "partial class C { void M() => Parallel.For(0, 9, i => [|Count(i)|]); }",
        Sources = { ("Other.cs", "partial class C { int _count; void Count(int i) { _count += i; } }") },
    }.RunAsync();

    [Fact]
    public Task Top_level_statements() => Verify.VerifyAnalyzerAsync(
        """
        var total = 0L;
        Parallel.For(0, 100, i => [|total|] += i);
        Console.WriteLine(total);
        """);

    [Fact]
    public Task A_primary_constructors_parameter() => Verify.VerifyAnalyzerAsync(
        """
        class C(int count)
        {
            public int Run() { Parallel.For(0, 100, i => [|count|]++); return count; }
        }
        """);

    private static Task VerifyAsync(string body) => new Verify.Test
    {
        TestCode =
            $$"""
            using ConcurrencyAnalyzers.Runtime;

            class Stats
            {
                public int Total;
                public void Add(string item) => Total += item.Length;
            }

            class AsyncMutex
            {
                public Task<IDisposable> LockAsync() => throw new NotImplementedException();
            }

            class C
            {
                private readonly object _gate = new();
                private readonly Lock _lock = new();
                private readonly ReaderWriterLockSlim _rw = new();
                private readonly AsyncMutex _mutex = new();
                private readonly ThreadLocal<int> _local = new();
                [ThreadStatic] private static int s_perThread;
                private static int s_total;
                private int _count;
                public int Hits { get; set; }
                public event EventHandler? Changed;

                async Task<object?> M(List<string> items)
                {
                    await Task.Yield();
                    {{body}}
                }

                void Bump() => _count++;
                void BumpFor(string item) => _count += item.Length;
                void BumpLocked() => _count++;
                void SafeBump() { lock (_gate) _count++; }
                void RunLocked(Action action) { lock (_gate) action(); }
                Task<int> GetAsync(string item) => Task.FromResult(item.Length);
                void Raise() => Changed?.Invoke(this, EventArgs.Empty);
            }
            """,
        TestNullableDisabled = false,
    }.RunAsync();
}
