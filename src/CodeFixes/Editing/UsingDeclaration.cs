namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes <c>using var</c>, for an object that is to live as long as the scope.</summary>
internal static class UsingDeclaration
{
    /// <summary>The statement that the expression is part of, in the same function.</summary>
    public static StatementSyntax? StatementFor(ExpressionSyntax expression)
    {
        for (var node = expression.Parent; node is not null; node = node.Parent)
        {
            switch (node)
            {
                case StatementSyntax statement:
                    return statement;
                case AnonymousFunctionExpressionSyntax or MemberDeclarationSyntax or ArrowExpressionClauseSyntax:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether the statement declares one local in a block and can say <c>using</c>.</summary>
    public static bool CanBecome(StatementSyntax statement) =>
        statement is LocalDeclarationStatementSyntax { UsingKeyword.RawKind: 0, IsConst: false, Declaration.Variables.Count: 1 } && IsInScope(statement);

    /// <summary>Whether a using declaration of what the expression makes can stand before the statement: nothing is evaluated before it.</summary>
    public static bool CanPrecede(StatementSyntax statement, ExpressionSyntax expression) =>
        statement is ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax
        && IsInScope(statement)
        && !expression.Ancestors().TakeWhile(node => node != statement).Any(static node => node is ConditionalExpressionSyntax or ConditionalAccessExpressionSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression or (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression } or SwitchExpressionSyntax);

    /// <summary>The declaration with the keywords before it.</summary>
    public static LocalDeclarationStatementSyntax From(LocalDeclarationStatementSyntax statement, bool isAsync = false)
    {
        var leading = statement.GetLeadingTrivia();
        var bare = statement.WithLeadingTrivia();
        return isAsync
            ? bare.WithAwaitKeyword(SyntaxFactory.Token(leading, SyntaxKind.AwaitKeyword, [SyntaxFactory.Space])).WithUsingKeyword(SyntaxFactory.Token(default, SyntaxKind.UsingKeyword, [SyntaxFactory.Space]))
            : bare.WithUsingKeyword(SyntaxFactory.Token(leading, SyntaxKind.UsingKeyword, [SyntaxFactory.Space]));
    }

    /// <summary><c>using var name = value;</c></summary>
    public static LocalDeclarationStatementSyntax Of(string name, ExpressionSyntax value) =>
        From(SyntaxFactory.LocalDeclarationStatement(SyntaxFactory.VariableDeclaration(
            SyntaxFactory.IdentifierName(SyntaxFactory.Identifier(default, "var", [SyntaxFactory.Space])),
            [SyntaxFactory.VariableDeclarator(
                SyntaxFactory.Identifier(default, name, [SyntaxFactory.Space]),
                null,
                SyntaxFactory.EqualsValueClause(SyntaxFactory.Token(default, SyntaxKind.EqualsToken, [SyntaxFactory.Space]), value.WithoutTrivia()))]))
            .WithSemicolonToken(SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default)));

    /// <summary>The root with the expression moved into a using declaration before its statement.</summary>
    public static SyntaxNode InsertBefore(SyntaxNode root, StatementSyntax statement, string name, ExpressionSyntax value)
    {
        var leading = statement.GetLeadingTrivia();
        var declaration = Of(name, value is ParenthesizedExpressionSyntax { Expression: var inner } ? inner : value).WithLeadingTrivia(leading).WithTrailingTrivia(SyntaxFactory.EndOfLine("\n"));
        var rest = statement.ReplaceNode(value, SyntaxFactory.IdentifierName(name).WithTriviaFrom(value)).WithLeadingTrivia(leading.Reverse().TakeWhile(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse());
        return statement.Parent is GlobalStatementSyntax global
            ? root.ReplaceNode(global, [SyntaxFactory.GlobalStatement(declaration), SyntaxFactory.GlobalStatement(rest)])
            : root.ReplaceNode(statement, [declaration, rest]);
    }

    /// <summary>Whether a using declaration can stand there: a switch section can't have one, and neither can an embedded statement.</summary>
    public static bool IsInScope(StatementSyntax statement) =>
        statement.Parent is BlockSyntax or GlobalStatementSyntax { Parent: CompilationUnitSyntax }
        && statement.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: >= LanguageVersion.CSharp8 }
        && !IsJumpedOver(statement);

    // A using declaration may not be jumped over.
    private static bool IsJumpedOver(StatementSyntax statement) =>
        EnclosingFunction.Of(statement) is { } function && EnclosingFunction.OwnNodes(function).Any(static node => node is LabeledStatementSyntax);
}
