using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.FixRunner;

/// <summary>Applies each rule's fix-all to each project of a solution, always to the code as it was, and compiles what changed.</summary>
internal sealed class FixRun(Solution solution, ImmutableArray<DiagnosticAnalyzer> analyzers, ImmutableArray<CodeFixProvider> fixes, FixReport report)
{
    private readonly ConcurrentDictionary<ProjectId, Dictionary<string, int>> _before = new();

    public async Task RunAsync()
    {
        foreach (var project in solution.Projects.OrderBy(project => project.FilePath, StringComparer.Ordinal))
        {
            var compilation = (await project.GetCompilationAsync())!;
            var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (exception, analyzer, _) => report.Crash(project, analyzer.GetType().Name, exception), concurrentAnalysis: true, logAnalyzerExecutionTime: false);
            var found = await compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync();
            foreach (var byRule in found.Where(one => one.Location.IsInSource).GroupBy(one => one.Id).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                if (fixes.FirstOrDefault(fix => fix.FixableDiagnosticIds.Contains(byRule.Key)) is { } fix)
                    await FixAsync(project, byRule.Key, [.. byRule], fix);
            }
        }
    }

    private async Task FixAsync(Project project, string id, ImmutableArray<Diagnostic> found, CodeFixProvider fix)
    {
        Solution changed;
        try
        {
            // As `dotnet format` does: the key of the first fix of all.
            var context = new FixAllContext(project, fix, FixAllScope.Project, id, [id], new Found(project, found), CancellationToken.None);
            if (await fix.GetFixAllProvider()!.GetFixAsync(context) is not { } action)
                return;

            changed = (await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single().ChangedSolution;
        }
#pragma warning disable CA1031 // Any exception of a fix is what this program looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            report.Crash(project, id, exception);
            return;
        }

        var projects = changed.GetChanges(solution).GetProjectChanges().ToList();
        var files = projects.Sum(one => one.GetChangedDocuments().Count());
        var added = new List<string>();
        foreach (var one in projects)
            added.AddRange(await AddedErrorsAsync(one.NewProject));
        report.Fixed(project, id, found.Length, files, added);
    }

    private async Task<List<string>> AddedErrorsAsync(Project changed)
    {
        if (!_before.TryGetValue(changed.Id, out var before))
            _before[changed.Id] = before = CountByText(await ErrorsAsync(solution.GetProject(changed.Id)!));

        var left = new Dictionary<string, int>(before);
        var added = new List<string>();
        foreach (var error in await ErrorsAsync(changed))
        {
            var text = TextOf(error);
            if (left.TryGetValue(text, out var count) && count > 0)
                left[text] = count - 1;
            else
                added.Add($"{error.Location.GetLineSpan()}: {error.Id}: {error.GetMessage(null)}\n        {LineOf(error)}");
        }

        return added;
    }

    private static async Task<IEnumerable<Diagnostic>> ErrorsAsync(Project project)
    {
        var compilation = (await project.GetCompilationAsync())!;
        var errors = compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error).ToList();

        // Some errors (an await across a ref, say) only come up when code is generated, which needs code without others.
        return errors.Count > 0 ? errors : compilation.Emit(Stream.Null).Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error);
    }

    private static Dictionary<string, int> CountByText(IEnumerable<Diagnostic> errors) =>
        errors.CountBy(TextOf).ToDictionary();

    // Without the line: a fix moves what stands below it.
    private static string TextOf(Diagnostic error) => $"{error.Location.SourceTree?.FilePath}: {error.Id}: {error.GetMessage(null)}";

    private static string LineOf(Diagnostic error) =>
        error.Location.SourceTree is { } tree ? tree.GetText().Lines[error.Location.GetLineSpan().StartLinePosition.Line].ToString().Trim() : "";

    private sealed class Found(Project project, ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project asked, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(asked.Id == project.Id ? diagnostics : []);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([.. diagnostics.Where(one => one.Location.SourceTree?.FilePath == document.FilePath)]);

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project asked, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
