namespace ConcurrencyAnalyzers.Editing;

/// <summary>Adds a <c>private readonly</c> field, static or not, to a type, named and placed as the type's other fields are.</summary>
internal static class FieldIntroduction
{
    /// <summary>The declaration that a field for this code would go to; null where there is none, or it can have no field.</summary>
    public static TypeDeclarationSyntax? TypeAround(SyntaxNode node)
    {
        var declaration = node.Ancestors().FirstOrDefault(static ancestor => ancestor is BaseTypeDeclarationSyntax) as TypeDeclarationSyntax;
        return declaration is ClassDeclarationSyntax or StructDeclarationSyntax or RecordDeclarationSyntax && !declaration.OpenBraceToken.IsMissing && declaration.OpenBraceToken != default
            && !EndsInCondition(declaration)
            ? declaration
            : null;
    }

    // Behind a last field inside #if, the new one would be there only at times.
    private static bool EndsInCondition(TypeDeclarationSyntax declaration) =>
        declaration.Members.LastOrDefault(static member => member is FieldDeclarationSyntax) is { } last
        && last.GetLastToken().GetNextToken().LeadingTrivia.FirstOrDefault(static trivia => trivia.IsKind(SyntaxKind.IfDirectiveTrivia) || trivia.IsKind(SyntaxKind.ElifDirectiveTrivia) || trivia.IsKind(SyntaxKind.ElseDirectiveTrivia) || trivia.IsKind(SyntaxKind.EndIfDirectiveTrivia)).Kind()
            is SyntaxKind.ElifDirectiveTrivia or SyntaxKind.ElseDirectiveTrivia or SyntaxKind.EndIfDirectiveTrivia;

    /// <summary>Where the field will stand: behind the last field, or before the first member.</summary>
    public static int PositionIn(TypeDeclarationSyntax declaration) =>
        declaration.Members.LastOrDefault(static member => member is FieldDeclarationSyntax)?.Span.End ?? declaration.OpenBraceToken.Span.End;

    /// <summary>The field, with the comments that go with it; the type is written with the usings that it needs.</summary>
    public static FieldDeclarationSyntax Field(string name, TypeSyntax type, ExpressionSyntax value, bool isStatic = true) =>
        SyntaxFactory.FieldDeclaration(
            [],
            isStatic ? [Spaced(SyntaxKind.PrivateKeyword), Spaced(SyntaxKind.StaticKeyword), Spaced(SyntaxKind.ReadOnlyKeyword)] : [Spaced(SyntaxKind.PrivateKeyword), Spaced(SyntaxKind.ReadOnlyKeyword)],
            SyntaxFactory.VariableDeclaration(
                type.WithoutTrivia().WithTrailingTrivia(SyntaxFactory.Space),
                [SyntaxFactory.VariableDeclarator(
                    SyntaxFactory.Identifier(default, name, [SyntaxFactory.Space]),
                    null,
                    SyntaxFactory.EqualsValueClause(Spaced(SyntaxKind.EqualsToken), value))]),
            SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default));

    /// <summary>
    /// Adds the field to the declaration, with comments above it and a remark behind it. <paramref name="original"/> is
    /// the declaration before other edits, still in its tree: it tells how fields are indented. The field's own lines
    /// have <paramref name="indentation"/> now.
    /// </summary>
    public static TypeDeclarationSyntax Add(TypeDeclarationSyntax declaration, TypeDeclarationSyntax original, FieldDeclarationSyntax field, string indentation, IReadOnlyList<SyntaxTrivia> comments, SyntaxTrivia? remark)
    {
        var last = original.Members.LastIndexOf(static member => member is FieldDeclarationSyntax);
        var neighbour = original.Members[Math.Max(last, 0)];
        var own = Indentation.Of(neighbour);
        var newLine = SyntaxFactory.EndOfLine("\n");
        SyntaxTriviaList leading = [SyntaxFactory.Whitespace(own)];
        foreach (var comment in comments)
            leading = [.. leading, comment, newLine, SyntaxFactory.Whitespace(own)];

        SyntaxTriviaList trailing = remark is { } text ? [SyntaxFactory.Space, text, newLine] : [newLine];
        field = Indentation.Shift(field, indentation, own).WithLeadingTrivia(leading).WithTrailingTrivia(trailing);

        if (last >= 0)
            return declaration.WithMembers(declaration.Members.Insert(last + 1, field));

        var first = declaration.Members[0];
        return declaration.WithMembers(declaration.Members
            .Replace(first, first.WithLeadingTrivia(first.GetLeadingTrivia().Insert(0, newLine)))
            .Insert(0, field));
    }

    // Without the elastic trivia that would make the formatter lay out the neighbours as well.
    private static SyntaxToken Spaced(SyntaxKind kind) => SyntaxFactory.Token(default, kind, [SyntaxFactory.Space]);
}
