using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC502UnsynchronizedCollectionTests
{
    [Theory]
    [InlineData("var list = new List<int>(); Parallel.ForEach(items, item => [|list|].Add(item.Length)); return list;")]
    [InlineData("var list = new List<int>(); Parallel.ForEach(items, item => { if (item != null) [|list|].AddRange(new[] { 1 }); }); return list;")]
    [InlineData("var map = new Dictionary<string, int>(); Parallel.ForEach(items, item => [|map|][item] = item.Length); return map;")]
    [InlineData("var map = new Dictionary<string, int>(); Parallel.ForEach(items, item => [|map|].Add(item, 1)); return map;")]
    [InlineData("var map = new Dictionary<string, int>(); Parallel.ForEach(items, item => [|map|].TryAdd(item, 1)); return map;")]
    [InlineData("var map = new SortedDictionary<string, int>(); Parallel.ForEach(items, item => [|map|].Remove(item)); return map;")]
    [InlineData("var set = new HashSet<string>(); Parallel.ForEach(items, item => { [|set|].Add(item); }); return set;")]
    [InlineData("var queue = new Queue<string>(); Parallel.ForEach(items, item => [|queue|].Enqueue(item)); return queue;")]
    [InlineData("var queue = new Queue<string>(items); Parallel.For(0, 9, i => [|queue|].Dequeue()); return queue;")]
    [InlineData("var text = new StringBuilder(); Parallel.ForEach(items, item => [|text|].Append(item).Append(',')); return text;")]
    [InlineData("var list = new LinkedList<string>(); Parallel.ForEach(items, item => [|list|].AddLast(item)); return list;")]
    [InlineData("IList<int> list = new List<int>(); Parallel.ForEach(items, item => [|list|].Add(item.Length)); return list;")]
    [InlineData("IDictionary<string, int> map = new Dictionary<string, int>(); Parallel.ForEach(items, item => [|map|][item] = 1); return map;")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list;")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].Add(n); })); return list;")]
    [InlineData("var list = new List<int>(); await Gather.AllAsync(items, maxConcurrency: 4, async item => { [|list|].Add(await GetAsync(item)); }); return list;")]
    [InlineData("var list = new List<int>(); var tasks = new List<Task>(); foreach (var item in items) tasks.Add(Task.Run(() => [|list|].Add(1))); await Task.WhenAll(tasks); return list;")]
    [InlineData("var list = new List<int>(); var task = Task.Run(() => [|list|].Add(1)); foreach (var i in list) Console.WriteLine(i); await task; return list;")]
    [InlineData("Parallel.ForEach(items, item => [|_list|].Add(item)); return _list;")]
    [InlineData("Parallel.ForEach(items, item => [|Names|].Add(item)); return Names;")]
    [InlineData("Parallel.ForEach(items, item => { [|Remember(item)|]; }); return _list;")]
    [InlineData("var list = new List<string>(); Parallel.ForEach(items, item => { [|Put(list, item)|]; }); return list;")]
    [InlineData("var list = new List<string>(); Parallel.ForEach(items, Keep); return list; void Keep(string item) => [|list|].Add(item);")]
    [InlineData("var list = new List<string>(); Parallel.ForEach(items, item => { [|list|].Add(item); [|list|].Add(item); }); return list;")]
    [InlineData("var list = new List<string>(); Parallel.ForEach(items, item => { item.ToList().ForEach(c => [|list|].Add(item)); }); return list;")]
    [InlineData("var list = new List<string>(); Parallel.ForEach(items, [|list|].Add); return list;")]
    [InlineData("Parallel.ForEach(items, [|_list|].Add); return _list;")]
    [InlineData("var list = new List<int>(); var a = Task.Run(() => [|list|].Add(1)); var b = Task.Run(() => [|list|].Add(2)); await Task.WhenAll(a, b); return list;")]
    [InlineData("await Task.WhenAll(Task.Run(() => [|_list|].Add(\"a\")), Task.Run(() => [|_list|].Add(\"b\"))); return _list;")]
    [InlineData("Parallel.Invoke(() => [|_list|].Add(\"a\"), () => [|_list|].Clear()); return _list;")]
    [InlineData("List<int>? list = [1]; Parallel.ForEach(items, item => [|list|]?.Add(item.Length)); return list;")]
    [InlineData("Parallel.ForEach(items, item => [|_list|]?.Add(item)); return null;")]
    public Task Flagged(string body) => VerifyAsync(body);

    [Theory]
    [InlineData("var list = new List<int>(); Parallel.ForEach(items, item => { lock (list) list.Add(item.Length); }); return list;")]
    [InlineData("var bag = new ConcurrentBag<int>(); Parallel.ForEach(items, item => bag.Add(item.Length)); return bag;")]
    [InlineData("var map = new ConcurrentDictionary<string, int>(); Parallel.ForEach(items, item => map[item] = 1); return map;")]
    [InlineData("IDictionary<string, int> map = new ConcurrentDictionary<string, int>(); Parallel.ForEach(items, item => map[item] = 1); return map;")]
    [InlineData("var queue = new ConcurrentQueue<string>(); Parallel.ForEach(items, item => queue.Enqueue(item)); return queue;")]
    [InlineData("var list = ImmutableList<string>.Empty; Parallel.ForEach(items, item => { var own = list.Add(item); }); return list;")]
    [InlineData("Parallel.ForEach(items, item => { var own = new List<string>(); own.Add(item); }); return null;")]
    [InlineData("Parallel.ForEach(items, item => { List<string>? own = item.Length > 3 ? [] : null; own?.Add(item); }); return null;")]
    [InlineData("Parallel.ForEach(new List<List<int>?>(), list => list?.Add(1)); return null;")]
    [InlineData("Parallel.ForEach(new List<List<int>>(), list => list.Add(1)); return null;")]
    [InlineData("var list = new List<int>(new int[9]); Parallel.For(0, 9, i => list[i] = i); return list;")]
    [InlineData("var lists = new List<int>[9]; Parallel.For(0, 9, i => lists[i].Add(i)); return lists;")]
    [InlineData("var map = new Dictionary<string, List<int>>(); Parallel.ForEach(items, item => map[item].Add(1)); return map;")]
    [InlineData("var list = new List<int>(); foreach (var item in items) await Task.Run(() => list.Add(1)); return list;")]
    [InlineData("var list = new List<int>(); await Task.Run(() => list.Add(1)); return list;")]
    [InlineData("var list = new List<int>(); var task = Task.Run(() => list.Add(1)); await task; list.Add(2); return list;")]
    [InlineData("var list = new List<int>(); list.Add(0); var task = Task.Run(() => list.Add(1)); await task; return list;")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { list.Add(1); await GetAsync(item); })); return list;")]
    [InlineData("var list = new List<int>(); foreach (var item in items) { await GetAsync(item); list.Add(1); } return list;")]
    [InlineData("var list = new List<int>(); var one = new SemaphoreSlim(1); await Task.WhenAll(items.Select(async item => { await one.WaitAsync(); try { list.Add(await GetAsync(item)); } finally { one.Release(); } })); return list;")]
    [InlineData("Parallel.ForEach(items, item => Console.WriteLine(_list.Count + _list.IndexOf(item))); return null;")]
    [InlineData("Parallel.ForEach(items, new ConcurrentBag<string>().Add); return null;")]
    [InlineData("var bag = new ConcurrentBag<string>(); Parallel.ForEach(items, bag.Add); return bag;")]
    [InlineData("var list = new List<string>(); items.ToList().ForEach(list.Add); return list;")]
    [InlineData("var list = new List<int>(); var a = Task.Run(() => list.Add(1)); await a; var b = Task.Run(() => list.Add(2)); await b; return list;")]
    [InlineData("var a = new List<int>(); var b = new List<int>(); Parallel.Invoke(() => a.Add(1), () => b.Add(2)); return (a, b);")]
    [InlineData("Parallel.ForEach(items, () => new List<string>(), (item, state, own) => { own.Add(item); return own; }, own => { lock (_list) _list.AddRange(own); }); return null;")]
    [InlineData("_synchronized = ArrayList.Synchronized(new ArrayList()); Parallel.ForEach(items, item => _synchronized.Add(item)); return null;")]
    [InlineData("var mine = new Mine(); Parallel.ForEach(items, item => mine.Add(item)); return mine;")]
    [InlineData("Parallel.ForEach(items, item => t_own.Add(item)); return null;")]
    [InlineData("Parallel.ForEach(items, item => _perThread.Value!.Add(item)); return null;")]
    [InlineData("Parallel.ForEach(items, item => AddLocked(item)); return null;")]
    public Task Not_flagged(string body) => VerifyAsync(body);

    [Fact]
    public Task Message_names_the_type() => Verify.VerifyAnalyzerAsync(
        "class C { void M() { var map = new Dictionary<int, int>(); Parallel.For(0, 9, i => {|#0:map|}[i] = i); } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("map", "'Parallel.For' runs this code several times at once", "Dictionary"));

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "class C { void M() { var l = new List<>(); Parallel.For(0, 9, i => { l.Add( ; }); Parallel.ForEach(l, x => y[x] = ); } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    [Fact]
    public Task A_lock_of_a_library_that_is_not_there() => new Verify.Test
    {
        TestCode = "class C { readonly AsyncReaderWriterLock Lock = new(); readonly List<int> _list = []; void M() => Parallel.For(0, 9, Add); void Add(int i) { using (Lock.WriterLock()) { _list.Add(i); } } void N() => Parallel.For(0, 9, [|AddFreely|]); void AddFreely(int i) { _list.Add(i); } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.RunAsync();

    [Fact]
    public Task Generated_code_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        // <auto-generated/>
        class C { void M() { var l = new List<int>(); Parallel.For(0, 9, i => l.Add(i)); } }
        """);

    private static Task VerifyAsync(string body) => new Verify.Test
    {
        TestCode =
            $$"""
            using System.Collections;
            using System.Collections.Concurrent;
            using System.Collections.Immutable;
            using System.Text;
            using ConcurrencyAnalyzers.Runtime;

            class Mine { public void Add(string item) { } }

            class C
            {
                [ThreadStatic] private static List<string> t_own = null!;
                private readonly ThreadLocal<List<string>> _perThread = new(() => new());
                private readonly List<string> _list = new();
                private ArrayList _synchronized = null!;
                public List<string> Names { get; } = new();

                async Task<object?> M(List<string> items)
                {
                    await Task.Yield();
                    {{body}}
                }

                void Remember(string item) => _list.Add(item);
                void AddLocked(string item) => _list.Add(item);
                static void Put(List<string> into, string item) => into.Add(item);
                Task<int> GetAsync(string item) => Task.FromResult(item.Length);
            }
            """,
        TestNullableDisabled = false,
    }.RunAsync();
}
