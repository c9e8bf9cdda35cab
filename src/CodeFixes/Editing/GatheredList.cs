namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// A list that concurrent code fills, made of what that code returns instead:
/// <c>var list = new List&lt;T&gt;(); await Task.WhenAll(xs.Select(async x => { …; list.Add(v); }));</c> →
/// <c>var list = new List&lt;T&gt;(await Gather.AllAsync(xs, …, async x => { …; return v; }));</c>
/// </summary>
internal static class GatheredList
{
    /// <summary>The changed document; null where it can't be proved that nothing but the order changes.</summary>
    public static async Task<Document?> TryAsync(Document document, SyntaxNode root, SemanticModel model, ExpressionSyntax list, CancellationToken cancellationToken)
    {
        if (list.FirstAncestorOrSelf<LambdaExpressionSyntax>() is not { } function || Addition.Last(function) is not { } addition || addition.List != list)
            return null;

        // First the Gather around the code as it is, then the list, as that leaves it.
        var mark = new SyntaxAnnotation();
        if (new ConcurrentRun(document, root, model, cancellationToken).AsGather(function, mark) is not { } gatheredRoot)
            return null;

        var gathered = document.WithSyntaxRoot(gatheredRoot);
        gatheredRoot = (await gathered.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
        var gatheredModel = (await gathered.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        var call = (InvocationExpressionSyntax)gatheredRoot.GetAnnotatedNodes(mark).Single();
        return Collect(gathered, gatheredRoot, gatheredModel, call, cancellationToken) is { } changedRoot
            ? await EditProof.ApplyAsync(document, model, changedRoot, mark, KnownSymbols.Of(model.Compilation).Task!, list, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private static SyntaxNode? Collect(Document document, SyntaxNode root, SemanticModel model, InvocationExpressionSyntax call, CancellationToken cancellationToken)
    {
        if (AwaitInsertion.AwaitOf(call) is not { Parent: ExpressionStatementSyntax statement } awaited
            || call.ArgumentList.Arguments.Select(static argument => argument.Expression).OfType<LambdaExpressionSyntax>().LastOrDefault() is not { } work
            || Innermost(work) is not { } function || Addition.Last(function) is not { } addition
            || Declaration(addition.List, statement, model, cancellationToken) is not var (declaration, initial)
            || Filled(initial, awaited.ReplaceNode(function, addition.Returned(function, model, cancellationToken)).WithoutTrivia(), model) is not { } filled)
        {
            return null;
        }

        var statements = statement.ListOf();
        var next = statements[statements.IndexOf(declaration) + 1];
        var made = declaration.ReplaceNode(initial, filled.WithTriviaFrom(initial)).WithTrailingTrivia(statement.GetTrailingTrivia());
        var editor = new SyntaxEditor(root, document.Project.Solution.Services);
        if (next == statement)
        {
            editor.ReplaceNode(statement, (_, _) => KeptComments.Above(made.WithLeadingTrivia(WithComments(declaration.GetLeadingTrivia(), declaration.GetTrailingTrivia().Concat(statement.GetLeadingTrivia()), statement)), statement));
        }
        else
        {
            var comments = declaration.GetLeadingTrivia().Concat(declaration.GetTrailingTrivia());
            editor.ReplaceNode(statement, (_, _) => KeptComments.Above(made.WithLeadingTrivia(WithComments(statement.GetLeadingTrivia(), comments, statement)), statement));
            editor.ReplaceNode(next, (old, _) => StatementList.WithBlankLinesOf(declaration, (StatementSyntax)old));
        }

        editor.RemoveStatement(declaration);
        return editor.GetChangedRoot();
    }

    /// <summary>The declaration of the list, empty and not looked at before the statement, nor by the work; null where that isn't so.</summary>
    private static (LocalDeclarationStatementSyntax Declaration, ExpressionSyntax Initial)? Declaration(IdentifierNameSyntax list, StatementSyntax statement, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetSymbolInfo(list, cancellationToken).Symbol is not ILocalSymbol { DeclaringSyntaxReferences: [var reference] } local
            || reference.GetSyntax(cancellationToken) is not VariableDeclaratorSyntax { Initializer.Value: var initial, Parent.Parent: LocalDeclarationStatementSyntax { Declaration.Variables.Count: 1, UsingKeyword.RawKind: 0 } declaration }
            || statement.ListOf() is var statements && (statements.IndexOf(declaration) is not (>= 0 and var index) || index > statements.IndexOf(statement))
            || (model.GetTypeInfo(initial, cancellationToken).Type ?? local.Type) is not INamedTypeSymbol { Name: "List", Arity: 1, ContainingNamespace.Name: "Generic" }
            || declaration.ContainsDirectives || statement.ContainsDirectives)
        {
            return null;
        }

        return declaration.ScopeOf().DescendantNodes().OfType<IdentifierNameSyntax>().All(name =>
            name == list || name.SpanStart > statement.Span.End || name.Identifier.ValueText != local.Name
            || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, local)) ? (declaration, initial) : null;
    }

    // `new List<T>()` and `new(count)` are given the results, `[]` spreads them.
    private static ExpressionSyntax? Filled(ExpressionSyntax initial, ExpressionSyntax results, SemanticModel model) => initial switch
    {
        BaseObjectCreationExpressionSyntax { Initializer: null, ArgumentList: { } arguments } creation when arguments.Arguments.All(argument => IsCapacity(argument.Expression, model)) =>
            creation.WithArgumentList(arguments.WithArguments([SyntaxFactory.Argument(results)])),
        CollectionExpressionSyntax { Elements.Count: 0 } collection => collection.WithElements([SyntaxFactory.SpreadElement(results)]),
        _ => null,
    };

    // A number that is read and not computed by a call; another sequence would be the first elements.
    private static bool IsCapacity(ExpressionSyntax argument, SemanticModel model) =>
        model.GetTypeInfo(argument).Type?.SpecialType == SpecialType.System_Int32
        && argument.DescendantNodesAndSelf().All(static node => node is LiteralExpressionSyntax or BinaryExpressionSyntax or MemberAccessExpressionSyntax or NameSyntax or ThisExpressionSyntax);

    // x => …, and the function in x => Task.Run(() => …).
    private static LambdaExpressionSyntax? Innermost(LambdaExpressionSyntax work) =>
        work is { AsyncKeyword.RawKind: 0, ExpressionBody: InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: LambdaExpressionSyntax inner }, ..], Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Run" } } } ? inner : work;

    private static SyntaxTriviaList WithComments(SyntaxTriviaList leading, IEnumerable<SyntaxTrivia> trivia, StatementSyntax place)
    {
        var indentation = SyntaxFactory.Whitespace(Indentation.Of(place));
        return leading.AddRange(trivia.Where(StatementList.IsComment).SelectMany(comment => new[] { comment, SyntaxFactory.EndOfLine("\n"), indentation }));
    }
}
