using ConcurrencyAnalyzers.Rules.Blocking;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Tests.Semantics;

/// <summary>
/// Known complete: decided on the control-flow graph. Seen through CONC102, which reports an access exactly where the
/// task isn't known to be complete.
/// </summary>
public sealed class CompletedTasksTests
{
    [Theory]
    [InlineData("var t = F(); await t; Use(t.Result);")]
    [InlineData("var t = F(); await t.ConfigureAwait(false); Use(t.Result);")]
    [InlineData("await p; Use(p.Result);")]
    [InlineData("await _field; Use(_field.Result);")]
    [InlineData("await this._field; Use(_field.Result);")]
    [InlineData("await other.Task; Use(other.Task.Result);")]
    [InlineData("var t = F(); var r = await t; Use(t.GetAwaiter().GetResult());")]
    [InlineData("var t = F(); if (b) await t; else { await t; } Use(t.Result);")]
    [InlineData("var t = F(); try { await t; } finally { Console.WriteLine(); } Use(t.Result);")]
    [InlineData("var t = F(); await t.WaitAsync(TimeSpan.FromSeconds(1)); Use(t.Result);")]
    [InlineData("var t = F(); try { await t; } catch { } Use(t.Result);")]
    [InlineData("var t = F(); try { await t.ConfigureAwait(false); Console.WriteLine(); } catch (Exception) { Use(t.Result); } Use(t.Result);")]
    [InlineData("var t = F(); int r; try { r = await t; } catch { Console.WriteLine(); } Use(t.Result);")]
    [InlineData("var a = F(); var c = G(); try { await Task.WhenAll(a, c); } catch { } Use(a.Result + c.Result);")]
    [InlineData("var all = Task.WhenAll(F(), G()); try { await all; } catch { Console.WriteLine(all.Exception); } Use(all.Result[0]);")]
    [InlineData("Task<int> t = b ? F() : G(); await t; Use(t.Result);")]
    [InlineData("var t = F(); while (b) { await t; Use(t.Result); }")]
    [InlineData("var v = V(); await v; var t = F(); await Task.WhenAll(t); Use(t.Result);")]
    [InlineData("var t = F(); await t.ContinueWith(_ => { }, TaskScheduler.Default); Use(t.Result);")]
    [InlineData("var a = F(); var c = G(); await Task.WhenAll(a, c).ContinueWith(_ => { }); Use(a.Result + c.Result);")]
    [InlineData("Task<int> t; await (t = F()); Use(t.Result);")]
    [InlineData("await foreach (var x in Task.WhenEach([p])) Console.Write(1); Use(p.Result);")]
    [InlineData("var s = new TaskCompletionSource<int>(); s.TrySetResult(1); Use(s.Task.Result);")]
    public Task Awaited(string statements) => Verify(statements);

    [Theory]
    [InlineData("Task<int>? t = b ? F() : null; if (t != null) await t; Use(t?.Result ?? 0);")]
    [InlineData("Task<int>? t = b ? F() : null; if (t is not null) await t; if (t is not null) Use(t.Result);")]
    [InlineData("Task<int>? t = b ? F() : null; if (t is null) return; await t; Use(t.Result);")]
    [InlineData("Task<int>? t = null; var l = new List<Task>(); if (b) { t = F(); l.Add(t); } await Task.WhenAll(l); if (t != null) Use(t.Result);")]
    [InlineData("Task<int>? t = null; if (b) t = F(); if (t != null) await t; Use(t!.Result);")]
    [InlineData("Task<int>? t = b ? F() : null; Use(t?[|.Result|] ?? 0);")]
    [InlineData("Task<int>? t = b ? F() : null; if (t != null) Use([|t.Result|]);")]
    [InlineData("Task<int>? t = b ? F() : null; if (t == null) await F(); Use([|t!.Result|]);")]
    [InlineData("Task<int>? t = null; var l = new List<Task>(); if (b) { t = F(); l.Add(F()); } await Task.WhenAll(l); if (t != null) Use([|t.Result|]);")]
    [InlineData("Task<int>? t = null; var l = new List<Task>(); if (b) { t = F(); l.Add(t); } else { t = G(); } await Task.WhenAll(l); Use([|t.Result|]);")]
    public Task Or_not_there(string statements) => Verify(statements);

