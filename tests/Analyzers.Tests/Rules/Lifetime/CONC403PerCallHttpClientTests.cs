using ConcurrencyAnalyzers.TestKit;
using Microsoft.CodeAnalysis;
using Verify = ConcurrencyAnalyzers.TestKit.RuleVerifier<
    ConcurrencyAnalyzers.Rules.Lifetime.CONC403PerCallHttpClientAnalyzer,
    ConcurrencyAnalyzers.Rules.Lifetime.CONC403PerCallHttpClientCodeFix>;

namespace ConcurrencyAnalyzers.Tests.Rules.Lifetime;

public sealed class CONC403PerCallHttpClientTests
{
    [Theory]
    [InlineData("using var client = [|new HttpClient()|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using (var client = [|new HttpClient()|]) return await client.GetStringAsync(\"https://a\");")]
    [InlineData("return await [|new HttpClient()|].GetStringAsync(\"https://a\");")]
    [InlineData("HttpClient client = [|new() { Timeout = TimeSpan.FromSeconds(3) }|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var client = [|new HttpClient()|]; client.DefaultRequestHeaders.Add(\"a\", \"b\"); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var client = [|new HttpClient()|]; try { return await client.GetStringAsync(\"https://a\"); } finally { client.Dispose(); }")]
    [InlineData("using var client = [|new HttpClient(new HttpClientHandler())|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = [|new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var handler = new SocketsHttpHandler(); handler.AllowAutoRedirect = false; using var client = [|new HttpClient(handler)|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = [|new HttpClient()|]; return await Elsewhere.ReadAsync(client);")]
    [InlineData("foreach (var url in urls) { using var client = [|new HttpClient()|]; await client.GetStringAsync(url); } return \"\";")]
    [InlineData("var all = await Task.WhenAll(urls.Select(async url => { using var client = [|new HttpClient()|]; return await client.GetStringAsync(url); })); return all[0];")]
    [InlineData("using var client = [|new HttpClient()|]; using var request = new HttpRequestMessage(); using var response = await client.SendAsync(request); return await response.Content.ReadAsStringAsync();")]
    public Task Flagged(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    // Somebody else has it.
    [InlineData("_client = new HttpClient(); return await _client.GetStringAsync(\"https://a\");")]
    [InlineData("_client ??= new HttpClient(); return await _client.GetStringAsync(\"https://a\");")]
    [InlineData("var api = new Api(new HttpClient()); _api = api; return \"\";")]
    [InlineData("_clients.Add(new HttpClient()); return \"\";")]
    [InlineData("var client = new HttpClient(); return await Elsewhere.ReadAsync(client);")]
    [InlineData("Func<HttpClient> make = () => new HttpClient(); return await Elsewhere.MakeAsync(make);")]
    [InlineData("var client = _factory.CreateClient(); return await client.GetStringAsync(\"https://a\");")]
    // A handler that is shared, or not everybody's.
    [InlineData("using var client = new HttpClient(_handler, disposeHandler: false); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = new HttpClient(Elsewhere.Handler()); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = new HttpClient(new Retrying { InnerHandler = new HttpClientHandler() }); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = new HttpClient(new HttpClientHandler { Credentials = new System.Net.NetworkCredential(\"a\", \"b\") }); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = new HttpClient(new HttpClientHandler { CookieContainer = new() }); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = new HttpClient(new HttpClientHandler { UseDefaultCredentials = true }); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var handler = new HttpClientHandler(); handler.ClientCertificates.Clear(); using var client = new HttpClient(handler); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var handler = new HttpClientHandler(); handler.Proxy = new System.Net.WebProxy(); using var client = new HttpClient(handler); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("var handler = new HttpClientHandler(); Elsewhere.SetUp(handler); using var client = new HttpClient(handler); return await client.GetStringAsync(\"https://a\");")]
    // It is something else.
    [InlineData("using var client = new Mine.HttpClient(); return \"\";")]
    public Task Left_alone(string statements) => Verify.VerifyAnalyzerAsync(Method(statements));

    [Theory]
    [InlineData("private static readonly HttpClient s_client = new(); Task<string> M() => s_client.GetStringAsync(\"https://a\");")]
    [InlineData("private readonly HttpClient _client; C() { var client = new HttpClient(); client.GetAsync(\"https://a\"); _client = client; }")]
    [InlineData("static HttpClient Create() => new HttpClient();")]
    [InlineData("[Xunit.Fact] public async Task M() { using var client = new HttpClient(); await client.GetStringAsync(\"https://a\"); } } namespace Xunit { class FactAttribute : Attribute { }")]
    [InlineData("async Task M() { using var client = new HttpClient(); await client.GetStringAsync(\"https://a\"); } } namespace Microsoft.AspNetCore.Components.WebAssembly.Hosting { public class WebAssemblyHostBuilder { }")]
    public Task Members_left_alone(string members) => new Verify.Test { TestCode = $"class C {{ {members} }}", TestTopLevelProgram = false }.RunAsync();

    [Fact]
    public Task The_type_with_Main_is_left_alone() => new Verify.Test
    {
        TestCode = "class C { static async Task Main() { using var client = new HttpClient(); await client.GetStringAsync(\"https://a\"); await ReadAsync(); } static async Task ReadAsync() { using var client = new HttpClient(); await client.GetStringAsync(\"https://a\"); } }",
        OutputKind = OutputKind.ConsoleApplication,
    }.RunAsync();

    [Fact]
    public Task A_program_that_runs_once_is_left_alone() => Verify.VerifyAnalyzerAsync(
        """
        using var client = new HttpClient();
        Console.WriteLine(await client.GetStringAsync("https://a"));
        await ReadAsync();

        static async Task ReadAsync()
        {
            using var own = new HttpClient();
            await own.GetStringAsync("https://a");
        }
        """);

    [Fact]
    public async Task Generated_code_is_left_alone()
    {
        var test = new Verify.Test();
        test.Sources.Add(("Client.g.cs", "class C { async Task M() { using var client = new HttpClient(); await client.GetStringAsync(\"\"); } }"));
        await test.RunAsync();
    }

    [Theory]
    [InlineData("class C { void M() { var client = new HttpClient(; client.Get } }")]
    [InlineData("class C { void M() { using var client = new HttpClient(missing); } }")]
    [InlineData("class C { void M() { using var client = new HttpClient( { } }")]
    public async Task Incomplete_code(string code) => await new Verify.Test { TestCode = code, CompilerDiagnostics = CompilerDiagnostics.None, TestTopLevelProgram = false }.TryAllFixesAsync();

    [Theory]
    [InlineData(
        "// The provider is slow.\n        using var client = [|new HttpClient { Timeout = TimeSpan.FromMinutes(3) }|];\n        return await client.GetStringAsync(\"https://a\");",
        "return await _client.GetStringAsync(\"https://a\");",
        "// The provider is slow.\n    private static readonly HttpClient _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) }) { Timeout = TimeSpan.FromMinutes(3) };")]
    [InlineData(
        "using (HttpClient all = [|new()|])\n        {\n            // Everything.\n            return await all.GetStringAsync(\"https://a\");\n        }",
        "// Everything.\n        return await _all.GetStringAsync(\"https://a\");",
        "private static readonly HttpClient _all = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) });")]
    [InlineData(
        "return await [|new HttpClient()|].GetStringAsync(\"https://a\");",
        "return await _httpClient.GetStringAsync(\"https://a\");",
        "private static readonly HttpClient _httpClient = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) });")]
    [InlineData(
        "using var client = [|new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })|];\n        return await client.GetStringAsync(\"https://a\");",
        "return await _client.GetStringAsync(\"https://a\");",
        "private static readonly HttpClient _client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });")]
    public Task The_fix_shares_it(string before, string after, string field) => new Verify.Test
    {
        TestCode = "class Quotes\n{\n    private int _n;\n\n    public async Task<string> GetAsync()\n    {\n        " + before + "\n    }\n}\n",
        FixedCode = "class Quotes\n{\n    private int _n;\n    " + field + "\n\n    public async Task<string> GetAsync()\n    {\n        " + after + "\n    }\n}\n",
        TestTopLevelProgram = false,
    }.RunAsync();

    [Theory]
    [InlineData("using var client = [|new HttpClient()|]; client.DefaultRequestHeaders.Add(\"a\", \"b\"); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = [|new HttpClient()|]; client.Timeout = TimeSpan.FromSeconds(urls.Length); return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = [|new HttpClient { BaseAddress = new Uri(urls[0]) }|]; return await client.GetStringAsync(\"https://a\");")]
    [InlineData("using var client = [|new HttpClient()|]; return await Elsewhere.ReadAsync(client);")]
    [InlineData("var handler = new HttpClientHandler(); using var client = [|new HttpClient(handler)|]; return await client.GetStringAsync(\"https://a\");")]
    public Task Refuses(string statements) => Verify.VerifyNoCodeFixAsync(Method(statements));

    private static string Method(string statements) =>
        $$"""
        class C
        {
            private readonly List<HttpClient> _clients = [];
            private readonly HttpMessageHandler _handler = new HttpClientHandler();
            private readonly IFactory _factory = null!;
            private HttpClient? _client;
            private Api? _api;

            async Task<string> M(string[] urls)
            {
                await Task.Yield();
                {{statements}}
            }
        }

        public sealed record Api(HttpClient Client);
        public interface IFactory { HttpClient CreateClient(); }
        public sealed class Retrying : DelegatingHandler;
        public static class Elsewhere
        {
            public static HttpMessageHandler Handler() => new HttpClientHandler();
            public static void SetUp(HttpClientHandler handler) => handler.AllowAutoRedirect = false;
            public static async Task<string> ReadAsync(HttpClient client) { await Task.Yield(); object kept = client; return kept.ToString() + await client.GetStringAsync("https://a"); }
            public static async Task<string> MakeAsync(Func<HttpClient> make) => await make().GetStringAsync("https://a");
        }
        namespace Mine { public sealed class HttpClient : IDisposable { public void Dispose() { } } }
        """;
}
