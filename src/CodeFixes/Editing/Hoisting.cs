namespace ConcurrencyAnalyzers.Editing;

/// <summary>Moves an object that each call makes into a field, with the comments on it.</summary>
internal static class Hoisting
{
    /// <summary>The document with the field; its value is the creation as it stands, unless another is given.</summary>
    public static Document Hoist(this HoistedObject hoisted, Document document, SyntaxNode root, TypeDeclarationSyntax declaration, ITypeSymbol created, string name, bool isStatic = true, ExpressionSyntax? value = null)
    {
        var type = hoisted.WrittenType ?? (TypeSyntax)SyntaxGenerator.GetGenerator(document).ImportedType(created.WithNullableAnnotation(NullableAnnotation.None));
        var field = FieldIntroduction.Field(name, type, value ?? hoisted.Creation.WithoutTrivia(), isStatic);
        var comments = hoisted.Declaration?.GetLeadingTrivia().Where(StatementList.IsComment).ToList() ?? [];
        var remark = RemarkOn(hoisted.Declaration);
        var edited = (TypeDeclarationSyntax)hoisted.Apply(declaration, name);
        return document.WithSyntaxRoot(root.ReplaceNode(
            declaration,
            FieldIntroduction.Add(edited, declaration, field, Indentation.Of(hoisted.Creation), comments, remark)));
    }

    private static SyntaxTrivia? RemarkOn(StatementSyntax? declaration)
    {
        var trailing = declaration is UsingStatementSyntax used ? used.CloseParenToken.TrailingTrivia : declaration?.GetTrailingTrivia() ?? default;
        return trailing.Where(StatementList.IsComment).Select(static trivia => (SyntaxTrivia?)trivia).FirstOrDefault();
    }
}
