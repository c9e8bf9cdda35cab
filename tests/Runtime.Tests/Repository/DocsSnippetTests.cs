using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>
/// Compiles the C# of the README and of the runtime's pages, each block as a program of its own, with what
/// <see cref="Context"/> declares. A block marked <c>```csharp no-compile: reason</c> is left out.
/// </summary>
public sealed partial class DocsSnippetTests
{
    /// <summary>What a page's snippet may use without declaring it.</summary>
    private const string Context = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using ConcurrencyAnalyzers.Runtime;
        global using static SnippetContext;

        internal static class SnippetContext
        {
            public static CancellationToken cancellationToken => CancellationToken.None;
            public static readonly HttpClient client = new();
            public static readonly Uri url = new("https://example.com/");
            public static readonly IReadOnlyList<Uri> urls = [url];
            public static Task<Report> FetchAsync(Uri uri, CancellationToken token = default) => Task.FromResult(new Report());
        }

        internal sealed record Report;
        """;

    // Unused variables and local functions; usings that Context has already; the runtime built for .NET 8 beside newer references.
    private static readonly HashSet<string> Tolerated = ["CS0168", "CS0219", "CS8321", "CS8019", "CS8933", "CS1998", "CS1701"];

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(FindReferences);

    public static TheoryData<string, int> Snippets
    {
        get
        {
            var data = new TheoryData<string, int>();
            var pages = Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "docs", "runtime"), "*.md").Select(static file => $"docs/runtime/{Path.GetFileName(file)}");
            foreach (var page in pages.Append("README.md").Where(static page => File.Exists(Path.Combine(RepositoryFiles.Root, page))).Order(StringComparer.Ordinal))
            {
                var count = Blocks(page).Count;
                for (var i = 0; i < count; i++)
                    data.Add(page, i + 1);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_snippet_compiles_without_a_warning(string page, int number)
    {
        var (info, code) = Blocks(page)[number - 1];
        if (info is not ("" or " before" or " after"))
        {
            Assert.Matches(@"^ no-compile: \w+", info);
            return;
        }

        var snippet = CSharpSyntaxTree.ParseText(code, ParseOptions, path: $"{page}#{number}", cancellationToken: TestContext.Current.CancellationToken);
        var isProgram = snippet.GetCompilationUnitRoot(TestContext.Current.CancellationToken).Members.OfType<GlobalStatementSyntax>().Any();
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [CSharpSyntaxTree.ParseText(Context, ParseOptions, cancellationToken: TestContext.Current.CancellationToken), snippet],
            References.Value,
            new CSharpCompilationOptions(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
        var problems = compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !Tolerated.Contains(diagnostic.Id))
            .Select(static diagnostic => diagnostic.ToString());

        Assert.Empty(problems);
    }

    private static List<(string Info, string Code)> Blocks(string page) =>
        [.. Block().Matches(RepositoryFiles.Read(page)).Select(static block => (block.Groups[1].Value, block.Groups[2].Value))];

    /// <summary>The reference assemblies beside the tests, and the runtime with what it stands on.</summary>
    private static List<MetadataReference> FindReferences()
    {
        var platform = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "refs", "net10.0"), "*.dll");
        var own = new[] { typeof(TaskGroup), typeof(System.Threading.RateLimiting.RateLimiter) }.Select(static type => type.Assembly.Location);
        return [.. platform.Concat(own).Select(static path => MetadataReference.CreateFromFile(path))];
    }

    [GeneratedRegex(@"^```csharp([^\n]*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
