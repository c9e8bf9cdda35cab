using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC504CheckThenActAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC504CheckThenActCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC504CheckThenActTests
{
    [Theory]
    [InlineData("if (!_map.ContainsKey(key)) [|_map[key] = 1|];")]
    [InlineData("if (!_map.ContainsKey(key)) { Log(); [|_map[key] = 1|]; }")]
    [InlineData("if (_map.ContainsKey(key) == false) [|_map[key] = 1|];")]
    [InlineData("if (_map.ContainsKey(key)) return; [|_map[key] = 1|];")]
    [InlineData("if (_map.ContainsKey(key)) { Log(); } else { [|_map[key] = 1|]; }")]
    [InlineData("if (!(_map.ContainsKey(key))) [|_map[key] = 1|];")]
    [InlineData("if (!_map.TryGetValue(key, out var v)) { v = Make(); [|_map[key] = v|]; } Use(v);")]
    [InlineData("if (_map.TryGetValue(key, out var v)) { Use(v); return; } v = Make(); [|_map[key] = v|];")]
    [InlineData("if (_map.ContainsKey(key)) Use([|_map[key]|]);")]
    [InlineData("var v = _map.ContainsKey(key) ? [|_map[key]|] : 0;")]
    [InlineData("[|_map[key]++|];")]
    [InlineData("[|_map[key] += 2|];")]
    [InlineData("[|this._map[key]--|];")]
    [InlineData("[|s_map[key]++|];")]
    [InlineData("if (_queue.Count > 0) { [|_queue.TryDequeue(out var first)|]; Use(first); }")]
    [InlineData("if (!_bag.IsEmpty) { _bag.Clear(); foreach (var one in _queue) if (!_bag.Contains(one)) [|_bag.Add(one)|]; }")]
    [InlineData("if (_bag.Count == 3) return; _bag.Clear(); foreach (var one in _queue) if (!_bag.Contains(one)) [|_bag.Add(one)|];")]
    [InlineData("if (_queue.TryPeek(out var first)) [|_queue.TryDequeue(out first)|];")]
    [InlineData("if (_queue.Count < 10) [|_queue.Enqueue(1)|];")]
    [InlineData("if (_queue.Count >= 10) return; [|_queue.Enqueue(1)|];")]
    [InlineData("if (_map.Count < 10) [|_map.TryAdd(key, 1)|];")]
    [InlineData("if (_map.Count < 10) [|_map[key] = 1|];")]
    [InlineData("if (!_bag.Contains(1)) [|_bag.Add(1)|];")]
    [InlineData("var all = [|_map.ToList()|];")]
    [InlineData("foreach (var pair in [|_map.OrderBy(pair => pair.Key)|]) Log();")]
    [InlineData("foreach (var pair in [|_map.OrderByDescending(pair => pair.Key)|].Take(3)) Log();")]
    [InlineData("var local = new ConcurrentDictionary<string, int>(); Parallel.For(0, 9, i => { if (!local.ContainsKey(key)) [|local[key] = i|]; });")]
    [InlineData("Action later = () => { if (!_map.ContainsKey(key)) [|_map[key] = 1|]; }; later();")]
    [InlineData("if (!given.ContainsKey(key)) [|given[key] = 1|];")]
    [InlineData("var isThere = _map.ContainsKey(key); if (!isThere) [|_map[key] = 1|];")]
    [InlineData("var isMissing = !_map.ContainsKey(key); Log(); if (isMissing) { [|_map[key] = 1|]; }")]
    [InlineData("bool isThere = _map.TryGetValue(key, out var v); if (isThere) return; [|_map[key] = 1|];")]
    [InlineData("[|_map[key] = _map[key] + 1|];")]
    [InlineData("[|_map[key] = 1 + _map[key]|];")]
    [InlineData("[|this._map[key] = (_map[key] * 2)|];")]
    [InlineData("if (_map.TryGetValue(key, out var n)) [|_map[key] = n + 1|];")]
    [InlineData("if (_map.TryGetValue(key, out var n)) [|_map[key] = n + 1|]; else _map[key] = 1;")]
    [InlineData("_map.TryGetValue(key, out var n); [|_map[key] = n + 1|];")]
    [InlineData("int n; _map.TryGetValue(key, out n); Log(); [|_map[key] = n - 1|];")]
    [InlineData("if (!_map.TryGetValue(key, out var n)) n = 10; [|_map[key] = n + 1|];")]
    [InlineData("var isThere = _map.TryGetValue(key, out var n); if (isThere) { Log(); [|_map[key] = Math.Max(1, 2) + n|]; }")]
    [InlineData("if (_texts.TryGetValue(1, out var text)) [|_texts[1] = text + key|];")]
    [InlineData("if (_parts.TryGetValue(1, out var part)) [|_parts[1] = part with { Size = 2 }|];")]
    [InlineData("if (_lists.TryGetValue(1, out var list)) [|_lists[1] = list.Add(key)|];")]
    [InlineData("[|_map[key] = _map.TryGetValue(key, out var n) ? n + 1 : 1|];")]
    [InlineData("[|_map[key] = _map.GetValueOrDefault(key) + 1|];")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { n++; [|_map[key] = n|]; }")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { n += 2; [|_map[key] = n|]; } else _map.TryAdd(key, 1);")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { var next = n + 1; [|_map[key] = next|]; }")]
    [InlineData("int n = 0; if (_map.ContainsKey(key)) { n = [|_map[key]|]; } Use(n);")]
    public Task Flagged(string body) => VerifyAsync(body);

    [Theory]
    [InlineData("lock (_gate) { if (!_map.ContainsKey(key)) _map[key] = 1; }")]
    [InlineData("lock (_gate) { _map[key]++; }")]
    [InlineData("if (!_map.ContainsKey(key)) _map.TryAdd(key, 1);")]
    [InlineData("if (!_map.ContainsKey(key)) _map.GetOrAdd(key, 1);")]
    [InlineData("if (!_map.ContainsKey(key)) { lock (_gate) { if (!_map.ContainsKey(key)) _map[key] = 1; } }")]
    [InlineData("if (_map.ContainsKey(key)) _map[key] = 1;")]
    [InlineData("if (!_map.ContainsKey(key)) _map[key + 1] = 1;")]
    [InlineData("if (!_map.ContainsKey(key)) s_map[key] = 1;")]
    [InlineData("if (_map.TryGetValue(key, out var v)) Use(v);")]
    [InlineData("if (_map.TryGetValue(key, out var v)) _map.TryRemove(key, out _);")]
    [InlineData("if (_map.ContainsKey(key)) _map.TryRemove(key, out _);")]
    [InlineData("if (!_map.TryGetValue(key, out var v) || v < 3) _map[key] = 1;")]
    [InlineData("if (!_queue.IsEmpty) { if (_queue.TryDequeue(out var first)) Use(first); }")]
    [InlineData("while (_queue.Count > 10) _queue.TryDequeue(out _);")]
    [InlineData("if (_queue.Count > 10) _queue.TryDequeue(out _);")]
    [InlineData("if (!_queue.IsEmpty) _queue.TryDequeue(out _);")]
    [InlineData("while (_queue.TryDequeue(out var first)) Use(first);")]
    [InlineData("if (_queue.Count > 10) Log();")]
    [InlineData("if (_map.Count > 10) _map.Clear();")]
    [InlineData("if (_queue.Count > 0) _other.Enqueue(1);")]
    [InlineData("_map[key] = 1; var v = _map[key];")]
    [InlineData("var all = _map.ToArray();")]
    [InlineData("var all = _map.Values.ToList();")]
    [InlineData("var all = _map.Keys.OrderBy(k => k).ToList();")]
    [InlineData("var all = _map.Where(pair => pair.Value > 1).ToList();")]
    [InlineData("var all = _map.Select(pair => pair.Key).OrderBy(k => k);")]
    [InlineData("var n = _map.Count(pair => pair.Value > 1);")]
    [InlineData("var all = _map.ToArray().OrderBy(pair => pair.Key);")]
    [InlineData("var local = new ConcurrentDictionary<string, int>(); if (!local.ContainsKey(key)) local[key] = 1; local[key]++; var all = local.ToList();")]
    [InlineData("if (!_plain.ContainsKey(key)) _plain[key] = 1; _plain[key]++; var all = _plain.ToList();")]
    [InlineData("_map.AddOrUpdate(key, 1, (_, n) => n + 1);")]
    [InlineData("var s = nameof(_map.Count);")]
    [InlineData("if (!_map.ContainsKey(key)) { _semaphore.Wait(); try { _map[key] = 1; } finally { _semaphore.Release(); } }")]
    [InlineData("var isThere = _map.ContainsKey(key); isThere = Make() > 0; if (!isThere) _map[key] = 1;")]
    [InlineData("var isThere = _map.ContainsKey(key); if (isThere) Log();")]
    [InlineData("var isThere = _map.ContainsKey(key); if (!isThere && Make() > 0) _map[key] = 1;")]
    [InlineData("var isThere = _map.ContainsKey(key); _map[key] = 1; if (!isThere) Log();")]
    [InlineData("var isThere = _map.ContainsKey(key); lock (_gate) { if (!isThere) _map[key] = 1; }")]
    [InlineData("_map[key] = _map[key + 1] + 1;")]
    [InlineData("_map[key] = s_map[key] + 1;")]
    [InlineData("_map[key] = _plain[key] + 1; _plain[key] = _plain[key] + 1;")]
    [InlineData("_map[key] = Make() + 1;")]
    [InlineData("lock (_gate) { _map[key] = _map[key] + 1; }")]
    [InlineData("lock (_gate) { if (_map.TryGetValue(key, out var n)) _map[key] = n + 1; }")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { lock (_gate) { _map[key] = n + 1; } }")]
    [InlineData("if (_map.TryGetValue(key, out var n)) _map.TryUpdate(key, n + 1, n);")]
    [InlineData("if (_map.TryGetValue(key, out var n)) _map[key + 1] = n + 1;")]
    [InlineData("if (_map.TryGetValue(key, out var n)) s_map[key] = n + 1;")]
    [InlineData("if (_map.TryGetValue(key, out var n)) _map[key] = n;")]
    [InlineData("if (_map.TryGetValue(key, out var n)) _map[key] = 5;")]
    [InlineData("if (_map.TryGetValue(key, out _)) _map[key] = Make() + 1;")]
    [InlineData("if (_map.TryGetValue(key, out var n) && n > 3) _map[key] = n + 1;")]
    [InlineData("if (_parts.TryGetValue(1, out var part)) _parts[1] = new Part(2);")]
    [InlineData("var local = new ConcurrentDictionary<string, int>(); local.TryGetValue(key, out var n); local[key] = n + 1; local[key] = local[key] + 1;")]
    [InlineData("_map[key] = _map.TryGetValue(key + 1, out var n) ? n + 1 : 1;")]
    [InlineData("_map[key] = s_map.GetValueOrDefault(key) + 1;")]
    [InlineData("_map[key] = _map.TryGetValue(key, out var n) ? n : 1;")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { var same = n; _map[key] = same; n++; Use(n); }")]
    [InlineData("if (_map.TryGetValue(key, out var n)) { _map[key] = n; n++; Use(n); }")]
    [InlineData("lock (_gate) { _map[key] = _map.GetValueOrDefault(key) + 1; }")]
    public Task Not_flagged(string body) => VerifyAsync(body);

    [Fact]
    public Task Constructors_are_alone_and_names_can_say_that_a_lock_is_held() => Verify.VerifyAnalyzerAsync(
        """
        using System.Collections.Concurrent;
        class C
        {
            private readonly ConcurrentDictionary<string, int> _map = new();
            public C(string[] keys) { foreach (var key in keys) { if (!_map.ContainsKey(key)) _map[key] = 1; _map[key]++; } }
            void AddLocked(string key) { if (!_map.ContainsKey(key)) _map[key] = 1; }
        }
        """);

    [Fact]
    public Task An_await_between_is_a_decision() => Verify.VerifyAnalyzerAsync(
        """
        using System.Collections.Concurrent;
        class C
        {
            private readonly ConcurrentDictionary<string, int> _map = new();
            async Task<int> M(string key)
            {
                if (!_map.TryGetValue(key, out var value))
                {
                    value = await Task.FromResult(1);
                    _map[key] = value;
                }

                return value;
            }
        }
        """);

    [Fact]
    public Task Code_that_does_not_compile() => new Verify.Test
    {
        TestCode = "using System.Collections.Concurrent; class C { ConcurrentDictionary<int, > m; void M() { if (!m.ContainsKey()) m[] = ; m[1]++; if (m.Count > ) m.ToList(; } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
    }.AnalyzeAsync();

    [Theory]
    [InlineData("if (!_map.ContainsKey(key))\n            [|_map[key] = 1|];", "_map.TryAdd(key, 1);")]
    [InlineData("if (!_map.ContainsKey(key)) { [|_map[key] = Make()|]; } // once", "_map.GetOrAdd(key, _ => Make()); // once")]
    [InlineData("if (!_map.TryGetValue(key, out var v)) { v = Make(); [|_map[key] = v|]; }\n        Use(v);", "var v = _map.GetOrAdd(key, _ => Make());\n        Use(v);")]
    [InlineData("if (!_map.TryGetValue(key, out int v)) { [|_map[key] = v = Make()|]; }\n        Use(v);", "int v = _map.GetOrAdd(key, _ => Make());\n        Use(v);")]
    [InlineData("int v; if (!_map.TryGetValue(key, out v)) { v = Make(); [|_map[key] = v|]; } Use(v);", "int v; v = _map.GetOrAdd(key, _ => Make()); Use(v);")]
    [InlineData("[|_map[key]++|];", "_map.AddOrUpdate(key, 1, (_, value) => value + 1);")]
    [InlineData("[|_map[key] = _map[key] + 2|];", "_map.AddOrUpdate(key, 2, (_, value) => value + 2);")]
    [InlineData("[|--_map[key]|];", "_map.AddOrUpdate(key, -1, (_, value) => value - 1);")]
    [InlineData("[|_map[key] += 5|];", "_map.AddOrUpdate(key, 5, (_, value) => value + 5);")]
    [InlineData("var all = [|_map.ToList()|];", "var all = _map.ToArray().ToList();")]
    [InlineData("var all = [|_map.OrderBy(pair => pair.Key)|].First();", "var all = _map.ToArray().OrderBy(pair => pair.Key).First();")]
    public Task Fixed(string before, string after) => Verify.VerifyCodeFixAsync(Code(before), Code(after));

    [Theory]
    [InlineData("if (!_map.ContainsKey(key)) { Log(); [|_map[key] = 1|]; }")]
    [InlineData("if (!_map.ContainsKey(key)) [|_map[key] = 1|]; else Log();")]
    [InlineData("if (!_map.ContainsKey(key)) { [|_map[key] = 1|]; /* why */ }")]
    [InlineData("if (_map.ContainsKey(key)) return; [|_map[key] = 1|];")]
    [InlineData("Use([|_map[key]++|]);")]
    [InlineData("[|_map[key] += Make()|];")]
    [InlineData("if (_map.ContainsKey(key)) Use([|_map[key]|]);")]
    [InlineData("if (_queue.Count < 10) [|_queue.Enqueue(1)|];")]
    [InlineData("[|_map[key] = _map[key] * 2|];")]
    [InlineData("[|_map[key] = 2 + _map[key]|];")]
    [InlineData("if (_map.TryGetValue(key, out var n)) [|_map[key] = n + 1|];")]
    [InlineData("_map.TryGetValue(key, out var n); [|_map[key] = n + 1|];")]
    [InlineData("var isThere = _map.ContainsKey(key); if (!isThere) [|_map[key] = 1|];")]
    public Task No_fix(string body) => Verify.VerifyNoCodeFixAsync(Code(body));

    private static Task VerifyAsync(string body) => Verify.VerifyAnalyzerAsync(Code(body));

    private static string Code(string body) =>
        $$"""
        using System.Collections.Concurrent;

        class C
        {
            private readonly object _gate = new();
            private readonly SemaphoreSlim _semaphore = new(1);
            private readonly ConcurrentDictionary<string, int> _map = new();
            private static readonly ConcurrentDictionary<string, int> s_map = new();
            private readonly ConcurrentQueue<int> _queue = new();
            private readonly ConcurrentQueue<int> _other = new();
            private readonly ConcurrentBag<int> _bag = new();
            private readonly Dictionary<string, int> _plain = new();
            private readonly ConcurrentDictionary<int, string> _texts = new();
            private readonly ConcurrentDictionary<int, Part> _parts = new();
            private readonly ConcurrentDictionary<int, System.Collections.Immutable.ImmutableList<string>> _lists = new();

            void M(string key, ConcurrentDictionary<string, int> given)
            {
                {{body}}
            }

            static void Log() { }
            static void Use(int value) { }
            static int Make() => 1;
        }

        record Part(int Size);
        """;
}