    [Theory]
    [InlineData("if (p?.IsCompletedSuccessfully == true) Use(p.Result);")]
    [InlineData("if (_field?.IsCompletedSuccessfully == true) Use(_field.Result);")]
    [InlineData("if (p.IsCompletedSuccessfully is false) return; Use(p.Result);")]
    [InlineData("if (p.IsCompletedSuccessfully == false) return; Use(p.Result);")]
    [InlineData("if (p?.IsCompletedSuccessfully is not true) return; Use(p.Result);")]
    [InlineData("if (p?.IsCompleted != true) return; Use(p.Result);")]
    [InlineData("var done = p.IsCompleted; Use(done ? p.Result : 0);")]
    [InlineData("var t = F(); var done = t.IsCompletedSuccessfully && b; if (done) Use(t.Result);")]
    [InlineData("if (p?.IsCompleted == false) Use([|p.Result|]);")]
    [InlineData("if (p?.IsCompleted != true) Use([|p.Result|]);")]
    [InlineData("if (p.IsCompleted is true) return; Use([|p.Result|]);")]
    [InlineData("var done = p.IsCompleted; p = F(); if (done) Use([|p.Result|]);")]
    [InlineData("var t = F(); var done = t.IsCompleted; t = G(); if (done) Use([|t.Result|]);")]
    [InlineData("var done = p.IsCompleted; done = b; if (done) Use([|p.Result|]);")]
    public Task Asked(string statements) => Verify(statements);

    [Theory]
    [InlineData("Task t = F(); await t; Use(t is Task<int> typed ? typed.Result : 0);")]
    [InlineData("Task t = F(); await t.ConfigureAwait(false); Use(t switch { Task<int> i => i.Result, Task<long> l => (int)l.Result, _ => 0 });")]
    [InlineData("var w = await Task.WhenAny(p, F()); switch (w) { case Task<int> x: Use(x.Result); break; }")]
    [InlineData("Task t = F(); var w = await Task.WhenAny(t, Task.Delay(1)); if (w is Task<int> r) Use(r.Result);")]
    [InlineData("Task t = F(); await t; if (t is not Task<int> typed) return; Use(typed.Result);")]
    [InlineData("Task t = F(); await t; if (t is Task<int> and var typed) Use(((Task<int>)typed).Result);")]
    [InlineData("Task t = F(); if (t is Task<int> typed) Use([|typed.Result|]);")]
    [InlineData("Task t = F(); await t; t = G(); if (t is Task<int> typed) Use([|typed.Result|]);")]
    [InlineData("Task t = F(); Use(t switch { Task<int> i => [|i.Result|], _ => 0 });")]
    [InlineData("object o = F(); if (o is (Task<int> first, int) and not null) Use([|first.Result|]);")]
    public Task Matched_by_type(string statements) => Verify(statements);

    [Theory]
    [InlineData("if (p is { IsCompletedSuccessfully: true, Result: var r }) Use(r);")]
    [InlineData("if (p is { IsCompletedSuccessfully: true } done) Use(done.Result);")]
    [InlineData("switch (p.Status) { case TaskStatus.RanToCompletion: Use(p.Result); break; default: Use(await p); break; }")]
    [InlineData("switch (p.Status) { case TaskStatus.RanToCompletion: case TaskStatus.Faulted when b: Use(p.Result); break; }")]
    [InlineData("switch (p) { case { IsCompletedSuccessfully: true }: Use(p.Result); break; }")]
    [InlineData("Use(p.Status switch { TaskStatus.RanToCompletion => p.Result, _ => await p });")]
    [InlineData("Use(p switch { { IsCompletedSuccessfully: true } done => done.Result, _ => await p });")]
    [InlineData("var pairs = xs.Select(x => (x, Task: F())).ToList(); await Task.WhenAll(pairs.Select(one => one.Task)); foreach (var (x, t) in pairs) Use(t.Result);")]
    [InlineData("var d = new Dictionary<string, Task<int>>(); await Task.WhenAll(d.Values); foreach (var (key, t) in d) Use(t.Result);")]
    [InlineData("if (p is { [|Result|]: var r }) Use(r);")]
    [InlineData("if (p is { [|Result|]: var r, IsCompletedSuccessfully: true }) Use(r);")]
    [InlineData("if (p is { IsCompleted: false } running) Use([|running.Result|]);")]
    [InlineData("switch (p.Status) { case TaskStatus.RanToCompletion: case TaskStatus.Running: Use([|p.Result|]); break; }")]
    [InlineData("switch (p.Status) { case TaskStatus.RanToCompletion: p = F(); Use([|p.Result|]); break; }")]
    [InlineData("switch (p.Status) { default: Use([|p.Result|]); break; }")]
    [InlineData("var pairs = xs.Select(x => (x, Task: F())).ToList(); foreach (var (x, t) in pairs) Use([|t.Result|]);")]
    public Task Matched_and_deconstructed(string statements) => Verify(statements);

