using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Blocking.CONC104AsyncSiblingAnalyzer,
    ConcurrencyAnalyzers.Rules.Blocking.CONC104AsyncSiblingCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Blocking;

public sealed class CONC104AsyncSiblingFixTests
{
    [Theory]
    [InlineData("var x = [|box.Load(1)|];", "var x = await box.LoadAsync(1);")]
    [InlineData("var x = [|box.Load(1)|].ToString();", "var x = (await box.LoadAsync(1)).ToString();")]
    [InlineData("var x = [|box.Load([|box.Load(1)|])|];", "var x = await box.LoadAsync(await box.LoadAsync(1));")]
    [InlineData("var x = [|Box.Make<string>(\"a\")|].Length;", "var x = (await Box.MakeAsync<string>(\"a\")).Length;")]
    [InlineData("var x = [|box.Many(1, 2)|];", "var x = await box.ManyAsync(1, 2);")]
    [InlineData("[|box.Send(times: 1, text: \"a\")|];", "await box.SendAsync(times: 1, text: \"a\");")]
    [InlineData("var x = [|box.Extended(1)|];", "var x = await box.ExtendedAsync(1);")]
    [InlineData("var x = [|Extensions.Extended(box, 1)|];", "var x = await Extensions.ExtendedAsync(box, 1);")]
    [InlineData("box?[|.Send(\"a\", 1)|];", "await (box?.SendAsync(\"a\", 1) ?? Task.CompletedTask);")]
    [InlineData("using var x = [|box.Open()|];", "using var x = await box.OpenAsync();")]
    [InlineData("await using (var x = [|box.Open()|]) { }", "await using (var x = await box.OpenAsync()) { }")]
    [InlineData("var x = [|System.Xml.Linq.XDocument.Load(stream, default)|];", "var x = await System.Xml.Linq.XDocument.LoadAsync(stream, default, default);")]
    [InlineData("[|stream.Write(bytes)|]; // written", "await stream.WriteAsync(bytes); // written")]
    [InlineData("[|stream.Write(\n            bytes, // all\n            0,\n            1)|];", "await stream.WriteAsync(\n            bytes, // all\n            0,\n            1);")]
    [InlineData("Func<Task<int>> f = () => Task.FromResult([|box.Load(1)|]);", "Func<Task<int>> f = async () => await box.LoadAsync(1);")]
    [InlineData("// each\n        foreach (var x in [|box.Streamed()|]) { } // done", "// each\n        await foreach (var x in box.StreamedAsync()) { } // done")]
    [InlineData("[|File.WriteAllLines(\"a\", new[] { \"b\" })|];", "await File.WriteAllLinesAsync(\"a\", new[] { \"b\" });")]
    public Task Awaits_instead(string before, string after) =>
        Verify.VerifyCodeFixAsync(CONC104AsyncSiblingTests.Code(before), CONC104AsyncSiblingTests.Code(after));

    [Theory]
    [InlineData("[|stream.Flush()|];", "await stream.FlushAsync(ct);")]
    [InlineData("[|box.Send(times: 1, text: \"a\")|];", "await box.SendAsync(times: 1, text: \"a\", token: ct);")]
    [InlineData("var x = [|box.Optional()|];", "var x = await box.OptionalAsync(cancellationToken: ct);")]
    [InlineData("var x = [|box.Optional(1, 2)|];", "var x = await box.OptionalAsync(1, 2, ct);")]
    [InlineData("var x = [|box.Optional(b: 1)|];", "var x = await box.OptionalAsync(b: 1, cancellationToken: ct);")]
    [InlineData("var x = [|box.Overloaded(\"a\")|];", "var x = await box.OverloadedAsync(\"a\", ct);")]
    [InlineData("var x = [|box.Many(1, 2)|];", "var x = await box.ManyAsync(1, 2);")]
    [InlineData("var x = [|box.Extended(1)|];", "var x = await box.ExtendedAsync(1);")]
    [InlineData("var x = [|File.ReadAllLines(\"a\")|];", "var x = await File.ReadAllLinesAsync(\"a\", ct);")]
    [InlineData("[|box.Send(\n            \"a\", // text\n            1    // once\n        )|];", "await box.SendAsync(\n            \"a\", // text\n            1,    // once\n            ct\n        );")]
    [InlineData("var x = [|System.Xml.Linq.XDocument.Load(stream, default)|];", "var x = await System.Xml.Linq.XDocument.LoadAsync(stream, default, ct);")]
    [InlineData("try { } finally { [|stream.Flush()|]; }", "try { } finally { await stream.FlushAsync(); }")]
    [InlineData("try { } catch (Exception) { [|stream.Flush()|]; }", "try { } catch (Exception) { await stream.FlushAsync(); }")]
    [InlineData("try { } catch (IOException) { [|stream.Flush()|]; }", "try { } catch (IOException) { await stream.FlushAsync(ct); }")]
    public Task Passes_the_token(string before, string after) => Verify.VerifyCodeFixAsync(
        CONC104AsyncSiblingTests.Code(before, "Stream stream, Box box, CancellationToken ct"),
        CONC104AsyncSiblingTests.Code(after, "Stream stream, Box box, CancellationToken ct"));

