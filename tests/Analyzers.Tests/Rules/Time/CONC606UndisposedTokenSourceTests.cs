using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC606UndisposedTokenSourceAnalyzer,
    ConcurrencyAnalyzers.Rules.Time.CONC606UndisposedTokenSourceCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC606UndisposedTokenSourceTests
{
    private const string Helpers =
        """
            private CancellationTokenSource _source = new();
            private CancellationToken _token;
            static Task WorkAsync(CancellationToken ct) => Task.CompletedTask;
            static Task<int> CountAsync(CancellationToken ct, int x = 0) => Task.FromResult(x);
            static void Start(CancellationToken ct) { }
            static void Take(CancellationTokenSource source) { }
        """;

    [Fact]
    public Task Message_for_a_timeout() => Verify.VerifyAnalyzerAsync(
        "class C { static bool M() => {|#0:new CancellationTokenSource(100)|}.IsCancellationRequested; }",
        Verify.Diagnostic().WithLocation(0).WithArguments("new CancellationTokenSource", "its timer runs on after the work is done"));

    [Fact]
    public Task Message_for_a_linked_source() => Verify.VerifyAnalyzerAsync(
        "class C { static CancellationToken M(CancellationToken a, CancellationToken b) => {|#0:CancellationTokenSource.CreateLinkedTokenSource(a, b)|}.Token; }",
        Verify.Diagnostic().WithLocation(0).WithArguments("CreateLinkedTokenSource", "it stays registered with the tokens that it is linked to"));

    [Theory]
    [InlineData("var cts = [|new CancellationTokenSource(TimeSpan.FromSeconds(5))|]; await WorkAsync(cts.Token);")]
    [InlineData("var cts = [|CancellationTokenSource.CreateLinkedTokenSource(ct)|]; cts.CancelAfter(100); await WorkAsync(cts.Token);")]
    [InlineData("var cts = [|CancellationTokenSource.CreateLinkedTokenSource(ct, _token)|]; await WorkAsync(cts.Token); cts.Cancel();")]
    [InlineData("await WorkAsync([|CancellationTokenSource.CreateLinkedTokenSource(ct, _token)|].Token);")]
    [InlineData("await WorkAsync([|new CancellationTokenSource(1000)|].Token);")]
    [InlineData("_token = [|CancellationTokenSource.CreateLinkedTokenSource(ct, _token)|].Token; await Task.Yield();")]
    [InlineData("CancellationTokenSource cts; cts = [|CancellationTokenSource.CreateLinkedTokenSource(ct)|]; await WorkAsync(cts.Token);")]
    [InlineData("CancellationTokenSource? cts = ct.CanBeCanceled ? [|CancellationTokenSource.CreateLinkedTokenSource(ct)|] : null; await WorkAsync(cts?.Token ?? ct);")]
    [InlineData("var cts = [|new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System)|]; await WorkAsync(cts.Token);")]
    [InlineData("Func<Task> f = async () => { var cts = [|new CancellationTokenSource(5)|]; await WorkAsync(cts.Token); }; await f();")]
    public Task Never_disposed(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("using var cts = new CancellationTokenSource(5); await WorkAsync(cts.Token);")]
    [InlineData("using (var cts = new CancellationTokenSource(5)) await WorkAsync(cts.Token);")]
    [InlineData("using (new CancellationTokenSource(5)) await Task.Yield();")]
    [InlineData("var cts = new CancellationTokenSource(5); try { await WorkAsync(cts.Token); } finally { cts.Dispose(); }")]
    [InlineData("CancellationTokenSource? cts = null; try { cts = CancellationTokenSource.CreateLinkedTokenSource(ct); await WorkAsync(cts.Token); } finally { cts?.Dispose(); }")]
    [InlineData("var cts = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct) : new CancellationTokenSource(5); using (cts) await WorkAsync(cts.Token);")]
    [InlineData("var cts = new CancellationTokenSource(5); _ = WorkAsync(cts.Token).ContinueWith(_ => cts.Dispose()); await Task.Yield();")]
    [InlineData("var cts = CancellationTokenSource.CreateLinkedTokenSource(ct); using var _ = cts; await WorkAsync(cts.Token);")]
    public Task Disposed(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("var cts = new CancellationTokenSource(); await WorkAsync(cts.Token);")]
    [InlineData("var cts = new CancellationTokenSource(); cts.CancelAfter(1000); await WorkAsync(cts.Token);")]
    [InlineData("var cts = new CancellationTokenSource(Timeout.Infinite); await WorkAsync(cts.Token);")]
    [InlineData("var cts = new CancellationTokenSource(Timeout.InfiniteTimeSpan); await WorkAsync(cts.Token);")]
    [InlineData("var cts = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken.None); await WorkAsync(cts.Token);")]
    [InlineData("var cts = CancellationTokenSource.CreateLinkedTokenSource(default, CancellationToken.None); await WorkAsync(cts.Token);")]
    [InlineData("_source = new CancellationTokenSource(5); await WorkAsync(_source.Token);")]
    [InlineData("var cts = new CancellationTokenSource(5); _source = cts; await WorkAsync(cts.Token);")]
    [InlineData("var cts = new CancellationTokenSource(5); Take(cts); await WorkAsync(cts.Token);")]
    [InlineData("var list = new List<CancellationTokenSource>(); list.Add(new CancellationTokenSource(5)); await Task.Yield(); list.ForEach(one => one.Dispose());")]
    [InlineData("var cts = new CancellationTokenSource(5); var pair = (cts, 1); Take(pair.cts); await Task.Yield();")]
    [InlineData("var cts = new CancellationTokenSource(5); var other = cts; other.Dispose(); await Task.Yield();")]
    [InlineData("var cts = new CancellationTokenSource(5); ct.Register(() => cts.Cancel()); await WorkAsync(cts.Token);")]
    [InlineData("Func<CancellationTokenSource> make = () => new CancellationTokenSource(5); using var made = make(); await Task.Yield();")]
    public Task Harmless_or_somebody_elses(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("static CancellationTokenSource Make(CancellationToken ct) => CancellationTokenSource.CreateLinkedTokenSource(ct);")]
    [InlineData("static CancellationTokenSource Make(CancellationToken ct) { var cts = CancellationTokenSource.CreateLinkedTokenSource(ct); cts.CancelAfter(5); return cts; }")]
    [InlineData("readonly CancellationTokenSource _timeout = new(1000);")]
    [InlineData("static readonly CancellationTokenSource Timeout = new CancellationTokenSource(1000);")]
    [InlineData("CancellationTokenSource Timeout { get; } = new(1000);")]
    public Task Kept_or_returned(string member) => Verify.VerifyAnalyzerAsync("class C { " + member + " }");

    [Fact]
    public Task Tests_and_the_entry_point_are_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        class Tests
        {
            [Xunit.Fact]
            public async Task Test() => await Task.Delay(1, new CancellationTokenSource(5000).Token);
        }

        class Program
        {
            static async Task Main()
            {
                var cts = new CancellationTokenSource(60_000);
                await Task.Delay(1, cts.Token);
            }
        }

        namespace Xunit { class FactAttribute : Attribute { } }
        """);

    [Fact]
    public Task A_timeout_of_a_time_provider() => Verify.VerifyAnalyzerAsync(
        "class C { static bool M(TimeProvider time) => [|System.Threading.Tasks.TimeProviderTaskExtensions.CreateCancellationTokenSource(time, TimeSpan.FromSeconds(1))|].IsCancellationRequested; } namespace System.Threading.Tasks { public static class TimeProviderTaskExtensions { public static CancellationTokenSource CreateCancellationTokenSource(this TimeProvider provider, TimeSpan delay) => new(); } }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static bool M() => new CancellationTokenSource(100).IsCancellationRequested; }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { var x = new CancellationTokenSource( } }")]
    [InlineData("class C { void M() { var x = CancellationTokenSource.CreateLinkedTokenSource(missing).Token } }")]
    [InlineData("class C { void M() { new CancellationTokenSource(1, 2, 3).Token. } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("var cts = [|new CancellationTokenSource(5)|]; await WorkAsync(cts.Token);", "using var cts = new CancellationTokenSource(5); await WorkAsync(cts.Token);")]
    [InlineData("CancellationTokenSource cts = [|new(5)|]; await WorkAsync(cts.Token).ConfigureAwait(false);", "using CancellationTokenSource cts = new(5); await WorkAsync(cts.Token).ConfigureAwait(false);")]
    [InlineData("var cts = [|CancellationTokenSource.CreateLinkedTokenSource(ct)|]; cts.CancelAfter(5); var token = cts.Token; await WorkAsync(token); token.ThrowIfCancellationRequested();", "using var cts = CancellationTokenSource.CreateLinkedTokenSource(ct); cts.CancelAfter(5); var token = cts.Token; await WorkAsync(token); token.ThrowIfCancellationRequested();")]
    public Task The_fix_disposes_it_with_its_scope(string before, string after) => VerifyFixInMethod(before, after);

    [Fact]
    public Task The_fix_keeps_what_is_not_kept() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<int> M(HttpClient client, CancellationToken ct, CancellationToken stop)
            {
                // Both may cancel it.
                var text = await client.GetStringAsync("/", [|CancellationTokenSource.CreateLinkedTokenSource(ct, stop)|].Token); // the page
                return text.Length;
            }
        }
        """,
        """
        class C
        {
            async Task<int> M(HttpClient client, CancellationToken ct, CancellationToken stop)
            {
                // Both may cancel it.
                using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(ct, stop);
                var text = await client.GetStringAsync("/", cancellation.Token); // the page
                return text.Length;
            }
        }
        """);

    [Fact]
    public Task Each_has_a_name_of_its_own()
    {
        const string Fixed =
            """
            class C
            {
                async Task M(HttpClient client)
                {
                    using var cancellation = new CancellationTokenSource(5);
                    await client.GetStringAsync("/a", cancellation.Token);
                    using var tokenSource = new CancellationTokenSource(6);
                    await client.GetStringAsync("/b", tokenSource.Token);
                }
            }
            """;
        return new Verify.Test
        {
            TestCode =
                """
                class C
                {
                    async Task M(HttpClient client)
                    {
                        await client.GetStringAsync("/a", [|new CancellationTokenSource(5)|].Token);
                        await client.GetStringAsync("/b", [|new CancellationTokenSource(6)|].Token);
                    }
                }
                """,
            FixedCode = Fixed,
            BatchFixedCode = Fixed.Replace("tokenSource", "x", StringComparison.Ordinal).Replace("cancellation", "tokenSource", StringComparison.Ordinal).Replace("x.", "cancellation.", StringComparison.Ordinal).Replace("var x", "var cancellation", StringComparison.Ordinal),
            TestTopLevelProgram = false,
        }.RunAsync();
    }

    [Theory]
    [InlineData("var cts = [|new CancellationTokenSource(5)|]; Start(cts.Token); await Task.Yield();")]
    [InlineData("var cts = [|new CancellationTokenSource(5)|]; _ = WorkAsync(cts.Token); await Task.Yield();")]
    [InlineData("var cts = [|new CancellationTokenSource(5)|]; var task = WorkAsync(cts.Token); await task;")]
    [InlineData("_token = [|new CancellationTokenSource(5)|].Token; await Task.Yield();")]
    [InlineData("switch (ct.CanBeCanceled) { case true: var cts = [|new CancellationTokenSource(5)|]; await WorkAsync(cts.Token); break; }")]
    [InlineData("if (ct.CanBeCanceled) await WorkAsync([|new CancellationTokenSource(5)|].Token);")]
    [InlineData("await (ct.CanBeCanceled ? WorkAsync(ct) : WorkAsync([|new CancellationTokenSource(5)|].Token));")]
    public Task No_fix_where_the_work_may_outlive_the_scope(string statements) => VerifyFixInMethod(statements, statements);

    [Fact]
    public Task No_fix_where_the_task_is_returned() => Verify.VerifyNoCodeFixAsync(
        "class C { Task M(HttpClient client) { var cts = [|new CancellationTokenSource(5)|]; return client.GetStringAsync(\"/\", cts.Token); } }");

    // Not as a top-level program: there a source may live as long as the process.
    private static Task VerifyInMethod(string statements) =>
        new Verify.Test { TestCode = InMethod(statements), TestTopLevelProgram = false }.RunAsync();

    private static Task VerifyFixInMethod(string before, string after) =>
        new Verify.Test { TestCode = InMethod(before), FixedCode = InMethod(after), TestTopLevelProgram = false }.RunAsync();

    private static string InMethod(string statements) => "class C { async Task M(CancellationToken ct) { " + statements + " } " + Helpers + " }";
}
