using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC101ThreadSleepInAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

/// <summary>What CONC101's fix writes, and where it refuses.</summary>
public sealed class CONC101ThreadSleepInAsyncFixTests
{
    [Theory]
    [InlineData("[|Thread.Sleep(100)|];", "await Task.Delay(100);")]
    [InlineData("[|Thread.Sleep(TimeSpan.FromSeconds(2))|];", "await Task.Delay(TimeSpan.FromSeconds(2));")]
    [InlineData("[|Thread.Sleep(Timeout.Infinite)|];", "await Task.Delay(Timeout.Infinite);")]
    [InlineData("[|Thread.Sleep(timeout: TimeSpan.FromTicks(1))|];", "await Task.Delay(TimeSpan.FromTicks(1));")]
    [InlineData("[|Thread.Sleep(millisecondsTimeout: 5)|];", "await Task.Delay(5);")]
    [InlineData("[|Thread.Sleep(1 + Environment.ProcessorCount)|];", "await Task.Delay(1 + Environment.ProcessorCount);")]
    [InlineData("[|Thread.Sleep(0)|];", "await Task.Yield();")]
    [InlineData("[|Thread.Sleep(TimeSpan.Zero)|];", "await Task.Yield();")]
    [InlineData("const int Zero = 0; [|Thread.Sleep(Zero)|];", "const int Zero = 0; await Task.Yield();")]
    [InlineData("if (DateTime.Now.Hour > 1) [|Thread.Sleep(1)|]; else [|Thread.Sleep(2)|];", "if (DateTime.Now.Hour > 1) await Task.Delay(1); else await Task.Delay(2);")]
    [InlineData("for (var i = 0; i < 3; [|Thread.Sleep(i)|]) i++;", "for (var i = 0; i < 3; await Task.Delay(i)) i++;")]
    [InlineData("Func<Task> f = async () => [|Thread.Sleep(1)|]; await f();", "Func<Task> f = async () => await Task.Delay(1); await f();")]
    [InlineData("[|System.Threading.Thread.Sleep(1)|];", "await Task.Delay(1);")]
    public Task Durations_and_places(string before, string after) => Verify.VerifyCodeFixAsync(
        $$"""class C { async Task M() { await Task.Yield(); {{before}} } }""",
        $$"""class C { async Task M() { await Task.Yield(); {{after}} } }""");

    [Theory]
    [InlineData("async Task M(CancellationToken cancellationToken)", "cancellationToken")]
    [InlineData("async Task M(CancellationToken a, CancellationToken ct)", "ct")]
    [InlineData("async Task M(CancellationToken @event)", "@event")]
    [InlineData("async Task M(in CancellationToken ct)", "ct")]
    public Task Passes_the_parameter(string signature, string token) => new Verify.Test
    {
        TestCode = $$"""class C { {{signature}} { [|Thread.Sleep(1)|]; await Task.Yield(); } }""",
        FixedCode = $$"""class C { {{signature}} { await Task.Delay(1, {{token}}); await Task.Yield(); } }""",
        // An async method takes no `in` parameter; what is looked at is that the fix lives with it.
        CompilerDiagnostics = signature.Contains("in ", StringComparison.Ordinal) ? CompilerDiagnostics.None : CompilerDiagnostics.Errors,
    }.RunAsync();

    [Fact]
    public Task Passes_no_token_where_two_could_be_meant() => Verify.VerifyCodeFixAsync(
        "class C { async Task M(CancellationToken first, CancellationToken second) { [|Thread.Sleep(1)|]; await Task.Yield(); } }",
        "class C { async Task M(CancellationToken first, CancellationToken second) { await Task.Delay(1); await Task.Yield(); } }");

