using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Applies a rule's fix, one diagnostic at a time and all at once, and compares the texts.</summary>
internal static class FixVerification
{
    internal static async Task<Solution> FixOneAtATimeAsync(RuleTest test, Solution solution, string variant, CancellationToken cancellationToken, bool fromLast = false)
    {
        var diagnostics = await DiagnosticVerification.AnalyzeAsync(test, solution, cancellationToken);
        while (await NextAsync(test, solution, fromLast ? [.. diagnostics.Reverse()] : diagnostics, cancellationToken) is var (fixedDiagnostic, action))
        {
            var changed = await ApplyAsync(action, cancellationToken);
            if (!await DiffersAsync(solution, changed, cancellationToken))
                throw new RuleVerificationException($"{variant}the fix '{action.Title}' for {fixedDiagnostic} changes nothing.\n\n{await DiagnosticVerification.ShowAsync(solution, cancellationToken)}");

            var remaining = await DiagnosticVerification.AnalyzeAsync(test, changed, cancellationToken);
            if (remaining.Count >= diagnostics.Count)
                throw new RuleVerificationException($"{variant}after the fix '{action.Title}' for {fixedDiagnostic} the rule still reports:\n{string.Join("\n", remaining.Select(found => found.Diagnostic))}\n\n{await DiagnosticVerification.ShowAsync(changed, cancellationToken)}");

            (solution, diagnostics) = (changed, remaining);
        }

        return solution;
    }

    internal static async Task<Solution> FixAllInDocumentAsync(RuleTest test, Solution solution, CancellationToken cancellationToken)
    {
        var diagnostics = await DiagnosticVerification.AnalyzeAsync(test, solution, cancellationToken);
        return await NextAsync(test, solution, diagnostics, cancellationToken) is var (_, action) && test.CodeFix.GetFixAllProvider() is { } provider
            ? await FixAllAsync(test, provider, solution, diagnostics[0].Document, FixAllScope.Document, action.EquivalenceKey, cancellationToken)
            : solution;
    }

    internal static async Task VerifyFixAllAsync(RuleTest test, Solution solution, IReadOnlyDictionary<DocumentKey, MarkupText> expected, CancellationToken cancellationToken)
    {
        var diagnostics = await DiagnosticVerification.AnalyzeAsync(test, solution, cancellationToken);
        if (await NextAsync(test, solution, diagnostics, cancellationToken) is not var (_, action))
            return;

        var provider = test.CodeFix.GetFixAllProvider() ?? throw new RuleVerificationException("The fix has no fix-all.");
        var key = action.EquivalenceKey;
        foreach (var scope in (ReadOnlySpan<FixAllScope>)[FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution])
        {
            if (!provider.GetSupportedFixAllScopes().Contains(scope))
                throw new RuleVerificationException($"The fix-all doesn't support the scope {scope}.");
        }

        var byDocument = solution;
        foreach (var document in diagnostics.Select(found => found.Document).Distinct())
            byDocument = await FixAllAsync(test, provider, byDocument, document, FixAllScope.Document, key, cancellationToken);
        await CompareAsync(byDocument, expected, "fix-all in each document", cancellationToken);

        if (expected.Count > 1)
        {
            var byProject = solution;
            foreach (var document in diagnostics.Select(found => found.Document).DistinctBy(document => document.Project))
                byProject = await FixAllAsync(test, provider, byProject, document, FixAllScope.Project, key, cancellationToken);
            await CompareAsync(byProject, expected, "fix-all in each project", cancellationToken);
        }

        var inSolution = await FixAllAsync(test, provider, solution, diagnostics[0].Document, FixAllScope.Solution, key, cancellationToken);
        await CompareAsync(inSolution, expected, "fix-all in the solution", cancellationToken);
    }

    internal static async Task CompareAsync(Solution solution, IReadOnlyDictionary<DocumentKey, MarkupText> expected, string when, CancellationToken cancellationToken)
    {
        foreach (var (key, document) in TestSolution.TestDocuments(solution))
        {
            var actual = (await document.GetTextAsync(cancellationToken)).ToString();
            if (!expected.TryGetValue(key, out var markup))
                throw new RuleVerificationException($"{when}: the fix adds the file {key}:\n{actual}");

            if (actual != markup.Text)
                throw new RuleVerificationException($"{when}: {key} isn't as expected.\n{TextDiff.Show(markup.Text, actual)}");
        }
    }

