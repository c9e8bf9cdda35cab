using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC102BlockingOnTaskInAsyncAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC102BlockingOnTaskInAsyncCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

/// <summary>What CONC102 flags, and what it turns that into. When a task is known complete, CompletedTasksTests says.</summary>
public sealed class CONC102BlockingOnTaskInAsyncTests
{
    [Theory]
    [InlineData("Use({|#0:F().Result|});", "Task.Result")]
    [InlineData("Use({|#0:V().Result|});", "ValueTask.Result")]
    [InlineData("{|#0:F().Wait()|};", "Task.Wait")]
    [InlineData("Use({|#0:F().GetAwaiter().GetResult()|});", "GetAwaiter().GetResult()")]
    [InlineData("{|#0:Task.WaitAll(F(), F())|};", "Task.WaitAll")]
    [InlineData("{|#0:Task.WaitAny(F(), F())|};", "Task.WaitAny")]
    [InlineData("{|#0:new Task(() => { }).RunSynchronously()|};", "Task.RunSynchronously")]
    public Task Message_names_the_access(string statement, string name) =>
        Verify.VerifyAnalyzerAsync(Code(statement), Verify.Diagnostic().WithLocation(0).WithArguments(name));

    [Theory]
    [InlineData("Use([|F().Result|]);", "Use(await F());")]
    [InlineData("Use([|V().Result|]);", "Use(await V());")]
    [InlineData("var x = [|F().Result|] + 1;", "var x = await F() + 1;")]
    [InlineData("var s = [|F().Result|].ToString();", "var s = (await F()).ToString();")]
    [InlineData("var s = [|A().Result|][0];", "var s = (await A())[0];")]
    [InlineData("var s = [|S().Result|]?.Length;", "var s = (await S())?.Length;")]
    [InlineData("var s = [|S().Result|]!.Length;", "var s = (await S())!.Length;")]
    [InlineData("var b = !([|F().Result|] > 1);", "var b = !(await F() > 1);")]
    [InlineData("var d = (double)[|F().Result|];", "var d = (double)await F();")]
    [InlineData("Use([|([|F().Result|] > 1 ? F() : F()).Result|]);", "Use(await (await F() > 1 ? F() : F()));")]
    [InlineData("[|F().Wait()|];", "await F();")]
    [InlineData("[|F().Wait(TimeSpan.FromSeconds(1))|];", "await F().WaitAsync(TimeSpan.FromSeconds(1));")]
    [InlineData("[|F().Wait(1000)|];", "await F().WaitAsync(TimeSpan.FromMilliseconds(1000));")]
    [InlineData("[|F().Wait(millisecondsTimeout: 1000, cancellationToken: ct)|];", "await F().WaitAsync(TimeSpan.FromMilliseconds(1000), ct);")]
    [InlineData("[|F().Wait(ct)|];", "await F().WaitAsync(ct);")]
    [InlineData("Use([|F().GetAwaiter().GetResult()|]);", "Use(await F());")]
    [InlineData("Use([|V().GetAwaiter().GetResult()|]);", "Use(await V());")]
    [InlineData("Use([|F().ConfigureAwait(false).GetAwaiter().GetResult()|]);", "Use(await F().ConfigureAwait(false));")]
    [InlineData("Use([|F().ConfigureAwait(true).GetAwaiter().GetResult()|]);", "Use(await F());")]
    [InlineData("[|Task.WaitAll(F(), F())|];", "await Task.WhenAll(F(), F());")]
    [InlineData("[|Task.WaitAny(F(), F())|];", "await Task.WhenAny(F(), F());")]
    [InlineData("Task[] all = [F()]; [|Task.WaitAll(all)|];", "Task[] all = [F()]; await Task.WhenAll(all);")]
    [InlineData("[|t?.Wait()|];", "await (t ?? Task.CompletedTask);", true)]
    [InlineData("Func<Task> f = async () => [|F().Wait()|];", "Func<Task> f = async () => await F();")]
    [InlineData("Func<Task<int>> f = () => Task.FromResult([|F().Result|]); await f();", "Func<Task<int>> f = async () => await F(); await f();")]
    [InlineData("Func<Task<int>> f = () => { Use([|F().Result|]); return F(); }; await f();", "Func<Task<int>> f = async () => { Use(await F()); return await F(); }; await f();")]
    [InlineData("if ([|F().Result|] is 1 or 2) Use(1);", "if (await F() is 1 or 2) Use(1);")]
    [InlineData("foreach (var c in [|S().Result|]) Use(c);", "foreach (var c in await S()) Use(c);")]
    [InlineData("var text = $\"{[|F().Result|]}\";", "var text = $\"{await F()}\";")]
    [InlineData("var q = from x in [|A().Result|] select x; Use(q.First());", "var q = from x in await A() select x; Use(q.First());")]
    public Task Awaits_instead(string before, string after, bool isConditional = false) => isConditional
        ? Verify.VerifyCodeFixAsync(Code("t?[|.Wait()|];"), Code(after))
        : Verify.VerifyCodeFixAsync(Code(before), Code(after));