    [Theory]
    [InlineData("try { } catch { [|Thread.Sleep(1)|]; }", "try { } catch { await Task.Delay(1); }")]
    [InlineData("while (!ct.IsCancellationRequested) { } [|Thread.Sleep(1)|];", "while (!ct.IsCancellationRequested) { } await Task.Delay(1);")]
    [InlineData("while (true) { if (ct.IsCancellationRequested) [|Thread.Sleep(1)|]; }", "while (true) { if (ct.IsCancellationRequested) await Task.Delay(1); }")]
    public Task Passes_no_token_that_is_cancelled_already(string before, string after) => Verify.VerifyCodeFixAsync(
        $$"""class C { async Task M(CancellationToken ct) { await Task.Yield(); {{before}} } }""",
        $$"""class C { async Task M(CancellationToken ct) { await Task.Yield(); {{after}} } }""");

    [Fact]
    public Task Passes_the_innermost_token() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            private readonly CancellationToken _stopping = default;

            async Task M(CancellationToken cancellationToken, List<int> items)
            {
                await Parallel.ForEachAsync(items, async (item, token) => { [|Thread.Sleep(item)|]; await Task.Yield(); });
                var local = CancellationToken.None;
                [|Thread.Sleep(2)|];
            }

            async Task N() { [|Thread.Sleep(3)|]; await Task.Yield(); }