    [Theory]
    [InlineData("Span<int> span = new int[1]; [|stream.Flush()|]; span[0] = 1;")]
    [InlineData("unsafe { [|stream.Flush()|]; }")]
    [InlineData("try { } catch (Exception) when ([|box.Load(1)|] > 1) { }")]
    public Task Refuses(string statement) => Verify.VerifyNoCodeFixAsync(CONC104AsyncSiblingTests.Code(statement));

    [Theory]
    [InlineData("var q = from x in [|File.ReadAllLines(\"a\")|] select x;", "var q = from x in await File.ReadAllLinesAsync(\"a\") select x;")]
    [InlineData("foreach (var line in [|File.ReadAllLines(\"a\")|]) await Task.Yield();", "foreach (var line in await File.ReadAllLinesAsync(\"a\")) await Task.Yield();")]
    [InlineData("if ([|box.Load(1)|] is 1 or 2) return;", "if (await box.LoadAsync(1) is 1 or 2) return;")]
    public Task Places(string before, string after) =>
        Verify.VerifyCodeFixAsync(CONC104AsyncSiblingTests.Code(before), CONC104AsyncSiblingTests.Code(after));

    [Fact]
    public Task Keeps_the_files_ConfigureAwait_and_makes_task_returning_methods_async() => Verify.VerifyCodeFixAsync(
        """
        class C
        {
            async Task M(Stream stream) => await stream.FlushAsync().ConfigureAwait(false);

            Task<string> N(string path)
            {
                // The whole of it.
                var text = [|File.ReadAllText(path)|];
                return Task.FromResult(text + [|File.ReadAllText("b")|]);
            }
        }
        """,
        """
        class C
        {
            async Task M(Stream stream) => await stream.FlushAsync().ConfigureAwait(false);

            async Task<string> N(string path)
            {
                // The whole of it.
                var text = await File.ReadAllTextAsync(path).ConfigureAwait(false);
                return text + await File.ReadAllTextAsync("b").ConfigureAwait(false);
            }
        }
        """);

    [Theory]
    [InlineData("int n = [|socket.Send(bytes)|];", "int n = await socket.SendAsync(bytes, ct);")]
    [InlineData("int n = [|socket.Receive(bytes)|];", "int n = await socket.ReceiveAsync(bytes, ct);")]
    [InlineData("int n = [|socket.Receive(bytes, System.Net.Sockets.SocketFlags.Peek)|];", "int n = await socket.ReceiveAsync(bytes, System.Net.Sockets.SocketFlags.Peek, ct);")]
    public Task Arrays_as_memory(string before, string after) => Verify.VerifyCodeFixAsync(
        CONC104AsyncSiblingTests.Code(before, "System.Net.Sockets.Socket socket, byte[] bytes, CancellationToken ct"),
        CONC104AsyncSiblingTests.Code(after, "System.Net.Sockets.Socket socket, byte[] bytes, CancellationToken ct"));

    [Fact]
    public Task In_a_top_level_program() => Verify.VerifyCodeFixAsync(
        """
        await Task.Yield();
        var text = [|File.ReadAllText(args[0])|];
        """,
        """
        await Task.Yield();
        var text = await File.ReadAllTextAsync(args[0]);
        """);

    [Fact]
    public Task Incomplete_code() => new Verify.Test
    {
        TestCode = "class C { async Task M(Stream stream) { stream.Read(; stream.Write(new byte[1], 0 } }",
        CompilerDiagnostics = CompilerDiagnostics.None,
        TestTopLevelProgram = false,
    }.TryAllFixesAsync();
}
