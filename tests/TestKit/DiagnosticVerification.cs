using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Compares what the compiler and the rule report with what the markup expects.</summary>
internal static class DiagnosticVerification
{
    // A solution belongs to one test, whose rules look at it for the markup, for the fix and for the fix-all.
    private static readonly ConditionalWeakTable<Solution, IReadOnlyList<Found>> Analyzed = new();

    internal static async Task VerifyAsync(RuleTest test, Solution solution, IReadOnlyDictionary<DocumentKey, MarkupText> sources, string when, CancellationToken cancellationToken)
    {
        List<Found> actual = [.. await AnalyzeAsync(test, solution, cancellationToken)];
        if (test.CompilerDiagnostics == CompilerDiagnostics.Errors)
            actual.AddRange(await CompileAsync(solution, cancellationToken));

        var problems = new List<string>();
        foreach (var expected in ExpectationsOf(test, sources))
        {
            var index = actual.FindIndex(found => found.Document == expected.Document && found.Diagnostic.Id == expected.Result.Id && found.Diagnostic.Location.SourceSpan == expected.Span);
            if (index < 0)
            {
                problems.Add($"{expected.Result.Id} isn't reported at {Place(sources, expected.Document, expected.Span)}");
                continue;
            }

            var diagnostic = actual[index].Diagnostic;
            actual.RemoveAt(index);
            if (expected.Result.Message is { } message && message != diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture))
                problems.Add($"{diagnostic.Id}'s message is\n  {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}\nand not\n  {message}");

            if (expected.Result.Severity is { } severity && severity != diagnostic.Severity)
                problems.Add($"{diagnostic.Id}'s severity is {diagnostic.Severity} and not {severity}");
        }

        problems.AddRange(actual.Select(found =>
            $"unexpected {found.Diagnostic.Id} at {Place(sources, found.Document, found.Diagnostic.Location.SourceSpan)}: {found.Diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}"));

