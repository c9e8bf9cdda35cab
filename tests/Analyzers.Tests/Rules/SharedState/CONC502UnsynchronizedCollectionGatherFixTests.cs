using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC502UnsynchronizedCollectionCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

/// <summary>The fix that returns the results through Gather.</summary>
public sealed class CONC502UnsynchronizedCollectionGatherFixTests
{
    private const string Concurrent = "CONC502.Concurrent";

    [Theory]
    [InlineData("await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item))));", "Gather.AllAsync(items, maxConcurrency: 32, item => GetAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await GetAsync(item)); }));", "Gather.AllAsync(items, maxConcurrency: 32, item => GetAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await GetAsync(item)); }).ToList());", "Gather.AllAsync(items, maxConcurrency: 32, item => GetAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await GetAsync(item).ConfigureAwait(true)); }));", "Gather.AllAsync(items, maxConcurrency: 32, item => GetAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(1 + await GetAsync(item)); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => 1 + await GetAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await PeekAsync(item)); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => await PeekAsync(item))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await GetAsync(await NameAsync(item))); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => await GetAsync(await NameAsync(item)))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { [|list|].Add(await LoadAsync(item)); }));", "Gather.AllAsync(items, maxConcurrency: 32, (item, ct) => LoadAsync(item, ct))")]
    [InlineData("await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].Add(n); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => { var n = await GetAsync(item); return n; })")]
    [InlineData("await Task.WhenAll(items.Select(async item => { if (item.Length == 0) throw new ArgumentException(item); [|list|].Add(await GetAsync(item)); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => { if (item.Length == 0) throw new ArgumentException(item); return await GetAsync(item); })")]
    [InlineData("await Task.WhenAll(items.Select(async item => { await GetAsync(item); int Size() { return 1; } [|list|].Add(Size()); }));", "Gather.AllAsync(items, maxConcurrency: 32, async item => { await GetAsync(item); int Size() { return 1; } return Size(); })")]
    [InlineData("await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); });", "Gather.AllAsync(items, maxConcurrency: 8, (item, token) => LoadAsync(item, token))")]
    [InlineData("await Parallel.ForEachAsync(items, async (item, token) => { var n = await LoadAsync(item, token); [|list|].Add(n); });", "Gather.AllAsync(items, maxConcurrency: Environment.ProcessorCount, async (item, token) => { var n = await LoadAsync(item, token); return n; })")]
    [InlineData("await Parallel.ForEachAsync(items, stop, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); });", "Gather.AllAsync(items, maxConcurrency: Environment.ProcessorCount, (item, token) => LoadAsync(item, token), cancellationToken: stop)")]
    [InlineData("await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = stop }, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); });", "Gather.AllAsync(items, maxConcurrency: 2 * Environment.ProcessorCount, (item, token) => LoadAsync(item, token), cancellationToken: stop)")]
    [InlineData("await Parallel.ForEachAsync(StreamAsync(), async (item, _) => { [|list|].Add(await GetAsync(item)); });", "Gather.AllAsync(StreamAsync(), maxConcurrency: Environment.ProcessorCount, (item, _) => GetAsync(item))")]
    [InlineData("await Gather.AllAsync(items, maxConcurrency: 4, async item => { [|list|].Add(await GetAsync(item)); });", "Gather.AllAsync(items, maxConcurrency: 4, item => GetAsync(item))")]
    [InlineData("await Gather.AllAsync(items, 4, async (item, ct) => { var n = await LoadAsync(item, ct); [|list|].Add(n); }, stop);", "Gather.AllAsync(items, 4, async (item, ct) => { var n = await LoadAsync(item, ct); return n; }, stop)")]
    [InlineData("Parallel.ForEach(items, item => [|list|].Add(item.Length));", "Gather.AllAsync(items, maxConcurrency: Environment.ProcessorCount, (item, ct) => Task.Run(() => item.Length, ct))")]
    [InlineData("Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = 2 }, item => { var n = item.Length; [|list|].Add(n); });", "Gather.AllAsync(items, maxConcurrency: 2, (item, ct) => Task.Run(() => { var n = item.Length; return n; }, ct))")]
    public Task Gathered(string run, string gather) => Verify.VerifyCodeFixAsync(
        Code($"var list = new List<int>(); {run} return list;"),
        Code($"var list = new List<int>(await {gather}); return list;"));

    [Theory]
    [InlineData("List<int> list = new();", "List<int> list = new(await ", ");")]
    [InlineData("List<int> list = [];", "List<int> list = [.. await ", "];")]
    [InlineData("var list = new List<int>(items.Count);", "var list = new List<int>(await ", ");")]
    [InlineData("IList<int> list = new List<int>(64);", "IList<int> list = new List<int>(await ", ");")]
    [InlineData("IEnumerable<string> none = []; var list = new List<int>();", "IEnumerable<string> none = []; var list = new List<int>(await ", ");")]
    public Task Lists(string declaration, string before, string after) => Verify.VerifyCodeFixAsync(
        Code($"{declaration} await Task.WhenAll(items.Select(async item => {{ [|list|].Add(await GetAsync(item)); }})); list.Add(0); return list;"),
        Code($"{before}Gather.AllAsync(items, maxConcurrency: 32, item => GetAsync(item)){after} list.Add(0); return list;"));