    [Theory]
    [InlineData("var t = F(); Use([|t.Result|]);")]
    [InlineData("Use([|F().Result|]);")]
    [InlineData("Use([|p.Result|]);")]
    [InlineData("var t = F(); if (b) await t; Use([|t.Result|]);")]
    [InlineData("var t = F(); await t; t = F(); Use([|t.Result|]);")]
    [InlineData("var t = F(); await t; if (b) t = F(); Use([|t.Result|]);")]
    [InlineData("var t = F(); await t; Swap(ref t); Use([|t.Result|]);")]
    [InlineData("var t = F(); await p; Use([|t.Result|]);")]
    [InlineData("var t = F(); await t.ContinueWith(_ => { }, new CancellationToken(true)); Use([|t.Result|]);")]
    [InlineData("var t = F(); var c = t.ContinueWith(one => 1); await t; Use([|c.Result|]);")]
    [InlineData("var t = F(); try { Console.WriteLine(); await t; } catch { } Use([|t.Result|]);")]
    [InlineData("var t = F(); try { await G(); await t; } catch { } Use([|t.Result|]);")]
    [InlineData("var t = F(); try { await p; } catch { } Use([|t.Result|]);")]
    [InlineData("Task<int> t = p; try { await t; t = F(); } catch { } Use([|t.Result|]);")]
    [InlineData("var t = F(); while (b) { await t; t = F(); Use([|t.Result|]); }")]
    [InlineData("await other.Task; Use([|_field.Result|]);")]
    [InlineData("await other.Task; other = new(); Use([|other.Task.Result|]);")]
    [InlineData("var t = F(); for (var i = 0; i < 3; i++) { await t; } Use([|t.Result|]);")]
    [InlineData("var (t, u) = (F(), G()); await t; (t, u) = (u, t); Use([|t.Result|]);")]
    public Task Not_awaited_on_every_path(string statements) => Verify(statements);

    [Theory]
    [InlineData("var a = F(); var c = G(); await Task.WhenAll(a, c); Use(a.Result + c.Result);")]
    [InlineData("var a = F(); Task[] all = { a, G() }; await Task.WhenAll(all); Use(a.Result);")]
    [InlineData("var a = F(); var all = new List<Task> { a, G() }; await Task.WhenAll(all); Use(a.Result);")]
    [InlineData("var a = F(); List<Task> all = [a, G()]; await Task.WhenAll(all); Use(a.Result);")]
    [InlineData("var a = F(); var all = new List<Task>(); all.Add(a); all.Add(G()); await Task.WhenAll(all); Use(a.Result);")]
    [InlineData("var a = F(); var c = G(); var all = Task.WhenAll(a, c); await all; Use(a.Result + c.Result);")]
    [InlineData("var all = Task.WhenAll(F(), G()); await all; Use(all.Result[0]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks); foreach (var t in tasks) Use(t.Result);")]
    [InlineData("var tasks = xs.Select(x => F()).ToArray(); await Task.WhenAll(tasks); for (var i = 0; i < 3; i++) Use(tasks[i].Result);")]
    [InlineData("var tasks = xs.Select(x => F()).ToArray(); await Task.WhenAll(tasks); Use(tasks[0].Result);")]
    [InlineData("var tasks = new[] { F(), G() }; await Task.WhenAll(tasks); Use(tasks[1].Result);")]
    [InlineData("var pair = (A: F(), B: G()); await Task.WhenAll(pair.A, pair.B); Use(pair.A.Result + pair.Item2.Result);")]
    [InlineData("var d = new Dictionary<string, Task<int>>(); await Task.WhenAll(d.Values); Use(d[\"a\"].Result); foreach (var kv in d) Use(kv.Value.Result);")]
    [InlineData("var items = others.ToList(); await Task.WhenAll(items.Select(i => i.Task)); foreach (var i in items) Use(i.Task.Result);")]
    [InlineData("var a = F(); var c = xs.Select(x => F()).ToList(); await Task.WhenAll(c.Append(a)); Use(a.Result); Use(c[0].Result);")]
    [InlineData("var a = F(); var c = xs.Select(x => F()).ToList(); await Task.WhenAll([.. c, a]); Use(a.Result); Use(c[0].Result);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); foreach (var t in tasks) await t; Use(tasks[0].Result);")]
    [InlineData("var items = others.ToList(); foreach (var i in items) { await i.Task; Console.WriteLine(); } foreach (var i in items) Use(i.Task.Result);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks); Use(tasks.First().Result);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks); var copy = tasks.ToArray(); Use(copy[0].Result);")]
    public Task Awaited_together(string statements) => Verify(statements);