        if (problems.Count > 0)
            throw new RuleVerificationException($"{when}:\n{string.Join("\n", problems)}\n\n{await ShowAsync(solution, cancellationToken)}");
    }

    internal static async Task VerifyCompilesAsync(Solution solution, string when, CancellationToken cancellationToken)
    {
        var errors = await CompileAsync(solution, cancellationToken);
        if (errors.Count > 0)
            throw new RuleVerificationException($"{when}:\n{string.Join("\n", errors.Select(error => error.Diagnostic))}\n\n{await ShowAsync(solution, cancellationToken)}");
    }

    internal static async Task<bool> HasUndeclaredErrorsAsync(Solution solution, IReadOnlyDictionary<DocumentKey, MarkupText> sources, CancellationToken cancellationToken)
    {
        var errors = await CompileAsync(solution, cancellationToken);
        return errors.Exists(error => !sources[error.Document].Spans.Any(span => span.DiagnosticId == error.Diagnostic.Id && span.Span == error.Diagnostic.Location.SourceSpan));
    }

    /// <summary>The rule's diagnostics in every document of the test, in the order of files and positions.</summary>
    internal static async Task<IReadOnlyList<Found>> AnalyzeAsync(RuleTest test, Solution solution, CancellationToken cancellationToken)
    {
        if (Analyzed.TryGetValue(solution, out var known))
            return known;

        var found = new List<Found>();
        foreach (var project in solution.Projects)
        {
            var crashes = new List<string>();
            var compilation = await project.GetCompilationAsync(cancellationToken) ?? throw new RuleVerificationException("The project has no compilation.");
            var withAnalyzers = compilation.WithAnalyzers(test.Analyzers, new CompilationWithAnalyzersOptions(
                project.AnalyzerOptions,
                onAnalyzerException: (exception, _, _) =>
                {
                    lock (crashes)
                        crashes.Add(exception.ToString());
                },
                concurrentAnalysis: true,
                logAnalyzerExecutionTime: false));
            var diagnostics = await withAnalyzers.GetAnalyzerDiagnosticsAsync(cancellationToken);
            if (crashes.Count > 0 || diagnostics.Any(diagnostic => diagnostic.Id == "AD0001"))
                throw new RuleVerificationException($"AD0001: the analyzer threw.\n{string.Join("\n", crashes)}\n\n{await ShowAsync(solution, cancellationToken)}");

            found.AddRange(Place(diagnostics, project));
        }

        found = [.. found.OrderBy(one => one.Document.ToString(), StringComparer.Ordinal).ThenBy(one => one.Diagnostic.Location.SourceSpan)];
        Analyzed.AddOrUpdate(solution, found);
        return found;
    }

    internal static async Task<string> ShowAsync(Solution solution, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var (key, document) in TestSolution.TestDocuments(solution))
            text.Append("// ").Append(key).Append('\n').Append(await document.GetTextAsync(cancellationToken)).Append('\n');

        return text.ToString();
    }

    private static async Task<List<Found>> CompileAsync(Solution solution, CancellationToken cancellationToken)
    {
        var found = new List<Found>();
        foreach (var project in solution.Projects)
        {
            var compilation = await project.GetCompilationAsync(cancellationToken) ?? throw new RuleVerificationException("The project has no compilation.");

            // Some errors, such as a Span that lives across an await, are found only when code is generated.
            found.AddRange(Place(compilation.Emit(Stream.Null, cancellationToken: cancellationToken).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), project));
        }

        return found;
    }

    // An error without a place (a missing entry point, say) is held against the project's first document.
    private static IEnumerable<Found> Place(IEnumerable<Diagnostic> diagnostics, Project project) =>
        from diagnostic in diagnostics
        let document = project.GetDocument(diagnostic.Location.SourceTree) ?? project.Documents.First()
        select new Found(new(project.Name, document.Name), diagnostic);

    private static IEnumerable<Expectation> ExpectationsOf(RuleTest test, IReadOnlyDictionary<DocumentKey, MarkupText> sources)
    {
        var rules = test.Rules;
        var usedKeys = new HashSet<int>();
        foreach (var (document, markup) in sources)
        {
            foreach (var span in markup.Spans)
            {
                if (span.LocationKey is { } key)
                {
                    usedKeys.Add(key);
                    foreach (var result in test.ExpectedDiagnostics.Where(result => result.LocationKey == key))
                        yield return new(document, span.Span, result);

                    if (!test.ExpectedDiagnostics.Any(result => result.LocationKey == key))
                        throw new RuleVerificationException($"The markup has {{|#{key}:…|}}, but no expected diagnostic has that location.");
                }
                else
                {
                    yield return new(document, span.Span, ExpectedBy(test, span, rules));
                }
            }
        }

        foreach (var result in test.ExpectedDiagnostics)
        {
            if (result.LocationKey is null)
                throw new RuleVerificationException($"The expected {result.Id} has no location; write {{|#0:…|}} and WithLocation(0).");

            // The fixed text need not repeat the locations of what is mended.
            if (!usedKeys.Contains(result.LocationKey.Value) && usedKeys.Count > 0)
                throw new RuleVerificationException($"The expected {result.Id} is at location {result.LocationKey}, which the markup doesn't have.");
        }
    }

    private static DiagnosticResult ExpectedBy(RuleTest test, MarkupSpan span, ImmutableArray<DiagnosticDescriptor> rules)
    {
        if (span.DiagnosticId is { } id)
            return rules.FirstOrDefault(rule => rule.Id == id) is { } rule ? Result(rule) : DiagnosticResult.CompilerError(id);

        return rules.Length == 1
            ? Result(rules[0])
            : throw new RuleVerificationException("The analyzer has more than one rule; write {|ID:…|} instead of [|…|].");

        // An .editorconfig may set severities; the tests of that say which they expect.
        DiagnosticResult Result(DiagnosticDescriptor rule) =>
            test.EditorConfig?.Contains("severity", StringComparison.Ordinal) == true ? DiagnosticResult.CompilerError(rule.Id) : DiagnosticResult.Of(rule);
    }

    private static string Place(IReadOnlyDictionary<DocumentKey, MarkupText> sources, DocumentKey document, TextSpan span)
    {
        if (!sources.TryGetValue(document, out var markup) || span.End > markup.Text.Length)
            return $"{document} {span}";

        var position = SourceText.From(markup.Text).Lines.GetLinePosition(span.Start);
        return $"{document}({position.Line + 1},{position.Character + 1}) '{markup.Text.Substring(span.Start, span.Length)}'";
    }

    internal readonly record struct Found(DocumentKey Document, Diagnostic Diagnostic);

    private readonly record struct Expectation(DocumentKey Document, TextSpan Span, DiagnosticResult Result);
}
