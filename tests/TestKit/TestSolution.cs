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

    internal static Solution Create(RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources, NullableContextOptions nullable)
    {
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

    private static ProjectId AddProject(ref Solution solution, string name, RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources, NullableContextOptions nullable)
    {
        var id = ProjectId.CreateNewId(name);
        var own = sources.Where(source => source.Key.Project == name).ToList();
        var parseOptions = new CSharpParseOptions(test.LanguageVersion, DocumentationMode.Parse);
        var options = new CSharpCompilationOptions(
            OutputKindOf(test, name, own.Select(source => source.Value.Text), parseOptions),
            allowUnsafe: true,
            nullableContextOptions: test.LanguageVersion.MapSpecifiedToEffectiveVersion() >= LanguageVersion.CSharp8 ? nullable : NullableContextOptions.Disable,
            // A rule that is off by default is on in its own tests.
            specificDiagnosticOptions: test.Rules.Where(rule => !rule.IsEnabledByDefault)
                .ToImmutableDictionary(rule => rule.Id, rule => SeverityToReport(rule.DefaultSeverity)));

        solution = solution
            .AddProject(ProjectInfo.Create(id, VersionStamp.Default, name, name, LanguageNames.CSharp, filePath: $"/0/{name}/{name}.csproj", compilationOptions: options, parseOptions: parseOptions))
            .AddMetadataReferences(id, test.ReferenceAssemblies.References)
            .AddMetadataReferences(id, test.WithRuntime && test.ReferenceAssemblies.CanReferenceRuntime ? ReferenceAssemblies.Runtime : [])
            .AddMetadataReferences(id, test.AdditionalReferences);

        foreach (var (key, markup) in own)
            solution = solution.AddDocument(DocumentId.CreateNewId(id, key.FileName), key.FileName, SourceText.From(markup.Text), filePath: $"/0/{name}/{key.FileName}");

        if (test.ImplicitUsings && test.LanguageVersion.MapSpecifiedToEffectiveVersion() >= LanguageVersion.CSharp10)
            solution = solution.AddDocument(DocumentId.CreateNewId(id, GlobalUsingsFile), GlobalUsingsFile, SourceText.From(GlobalUsings), filePath: $"/0/{name}/{GlobalUsingsFile}");

        if (test.EditorConfig is { } config)
            solution = solution.AddAnalyzerConfigDocument(DocumentId.CreateNewId(id, ".editorconfig"), ".editorconfig", SourceText.From("root = true\n[*.cs]\n" + config), filePath: "/0/.editorconfig");

        return id;
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
