using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Exceptions.CONC307OutlivedScopeAnalyzer,
    ConcurrencyAnalyzers.Rules.Exceptions.CONC307OutlivedScopeCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Exceptions;

/// <summary>The fix for tasks that are awaited when their scope is over.</summary>
public sealed class CONC307OutlivedScopeLateAwaitFixTests
{
    [Theory]
    // The await moves.
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read;", "Task<int> read; using (var file = Open()) { read = ReadAsync(file); await read; }")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read.ConfigureAwait(true);", "Task<int> read; using (var file = Open()) { read = ReadAsync(file); await read.ConfigureAwait(true); }")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; Use(1); } await read;", "Task<int> read; using (var file = Open()) { read = ReadAsync(file); Use(1); await read; }")]
    [InlineData("ValueTask<int> read; using (var file = Open()) { read = [|PeekAsync(file)|]; } await read;", "ValueTask<int> read; using (var file = Open()) { read = PeekAsync(file); await read; }")]
    [InlineData("Task<int> read; { using var file = Open(); read = [|ReadAsync(file)|]; } await read;", "Task<int> read; { using var file = Open(); read = ReadAsync(file); await read; }")]
    [InlineData("Task<int> read; using (var file = Open()) using (var more = Open()) { read = [|ReadAsync(file)|]; } await read;", "Task<int> read; using (var file = Open()) using (var more = Open()) { read = ReadAsync(file); await read; }")]
    [InlineData("Task<int> read; using (var file = Open()) { using (var more = Open()) { read = [|ReadAsync(more)|]; } } await read;", "Task<int> read; using (var file = Open()) { using (var more = Open()) { read = ReadAsync(more); await read; } }")]
    [InlineData("Task<int> read; await using (var file = Open()) { read = [|ReadAsync(file)|]; } await read;", "Task<int> read; await using (var file = Open()) { read = ReadAsync(file); await read; }")]
    [InlineData("var file = Open(); Task<int> read; try { read = [|ReadAsync(file)|]; } finally { file.Dispose(); } await read;", "var file = Open(); Task<int> read; try { read = ReadAsync(file); await read; } finally { file.Dispose(); }")]
    [InlineData("try { Task read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read; } catch (IOException) { }", "try { Task read; using (var file = Open()) { read = ReadAsync(file); await read; } } catch (IOException) { }")]
    [InlineData("Task<int> a, b; using (var file = Open()) { a = [|ReadAsync(file)|]; b = [|ReadAsync(file)|]; } await a; await b;", "Task<int> a, b; using (var file = Open()) { a = ReadAsync(file); b = ReadAsync(file); await a; await b; }")]
    [InlineData("foreach (var x in _bytes) { Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read; }", "foreach (var x in _bytes) { Task<int> read; using (var file = Open()) { read = ReadAsync(file); await read; } }")]
    // It stays where it gives a result: by then the task is complete.
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } Use(await read);", "Task<int> read; using (var file = Open()) { read = ReadAsync(file); await read; } Use(await read);")]
    [InlineData("Task<int> read; using (var file = Open()) { Use(file); read = [|ReadAsync(file)|]; await Task.Yield(); } var n = 1 + await read;", "Task<int> read; using (var file = Open()) { Use(file); read = ReadAsync(file); await Task.Yield(); await read; } var n = 1 + await read;")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } if (await read > 0) Use(await read);", "Task<int> read; using (var file = Open()) { read = ReadAsync(file); await read; } if (await read > 0) Use(await read);")]
    [InlineData("Task<int> a; Task<int> b; using (var file = Open()) { a = [|ReadAsync(file)|]; b = [|ReadAsync(file)|]; } Use(await a + await b);", "Task<int> a; Task<int> b; using (var file = Open()) { a = ReadAsync(file); b = ReadAsync(file); await a; await b; } Use(await a + await b);")]
    public Task Awaited_in_the_scope(string before, string after) => Verify.VerifyCodeFixAsync(Method(before), Method(after));

    [Theory]
    // Something may end the task in between, or keep it from being awaited.
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } Use(1); await read;")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } if (_bytes.Length > 0) await read;")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } Use(_bytes.Length > 0 && await read > 0);")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } Use(Open().Length + await read);")]
    [InlineData("var file = Open(); var read = [|ReadAsync(file)|]; file.Dispose(); await read;")]
    [InlineData("var file = Open(); var read = [|file.ReadAsync(_bytes, 0, 1)|]; await file.DisposeAsync(); Use(await read);")]
    // Other code handles its exceptions.
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } try { await read; } catch (IOException) { }")]
    [InlineData("Task<int> read; try { using (var file = Open()) { read = [|ReadAsync(file)|]; } } catch (IOException) { return; } await read;")]
    [InlineData("var file = Open(); Task<int> read; try { read = [|ReadAsync(file)|]; } catch (IOException) { return; } finally { file.Dispose(); } await read;")]
    // It is passed on.
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await Task.WhenAll(read, Task.Delay(1));")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } await read; Use(read);")]
    [InlineData("Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } Use(read.IsCompleted); await read;")]
    // It isn't started on every way to the end, or not by a statement of its own.
    [InlineData("Task<int> read = Task.FromResult(1); using (var file = Open()) { if (_bytes.Length > 0) read = [|ReadAsync(file)|]; } await read;")]
    [InlineData("Task<int> read; using (var file = Open()) read = [|ReadAsync(file)|]; await read;")]
    // A ValueTask is consumed once.
    [InlineData("ValueTask<int> read; using (var file = Open()) { read = [|PeekAsync(file)|]; } Use(await read);")]
    public Task Awaited_where_it_was(string statements) => Verify.VerifyNoCodeFixAsync(Method(statements));

    [Fact]
    public Task Layout_and_comments() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<int> MAsync(Func<Stream, Task> save)
            {
                Task saving;
                using (var file = File.OpenRead("x"))
                {
                    // Begins here.
                    saving = [|save(file)|]; // streams
                }

                // All is well
                // only when it is saved.
                await saving.ConfigureAwait(false); // at last
                return 1;
            }
        }
        """,
        """
        class C
        {
            async Task<int> MAsync(Func<Stream, Task> save)
            {
                Task saving;
                using (var file = File.OpenRead("x"))
                {
                    // Begins here.
                    saving = save(file); // streams
                    // All is well
                    // only when it is saved.
                    await saving.ConfigureAwait(false); // at last
                }

                return 1;
            }
        }
        """);

    [Fact]
    public Task In_the_style_of_the_file() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task<string> MAsync(HttpClient client, Uri uri)
            {
                await Task.Delay(1).ConfigureAwait(false);
                Task<int> read;
                using (var file = File.OpenRead("x"))
                {
                    read = [|file.ReadAsync(new byte[1], 0, 1)|];
                }

                var n = await read.ConfigureAwait(false);
                return n.ToString();
            }
        }
        """,
        """
        class C
        {
            async Task<string> MAsync(HttpClient client, Uri uri)
            {
                await Task.Delay(1).ConfigureAwait(false);
                Task<int> read;
                using (var file = File.OpenRead("x"))
                {
                    read = file.ReadAsync(new byte[1], 0, 1);
                    await read.ConfigureAwait(false);
                }

                var n = await read.ConfigureAwait(false);
                return n.ToString();
            }
        }
        """);

    [Fact]
    public Task No_await_in_synchronous_code() => new Verify.Test
    {
        TestCode = Class("async Task M() { await Task.Yield(); Action start = () => { Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } read.Wait(); }; start(); }"),
        FixedCode = Class("async Task M() { await Task.Yield(); Action start = () => { Task<int> read; using (var file = Open()) { read = [|ReadAsync(file)|]; } read.Wait(); }; start(); }"),
    }.RunAsync();

    private static string Method(string statements) => Class($"async Task M() {{ {statements} await Task.Yield(); }}");

    private static string Class(string members) =>
        $$"""
        class C
        {
            {{members}}

            static FileStream Open() => File.OpenRead("x");
            static Task<int> ReadAsync(Stream stream) => stream.ReadAsync(new byte[1], 0, 1);
            static ValueTask<int> PeekAsync(Stream stream) => stream.ReadAsync(new byte[1]);
            static void Use(object? x) { }
            readonly byte[] _bytes = new byte[4];
        }
        """;
}
