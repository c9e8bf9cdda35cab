using ConcurrencyAnalyzers.TestKit;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Time.CONC604UnboundedRetryAnalyzer,
    ConcurrencyAnalyzers.TestKit.EmptyCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Time;

public sealed class CONC604UnboundedRetryTests
{
    private const string Helpers =
        """
            private readonly HttpClient _client = new();
            private static void Log(object e) { }
            private static Task BackOffAsync() => Task.CompletedTask;
            private static void Work() { }
        """;

    [Fact]
    public Task Message_names_the_exception() => Verify.VerifyAnalyzerAsync(
        "class C { static string M() { {|#0:while|} (true) { try { return File.ReadAllText(\"x\"); } catch (IOException) { } } } }",
        Verify.Diagnostic().WithLocation(0).WithArguments("IOException"));

    [Theory]
    [InlineData("[|while|] (true) { try { return await _client.GetStringAsync(url); } catch (HttpRequestException) { } }")]
    [InlineData("[|while|] (true) { try { return await _client.GetStringAsync(url).ConfigureAwait(false); } catch (HttpRequestException e) { Log(e); } }")]
    [InlineData("[|while|] (true) { try { return await _client.GetStringAsync(url); } catch { continue; } }")]
    [InlineData("[|for|] (;;) { try { return await _client.GetStringAsync(url); } catch (Exception e) when (e is HttpRequestException) { Log(e); } }")]
    [InlineData("[|while|] (!ct.IsCancellationRequested) { try { return await _client.GetStringAsync(url); } catch (Exception e) { Log(e); } } return \"\";")]
    [InlineData("[|while|] (true) { try { await _client.GetStringAsync(url); break; } catch (Exception) { } } return \"\";")]
    [InlineData("[|do|] { try { return await _client.GetStringAsync(url); } catch (Exception) { Log(url); } } while (true);")]
    [InlineData("var done = false; [|while|] (!done) { try { await _client.GetStringAsync(url); done = true; } catch (Exception e) { Log(e); } } return \"\";")]
    [InlineData("string text; [|while|] (true) { try { text = await _client.GetStringAsync(url); } catch (Exception) { continue; } break; } return text;")]
    [InlineData("[|while|] (true) { ct.ThrowIfCancellationRequested(); try { return await _client.GetStringAsync(url); } catch (TaskCanceledException) { Log(1); } catch (HttpRequestException) { throw; } }")]
    [InlineData("string? text = null; [|while|] (text == null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { } } return text;")]
    [InlineData("string? text = null; [|while|] (text is null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException e) { Log(e); } } return text;")]
    [InlineData("Stream? file = null; [|do|] { try { file = File.OpenRead(url); } catch (IOException) { } } while (file == null); return file.ToString()!;")]
    [InlineData("[|for|] (var i = 0; ; i++) { try { return await _client.GetStringAsync(url); } catch (Exception) { } }")]
    [InlineData("[|for|] (var i = 1; ; i++) { try { return await _client.GetStringAsync(url); } catch (HttpRequestException) { Console.WriteLine($\"attempt {i}\"); } }")]
    public Task Tries_again_at_once_for_ever(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { await Task.Delay(1000, ct); } }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { Thread.Sleep(1000); } }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { } await Task.Delay(1000, ct); }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { Log(url); } await BackOffAsync(); }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { ct.WaitHandle.WaitOne(100); } }")]
    [InlineData("var wait = new SpinWait(); while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { wait.SpinOnce(); } }")]
    [InlineData("var attempt = 0; while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) when (attempt++ < 5) { } }")]
    [InlineData("var attempt = 0; while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { if (++attempt == 5) throw; } }")]
    [InlineData("var left = 5; while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { left -= 1; if (left == 0) throw; } }")]
    [InlineData("for (var i = 0; i < 5; i++) { try { return await _client.GetStringAsync(url); } catch (Exception) { } } return \"\";")]
    [InlineData("for (var i = 0; ; i++) { try { return await _client.GetStringAsync(url); } catch (Exception) when (i < 5) { Log(i); } }")]
    [InlineData("for (var i = 0; ; i++) { try { return await _client.GetStringAsync(url + i); } catch (Exception) { Log(i); } }")]
    [InlineData("for (var i = 0; ; i++) { Check(i); try { return await _client.GetStringAsync(url); } catch (Exception) { } } void Check(int x) { if (x > 5) throw new IOException(); }")]
    [InlineData("var i = 0; for (; ; i++) { if (i > 5) return \"\"; try { return await _client.GetStringAsync(url); } catch (Exception) { } }")]
    [InlineData("var until = DateTime.Now; while (DateTime.Now < until) { try { return await _client.GetStringAsync(url); } catch (Exception) { } } return \"\";")]
    [InlineData("foreach (var one in new[] { url, \"b\" }) { try { return await _client.GetStringAsync(one); } catch (Exception) { } } return \"\";")]
    [InlineData("string? text = null; while (text == null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { await Task.Delay(1, ct); } } return text;")]
    [InlineData("string? text = null; var left = 3; while (text == null && left > 0) { left--; try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { } } return text!;")]
    [InlineData("string? text = null; while (text == null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { text = \"\"; } } return text;")]
    [InlineData("string? text = null; while (text == null) { try { text = await _client.GetStringAsync(url).WaitAsync(TimeSpan.FromSeconds(5)); } catch (TimeoutException) { } } return text;")]
    [InlineData("var pipe = new System.IO.Pipes.NamedPipeClientStream(url); while (true) { try { pipe.Connect(5000); return \"\"; } catch (System.TimeoutException) { Log(pipe); } }")]
    public Task Bounded_or_paced(string statements) => VerifyInMethod(statements);

    [Theory]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { throw; } }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { return \"\"; } }")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { break; } } return \"\";")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } finally { Log(url); } }")]
    [InlineData("while (true) { try { await _client.GetStringAsync(url); } catch (Exception e) { Log(e); } }")]
    [InlineData("while (true) { try { if (url == \"\") break; await _client.GetStringAsync(url); } catch (Exception e) { Log(e); } } return \"\";")]
    [InlineData("while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { url = \"http://other\"; } }")]
    [InlineData("while (true) { try { return int.Parse(Console.ReadLine()!).ToString(); } catch (FormatException) { Console.WriteLine(\"A number, please.\"); } }")]
    [InlineData("while (true) { try { await Task.Yield(); Work(); } catch (Exception) { } break; } return \"\";")]
    [InlineData("bool Again() => false; while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { if (!Again()) throw; } }")]
    [InlineData("Func<bool> again = () => true; while (true) { try { return await _client.GetStringAsync(url); } catch (Exception) { again(); } }")]
    [InlineData("var listener = new System.Net.Sockets.TcpListener(1); while (true) { try { var c = await listener.AcceptTcpClientAsync(); return c.ToString()!; } catch (IOException) { } }")]
    [InlineData("string? text = null; while (text == null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { throw; } } return text;")]
    [InlineData("string? line = null; while (line == null) { try { line = await Console.In.ReadLineAsync(); } catch (IOException) { } } return line;")]
    [InlineData("string? text = null; while (text != null) { try { text = await _client.GetStringAsync(url); } catch (HttpRequestException) { } } return text!;")]
    [InlineData("Exception? seen = null; while (seen == null) { try { await _client.GetStringAsync(url); } catch (HttpRequestException e) { seen = e; } } return \"\";")]
    [InlineData("while (true) await Task.Yield();")]
    public Task No_retries(string statements) => VerifyInMethod(statements);

    [Fact]
    public Task Top_level_statements() => Verify.VerifyAnalyzerAsync(
        "[|while|] (true) { try { File.Delete(\"x\"); break; } catch (IOException) { } }");

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { static string M() { while (true) { try { return File.ReadAllText(\"x\"); } catch (IOException) { } } } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { while (true) { try { return; } catch } } }")]
    [InlineData("class C { void M() { while (true) { try { } } } }")]
    [InlineData("class C { void M() { while ( { try { return; } catch { } } } }")]
    public Task Incomplete_code(string code) => new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.AnalyzeAsync();

    private static Task VerifyInMethod(string statements) => Verify.VerifyAnalyzerAsync(
        "class C { async Task<string> M(string url, CancellationToken ct) { " + statements + " } " + Helpers + " }");
}