    [Theory]
    [InlineData("var a = F(); var c = G(); await Task.WhenAll(a); Use([|c.Result|]);")]
    [InlineData("var a = F(); var c = G(); await Task.WhenAny(a, c); Use([|c.Result|]);")]
    [InlineData("var a = F(); var all = new List<Task> { a }; await Task.WhenAll(all); a = F(); Use([|a.Result|]);")]
    [InlineData("var a = F(); var all = new List<Task>(); await Task.WhenAll(all); all.Add(a); Use([|a.Result|]);")]
    [InlineData("var a = F(); var all = new List<Task> { a }; all.Clear(); await Task.WhenAll(all); Use([|a.Result|]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks); tasks.Add(F()); Use([|tasks[3].Result|]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks.Where(t => b)); Use([|tasks[3].Result|]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks.Take(2)); foreach (var t in tasks) Use([|t.Result|]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); foreach (var t in tasks) { if (b) break; await t; } Use([|tasks[0].Result|]);")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); foreach (var t in tasks) { if (b) await t; } Use([|tasks[0].Result|]);")]
    [InlineData("var all = Task.WhenAll(F(), G()); Use([|all.Result|][0]);")]
    [InlineData("var items = others.ToList(); await Task.WhenAll(items.Select(i => i.Task)); foreach (var i in items) Use([|i.Second.Result|]);")]
    public Task Not_awaited_together(string statements) => Verify(statements);

    [Theory]
    [InlineData("var t = F(); if (t.IsCompleted) Use(t.Result);")]
    [InlineData("var t = F(); if (!t.IsCompleted) return; Use(t.Result);")]
    [InlineData("var t = F(); if (!t.IsCompletedSuccessfully) { await t; } Use(t.Result);")]
    [InlineData("var t = F(); Use(t.IsCompletedSuccessfully ? t.Result : await t);")]
    [InlineData("var t = F(); if (b && t.IsCompleted) Use(t.Result);")]
    [InlineData("var t = F(); if (t.IsCompleted && t.Result > 1) Use(1);")]
    [InlineData("var t = F(); if (!t.IsCompleted || t.Result > 1) Use(1);")]
    [InlineData("var t = F(); if (t.Status == TaskStatus.RanToCompletion) Use(t.Result);")]
    [InlineData("var t = F(); if (t.Status != TaskStatus.RanToCompletion) return; Use(t.Result);")]
    [InlineData("var t = F(); if (t is { IsCompleted: true }) Use(t.Result);")]
    [InlineData("var t = F(); if (t is { IsCompletedSuccessfully: true } && b) Use(t.Result);")]
    [InlineData("var t = F(); if (t is not { IsCompleted: true }) return; Use(t.Result);")]
    [InlineData("var t = F(); if (t.IsCompleted is true) Use(t.Result);")]
    [InlineData("var t = F(); while (!t.IsCompleted) await Task.Yield(); Use(t.Result);")]
    [InlineData("var t = F(); System.Diagnostics.Debug.Assert(t.IsCompleted); Use(t.Result);")]
    [InlineData("var v = V(); if (v.IsCompletedSuccessfully) Use(v.Result);")]
    [InlineData("var t = F(); var u = t; await u; Use(t.Result);")]
    [InlineData("foreach (var t in xs.Select(x => F()).ToList().Where(t => t.IsCompleted)) Use(t.Result);")]
    public Task Guarded(string statements) => Verify(statements);

    [Theory]
    [InlineData("var t = F(); if (!t.IsCompleted) Use([|t.Result|]);")]
    [InlineData("var t = F(); if (b || t.IsCompleted) Use([|t.Result|]);")]
    [InlineData("var t = F(); if (t.IsCompleted) Console.WriteLine(); Use([|t.Result|]);")]
    [InlineData("var t = F(); if (p.IsCompleted) Use([|t.Result|]);")]
    [InlineData("var t = F(); if (t.Status == TaskStatus.Running) Use([|t.Result|]);")]
    [InlineData("var t = F(); if (t is { IsCompleted: false }) Use([|t.Result|]);")]
    public Task Not_guarded(string statements) => Verify(statements);