    /// <summary>The first diagnostic for which a fix is offered, and the one of its fixes that the test asks for.</summary>
    private static async Task<(Diagnostic, CodeAction)?> NextAsync(RuleTest test, Solution solution, IReadOnlyList<DiagnosticVerification.Found> diagnostics, CancellationToken cancellationToken)
    {
        foreach (var (key, diagnostic) in diagnostics)
        {
            if (!test.CodeFix.FixableDiagnosticIds.Contains(diagnostic.Id))
                continue;

            var flat = await OfferedAsync(test, solution, key, diagnostic, cancellationToken);
            if (flat.Find(action => action.EquivalenceKey is null) is { } keyless)
                throw new RuleVerificationException($"The fix '{keyless.Title}' has no equivalence key.");

            if (flat.Select(action => action.EquivalenceKey).Distinct().Count() != flat.Count)
                throw new RuleVerificationException($"Two of the fixes have one equivalence key: {string.Join(", ", flat.Select(action => $"'{action.Title}' {action.EquivalenceKey}"))}");

            var chosen = test.CodeActionEquivalenceKey is { } wanted
                ? flat.Find(action => action.EquivalenceKey == wanted)
                : flat.ElementAtOrDefault(test.CodeActionIndex);
            if (chosen is not null)
                return (diagnostic, chosen);
        }

        return null;
    }

    internal static async Task TryAllAsync(RuleTest test, Solution solution, CancellationToken cancellationToken)
    {
        foreach (var (key, diagnostic) in await DiagnosticVerification.AnalyzeAsync(test, solution, cancellationToken))
        {
            if (!test.CodeFix.FixableDiagnosticIds.Contains(diagnostic.Id))
                continue;

            foreach (var action in await OfferedAsync(test, solution, key, diagnostic, cancellationToken))
                await ApplyAsync(action, cancellationToken);
        }
    }

    private static async Task<List<CodeAction>> OfferedAsync(RuleTest test, Solution solution, DocumentKey key, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var actions = new List<CodeAction>();
        var context = new CodeFixContext(DocumentOf(solution, key), diagnostic, (action, _) => actions.Add(action), cancellationToken);
        await test.CodeFix.RegisterCodeFixesAsync(context);
        return [.. actions.SelectMany(Flatten)];
    }

    private static IEnumerable<CodeAction> Flatten(CodeAction action) =>
        action.NestedActions.IsEmpty ? [action] : action.NestedActions.SelectMany(Flatten);

    private static async Task<Solution> ApplyAsync(CodeAction action, CancellationToken cancellationToken)
    {
        var operations = await action.GetOperationsAsync(cancellationToken);
        return operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
    }

    private static async Task<Solution> FixAllAsync(RuleTest test, FixAllProvider provider, Solution solution, DocumentKey document, FixAllScope scope, string? key, CancellationToken cancellationToken)
    {
        var context = new FixAllContext(DocumentOf(solution, document), test.CodeFix, scope, key, test.CodeFix.FixableDiagnosticIds, new Diagnostics(test), cancellationToken);
        return await provider.GetFixAsync(context) is { } action ? await ApplyAsync(action, cancellationToken) : solution;
    }

    private static async Task<bool> DiffersAsync(Solution before, Solution after, CancellationToken cancellationToken)
    {
        foreach (var (_, document) in TestSolution.TestDocuments(after))
        {
            if (before.GetDocument(document.Id) is not { } old || !(await old.GetTextAsync(cancellationToken)).ContentEquals(await document.GetTextAsync(cancellationToken)))
                return true;
        }

        return false;
    }

    private static Document DocumentOf(Solution solution, DocumentKey key) =>
        TestSolution.TestDocuments(solution).Single(one => one.Key == key).Document;

    private sealed class Diagnostics(RuleTest test) : FixAllContext.DiagnosticProvider
    {
        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken)
        {
            var tree = await document.GetSyntaxTreeAsync(cancellationToken);
            return (await GetAllDiagnosticsAsync(document.Project, cancellationToken)).Where(diagnostic => diagnostic.Location.SourceTree == tree);
        }

        public override async Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken)
        {
            var all = await DiagnosticVerification.AnalyzeAsync(test, project.Solution, cancellationToken);
            return [.. all.Where(found => found.Document.Project == project.Name).Select(found => found.Diagnostic)];
        }

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
