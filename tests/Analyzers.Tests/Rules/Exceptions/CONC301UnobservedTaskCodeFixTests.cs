using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC301UnobservedTaskCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC301UnobservedTaskCodeFixTests
{
    private const string ObserveKey = "CONC301.Observe";

    [Theory]
    [InlineData("using ([|OpenAsync()|]) { }", "using (await OpenAsync()) { }")]
    [InlineData("using (var stream = [|OpenAsync()|]) { }", "using (var stream = await OpenAsync()) { }")]
    [InlineData("using var stream = [|OpenAsync()|];", "using var stream = await OpenAsync();")]
    [InlineData("using ([|semaphore.WaitAsync()|]) { }", "using ([|semaphore.WaitAsync()|]) { }")]
    [InlineData("using Task<Stream> stream = [|OpenAsync()|];", "using Task<Stream> stream = [|OpenAsync()|];")]
    public Task A_using_gets_the_result(string before, string after) => Verify.VerifyCodeFixAsync(
        $$"""class C { async Task M(SemaphoreSlim semaphore) { await Task.Yield(); {{before}} } static Task<Stream> OpenAsync() => Task.Run(() => Stream.Null); }""",
        $$"""class C { async Task M(SemaphoreSlim semaphore) { await Task.Yield(); {{after}} } static Task<Stream> OpenAsync() => Task.Run(() => Stream.Null); }""");

    [Fact]
    public Task Synchronous_code_observes_and_imports() => Verify.VerifyCodeFixAsync(
        """
        using System.Text;

        class C
        {
            void M(StringBuilder text)
            {
                // before
                [|Task.Delay(1)|]; // after
                text.Clear();
            }
        }
        """,
        """
        using System.Text;
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            void M(StringBuilder text)
            {
                // before
                Task.Delay(1).Observe(); // after
                text.Clear();
            }
        }
        """);

    [Fact]
    public Task All_at_once_import_once() => Verify.VerifyCodeFixAsync(
        """
        namespace Jobs
        {
            class C
            {
                C() => [|Task.Delay(1)|];
                int P { set => [|Task.Delay(value)|]; }
                Action A => () => [|Task.Run(() => { [|Task.Delay(1)|]; })|];
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        namespace Jobs
        {
            class C
            {
                C() => Task.Delay(1).Observe();
                int P { set => Task.Delay(value).Observe(); }
                Action A => () => Task.Run(() => { Task.Delay(1).Observe(); }).Observe();
            }
        }
        """);

    // Without end, the lambda fits Func<Task>; each client would wait for the one before.
    [Fact]
    public Task Doesnt_await_in_a_loop_without_end() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            C(Queue<string> clients)
            {
                [|Task.Run(() =>
                {
                    while (true)
                    {
                        var client = clients.Dequeue();
                        [|Task.Run(() => Console.WriteLine(client))|];
                    }
                })|];
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            C(Queue<string> clients)
            {
                Task.Run(() =>
                {
                    while (true)
                    {
                        var client = clients.Dequeue();
                        Task.Run(() => Console.WriteLine(client)).Observe();
                    }
                }).Observe();
            }
        }
        """);

    [Theory]
    [InlineData("c.RunAsync()", "c.RunAsync().Observe()")]
    [InlineData("c.GetAsync()", "c.GetAsync().Observe()")]
    [InlineData("c.SendAsync()", "c.SendAsync().Observe()")]
    [InlineData("c.ReadAsync()", "c.ReadAsync().Observe()")]
    [InlineData("maybe?.RunAsync()", "maybe?.RunAsync().Observe()")]
    [InlineData("maybe?.SendAsync()", "maybe?.SendAsync().Observe()")]
    [InlineData("maybe?.Next?.ReadAsync()", "maybe?.Next?.ReadAsync().Observe()")]
    [InlineData("maybe?[0]?.Next?.GetAsync()", "maybe?[0]?.Next?.GetAsync().Observe()")]
    [InlineData("c.RunAsync().ConfigureAwait(false)", "c.RunAsync().Observe()")]
    [InlineData("maybe?.RunAsync().ConfigureAwait(continueOnCapturedContext: true)", "maybe?.RunAsync().Observe()")]
    public Task Shapes_in_synchronous_code(string statement, string mended) => Verify.VerifyCodeFixAsync(
        InSynchronousCode($"[|{statement}|];"), InSynchronousCode($"{mended};"));

    [Theory]
    [InlineData("Action action = delegate { [|c.RunAsync()|]; };\n        action();", "Action action = delegate { c.RunAsync().Observe(); };\n        action();")]
    [InlineData("void Local() => [|c.RunAsync()|];\n        Local();", "void Local() => c.RunAsync().Observe();\n        Local();")]
    [InlineData("if (maybe != null) [|c.RunAsync()|];\n        else [|c.GetAsync()|];", "if (maybe != null) c.RunAsync().Observe();\n        else c.GetAsync().Observe();")]
    [InlineData("for (; maybe != null; [|c.RunAsync()|]) { }", "for (; maybe != null; c.RunAsync().Observe()) { }")]
    [InlineData("var task = [|c.GetAsync()|];", "c.GetAsync().Observe();")]
    [InlineData("Task task = [|c.RunAsync()|], other = c.GetAsync();\n        other.Wait();", "Task task = c.RunAsync(), other = c.GetAsync();\n        task.Observe();\n        other.Wait();")]
    public Task Statements_in_synchronous_code(string statement, string mended) =>
        Verify.VerifyCodeFixAsync(InSynchronousCode(statement), InSynchronousCode(mended));

    [Theory]
    [InlineData("[|maybe?.RunAsync()|];", "await (maybe?.RunAsync() ?? Task.CompletedTask);")]
    [InlineData("[|maybe?.GetAsync()|];", "await (maybe?.GetAsync() ?? Task.CompletedTask);")]
    [InlineData("[|maybe?.SendAsync()|];", "await (maybe?.SendAsync() ?? default);")]
    [InlineData("[|maybe?.ReadAsync()|];", "await (maybe?.ReadAsync() ?? default);")]
    [InlineData("[|maybe?.Next?.RunAsync()|];", "await (maybe?.Next?.RunAsync() ?? Task.CompletedTask);")]
    [InlineData("[|maybe?.RunAsync().ConfigureAwait(false)|];", "await (maybe?.RunAsync() ?? Task.CompletedTask).ConfigureAwait(false);")]
    [InlineData("var task = [|c.RunAsync()|];", "await c.RunAsync();")]
    [InlineData("var task = [|c.RunAsync().ConfigureAwait(false)|];", "await c.RunAsync().ConfigureAwait(false);")]
    [InlineData("var number = [|c.GetAsync()|];", "var number = await c.GetAsync();")]
    [InlineData("Task<int> number = [|c.GetAsync()|];", "int number = await c.GetAsync();")]
    [InlineData("ValueTask<int> number = [|c.ReadAsync()|];", "int number = await c.ReadAsync();")]
    [InlineData("Task number = [|c.GetAsync()|];", "int number = await c.GetAsync();")]
    [InlineData("Task task = c.RunAsync();\n        await task;\n        task = [|c.RunAsync()|];", "Task task = c.RunAsync();\n        await task;\n        await c.RunAsync();")]
    [InlineData("var task = [|maybe?.RunAsync()|];", "await (maybe?.RunAsync() ?? Task.CompletedTask);")]
    [InlineData("var task = [|maybe == null ? c.RunAsync() : c.GetAsync()|];", "await (maybe == null ? c.RunAsync() : c.GetAsync());")]
    [InlineData("var task = [|maybe?.RunAsync() ?? c.RunAsync()|];", "await (maybe?.RunAsync() ?? c.RunAsync());")]
    public Task Async_code_awaits(string statement, string mended) => Verify.VerifyCodeFixAsync(
        InAsynchronousCode(statement), InAsynchronousCode(mended));

    [Fact]
    public Task A_local_with_other_uses_stays() => Verify.VerifyCodeFixAsync(
        InAsynchronousCode(
            """
            // first
                    var task = [|c.RunAsync()|]; // start
                    task = c.GetAsync();
                    await task;
            """),
        InAsynchronousCode(
            """
            // first
                    var task = c.RunAsync(); // start
                    await task;
                    task = c.GetAsync();
                    await task;
            """));

    [Theory]
    [InlineData("[|maybe?.RunAsync()|];", "maybe?.RunAsync().Observe();")]
    [InlineData("var number = [|c.GetAsync()|];", "c.GetAsync().Observe();")]
    public Task Async_code_may_observe(string statement, string mended) => new Verify.Test
    {
        TestCode = InAsynchronousCode(statement),
        FixedCode = "using ConcurrencyAnalyzers.Runtime;\n\n" + InAsynchronousCode(mended),
        CodeActionEquivalenceKey = ObserveKey,
    }.RunAsync();

    [Fact]
    public Task A_task_returning_method_becomes_async() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            public Task SaveAsync(Stream stream)
            {
                [|stream.FlushAsync()|];
                return Task.CompletedTask;
            }

            Task<int> CountAsync(Stream stream)
            {
                [|stream.WriteAsync(new byte[1])|];
                return Task.FromResult(1);
            }
        }
        """,
        """
        class C
        {
            public async Task SaveAsync(Stream stream)
            {
                await stream.FlushAsync();
            }

            async Task<int> CountAsync(Stream stream)
            {
                await stream.WriteAsync(new byte[1]);
                return 1;
            }
        }
        """);

    [Fact]
    public Task The_style_of_the_file_is_kept() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(C? maybe)
            {
                await RunAsync().ConfigureAwait(false);
                [|maybe?.RunAsync()|];
                var task = [|RunAsync(1)|];
            }

            Task RunAsync(int n = 0) => Task.Delay(n);
        }
        """,
        """
        class C
        {
            async Task M(C? maybe)
            {
                await RunAsync().ConfigureAwait(false);
                await (maybe?.RunAsync() ?? Task.CompletedTask).ConfigureAwait(false);
                await RunAsync(1).ConfigureAwait(false);
            }

            Task RunAsync(int n = 0) => Task.Delay(n);
        }
        """);

    [Fact]
    public Task Where_no_await_may_stand_it_observes() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            readonly object _gate = new();

            async Task M()
            {
                lock (_gate)
                {
                    [|Task.Delay(1)|];
                }

                Action plain = () => [|Task.Delay(2)|];
                plain();
                await Task.Yield();
            }

            Task Ref(ref int number)
            {
                [|Task.Delay(number)|];
                return Task.CompletedTask;
            }
        }
        """,
        """
        using ConcurrencyAnalyzers.Runtime;

        class C
        {
            readonly object _gate = new();

            async Task M()
            {
                lock (_gate)
                {
                    Task.Delay(1).Observe();
                }

                Action plain = () => Task.Delay(2).Observe();
                plain();
                await Task.Yield();
            }

            Task Ref(ref int number)
            {
                Task.Delay(number).Observe();
                return Task.CompletedTask;
            }
        }
        """);

    [Fact]
    public Task Without_the_runtime_it_awaits_or_nothing() => new Verify.Test
    {
        TestCode =
            """
            class C
            {
                void Synchronous() => [|Task.Delay(1)|];

                async Task M(C? maybe)
                {
                    [|maybe?.RunAsync()|];
                    await RunAsync();
                }

                Task RunAsync() => Task.Delay(1);
            }
            """,
        FixedCode =
            """
            class C
            {
                void Synchronous() => [|Task.Delay(1)|];

                async Task M(C? maybe)
                {
                    await (maybe?.RunAsync() ?? Task.CompletedTask);
                    await RunAsync();
                }

                Task RunAsync() => Task.Delay(1);
            }
            """,
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Another_Observe_in_scope_is_not_called_instead() => Verify.VerifyNoCodeFixAsync(
        """
        class C
        {
            void M() => [|Task.Delay(1)|];
        }

        static class Extensions
        {
            public static void Observe(this Task task) => task.Wait();
        }
        """);

    [Fact]
    public Task On_netstandard_in_old_code() => new Verify.Test
    {
        TestCode =
            """
            namespace N
            {
                class C
                {
                    async System.Threading.Tasks.Task M(C maybe)
                    {
                        [|maybe?.RunAsync()|];
                        var task = [|RunAsync()|];
                    }

                    System.Threading.Tasks.Task RunAsync() { return System.Threading.Tasks.Task.Delay(1); }
                }
            }
            """,
        FixedCode =
            """
            namespace N
            {
                class C
                {
                    async System.Threading.Tasks.Task M(C maybe)
                    {
                        await (maybe?.RunAsync() ?? System.Threading.Tasks.Task.CompletedTask);
                        await RunAsync();
                    }

                    System.Threading.Tasks.Task RunAsync() { return System.Threading.Tasks.Task.Delay(1); }
                }
            }
            """,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        LanguageVersion = LanguageVersion.CSharp7_3,
    }.RunAsync();

    [Fact]
    public Task Top_level_statements_await() => Verify.VerifyCodeFixAsync(
        """
        [|Task.Delay(1)|];
        Task task = [|Task.Delay(2)|], other = Task.Delay(3);
        other.Wait();
        """,
        """
        await Task.Delay(1);
        Task task = Task.Delay(2), other = Task.Delay(3);
        await task;
        other.Wait();
        """);

    [Fact]
    public Task Line_ends_and_chains_are_kept() => Verify.VerifyCodeFixAsync(
        "using System.Text;\r\n\r\nclass C\r\n{\r\n\tvoid M(HttpClient client)\r\n\t{\r\n\t\t[|client\r\n\t\t\t.GetAsync(\r\n\t\t\t\t\"/\")|]; // go\r\n\t}\r\n}\r\n",
        "using System.Text;\r\nusing ConcurrencyAnalyzers.Runtime;\r\n\r\nclass C\r\n{\r\n\tvoid M(HttpClient client)\r\n\t{\r\n\t\tclient\r\n\t\t\t.GetAsync(\r\n\t\t\t\t\"/\").Observe(); // go\r\n\t}\r\n}\r\n");

    private static string InSynchronousCode(string statement) => (statement.Contains("[|", StringComparison.Ordinal) ? "" : "using ConcurrencyAnalyzers.Runtime;\n\n") +
        $$"""
        class C
        {
            void M(C c, C? maybe)
            {
                {{statement}}
            }

            {{Members}}
        }
        """;

    private static string InAsynchronousCode(string statement) =>
        $$"""
        class C
        {
            async Task M(C c, C? maybe)
            {
                {{statement}}
            }

            {{Members}}
        }
        """;

    private const string Members =
        """
        Task RunAsync() => Task.Delay(1);
            Task<int> GetAsync() => Task.Run(() => 1);
            ValueTask SendAsync() => new(Task.Delay(1));
            ValueTask<int> ReadAsync() => new(GetAsync());
            C? Next => null;
            C? this[int index] => null;
        """;
}