            static async Task O() { [|Thread.Sleep(4)|]; await Task.Yield(); }
        }
        """,
        """
        class C
        {
            private readonly CancellationToken _stopping = default;

            async Task M(CancellationToken cancellationToken, List<int> items)
            {
                await Parallel.ForEachAsync(items, async (item, token) => { await Task.Delay(item, token); await Task.Yield(); });
                var local = CancellationToken.None;
                await Task.Delay(2, cancellationToken);
            }

            async Task N() { await Task.Delay(3, _stopping); await Task.Yield(); }

            static async Task O() { await Task.Delay(4); await Task.Yield(); }
        }
        """);

    [Fact]
    public Task A_static_function_captures_no_token() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(CancellationToken cancellationToken)
            {
                await Local();
                static async Task Local() { [|Thread.Sleep(1)|]; await Task.Yield(); }
            }
        }
        """,
        """
        class C
        {
            async Task M(CancellationToken cancellationToken)
            {
                await Local();
                static async Task Local() { await Task.Delay(1); await Task.Yield(); }
            }
        }
        """);

    [Fact]
    public Task Clean_up_gets_no_token() => Verify.VerifyCodeFixAsync(
        """
        class C : IAsyncDisposable
        {
            private readonly CancellationToken _stopping = default;

            async Task M(CancellationToken cancellationToken)
            {
                try
                {
                    await Task.Delay(1, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    [|Thread.Sleep(1)|];
                }
                finally
                {
                    [|Thread.Sleep(2)|];
                }
            }

            public async ValueTask DisposeAsync() { [|Thread.Sleep(3)|]; await Task.Yield(); }
        }
        """,
        """
        class C : IAsyncDisposable
        {
            private readonly CancellationToken _stopping = default;

            async Task M(CancellationToken cancellationToken)
            {
                try
                {
                    await Task.Delay(1, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    await Task.Delay(1);
                }
                finally
                {
                    await Task.Delay(2);
                }
            }

            public async ValueTask DisposeAsync() { await Task.Delay(3); await Task.Yield(); }
        }
        """);

    [Fact]
    public Task Without_the_token_on_request() => new Verify.Test
    {
        TestCode = "class C { async Task M(CancellationToken ct) { [|Thread.Sleep(1)|]; await Task.Yield(); } }",
        FixedCode = "class C { async Task M(CancellationToken ct) { await Task.Delay(1); await Task.Yield(); } }",
        CodeActionEquivalenceKey = "CONC101.WithoutToken",
    }.RunAsync();

    [Fact]
    public Task Passes_the_TimeProvider() => Verify.VerifyCodeFixAsync(
        """
        class C(TimeProvider clock)
        {
            async Task M(CancellationToken ct)
            {
                [|Thread.Sleep(100)|];
                [|Thread.Sleep(TimeSpan.FromSeconds(1))|];
                await Task.Yield();
            }
        }
        """,
        """
        class C(TimeProvider clock)
        {
            async Task M(CancellationToken ct)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, ct);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
                await Task.Yield();
            }
        }
        """);

    [Fact]
    public Task Keeps_comments_and_line_breaks() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M()
            {
                // before
                [|Thread.Sleep(
                    100 /* ms */)|]; // after

                #region rest
                await Task.Yield();
                #endregion
            }
        }
        """,
        """
        class C
        {
            async Task M()
            {
                // before
                await Task.Delay(
                    100 /* ms */); // after

                #region rest
                await Task.Yield();
                #endregion
            }
        }
        """);

    [Fact]
    public Task Adds_the_using_where_it_is_missing() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading;

            class C
            {
                async System.Threading.Tasks.Task M()
                {
                    [|Thread.Sleep(1)|];
                }
            }
            """,
        FixedCode =
            """
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                async System.Threading.Tasks.Task M()
                {
                    await Task.Delay(1);
                }
            }
            """,
        ImplicitUsings = false,
    }.RunAsync();

    [Fact]
    public Task Follows_the_files_ConfigureAwait() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M()
            {
                await Task.Yield();
                await Task.Delay(1).ConfigureAwait(false);
                await Task.Delay(1).ConfigureAwait(false);
                [|Thread.Sleep(1)|];
                [|Thread.Sleep(0)|];
            }
        }
        """,
        """
        class C
        {
            async Task M()
            {
                await Task.Yield();
                await Task.Delay(1).ConfigureAwait(false);
                await Task.Delay(1).ConfigureAwait(false);
                await Task.Delay(1).ConfigureAwait(false);
                await Task.Yield();
            }
        }
        """);

    [Theory]
    [InlineData("Task M(bool b) { [|Thread.Sleep(1)|]; return Task.CompletedTask; }", "async Task M(bool b) { await Task.Delay(1); }")]
    [InlineData("Task M(bool b) { [|Thread.Sleep(1)|]; if (b) return Task.CompletedTask; return F(); }", "async Task M(bool b) { await Task.Delay(1); if (b) return; await F(); }")]
    [InlineData("Task<int> M(bool b) { [|Thread.Sleep(1)|]; return b ? G() : Task.FromResult(2); }", "async Task<int> M(bool b) { await Task.Delay(1); return await (b ? G() : Task.FromResult(2)); }")]
    [InlineData("ValueTask<int> M(bool b) { [|Thread.Sleep(1)|]; return b ? new ValueTask<int>(1) : default; }", "async ValueTask<int> M(bool b) { await Task.Delay(1); return await (b ? new ValueTask<int>(1) : default); }")]
    [InlineData("ValueTask<int> M(bool b) { [|Thread.Sleep(1)|]; return new(3); }", "async ValueTask<int> M(bool b) { await Task.Delay(1); return 3; }")]
    [InlineData("Task<int> M(bool b) { [|Thread.Sleep(1)|]; Func<Task<int>> f = () => { return G(); }; return f(); }", "async Task<int> M(bool b) { await Task.Delay(1); Func<Task<int>> f = () => { return G(); }; return await f(); }")]
    [InlineData("void M() { Func<Task> f = () => { [|Thread.Sleep(1)|]; return F(); }; }", "void M() { Func<Task> f = async () => { await Task.Delay(1); await F(); }; }")]
    [InlineData("void M() { Func<int, Task> f = x => { [|Thread.Sleep(x)|]; return F(); }; }", "void M() { Func<int, Task> f = async x => { await Task.Delay(x); await F(); }; }")]
    [InlineData("public static Task M() { [|Thread.Sleep(1)|]; return Task.CompletedTask; }", "public static async Task M() { await Task.Delay(1); }")]
    public Task Makes_task_returning_functions_async(string before, string after) => Verify.VerifyCodeFixAsync(
        $$"""class C { {{before}} static Task F() => Task.CompletedTask; static Task<int> G() => Task.FromResult(1); }""",
        $$"""class C { {{after}} static Task F() => Task.CompletedTask; static Task<int> G() => Task.FromResult(1); }""");

    [Theory]
    [InlineData("async Task M() { await Task.Yield(); for ([|Thread.Sleep(1)|]; ; ) break; }")]
    [InlineData("async Task M(object o) { lock (o) { [|Thread.Sleep(1)|]; } await Task.Yield(); }")]
    [InlineData("async Task M() { try { await Task.Yield(); } catch when (Filter(() => { Thread.Sleep(1); return true; })) { } unsafe { [|Thread.Sleep(1)|]; } } bool Filter(Func<bool> f) => f();")]
    [InlineData("async Task M(object o) { Monitor.Enter(o); [|Thread.Sleep(1)|]; Monitor.Exit(o); await Task.Yield(); }")]
    [InlineData("async Task M(Mutex m) { await Task.Yield(); m.WaitOne(); [|Thread.Sleep(1)|]; m.ReleaseMutex(); }")]
    [InlineData("async Task M(byte[] b) { await Task.Yield(); Span<byte> s = b; [|Thread.Sleep(1)|]; s[0] = 1; }")]
    [InlineData("async Task M(byte[] b) { await Task.Yield(); foreach (ref var x in b.AsSpan()) { [|Thread.Sleep(1)|]; } }")]
    [InlineData("async Task M(byte[] b) { await Task.Yield(); ref var x = ref b[0]; while (x > 0) { x--; [|Thread.Sleep(1)|]; } }")]
    [InlineData("Task M() { [|Thread.Sleep(1)|]; return null!; }")]
    [InlineData("Task M(out int x) { [|Thread.Sleep(1)|]; x = 1; return Task.CompletedTask; }")]
    [InlineData("Task M(ref int x) { [|Thread.Sleep(1)|]; return Task.CompletedTask; }")]
    [InlineData("Task M(Span<int> x) { [|Thread.Sleep(1)|]; return Task.CompletedTask; }")]
    [InlineData("[System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.Synchronized)] Task M() { [|Thread.Sleep(1)|]; return Task.CompletedTask; }")]
    [InlineData("Task P { get { [|Thread.Sleep(1)|]; return Task.CompletedTask; } }")]
    public Task Refuses_where_no_await_may_stand(string member) => Verify.VerifyNoCodeFixAsync("class C { " + member + " }");

    [Fact]
    public Task A_Span_that_ends_before_is_no_obstacle() => Verify.VerifyCodeFixAsync(
        "class C { async Task M(byte[] b) { await Task.Yield(); { Span<byte> s = b; s[0] = 1; } [|Thread.Sleep(1)|]; } }",
        "class C { async Task M(byte[] b) { await Task.Yield(); { Span<byte> s = b; s[0] = 1; } await Task.Delay(1); } }");

    [Fact]
    public Task Nested_findings() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(CancellationToken ct)
            {
                [|Thread.Sleep(await Pause(async () => { [|Thread.Sleep(1)|]; return 2; }))|];
                [|Thread.Sleep(await Pause(() => { [|Thread.Sleep(1)|]; return Task.FromResult(3); }))|];
            }

            Task<int> Pause(Func<Task<int>> f) => f();
        }
        """,
        """
        class C
        {
            async Task M(CancellationToken ct)
            {
                await Task.Delay(await Pause(async () => { await Task.Delay(1, ct); return 2; }), ct);
                await Task.Delay(await Pause(async () => { await Task.Delay(1, ct); return 3; }), ct);
            }

            Task<int> Pause(Func<Task<int>> f) => f();
        }
        """);

    [Fact]
    public async Task Several_documents()
    {
        var test = new Verify.Test
        {
            TestCode = "partial class C { async Task M() { [|Thread.Sleep(1)|]; await Task.Yield(); } }",
            FixedCode = "partial class C { async Task M() { await Task.Delay(1, _ct); await Task.Yield(); } }",
        };
        test.Sources.Add(("Other.cs", "partial class C { CancellationToken _ct; async Task N() { [|Thread.Sleep(2)|]; [|Thread.Sleep(3)|]; await Task.Yield(); } }"));
        test.FixedSources.Add(("Other.cs", "partial class C { CancellationToken _ct; async Task N() { await Task.Delay(2, _ct); await Task.Delay(3, _ct); await Task.Yield(); } }"));
        await test.RunAsync();
    }

    [Fact]
    public async Task Line_endings_and_tabs_are_kept()
    {
        const string Before = "class C\n{\n\tasync System.Threading.Tasks.Task M()\n\t{\n\t\t[|System.Threading.Thread.Sleep(1)|];\n\t}\n}\n";
        const string After = "using System.Threading.Tasks;\n\nclass C\n{\n\tasync System.Threading.Tasks.Task M()\n\t{\n\t\tawait Task.Delay(1);\n\t}\n}\n";
        await new Verify.Test
        {
            TestCode = Before.ReplaceLineEndings("\r\n"),
            FixedCode = After.ReplaceLineEndings("\r\n"),
            ImplicitUsings = false,
        }.RunAsync();
    }

    [Theory]
    [InlineData("class C { readonly CancellationToken _ct; Func<Task> f = async () => { [|Thread.Sleep(10)|]; await Task.Yield(); }; }", "await Task.Delay(10)")]
    [InlineData("struct C { CancellationToken _ct; public C(CancellationToken c) { _ct = c; } Func<Task> F() => async () => { [|Thread.Sleep(10)|]; await Task.Yield(); }; }", "await Task.Delay(10)")]
    [InlineData("class B { public B(Func<Task> f) { } } class C : B { CancellationToken _ct; public C() : base(async () => { [|Thread.Sleep(10)|]; await Task.Yield(); }) { } }", "await Task.Delay(10)")]
    [InlineData("class C { async Task M(int[] xs) { await Parallel.ForEachAsync(xs, async (x, _) => { [|Thread.Sleep(10)|]; await Task.Yield(); }); } }", "await Task.Delay(10)")]
    [InlineData("class C(CancellationToken ct) { readonly Func<Task> f = async () => { [|Thread.Sleep(10)|]; await Task.Yield(); }; }", "await Task.Delay(10, ct)")]
    [InlineData("class C(CancellationToken ct) { async Task M() { [|Thread.Sleep(10)|]; await Task.Yield(); } }", "await Task.Delay(10, ct)")]
    public Task Passes_only_a_token_that_can_be_had(string before, string sleep) =>
        Verify.VerifyCodeFixAsync(before, before.Replace("[|Thread.Sleep(10)|]", sleep, StringComparison.Ordinal));

    [Theory]
    [InlineData("ValueTask M(Task t) { [|Thread.Sleep(10)|]; return new(t); }", "async ValueTask M(Task t) { await Task.Delay(10); await t; }")]
    [InlineData("ValueTask<int> M(Task<int> t) { [|Thread.Sleep(10)|]; return new(t); }", "async ValueTask<int> M(Task<int> t) { await Task.Delay(10); return await t; }")]
    [InlineData("ValueTask<int> M() { [|Thread.Sleep(10)|]; return new(3); }", "async ValueTask<int> M() { await Task.Delay(10); return 3; }")]
    [InlineData("Task<object> M() => Task.Run(() => { [|Thread.Sleep(10)|]; return Task.FromResult<object>(\"x\"); });", "Task<object> M() => Task.Run(async () => { await Task.Delay(10); return await Task.FromResult<object>(\"x\"); });")]
    [InlineData("Task<int> M() => Task.Run(() => { [|Thread.Sleep(10)|]; return Task.FromResult(1); });", "Task<int> M() => Task.Run(async () => { await Task.Delay(10); return 1; });")]
    [InlineData("ValueTask<int> M(bool b, Task<int> t) { [|Thread.Sleep(10)|]; return b ? default : new(t); }", null)]
    [InlineData("ValueTask M(System.Threading.Tasks.Sources.IValueTaskSource s) { [|Thread.Sleep(10)|]; return new(s, 1); }", null)]
    [InlineData("void Run(Func<Task> f) { } void Run(Func<ValueTask> f) { } void M() => Run(() => { [|Thread.Sleep(10)|]; return Task.CompletedTask; });", null)]
    public Task Async_keeps_the_types(string before, string? after) =>
        Verify.VerifyCodeFixAsync("class C { " + before + " }", "class C { " + (after ?? before) + " }");
}
