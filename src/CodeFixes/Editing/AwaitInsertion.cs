using Microsoft.CodeAnalysis.Simplification;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes an await in the style of the file.</summary>
internal static class AwaitInsertion
{
    /// <summary><c>await expression</c>, in parentheses that the Simplifier takes back where they aren't needed.</summary>
    public static ExpressionSyntax Await(ExpressionSyntax expression, bool configureAwaitFalse = false)
    {
        var operand = Parenthesize(expression.WithoutTrivia());
        if (configureAwaitFalse)
        {
            operand = SyntaxFactory.InvocationExpression(
                SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, operand, SyntaxFactory.IdentifierName("ConfigureAwait")),
                SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.LiteralExpression(SyntaxKind.FalseLiteralExpression))]));
        }

        var keyword = SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return SyntaxFactory.ParenthesizedExpression(SyntaxFactory.AwaitExpression(keyword, operand))
            .WithAdditionalAnnotations(Simplifier.Annotation)
            .WithTriviaFrom(expression);
    }

    /// <summary>Whether the file's awaits say ConfigureAwait(false): at least one does, and at most a few don't.</summary>
    public static bool UsesConfigureAwaitFalse(SyntaxNode root)
    {
        int with = 0, without = 0;
        foreach (var node in root.DescendantNodes().OfType<AwaitExpressionSyntax>())
        {
            if (node.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" }, ArgumentList.Arguments: [{ Expression.RawKind: (int)SyntaxKind.FalseLiteralExpression }] })
                with++;
            else
                without++;
        }

        return with > without;
    }

    /// <summary>The expression in such a form that a member of it can be accessed.</summary>
    public static ExpressionSyntax Parenthesize(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax or MemberAccessExpressionSyntax or IdentifierNameSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax or ObjectCreationExpressionSyntax => expression,
        _ => SyntaxFactory.ParenthesizedExpression(expression).WithAdditionalAnnotations(Simplifier.Annotation),
    };
}