    [Theory]
    [InlineData("lock (this) { Use([|F().Result|]); }")]
    [InlineData("unsafe { Use([|F().Result|]); }")]
    [InlineData("try { await F(); } catch (Exception) when ([|F().Result|] > 1) { }")]
    [InlineData("try { [|F().Wait()|]; } catch (AggregateException) { }")]
    [InlineData("try { Use([|F().Result|]); } catch (InvalidOperationException) { } catch (AggregateException e) when (e.InnerExceptions.Count > 1) { }")]
    [InlineData("if ([|F().Wait(1000)|]) Use(1);")]
    [InlineData("var i = [|Task.WaitAny(F(), F())|];")]
    [InlineData("[|Task.WaitAll(new Task[] { F() }, 1000)|];")]
    [InlineData("[|new Task(() => { }).RunSynchronously()|];")]
    [InlineData("var q = from x in new[] { 1 } where x == [|F().Result|] select x; Use(q.First());", true)]
    [InlineData("Span<int> s = new int[1]; Use([|F().Result|]); s[0] = 1;")]
    [InlineData("var n = Task.Run(() => 1)?[|.Result|];")]
    public Task Refuses_where_an_await_is_not_allowed_or_means_something_else(string statement, bool isSynchronousLambda = false) =>
        isSynchronousLambda ? Verify.VerifyAnalyzerAsync(Code(statement.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal))) : Verify.VerifyNoCodeFixAsync(Code(statement));

    [Theory]
    [InlineData("F().Wait(0);")]
    [InlineData("var done = F().Wait(TimeSpan.Zero);")]
    [InlineData("Task.WaitAll(new Task[] { F() }, 0);")]
    [InlineData("Action a = () => F().Wait(); a();")]
    [InlineData("Func<int> f = () => F().Result; f();")]
    [InlineData("var names = new[] { 1 }.Select(x => F().Result);")]
    [InlineData("int Local() => F().Result; Local();")]
    [InlineData("await Task.Run(() => F().Wait());")]
    [InlineData("System.Linq.Expressions.Expression<Func<Task<int>>> e = () => Task.FromResult(F().Result);")]
    [InlineData("var name = nameof(Task<int>.Result);")]
    [InlineData("var x = new Box().Result; new Box().Wait(); new Box().GetAwaiter().GetResult();")]
    [InlineData("var x = Task.FromResult(1).Result;")]
    [InlineData("var x = await F(); Use(x);")]
    [InlineData("var v = V(); if (v.IsCompletedSuccessfully) Use(v.Result);")]
    [InlineData("ValueTask<int> Local() { var v = V(); if (!v.IsCompletedSuccessfully) return v; Use(v.Result); return new(v.Result); } await Local();")]
    [InlineData("ValueTask<int> Local() { var v = V(); if (v.IsCompleted) { Use(v.Result); return v; } return v; } await Local();")]
    [InlineData("ValueTask<int> Local() { var v = V(); return v.IsCompletedSuccessfully ? new ValueTask<int>(v.Result + 1) : v; } await Local();")]
    [InlineData("ValueTask<int> Local(ValueTask<int> v) => v.IsCompleted ? new(v.GetAwaiter().GetResult()) : v; await Local(V());")]
    [InlineData("ValueTask Local() { var v = V(); if (v.IsCompletedSuccessfully) { v.GetAwaiter().GetResult(); return default; } return new(v.AsTask()); } await Local();")]
    [InlineData("var v = V().Preserve(); await v; Use(v.Result);")]
    [InlineData("var v = V().Preserve(); async ValueTask<int> Local() { await v; Use(v.Result); return v.Result; } await Local();")]
    public Task Leaves_alone(string statement) => Verify.VerifyAnalyzerAsync(Code(statement));

    [Theory]
    [InlineData("int M() { return F().Result; }")]
    [InlineData("void M() { F().Wait(); }")]
    [InlineData("int P => F().Result;")]
    [InlineData("public static void Main() { F().GetAwaiter().GetResult(); }")]
    public Task Synchronous_code_is_left_to_another_rule(string member) =>
        Verify.VerifyAnalyzerAsync("class C { " + member + " static Task<int> F() => Task.Run(() => 1); }");

    [Fact]
    public Task Task_returning_methods_become_async() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            Task<int> M()
            {
                if ([|F().Result|] > 1)
                    return Task.FromResult(2);

                return F();
            }

            Task<int> F() => Task.Run(() => 1);
        }
        """,
        """
        class C
        {
            async Task<int> M()
            {
                if (await F() > 1)
                    return 2;

                return await F();
            }

            Task<int> F() => Task.Run(() => 1);
        }
        """);

    [Fact]
    public Task Returns_amid_other_statements() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            Task M(int x)
            {
                if (x > 3)
                {
                    Console.WriteLine();
                    return Task.Delay(1); // long
                }

                if (x > 2)
                    return Task.Delay(2);

                switch (x)
                {
                    case 1:
                        return Task.Delay(3);
                }

                Console.WriteLine([|F().Result|]);
                return Inner();

                static Task Inner() => Task.Delay(4);
            }

            Task<int> F() => Task.Run(() => 1);
        }
        """,
        """
        class C
        {
            async Task M(int x)
            {
                if (x > 3)
                {
                    Console.WriteLine();
                    await Task.Delay(1);
                    return; // long
                }

                if (x > 2)
                {
                    await Task.Delay(2);
                    return;
                }

                switch (x)
                {
                    case 1:
                        await Task.Delay(3);
                        return;
                }

                Console.WriteLine(await F());
                await Inner();

                static Task Inner() => Task.Delay(4);
            }

            Task<int> F() => Task.Run(() => 1);
        }
        """);

    [Fact]
    public Task Nested_findings() => Verify.VerifyCodeFixAsync(
        Code("Use([|G([|G([|F().Result|]).Result|]).Result|]);"),
        Code("Use(await G(await G(await F())));"));

    [Fact]
    public Task Keeps_comments() => Verify.VerifyCodeFixAsync(
        Code(
            """
            // first
            var x = /* a */ [|F() /* b */
                .Result|] /* c */; // last
            """),
        Code(
            """
            // first
            var x = /* a */ await F() /* b */ /* c */; // last
            """));

    [Theory]
    [InlineData("var x = F() // first\n            .Result // second\n            + 1;", "var x = await F() // first // second\n            + 1;")]
    [InlineData("var x = F() // first\n            .Result;", "var x = await F() // first\n        ;")]
    public Task Keeps_comments_within(string before, string after) => Verify.VerifyCodeFixAsync(
        Code(before.Replace("F() // first\n            .Result", "[|F() // first\n            .Result|]", StringComparison.Ordinal)), Code(after));

    [Theory]
    [InlineData("int[] x = [[|F().Result|], .. [|A().Result|]];", "int[] x = [await F(), .. await A()];")]
    [InlineData("int? x = null; x ??= [|F().Result|];", "int? x = null; x ??= await F();")]
    [InlineData("var tasks = new List<Task> { F() }; [|Task.WaitAll(tasks)|];", "var tasks = new List<Task> { F() }; await Task.WhenAll(tasks);")]
    public Task Without_parentheses(string before, string after) => Verify.VerifyCodeFixAsync(Code(before), Code(after));

    [Fact]
    public Task Follows_the_files_ConfigureAwait() => Verify.VerifyCodeFixAsync(
        Code("await F().ConfigureAwait(false); await V().ConfigureAwait(false); Use([|F().Result|]);"),
        Code("await F().ConfigureAwait(false); await V().ConfigureAwait(false); Use(await F().ConfigureAwait(false));"));

    [Fact]
    public Task Top_level_statements() => Verify.VerifyCodeFixAsync(
        """
        var task = Task.Run(() => 1);
        await Task.Yield();
        Console.WriteLine([|task.Result|]);
        """,
        """
        var task = Task.Run(() => 1);
        await Task.Yield();
        Console.WriteLine(await task);
        """);

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { async Task M() { await Task.Yield(); Task.Delay(1).Wait(); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("async Task M() { [|Task.Delay(1).Wait( |]}")]
    [InlineData("async Task M() { Missing().Result; }")]
    [InlineData("async Task M() { [|Task.Run(() => 1).Result|] }")]
    [InlineData("async Task M() { [|Task.WaitAll(|]; }")]
    [InlineData("async Task M(Task<Missing> t) { var x = [|t.Result|]; }")]
    public Task Incomplete_code(string member) =>
        new Verify.Test { TestCode = "class C { " + member + " }", CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public Task No_WaitAsync_in_netstandard() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading.Tasks;

            class C
            {
                async Task M(Task<int> t)
                {
                    await Task.Yield();
                    [|t.Wait(1000)|];
                    [|t.Wait()|];
                }
            }
            """,
        FixedCode =
            """
            using System.Threading.Tasks;

            class C
            {
                async Task M(Task<int> t)
                {
                    await Task.Yield();
                    [|t.Wait(1000)|];
                    await t;
                }
            }
            """,
        LanguageVersion = LanguageVersion.CSharp7_3,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
    }.RunAsync();

    [Theory]
    [InlineData("Use(b?[|.Value().Result|] ?? 0);")]
    [InlineData("b?[|.Value().Wait()|];")]
    [InlineData("b?.Self!.Self?[|.Value().Wait()|];")]
    [InlineData("Use(b?[|.Value().GetAwaiter().GetResult()|] ?? 0);")]
    [InlineData("Use(b?[|[0].Result|] ?? 0);")]
    [InlineData("W(\"text\".AsSpan(), [|t.Result|]);")]
    [InlineData("W(\"text\"u8.Length > 0 ? \"text\" : \"\", [|t.Result|]);")]
    [InlineData("Span<int> s = stackalloc int[1]; s[0] = [|t.Result|];")]
    [InlineData("Ref() = [|t.Result|];")]
    [InlineData("var s = string.Create(System.Globalization.CultureInfo.InvariantCulture, $\"{[|t.Result|]}\");")]
    public Task No_fix_where_an_await_does_not_compile(string statement) => new Verify.Test
    {
        TestCode = Awkward(statement),
        FixedCode = Awkward(statement),
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("W(\"text\", [|t.Result|]);", "W(\"text\", await t);")]
    [InlineData("b?.Take([|t.Result|]);", "b?.Take(await t);")]
    [InlineData("var a = numbers[[|t.Result|]].ToString().AsSpan().Length;", "var a = numbers[await t].ToString().AsSpan().Length;")]
    [InlineData("numbers[0] = [|t.Result|];", "numbers[0] = await t;")]
    public Task Fix_beside_such_places(string before, string after)
    {
        return Verify.VerifyCodeFixAsync(Awkward(before, "string s"), Awkward(after, "string s"));
    }

    private static string Awkward(string statement, string text = "ReadOnlySpan<char> s") =>
        $$"""
        class C
        {
            async Task M(B? b, Task<int> t, int[] numbers)
            {
                await Task.Yield();
                {{statement}}
            }

            static int _x;
            static ref int Ref() => ref _x;
            static void W({{text}}, int x) { }
            static void Use(int x) { }
        }

        class B
        {
            public B? Self => this;
            public Task<int> this[int i] => Value();
            public Task<int> Value() => Task.Run(() => 1);
            public void Take(int x) { }
        }
        """;

    private static string Code(string statements) =>
        $$"""
        class C
        {
            async Task M(Task? t, CancellationToken ct)
            {
                await Task.Yield();
                {{statements}}
            }

            static Task<int> F() => Task.Run(() => 1);
            static Task<int> G(int x) => Task.Run(() => x);
            static Task<int[]> A() => Task.Run(() => new int[1]);
            static Task<string?> S() => Task.Run(() => (string?)"");
            static ValueTask<int> V() => new(F());
            static void Use(int x) { }
        }

        class Box
        {
            public int Result => 1;
            public void Wait() { }
            public Box GetAwaiter() => this;
            public int GetResult() => 1;
        }
        """;
}
