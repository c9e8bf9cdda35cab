namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Proves a rewriting that is too large to prove by rules: the member compiles as well as it did, the new expression
/// has the type of the old one, and no comment is lost.
/// </summary>
internal static class EditProof
{
    /// <summary>
    /// The changed document; null where the proof fails. The annotation marks the new expression, which must have
    /// the type of the old one, or one derived from it.
    /// </summary>
    public static async Task<Document?> ApplyAsync(Document document, SemanticModel model, SyntaxNode changedRoot, SyntaxAnnotation replacement, ITypeSymbol type, SyntaxNode place, CancellationToken cancellationToken)
    {
        var changed = document.WithSyntaxRoot(changedRoot);
        var root = (await changed.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
        var changedModel = (await changed.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (root.GetAnnotatedNodes(replacement).FirstOrDefault() is not { } expression
            || Comments(root) != Comments(place.SyntaxTree.GetRoot(cancellationToken))
            || !IsOrDerivesFrom(changedModel.GetTypeInfo(expression, cancellationToken).Type, type))
        {
            return null;
        }

        return Errors(changedModel, Member(expression), cancellationToken) <= Errors(model, Member(place), cancellationToken) ? changed : null;
    }

    /// <summary>Whether the whole document has no more errors than before, where an edit reaches beyond one member.</summary>
    public static async Task<bool> CompilesAsWellAsync(Document before, Document after, CancellationToken cancellationToken)
    {
        var model = (await before.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        var changed = (await after.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        return Errors(changed) <= Errors(model);

        int Errors(SemanticModel one) => one.GetDiagnostics(cancellationToken: cancellationToken).Count(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    private static bool IsOrDerivesFrom(ITypeSymbol? actual, ITypeSymbol expected)
    {
        // The two come from different compilations: their names are compared.
        var name = expected.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        for (var type = actual; type is not null; type = type.BaseType)
        {
            if (type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) == name)
                return true;
        }

        return false;
    }

    private static int Errors(SemanticModel model, SyntaxNode member, CancellationToken cancellationToken) =>
        model.GetDiagnostics(member.Span, cancellationToken).Count(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    private static int Comments(SyntaxNode root) => root.DescendantTrivia().Count(static trivia =>
        trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia) || trivia.IsDirective);

    private static SyntaxNode Member(SyntaxNode node) =>
        node.Ancestors().FirstOrDefault(static ancestor => ancestor is MemberDeclarationSyntax and not GlobalStatementSyntax and not BaseNamespaceDeclarationSyntax or CompilationUnitSyntax) ?? node;
}
