using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC309SwallowedCancellationAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC309SwallowedCancellationCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

public sealed class CONC309SwallowedCancellationTests
{
    [Theory]
    [InlineData("try { await WorkAsync(ct); } [|catch|] (Exception e) { Console.WriteLine(e); }")]
    [InlineData("try { await WorkAsync(ct); } [|catch|] { }")]
    [InlineData("try { await WorkAsync(ct); } [|catch|] (SystemException) { }")]
    [InlineData("try { await WorkAsync(ct).ConfigureAwait(false); } [|catch|] (Exception e) { _log.LogError(e, \"failed\"); }")]
    [InlineData("try { await WorkAsync(ct); } [|catch|] (Exception e) { _log.LogError(e.Message); return; }")]
    [InlineData("try { await WorkAsync(ct); } [|catch|] (Exception e) { _log.LogError($\"failed: {e.Message}\"); _failures++; }")]
    [InlineData("try { await WorkAsync(ct); } catch (IOException) { throw; } [|catch|] (Exception) { }")]
    [InlineData("foreach (var x in new[] { 1, 2 }) { try { await WorkAsync(ct); } [|catch|] (Exception) { continue; } }")]
    [InlineData("while (_failures < 3) { try { await WorkAsync(ct); break; } [|catch|] (Exception) { _failures++; } }")]
    [InlineData("using var both = CancellationTokenSource.CreateLinkedTokenSource(ct); try { await WorkAsync(both.Token); } [|catch|] (Exception) { }")]
    [InlineData("using var both = CancellationTokenSource.CreateLinkedTokenSource(ct); var token = both.Token; try { await WorkAsync(token); } [|catch|] (Exception) { }")]
    [InlineData("try { await foreach (var x in ReadAsync(ct)) { } } [|catch|] (Exception) { }")]
    [InlineData("try { await foreach (var x in ReadAsync(default).WithCancellation(ct)) { } } [|catch|] (Exception) { }")]
    [InlineData("try { var task = WorkAsync(ct); await task; } [|catch|] (Exception) { }")]
    [InlineData("try { try { await WorkAsync(ct); } finally { _failures = 0; } } [|catch|] (Exception) { }")]
    [InlineData("try { await WorkAsync(ct); } [|catch|] (Exception) { return; } await WorkAsync(ct);")]
    [InlineData("await Parallel.ForEachAsync(new[] { 1 }, ct, async (x, token) => { try { await WorkAsync(token); } [|catch|] (Exception) { } });")]
    [InlineData("async Task<int> Local(CancellationToken own) { try { await WorkAsync(own); return 1; } [|catch|] (Exception) { return 0; } } await Local(ct);")]
    [InlineData("async Task<string> Local(CancellationToken own) { try { await WorkAsync(own); return \"\"; } [|catch|] (Exception e) { return e.Message; } } await Local(ct);")]
    [InlineData("async Task<string> Local(CancellationToken own) { try { await WorkAsync(own); return \"\"; } [|catch|] (Exception e) { _log.LogError(e, \"failed\"); return string.Concat(\"failed: \", e.Message); } } await Local(ct);")]
    public Task Cancellation_is_swallowed(string statement) => InMethod(statement);

