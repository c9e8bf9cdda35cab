using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Lays the sources of a test out as a solution.</summary>
internal static class TestSolution
{
    internal const string MainProject = "TestProject";
    private const string GlobalUsingsFile = "GlobalUsings.g.cs";
    private const string GlobalUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // Composing the host is dear and its result is immutable.
    private static readonly MefHostServices Host = MefHostServices.DefaultHost;

    // Reading the framework's assemblies is dear, too; what is forked from a compiled project has their symbols.
    private static readonly ConcurrentDictionary<(ReferenceAssemblies References, bool WithRuntime), Lazy<Task<Project>>> Compiled = new();

    internal static async Task<Solution> CreateAsync(RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources, NullableContextOptions nullable)
    {
        // A project that was compiled before it refers to another gets that one as an image, which an erroneous one hasn't.
        if (test.AdditionalProjects.Count == 0 && test.AdditionalReferences.Count == 0)
        {
            var empty = await Compiled.GetOrAdd((test.ReferenceAssemblies, HasRuntime(test)), static key => new(() => CompileEmptyAsync(key.References, key.WithRuntime))).Value;
            var (options, parseOptions) = OptionsOf(MainProject, test, sources, nullable);
            var forked = empty.Solution.WithProjectCompilationOptions(empty.Id, options).WithProjectParseOptions(empty.Id, parseOptions);
            AddDocuments(ref forked, empty.Id, MainProject, test, sources);
            return forked;
        }

        using var workspace = new AdhocWorkspace(Host);
        var solution = workspace.CurrentSolution;
        var main = AddProject(ref solution, MainProject, test, sources, nullable);
        foreach (var project in test.AdditionalProjects)
        {
            var added = AddProject(ref solution, project.Name, test, sources, nullable);
            solution = project.ReferencesMain
                ? solution.AddProjectReference(added, new ProjectReference(main))
                : solution.AddProjectReference(main, new ProjectReference(added));
        }

        return solution;
    }

    /// <summary>The documents that the test wrote, not those that the harness adds.</summary>
    internal static IEnumerable<(DocumentKey Key, Document Document)> TestDocuments(Solution solution) =>
        from project in solution.Projects
        from document in project.Documents
        where document.Name != GlobalUsingsFile
        select (new DocumentKey(project.Name, document.Name), document);

    private static bool HasRuntime(RuleTest test) => test.WithRuntime && test.ReferenceAssemblies.CanReferenceRuntime;

    private static async Task<Project> CompileEmptyAsync(ReferenceAssemblies references, bool withRuntime)
    {
        using var workspace = new AdhocWorkspace(Host);
        var info = Info(MainProject, new(OutputKind.DynamicallyLinkedLibrary), new());
        var project = workspace.CurrentSolution.AddProject(info).GetProject(info.Id)!
            .AddMetadataReferences(references.References)
            .AddMetadataReferences(withRuntime ? ReferenceAssemblies.Runtime : []);
        _ = await project.GetCompilationAsync();
        return project;
    }

    private static ProjectId AddProject(ref Solution solution, string name, RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources, NullableContextOptions nullable)
    {
        var (options, parseOptions) = OptionsOf(name, test, sources, nullable);
        var info = Info(name, options, parseOptions);
        solution = solution
            .AddProject(info)
            .AddMetadataReferences(info.Id, test.ReferenceAssemblies.References)
            .AddMetadataReferences(info.Id, HasRuntime(test) ? ReferenceAssemblies.Runtime : [])
            .AddMetadataReferences(info.Id, test.AdditionalReferences);
        AddDocuments(ref solution, info.Id, name, test, sources);
        return info.Id;
    }

    private static ProjectInfo Info(string name, CSharpCompilationOptions options, CSharpParseOptions parseOptions) =>
        ProjectInfo.Create(ProjectId.CreateNewId(name), VersionStamp.Default, name, name, LanguageNames.CSharp, filePath: $"/0/{name}/{name}.csproj", compilationOptions: options, parseOptions: parseOptions);

    private static (CSharpCompilationOptions, CSharpParseOptions) OptionsOf(string name, RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources, NullableContextOptions nullable)
    {
        var parseOptions = new CSharpParseOptions(test.LanguageVersion, DocumentationMode.Parse);
        var texts = sources.Where(source => source.Key.Project == name).Select(source => source.Value.Text);
        var options = new CSharpCompilationOptions(
            OutputKindOf(test, name, texts, parseOptions),
            allowUnsafe: true,
            nullableContextOptions: test.LanguageVersion.MapSpecifiedToEffectiveVersion() >= LanguageVersion.CSharp8 ? nullable : NullableContextOptions.Disable,
            // A rule that is off by default is on in its own tests.
            specificDiagnosticOptions: test.Rules.Where(rule => !rule.IsEnabledByDefault)
                .ToImmutableDictionary(rule => rule.Id, rule => SeverityToReport(rule.DefaultSeverity)));
        return (options, parseOptions);
    }

    private static void AddDocuments(ref Solution solution, ProjectId id, string project, RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources)
    {
        foreach (var (key, markup) in sources.Where(source => source.Key.Project == project))
            solution = solution.AddDocument(DocumentId.CreateNewId(id, key.FileName), key.FileName, SourceText.From(markup.Text), filePath: $"/0/{project}/{key.FileName}");

        if (test.ImplicitUsings && test.LanguageVersion.MapSpecifiedToEffectiveVersion() >= LanguageVersion.CSharp10)
            solution = solution.AddDocument(DocumentId.CreateNewId(id, GlobalUsingsFile), GlobalUsingsFile, SourceText.From(GlobalUsings), filePath: $"/0/{project}/{GlobalUsingsFile}");

        if (test.EditorConfig is { } config)
            solution = solution.AddAnalyzerConfigDocument(DocumentId.CreateNewId(id, ".editorconfig"), ".editorconfig", SourceText.From("root = true\n[*.cs]\n" + config), filePath: "/0/.editorconfig");
    }

    private static OutputKind OutputKindOf(RuleTest test, string project, IEnumerable<string> texts, CSharpParseOptions parseOptions)
    {
        if (project == MainProject && test.OutputKind is { } kind)
            return kind;

        var isProgram = texts.Any(text => CSharpSyntaxTree.ParseText(text, parseOptions).GetCompilationUnitRoot().Members.Any(SyntaxKind.GlobalStatement));
        return isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
    }

    private static ReportDiagnostic SeverityToReport(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => ReportDiagnostic.Error,
        DiagnosticSeverity.Warning => ReportDiagnostic.Warn,
        DiagnosticSeverity.Info => ReportDiagnostic.Info,
        _ => ReportDiagnostic.Hidden,
    };
}

/// <summary>A document of the solution under test, by the names that the test gave.</summary>
internal readonly record struct DocumentKey(string Project, string FileName)
{
    public override string ToString() => Project == TestSolution.MainProject ? FileName : $"{Project}/{FileName}";
}