    [Theory]
    [InlineData("var list = new List<int>(items.Select(item => 1)); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("var list = new List<int> { 0 }; await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("List<int> list = [0]; await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("var list = Make(); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("List<int> list; list = new(); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("var list = new List<int>(); list.Add(0); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list[0];")]
    [InlineData("var list = new List<int>(); var same = list; await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return same[0];")]
    [InlineData("var list = new List<int>(); try { await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); } catch (IOException) { } return list[0];")]
    [InlineData("var list = new List<int>(); if (items.Count > 1) { await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); } return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); if (n > 0) [|list|].Add(n); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); if (n > 0) return; [|list|].Add(n); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].Add(n); [|list|].Add(n); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].Add(n); Console.WriteLine(n); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].Add(n + list.Count); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { var n = await GetAsync(item); [|list|].AddRange(new[] { n }); })); return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAll(items.Select(async item => { using (var r = new MemoryStream()) { var n = await GetAsync(item); [|list|].Add(n); } })); return list[0];")]
    [InlineData("var list = new List<long>(); await Task.WhenAll(items.Select(async item => { [|list|].Add(await GetAsync(item)); })); return list[0];")]
    [InlineData("var list = new List<int>(); var all = Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); Console.WriteLine(items.Count); await all; return list[0];")]
    [InlineData("var list = new List<int>(); await Task.WhenAny(Task.Delay(9), Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item))))); return list[0];")]
    [InlineData("var list = new List<int>(); await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = -1 }, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); }); return list[0];")]
    [InlineData("var list = new List<int>(); await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = items.Count }, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); }); return list[0];")]
    [InlineData("var list = new List<int>(); await Parallel.ForEachAsync(items, new ParallelOptions { TaskScheduler = TaskScheduler.Current }, async (item, token) => { [|list|].Add(await LoadAsync(item, token)); }); return list[0];")]
    [InlineData("var list = new List<int>(); await Parallel.ForAsync(0, 99, async (i, token) => { [|list|].Add(await LoadAsync(items[i], token)); }); return list[0];")]
    [InlineData("var list = new List<int>(); await Gather.SettleAsync(items, maxConcurrency: 4, async item => { [|list|].Add(await GetAsync(item)); }); return list[0];")]
    [InlineData("var list = new List<int>(); Parallel.ForEach(items, (item, state) => { [|list|].Add(item.Length); }); return list[0];")]
    [InlineData("var list = new List<int>(); var result = Parallel.ForEach(items, item => [|list|].Add(item.Length)); return (result, list[0]);")]
    [InlineData("var list = new List<int>(); Parallel.For(0, 9, i => [|list|].Add(i)); return list[0];")]
    public Task Not_gathered(string body) => Verify.VerifyNoCodeFixAsync(Code(body));

    [Fact]
    public Task The_concurrent_type_is_there_as_well() => new Verify.Test
    {
        TestCode = Code("var list = new List<int>(); await Task.WhenAll(items.Select(async item => [|list|].Add(await GetAsync(item)))); return list;"),
        FixedCode = Code("var list = new ConcurrentBag<int>(); await Task.WhenAll(items.Select(async item => list.Add(await GetAsync(item)))); return list;"),
        CodeActionEquivalenceKey = Concurrent,
    }.RunAsync();

    [Fact]
    public Task In_synchronous_code_the_concurrent_type_is_first() => new Verify.Test
    {
        TestCode =
            """
            using System.Collections.Concurrent;

            class C
            {
                int M(string[] items)
                {
                    var list = new List<int>();
                    Parallel.ForEach(items, item => [|list|].Add(item.Length));
                    return list.Count;
                }
            }
            """,
        FixedCode =
            """
            using System.Collections.Concurrent;

            class C
            {
                int M(string[] items)
                {
                    var list = new ConcurrentBag<int>();
                    Parallel.ForEach(items, item => list.Add(item.Length));
                    return list.Count;
                }
            }
            """,
        CodeActionEquivalenceKey = "CONC502",
        TestTopLevelProgram = false,
    }.RunAsync();

    [Fact]
    public Task Without_the_runtime() => new Verify.Test
    {
        TestCode =
            """
            using System.Collections.Concurrent;

            class C
            {
                async Task<int> MAsync(string[] items)
                {
                    var list = new List<int>();
                    await Parallel.ForEachAsync(items, async (item, _) => { await Task.Yield(); [|list|].Add(item.Length); });
                    return list.Count;
                }
            }
            """,
        FixedCode =
            """
            using System.Collections.Concurrent;

            class C
            {
                async Task<int> MAsync(string[] items)
                {
                    var list = new ConcurrentBag<int>();
                    await Parallel.ForEachAsync(items, async (item, _) => { await Task.Yield(); list.Add(item.Length); });
                    return list.Count;
                }
            }
            """,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task No_await_under_a_lock() => Verify.VerifyNoCodeFixAsync(
        """
        class C
        {
            private readonly object _gate = new();

            async Task<int> MAsync(string[] items)
            {
                await Task.Yield();
                lock (_gate)
                {
                    var list = new List<int>();
                    Parallel.ForEach(items, item => [|list|].Add(item.Length));
                    return list[0];
                }
            }
        }
        """);

    [Fact]
    public Task Comments_imports_and_layout() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<string> MAsync(HttpClient client, IReadOnlyList<Uri> pages, CancellationToken stop)
            {
                // What the pages say.
                var texts = new List<string>(pages.Count); // in any order

                // All at once.
                await Task.WhenAll(pages.Select(async page =>
                {
                    // One page.
                    var text = await client.GetStringAsync(page);

                    [|texts|].Add(text.Trim()); // without white space
                })); // done

                return string.Join(" ", texts);
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<string> MAsync(HttpClient client, IReadOnlyList<Uri> pages, CancellationToken stop)
            {
                // What the pages say.
                // in any order
                // All at once.
                var texts = new List<string>(await Gather.AllAsync(pages, maxConcurrency: 32, async (page, ct) =>
                {
                    // One page.
                    var text = await client.GetStringAsync(page, ct);

                    return text.Trim(); // without white space
                }, cancellationToken: stop)); // done

                return string.Join(" ", texts);
            }
        }
        """);

    [Fact]
    public Task Statements_between_and_tasks_in_a_local() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                // Sizes.
                var sizes = new List<int>();

                Console.WriteLine(items.Length);

                var tasks = items.Select(async item =>
                {
                    var size = await sizeOf(item);
                    [|sizes|].Add(size);
                });
                await Task.WhenAll(tasks);
                return sizes.Sum();
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                Console.WriteLine(items.Length);

                // Sizes.
                var sizes = new List<int>(await Gather.AllAsync(items, maxConcurrency: 32, async item =>
                {
                    var size = await sizeOf(item);
                    return size;
                }));
                return sizes.Sum();
            }
        }
        """);

    [Fact]
    public Task Two_lists_of_one_run() => Verify.VerifyCodeFixAsync(
        """
        using System.Collections.Concurrent;
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                var names = new List<string>();
                var sizes = new List<int>();
                await Gather.AllAsync(items, maxConcurrency: 4, async item =>
                {
                    var size = await sizeOf(item);
                    [|names|].Add(item);
                    [|sizes|].Add(size);
                });
                return sizes[0] + names.Count;
            }
        }
        """,
        """
        using System.Collections.Concurrent;
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                var names = new ConcurrentBag<string>();
                var sizes = new List<int>(await Gather.AllAsync(items, maxConcurrency: 4, async item =>
                {
                    var size = await sizeOf(item);
                    names.Add(item);
                    return size;
                }));
                return sizes[0] + names.Count;
            }
        }
        """);

    [Fact]
    public Task Two_runs_and_ConfigureAwait() => Verify.VerifyCodeFixAsync(
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                var first = new List<int>();
                await Parallel.ForEachAsync(items, async (item, _) => [|first|].Add(await sizeOf(item).ConfigureAwait(false))).ConfigureAwait(false);
                var second = new List<int>();
                Parallel.ForEach(items, item =>
                {
                    [|second|].Add(item.Length);
                });
                return first[0] + second[0];
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            async Task<int> MAsync(string[] items, Func<string, Task<int>> sizeOf)
            {
                var first = new List<int>(await Gather.AllAsync(items, maxConcurrency: Environment.ProcessorCount, (item, _) => sizeOf(item)).ConfigureAwait(false));
                var second = new List<int>(await Gather.AllAsync(items, maxConcurrency: Environment.ProcessorCount, (item, ct) => Task.Run(() => item.Length, ct)).ConfigureAwait(false));
                return first[0] + second[0];
            }
        }
        """);

    private static string Code(string body) =>
        $$"""
        using System.Collections.Concurrent;
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            private static readonly CancellationTokenSource s_stop = new();

            async Task<object> MAsync(List<string> items)
            {
                await Task.Yield();
                {{body.Replace("stop", "s_stop.Token")}}
            }

            static List<int> Make() => new();
            static Task<int> GetAsync(string item) => Task.FromResult(item.Length);
            static Task<int> LoadAsync(string item, CancellationToken token = default) => Task.FromResult(item.Length);
            static Task<string> NameAsync(string item) => Task.FromResult(item);
            static ValueTask<int> PeekAsync(string item) => new(item.Length);
            static async IAsyncEnumerable<string> StreamAsync() { await Task.Yield(); yield return ""; }
        }
        """;
}