    [Theory]
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { throw; }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { throw new InvalidOperationException(\"failed\", e); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { _log.LogError(e, \"failed\"); throw; }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { if (++_failures > 3) throw; }")]
    [InlineData("try { await WorkAsync(ct); } catch (OperationCanceledException) { throw; } catch (Exception) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (OperationCanceledException) { } catch (Exception) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (TaskCanceledException) { } catch (Exception) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (OperationCanceledException) when (ct.IsCancellationRequested) { } catch { }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) when (e is not OperationCanceledException) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception) when (!ct.IsCancellationRequested) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) when (e is IOException or HttpRequestException) { }")]
    [InlineData("try { await WorkAsync(ct); } catch (IOException) { }")]
    // The handler looks at the token, or waits with it.
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { ct.ThrowIfCancellationRequested(); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { if (!ct.IsCancellationRequested) _log.LogError(e, \"failed\"); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { if (e is OperationCanceledException) return; Console.WriteLine(e); }")]
    [InlineData("while (true) { try { await WorkAsync(ct); } catch (Exception) { await Task.Delay(1, ct); } }")]
    // The failure is handed on.
    [InlineData("try { await WorkAsync(ct); _source.SetResult(); } catch (Exception e) { _source.SetException(e); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { _errors.Add(e); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { _error = e; }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { _isFaulted = true; }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { Fail(e.Message); }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { Fail(\"no\"); }")]
    [InlineData("async Task<Exception?> Local(CancellationToken own) { try { await WorkAsync(own); return null; } catch (Exception e) { return e; } } await Local(ct);")]
    [InlineData("async Task<string> Local(CancellationToken own) { try { await WorkAsync(own); return \"\"; } catch (Exception e) { return e.ToString(); } } await Local(ct);")]
    [InlineData("async Task<string> Local(CancellationToken own) { try { await WorkAsync(own); return \"\"; } catch (Exception e) { _errors.Add(e); return e.Message; } } await Local(ct);")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { var why = e.Message; Fail(why); }")]
    // Cancellation is seen soon enough.
    [InlineData("while (!ct.IsCancellationRequested) { try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } }")]
    [InlineData("while (true) { ct.ThrowIfCancellationRequested(); try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } }")]
    [InlineData("while (true) { try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } await Task.Delay(1000, ct); }")]
    [InlineData("foreach (var x in new[] { 1 }) { var y = await GetAsync(ct); try { await WorkAsync(ct); } catch { } }")]
    [InlineData("await foreach (var x in ReadAsync(ct)) { try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } }")]
    [InlineData("try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } await WorkAsync(ct);")]
    [InlineData("try { await WorkAsync(ct); } catch { } ct.ThrowIfCancellationRequested();")]
    // No token of the caller's is waited with.
    [InlineData("try { await WorkAsync(CancellationToken.None); } catch (Exception) { }")]
    [InlineData("try { await WorkAsync(default); } catch (Exception) { }")]
    [InlineData("try { await Task.Delay(1); } catch (Exception) { }")]
    [InlineData("try { Console.WriteLine(ct.CanBeCanceled); } catch (Exception) { }")]
    [InlineData("using var timeout = new CancellationTokenSource(1000); try { await WorkAsync(timeout.Token); } catch (Exception) { }")]
    [InlineData("try { await WorkAsync(_stop.Token); } catch (Exception) { }")]
    [InlineData("try { Func<Task> later = async () => await WorkAsync(ct); } catch (Exception) { }")]
    [InlineData("_ = Task.Run(async () => { try { await WorkAsync(ct); } catch (Exception e) { Console.WriteLine(e); } });")]
    [InlineData("try { try { await WorkAsync(ct); } catch (OperationCanceledException) { return; } } catch (Exception) { }")]
    // Clean-up is done as well as can be.
    [InlineData("try { await WorkAsync(ct); } catch (Exception) { try { await WorkAsync(ct); } catch { } throw; }")]
    [InlineData("try { await WorkAsync(ct); } catch (IOException e) { try { await GetAsync(ct); } catch (Exception other) { Console.WriteLine(other); } throw new InvalidOperationException(\"failed\", e); }")]
    [InlineData("try { await WorkAsync(ct); } finally { try { await WorkAsync(ct); } catch { } }")]
    [InlineData("async Task TryWork(CancellationToken own) { try { await WorkAsync(own); } catch { } } await TryWork(ct);")]
    [InlineData("async Task StopAsync(CancellationToken own) { try { await WorkAsync(own); } catch { } } await StopAsync(ct);")]
    public Task Not_flagged(string statement) => InMethod(statement);

    [Fact]
    public Task Message_and_severity() => Verify.VerifyAnalyzerAsync(
        "class C { public async Task<int> M(CancellationToken stop) { try { await Task.Delay(1, stop); } {|#0:catch|} { } return 1; } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("stop").WithSeverity(Microsoft.CodeAnalysis.DiagnosticSeverity.Info));

    [Fact]
    public Task Generated_code() => Verify.VerifyAnalyzerAsync(
        "// <auto-generated/>\nclass C { async Task M(CancellationToken stop) { try { await Task.Delay(1, stop); } catch { } } }");

    [Fact]
    public Task Tests_are_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        class Tests
        {
            [Xunit.Fact] public void Works() { }
            async Task RunAsync(CancellationToken stop) { try { await Task.Delay(1, stop); } catch { } }
        }

        namespace Xunit { class FactAttribute : Attribute; }
        """);

    [Theory]
    [InlineData("class C { async Task M(CancellationToken t) { try { await Task.Delay(1, t); } [|catch|] (Exception e) { } [|catch|] } }")]
    [InlineData("class C { async Task M(CancellationToken t) { try { await Missing(t); } catch (Missing) { } } }")]
    [InlineData("class C { async Task M(CancellationToken t) { try { await Task.Delay(1, t } [|catch|]")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None }.RunAsync();

    [Fact]
    public Task Adds_the_clause() => FixesAsync(
        """
        class C
        {
            async Task M(CancellationToken cancellationToken)
            {
                try
                {
                    await Task.Delay(1, cancellationToken);
                }
                catch (IOException)
                {
                    throw;
                }
                // Whatever it is.
                [|catch|] (Exception e)
                {
                    Console.WriteLine(e); // and on we go
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(CancellationToken cancellationToken)
            {
                try
                {
                    await Task.Delay(1, cancellationToken);
                }
                catch (IOException)
                {
                    throw;
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }
                // Whatever it is.
                catch (Exception e)
                {
                    Console.WriteLine(e); // and on we go
                }
            }
        }
        """);

    [Fact]
    public Task Adds_clauses_to_nested_and_several_tries() => FixesAsync(
        """
        class C
        {
            async Task M(CancellationToken @event)
            {
                try
                {
                    await Task.Delay(1, @event);
                    await Parallel.ForEachAsync(new[] { 1 }, @event, async (x, ct) =>
                    {
                        try
                        {
                            await Task.Delay(x, ct);
                        }
                        [|catch|]
                        {
                        }
                    });
                }
                [|catch|] (Exception)
                {
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(CancellationToken @event)
            {
                try
                {
                    await Task.Delay(1, @event);
                    await Parallel.ForEachAsync(new[] { 1 }, @event, async (x, ct) =>
                    {
                        try
                        {
                            await Task.Delay(x, ct);
                        }
                        catch (OperationCanceledException) when (ct.IsCancellationRequested)
                        {
                            throw;
                        }
                        catch
                        {
                        }
                    });
                }
                catch (OperationCanceledException) when (@event.IsCancellationRequested)
                {
                    throw;
                }
                catch (Exception)
                {
                }
            }
        }
        """);

    [Fact]
    public Task Adds_the_using() => new Verify.Test
    {
        TestCode =
            """
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                async Task M(CancellationToken token)
                {
                    try
                    {
                        await Task.Delay(1, token);
                    }
                    [|catch|]
                    {
                    }
                }
            }
            """,
        FixedCode =
            """
            using System;
            using System.Threading;
            using System.Threading.Tasks;

            class C
            {
                async Task M(CancellationToken token)
                {
                    try
                    {
                        await Task.Delay(1, token);
                    }
                    catch (OperationCanceledException) when (token.IsCancellationRequested)
                    {
                        throw;
                    }
                    catch
                    {
                    }
                }
            }
            """,
        ImplicitUsings = false,
        ReferenceAssemblies = ReferenceAssemblies.NetStandard20,
        LanguageVersion = Microsoft.CodeAnalysis.CSharp.LanguageVersion.CSharp7_3,
        TestNullableDisabled = false,
    }.RunAsync();

    // At the top level of a program there are no parameters, and so no token of the caller's.
    private static Task FixesAsync(string code, string mended) =>
        new Verify.Test { TestCode = code, FixedCode = mended, TestTopLevelProgram = false }.RunAsync();

    private static Task ReportsAsync(string code) => new Verify.Test { TestCode = code, TestTopLevelProgram = false }.RunAsync();

    private static Task InMethod(string statement) => ReportsAsync(
        $$"""
        #nullable disable warnings
        class C
        {
            async Task M(CancellationToken ct)
            {
                {{statement}}
            }

            Task WorkAsync(CancellationToken token) => Task.Delay(1, token);
            Task<int> GetAsync(CancellationToken token) => Task.FromResult(1);
            async IAsyncEnumerable<int> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token) { await Task.Delay(1, token); yield return 1; }
            void Fail(string why) { }
            readonly CancellationTokenSource _stop = new();
            readonly TaskCompletionSource _source = new();
            readonly List<Exception> _errors = [];
            readonly ILogger _log;
            Exception _error;
            bool _isFaulted;
            int _failures;
        }

        interface ILogger { void LogError(Exception e, string text); void LogError(string text); }
        """);
}
