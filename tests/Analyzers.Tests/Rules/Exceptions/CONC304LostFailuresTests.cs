using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC304LostFailuresAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC304LostFailuresCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC304LostFailuresTests
{
    private const string ExceptionKey = "CONC304.Exception";

    [Theory]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|].ConfigureAwait(false); } catch { }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(x => RunAsync(x)).ToList())|]; } catch (IOException e) { Console.WriteLine(e.Message); }")]
    [InlineData("try { var all = await [|Task.WhenAll(xs.Select(GetAsync))|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await [|Task.WhenAll(RunAsync(1), RunAsync(2))|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("var tasks = xs.Select(RunAsync).ToList(); try { await [|Task.WhenAll(tasks)|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("var tasks = new List<Task>(); foreach (var x in xs) tasks.Add(RunAsync(x)); try { await [|Task.WhenAll(tasks)|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); try { await [|Task.WhenAll(a, b)|]; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { var all = [|Task.WhenAll(xs.Select(RunAsync))|]; await all; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (OperationCanceledException) { throw; } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception e) when (e is not OperationCanceledException) { Console.WriteLine(e); }")]
    [InlineData("try { try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } finally { Console.WriteLine(); } } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { Console.WriteLine(); await [|Task.WhenAll(xs.Select(RunAsync))|]; Console.WriteLine(); } catch (Exception e) { Console.WriteLine(e); return; }")]
    public Task Failures_are_lost(string statement) => InMethod(statement);

    [Theory]
    [InlineData("await Task.WhenAll(xs.Select(RunAsync));")]
    [InlineData("try { await Task.WhenAll(xs.Select(RunAsync)); } finally { Console.WriteLine(); }")]
    [InlineData("try { await Task.WhenAll(xs.Select(RunAsync)); } catch (Exception e) { Console.WriteLine(e); throw; }")]
    [InlineData("try { await Task.WhenAll(xs.Select(RunAsync)); } catch (Exception e) { throw new InvalidOperationException(\"\", e); }")]
    [InlineData("try { await Task.WhenAll(xs.Select(RunAsync)); } catch (OperationCanceledException) { }")]
    [InlineData("try { await Task.WhenAll(xs.Select(RunAsync)); } catch (TaskCanceledException) { Console.WriteLine(); }")]
    [InlineData("try { await RunAsync(1); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { Func<Task> later = async () => await Task.WhenAll(xs.Select(RunAsync)); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { } catch (Exception) { await Task.WhenAll(xs.Select(RunAsync)); }")]
    // The tasks, or the task of all, are looked at.
    [InlineData("var all = Task.WhenAll(xs.Select(RunAsync)); try { await all; } catch (Exception) { Console.WriteLine(all.Exception); }")]
    [InlineData("Task? all = null; try { await (all = Task.WhenAll(xs.Select(RunAsync))); } catch (Exception) { Console.WriteLine(all?.Exception); }")]
    [InlineData("var tasks = xs.Select(RunAsync).ToList(); try { await Task.WhenAll(tasks); } catch { foreach (var task in tasks) Console.WriteLine(task.Exception); }")]
    [InlineData("var tasks = xs.Select(RunAsync).ToList(); try { await Task.WhenAll(tasks); } catch { } Console.WriteLine(tasks.Count(task => task.IsFaulted));")]
    [InlineData("var tasks = xs.Select(RunAsync).ToList(); try { await Task.WhenAll(tasks.ToArray()); } catch { } foreach (var task in tasks) await task;")]
    [InlineData("var a = RunAsync(1); var b = RunAsync(2); try { await Task.WhenAll(a, b); } catch { } if (a.IsFaulted) return;")]
    [InlineData("var a = GetAsync(1); var b = GetAsync(2); try { await Task.WhenAll(a, b); Console.WriteLine(await a + await b); } catch (Exception e) { Console.WriteLine(e); }")]
    // Somebody else has them.
    [InlineData("try { await Task.WhenAll(_tasks); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("async Task Local(List<Task> given) { try { await Task.WhenAll(given); } catch (Exception e) { Console.WriteLine(e); } } await Local(_tasks);")]
    // No more than one can fail.
    [InlineData("try { await Task.WhenAll(RunAsync(1)); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await Task.WhenAll(RunAsync(1), Task.Delay(1)); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await Task.WhenAll(RunAsync(1), HandledAsync(2)); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("var pause = Task.Delay(1); try { await Task.WhenAll(RunAsync(1), pause); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await Task.WhenAll(xs.Select(HandledAsync)); } catch (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await Task.WhenAll(xs.Select(async x => { try { await RunAsync(x); } catch { } })); } catch (Exception e) { Console.WriteLine(e); }")]
    public Task Not_flagged(string statement) => InMethod(statement);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { async Task M(Func<Task> f) { try { await {|#0:Task.WhenAll(f(), f())|}; } catch { } } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("Task.WhenAll").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync(
        "// <auto-generated/>\nclass C { async Task M() { try { await Task.WhenAll(M(), M()); } catch { } } }");

    [Theory]
    [InlineData("class C { async Task M() { try { await Task.WhenAll(); await Task.WhenAll( } catch { } } }")]
    [InlineData("class C { async Task M() { try { await Task.WhenAll(Missing(), M(), ); } catch (Missing e) { } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Theory]
    [InlineData("Task.WhenAll(xs.Select(RunAsync))", "Gather.SettleAsync(xs.Select(RunAsync))")]
    [InlineData("Task.WhenAll(xs.Select(GetAsync))", "Gather.SettleAsync(xs.Select(GetAsync))")]
    [InlineData("Task.WhenAll(RunAsync(1), RunAsync(2))", "Gather.SettleAsync([RunAsync(1), RunAsync(2)])")]
    public Task Settles(string whenAll, string settle) => Verify.VerifyCodeFixAsync(
        Method(
            $$"""
            // before
                    try
                    {
                        // All of them.
                        await [|{{whenAll}}|]; // at once
                    } // done
                    catch (Exception e)
                    {
                        // why
                        Console.WriteLine(e);
                    }
            """),
        "using ConcurrencyAnalyzers.Runtime;\n\n" + Method(
            $$"""
            // before
                    // All of them.
                    // at once
                    // done
                    foreach (var outcome in await {{settle}})
                    {
                        if (outcome.Exception is { } e)
                        {
                            // why
                            Console.WriteLine(e);
                        }
                    }
            """));

    [Fact]
    public Task Settles_where_the_exception_has_no_name() => Verify.VerifyCodeFixAsync(
        Method(
            """
            try
                    {
                        await [|Task.WhenAll(xs.Select(RunAsync))|].ConfigureAwait(false);
                    }
                    catch
                    {
                        Console.WriteLine("failed");
                    }
            """),
        "using ConcurrencyAnalyzers.Runtime;\n\n" + Method(
            """
            foreach (var outcome in await Gather.SettleAsync(xs.Select(RunAsync)).ConfigureAwait(false))
                    {
                        if (!outcome.IsSuccess)
                        {
                            Console.WriteLine("failed");
                        }
                    }
            """));

    private const string TwoLocals =
        """
        var a = RunAsync(1);
                var b = RunAsync(2);
                try
                {
                    await [|Task.WhenAll(a, b)|];
                    Console.WriteLine("done");
                }
                catch (Exception e)
                {
                    Console.WriteLine(e);
                    return;
                }
        """;

    private const string TwoLocalsMended =
        """
        var a = RunAsync(1);
                var b = RunAsync(2);
                var all = Task.WhenAll(a, b);
                try
                {
                    await all;
                    Console.WriteLine("done");
                }
                catch (Exception e)
                {
                    Console.WriteLine(all.Exception ?? e);
                    return;
                }
        """;

    [Fact]
    public Task Takes_the_exception_of_all() => Verify.VerifyCodeFixAsync(Method(TwoLocals), Method(TwoLocalsMended));

    [Fact]
    public Task Takes_the_exception_of_all_without_the_runtime() => new Verify.Test
    {
        TestCode = Method(TwoLocals),
        FixedCode = Method(TwoLocalsMended),
        WithRuntime = false,
    }.RunAsync();

    [Fact]
    public Task Takes_the_exception_of_all_where_asked() => new Verify.Test
    {
        TestCode = Method("var tasks = xs.Select(RunAsync).ToList();\n        try\n        {\n            await [|Task.WhenAll(tasks)|];\n        }\n        catch (Exception e)\n        {\n            Console.WriteLine(e);\n        }"),
        FixedCode = Method("var tasks = xs.Select(RunAsync).ToList();\n        var all = Task.WhenAll(tasks);\n        try\n        {\n            await all;\n        }\n        catch (Exception e)\n        {\n            Console.WriteLine(all.Exception ?? e);\n        }"),
        CodeActionEquivalenceKey = ExceptionKey,
    }.RunAsync();

    [Theory]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception e) { Console.WriteLine(e); return; }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (IOException e) { Console.WriteLine(e); }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception e) { Console.WriteLine(e); } finally { Console.WriteLine(); }")]
    [InlineData("try { Console.WriteLine(); await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception e) { Console.WriteLine(e); }")]
    // What a handler does nothing about is not worth a loop.
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch { }")]
    [InlineData("try { await [|Task.WhenAll(xs.Select(RunAsync))|]; } catch (Exception) { /* some fail */ }")]
    public Task No_fix(string statement) => Verify.VerifyNoCodeFixAsync(Method(statement));

    private static Task InMethod(string statement) => Verify.VerifyAnalyzerAsync(Method(statement));

    private static string Method(string statement) =>
        $$"""
        class C
        {
            async Task M(List<int> xs)
            {
                {{statement}}
            }

            async Task RunAsync(int x) => await Task.Delay(x);
            async Task<int> GetAsync(int x) { await Task.Delay(x); return x; }
            async Task HandledAsync(int x) { try { await Task.Delay(x); } catch { } }
            readonly List<Task> _tasks = [];
        }
        """;
}