    [Theory]
    [InlineData("var t = F(); var winner = await Task.WhenAny(t, G()); Use(winner.Result);")]
    [InlineData("Use((await Task.WhenAny(F(), G())).Result);")]
    [InlineData("var t = F(); if (await Task.WhenAny(t, Task.Delay(1)) == t) Use(t.Result);")]
    [InlineData("var t = F(); if (await Task.WhenAny(t, Task.Delay(1)) != t) return; Use(t.Result);")]
    [InlineData("var t = F(); var delay = Task.Delay(1); if (await Task.WhenAny(t, delay) == delay) return; Use(t.Result);")]
    [InlineData("var t = F(); var winner = await Task.WhenAny(t, Task.Delay(1)); if (winner == t) Use(t.Result);")]
    [InlineData("var delay = Task.Delay(1); var winner = await Task.WhenAny(p, delay); if (winner == delay) { Use(1); throw new TimeoutException(); } Use(p.Result);")]
    [InlineData("async Task<int> Local() { var delay = Task.Delay(1); var winner = await Task.WhenAny(p, delay).ConfigureAwait(false); if (winner == delay) throw new TimeoutException(); return p.GetAwaiter().GetResult(); } Use(await Local());")]
    [InlineData("if (HasValue) Use(_field.Result);")]
    [InlineData("if (HasValueToo) Use(_field.Result);")]
    [InlineData("if (!HasValue) Use([|_field.Result|]);")]
    [InlineData("if (IsBusy) Use([|_field.Result|]);")]
    [InlineData("if (p.IsCompletedSuccessfully()) Use(p.Result);")]
    [InlineData("Use(p.IsCompletedSuccessfully() ? p.Result : await p);")]
    [InlineData("if (!p.IsCompletedSuccessfully()) Use([|p.Result|]);")]
    [InlineData("var t = F(); await t.ContinueWith(x => { Use(x.Result); return Task.CompletedTask; });")]
    [InlineData("await Task.Factory.ContinueWhenAll(new[] { F(), G() }, ts => { Use(ts[0].Result); return Task.CompletedTask; });")]
    [InlineData("await foreach (var t in Task.WhenEach(xs.Select(x => F()))) Use(t.Result);")]
    [InlineData("await foreach (var t in Task.WhenEach(xs.Select(x => F())).ConfigureAwait(false)) Use(t.Result);")]
    [InlineData("await foreach (var t in Task.WhenEach(xs.Select(x => F())).WithCancellation(default).ConfigureAwait(false)) Use(t.Result);")]
    [InlineData("var t = Task.FromResult(1); Use(t.Result); Use(Task.FromResult(2).Result);")]
    [InlineData("var v = new ValueTask<int>(1); Use(v.Result);")]
    [InlineData("Use([|F().Result|]); var t = F(); [|t.Wait()|]; Use(t.Result);")]
    [InlineData("var a = F(); var c = G(); [|Task.WaitAll(a, c)|]; Use(a.Result + c.Result);")]
    [InlineData("var t = F(); Use([|t.Result|]); Use(t.Result);")]
    public Task Winners_antecedents_and_what_was_waited_for(string statements) => Verify(statements);

    [Theory]
    [InlineData("var t = F(); await t; Func<Task<int>> f = async () => { await Task.Yield(); return t.Result; }; await f();")]
    [InlineData("var tasks = xs.Select(x => F()).ToList(); await Task.WhenAll(tasks); await Task.WhenAll(tasks.Select(async t => { await Task.Yield(); Use(t.Result); }));")]
    [InlineData("var t = F(); Func<Task<int>> f = async () => { await Task.Yield(); return [|t.Result|]; }; await f();")]
    [InlineData("async Task Local(Task<int> t) { await t; Use(t.Result); } await Local(F());")]
    [InlineData("async Task Local(Task<int> t) { Use([|t.Result|]); await t; } await Local(F());")]
    public Task Functions_inside(string statements) => Verify(statements);

    private static Task Verify(string statements) => RuleVerifier<CONC102BlockingOnTaskInAsyncAnalyzer, EmptyCodeFix>.VerifyAnalyzerAsync(
        $$"""
        class C
        {
            private readonly Task<int> _field = Task.FromResult(1);

            private bool HasValue => _field.Status == TaskStatus.RanToCompletion;
            private bool HasValueToo { get { return _field.IsCompletedSuccessfully; } }
            private bool IsBusy => !_field.IsCompleted;

            async Task M(bool b, Task<int> p, IEnumerable<int> xs, Other other, List<Other> others)
            {
                await Task.Yield();
                {{statements}}
            }

            static Task<int> F() => Task.Run(() => 1);
            static Task<int> G() => Task.Run(() => 2);
            static ValueTask<int> V() => new(F());
            static void Use(int x) { }
            static void Swap(ref Task<int> t) { }
        }

        static class Polyfills
        {
            public static bool IsCompletedSuccessfully(this Task task) => task.Status == TaskStatus.RanToCompletion;
        }

        class Other
        {
            public Task<int> Task { get; } = System.Threading.Tasks.Task.Run(() => 1);
            public Task<int> Second { get; } = System.Threading.Tasks.Task.Run(() => 1);
        }
        """);
}
