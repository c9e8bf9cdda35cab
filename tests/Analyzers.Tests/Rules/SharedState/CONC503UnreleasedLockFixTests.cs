using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.SharedState.CONC503UnreleasedLockAnalyzer,
    ConcurrencyAnalyzers.Rules.SharedState.CONC503UnreleasedLockCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.SharedState;

public sealed class CONC503UnreleasedLockFixTests
{
    [Fact]
    public Task Released_in_a_finally() => VerifyAsync(
        """
        // One at a time.
        await [|_gate.WaitAsync(token)|];

        // Work.
        await WorkAsync(); // long
        if (token.CanBeCanceled)
        {
            await WorkAsync();
        }
        _gate.Release(); // free

        Console.WriteLine();
        """,
        """
        // One at a time.
        await _gate.WaitAsync(token);

        try
        {
            // Work.
            await WorkAsync(); // long
            if (token.CanBeCanceled)
            {
                await WorkAsync();
            }
        }
        finally
        {
            _gate.Release(); // free
        }

        Console.WriteLine();
        """);

    [Fact]
    public Task A_local_that_is_used_behind_is_declared_before() => VerifyAsync(
        """
        await [|_gate.WaitAsync()|];
        var text = await TextAsync();
        var length = text.Length;
        _gate.Release();
        Console.WriteLine(text);
        """,
        """
        await _gate.WaitAsync();
        string text;
        try
        {
            text = await TextAsync();
            var length = text.Length;
        }
        finally
        {
            _gate.Release();
        }
        Console.WriteLine(text);
        """);

    [Fact]
    public Task A_plain_return_goes_along() => VerifyAsync(
        """
        class C
        {
            private static readonly SemaphoreSlim _gate = new(1, 1);

            static async Task<string> M()
            {
                await [|_gate.WaitAsync()|];
                var text = await Task.FromResult("");
                _gate.Release();
                return text;
            }
        }
        """,
        """
        class C
        {
            private static readonly SemaphoreSlim _gate = new(1, 1);

            static async Task<string> M()
            {
                await _gate.WaitAsync();
                try
                {
                    var text = await Task.FromResult("");
                    return text;
                }
                finally
                {
                    _gate.Release();
                }
            }
        }
        """, whole: true);

    [Fact]
    public Task Taken_only_if_free() => VerifyAsync(
        """
        if (![|_gate.Wait(0)|])
            return;
        await WorkAsync();
        _gate.Release();
        """,
        """
        if (!_gate.Wait(0))
            return;
        try
        {
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """);

    [Fact]
    public Task Monitor_and_reader_lock() => VerifyAsync(
        """
        [|Monitor.Enter(_gate)|];
        Console.Out.Flush();
        Work();
        Monitor.Exit(_gate);
        [|_rw.EnterReadLock()|];
        Work();
        _rw.ExitReadLock();
        """,
        """
        Monitor.Enter(_gate);
        try
        {
            Console.Out.Flush();
            Work();
        }
        finally
        {
            Monitor.Exit(_gate);
        }
        _rw.EnterReadLock();
        try
        {
            Work();
        }
        finally
        {
            _rw.ExitReadLock();
        }
        """);

    [Fact]
    public Task The_try_begins_earlier() => VerifyAsync(
        """
        await [|_gate.WaitAsync()|];
        Work();

        try
        {
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """,
        """
        await _gate.WaitAsync();
        try
        {
            Work();
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """);

    [Fact]
    public Task Taken_before_the_try() => VerifyAsync(
        """
        Work();

        // Guarded.
        try
        {
            await [|_gate.WaitAsync(token)|];

            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """,
        """
        Work();

        // Guarded.
        await _gate.WaitAsync(token);
        try
        {
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """);

    [Fact]
    public Task Tried_before_the_try() => VerifyAsync(
        """
        try
        {
            if (!await [|_gate.WaitAsync(100, token)|])
                return;
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """,
        """
        if (!await _gate.WaitAsync(100, token))
            return;
        try
        {
            await WorkAsync();
        }
        finally
        {
            _gate.Release();
        }
        """);

    [Theory]
    // A catch would miss what it caught, other releases are in the way, and what is declared can't be split.
    [InlineData("try { await [|_gate.WaitAsync(token)|]; await WorkAsync(); } catch (OperationCanceledException) { } finally { _gate.Release(); }")]
    [InlineData("try { Work(); await [|_gate.WaitAsync(token)|]; } finally { _gate.Release(); }")]
    [InlineData("await [|_gate.WaitAsync()|]; if (token.CanBeCanceled) { await WorkAsync(); _gate.Release(); return; } _gate.Release();")]
    [InlineData("await [|_gate.WaitAsync()|]; var x = new { A = await TextAsync() }; _gate.Release(); Console.WriteLine(x.A);")]
    [InlineData("await [|_gate.WaitAsync()|]; int.TryParse(await TextAsync(), out var x); _gate.Release(); Console.WriteLine(x);")]
    [InlineData("await [|_gate.WaitAsync()|]; using var x = await StreamAsync(); _gate.Release(); x.ReadByte();")]
    [InlineData("if (await [|_gate.WaitAsync(1)|] && token.CanBeCanceled) { await WorkAsync(); } _gate.Release();")]
    [InlineData("await [|_gate.WaitAsync()|];\n#if X\n#endif\nawait WorkAsync(); _gate.Release();")]
    public Task No_fix(string statements) => VerifyAsync(statements, statements);

    private static Task VerifyAsync(string statements, string fixedStatements, bool whole = false) =>
        Verify.VerifyCodeFixAsync(whole ? statements : Method(statements), whole ? fixedStatements : Method(fixedStatements));

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private static readonly SemaphoreSlim _gate = new(1, 1);
            private static readonly ReaderWriterLockSlim _rw = new();

            async Task M(CancellationToken token)
            {
                await Task.Yield();
                {{statements.Replace("\n", "\n        ", StringComparison.Ordinal).Replace("        \n", "\n", StringComparison.Ordinal).Replace("        #", "#", StringComparison.Ordinal)}}
            }

            private static void Work() => Console.Out.Flush();

            private static Task WorkAsync() => Task.CompletedTask;

            private static Task<string> TextAsync() => Task.FromResult("");

            private static Task<Stream> StreamAsync() => Task.FromResult(Stream.Null);
        }
        """;
}
