using Microsoft.CodeAnalysis.Simplification;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes an await in the style of the file.</summary>
internal static class AwaitInsertion
{
    /// <summary>
    /// <c>await expression</c> for the place of another expression, in parentheses where that place needs them; the
    /// Simplifier takes back those that it doesn't.
    /// </summary>
    public static ExpressionSyntax Await(ExpressionSyntax expression, SyntaxNode place, bool configureAwaitFalse = false)
    {
        var operand = Parenthesize(expression.WithoutTrivia());
        if (configureAwaitFalse)
        {
            operand = SyntaxFactory.InvocationExpression(
                SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, operand, SyntaxFactory.IdentifierName("ConfigureAwait")),
                SyntaxFactory.ArgumentList([SyntaxFactory.Argument(SyntaxFactory.LiteralExpression(SyntaxKind.FalseLiteralExpression))]));
        }

        var keyword = SyntaxFactory.Token(default, SyntaxKind.AwaitKeyword, [SyntaxFactory.Space]);
        ExpressionSyntax awaited = SyntaxFactory.AwaitExpression(keyword, operand);
        if (!TakesAnyExpression(place.Parent, place))
            awaited = SyntaxFactory.ParenthesizedExpression(awaited).WithAdditionalAnnotations(Simplifier.Annotation);

        return WithComments(awaited.WithTriviaFrom(place), place);
    }

    // What stood between the task and the end of the place goes behind it.
    private static ExpressionSyntax WithComments(ExpressionSyntax awaited, SyntaxNode place)
    {
        var lost = KeptComments.Lost(place.DescendantTrivia(), awaited);
        if (lost.Count == 0)
            return awaited;

        var behind = lost.SelectMany(static comment => new[] { SyntaxFactory.Space, comment }).Concat(place.GetTrailingTrivia()).ToList();
        if (behind.FindLastIndex(static trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)) > behind.FindLastIndex(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)))
            behind.AddRange([SyntaxFactory.EndOfLine("\n"), SyntaxFactory.Whitespace(Indentation.Of(place))]);

        return awaited.WithTrailingTrivia(behind);
    }

    /// <summary>Whether the file's awaits say ConfigureAwait(false): at least one does, and most of those that could.</summary>
    public static bool UsesConfigureAwaitFalse(SyntaxNode root)
    {
        int with = 0, without = 0;
        foreach (var node in root.DescendantNodes().OfType<AwaitExpressionSyntax>())
        {
            if (node.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" }, ArgumentList.Arguments: [{ Expression.RawKind: (int)SyntaxKind.FalseLiteralExpression }] })
                with++;
            else if (node.Expression is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Yield" } })
                without++;
        }

        return with > without;
    }

    /// <summary>The await of the task, as it is or configured; null where it isn't awaited in place.</summary>
    public static AwaitExpressionSyntax? AwaitOf(ExpressionSyntax task) => task.Parent switch
    {
        AwaitExpressionSyntax awaited => awaited,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { Parent: AwaitExpressionSyntax awaited } } => awaited,
        _ => null,
    };

    /// <summary>What is awaited, without its ConfigureAwait.</summary>
    public static ExpressionSyntax TaskOf(AwaitExpressionSyntax awaited) =>
        awaited.Expression is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: var task } } ? task : awaited.Expression;

    /// <summary>The expression in such a form that a member of it can be accessed.</summary>
    public static ExpressionSyntax Parenthesize(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax or MemberAccessExpressionSyntax or IdentifierNameSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax or ObjectCreationExpressionSyntax => expression,
        _ => SyntaxFactory.ParenthesizedExpression(expression).WithAdditionalAnnotations(Simplifier.Annotation),
    };

    private static bool TakesAnyExpression(SyntaxNode? parent, SyntaxNode place) =>
        parent is StatementSyntax or ArrowExpressionClauseSyntax or AnonymousFunctionExpressionSyntax or EqualsValueClauseSyntax or ArgumentSyntax or ParenthesizedExpressionSyntax or CollectionElementSyntax
        || (parent is AssignmentExpressionSyntax { Right: var value } && value == place);
}
