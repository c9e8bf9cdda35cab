namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Fixes all diagnostics as a user would who takes one after the other, from the last in a file to the first: the
/// inner ones of nested findings come before the outer ones, and each fix sees the code that the ones before it made.
/// The clean-up of the code (imports, simplification, formatting) is done once, at the end.
/// </summary>
internal sealed class OrderedFixAllProvider : FixAllProvider
{
    public static readonly OrderedFixAllProvider Instance = new();

    private OrderedFixAllProvider()
    {
    }

    public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() =>
        [FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution];

    public override async Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext)
    {
        var diagnostics = await CollectAsync(fixAllContext).ConfigureAwait(false);
        if (diagnostics.Count == 0)
            return null;

        return new RuleCodeAction(
            fixAllContext.Solution,
            $"Fix all: {string.Join(", ", fixAllContext.DiagnosticIds)}",
            fixAllContext.CodeActionEquivalenceKey ?? nameof(OrderedFixAllProvider),
            cancellationToken => FixAsync(fixAllContext, diagnostics, cancellationToken));
    }

    private static async Task<List<Diagnostic>> CollectAsync(FixAllContext context)
    {
        var diagnostics = new List<Diagnostic>();
        switch (context.Scope)
        {
            case FixAllScope.Document when context.Document is { } document:
                diagnostics.AddRange(await context.GetDocumentDiagnosticsAsync(document).ConfigureAwait(false));
                break;
            case FixAllScope.Project:
                diagnostics.AddRange(await context.GetAllDiagnosticsAsync(context.Project).ConfigureAwait(false));
                break;
            case FixAllScope.Solution:
                foreach (var project in context.Solution.Projects)
                    diagnostics.AddRange(await context.GetAllDiagnosticsAsync(project).ConfigureAwait(false));
                break;
        }

        return diagnostics.FindAll(diagnostic => diagnostic.Location.IsInSource && !diagnostic.IsSuppressed);
    }

    private static async Task<Solution> FixAsync(FixAllContext context, List<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var solution = context.Solution;
        var byDocument = diagnostics
            .Select(diagnostic => (Diagnostic: diagnostic, Document: solution.GetDocument(diagnostic.Location.SourceTree)?.Id))
            .Where(found => found.Document is not null)
            .ToLookup(found => found.Document!, found => found.Diagnostic);

        // Marked before the first edit, since an edit in one document may change others (the callers of a method).
        var marks = new List<(DocumentId Document, PlaceMark Mark)>();
        foreach (var findings in byDocument)
        {
            var document = solution.GetDocument(findings.Key)!;
            var root = (await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
            var (marked, placed) = PlaceMark.Place(root, findings);
            solution = document.WithSyntaxRoot(marked).Project.Solution;
            marks.AddRange(placed.Select(mark => (findings.Key, mark)));
        }

        foreach (var (id, mark) in marks)
        {
            var document = solution.GetDocument(id)!;
            var root = (await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
            if (mark.Find(root) is not { } diagnostic)
                continue;

            if (await ChooseAsync(context, document, diagnostic, cancellationToken).ConfigureAwait(false) is { } action)
                solution = await action.EditAsync(cancellationToken).ConfigureAwait(false);
        }

        return solution;
    }

    // `dotnet format` gives no key where the first finding of all has no fix; the first fix is meant.
    private static async Task<RuleCodeAction?> ChooseAsync(FixAllContext context, Document document, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        RuleCodeAction? chosen = null;
        var fixContext = new CodeFixContext(
            document,
            diagnostic,
            (action, _) =>
            {
                if (chosen is null && (context.CodeActionEquivalenceKey is null || context.CodeActionEquivalenceKey == action.EquivalenceKey))
                    chosen = action as RuleCodeAction;
            },
            cancellationToken);
        await context.CodeFixProvider.RegisterCodeFixesAsync(fixContext).ConfigureAwait(false);
        return chosen;
    }
}
