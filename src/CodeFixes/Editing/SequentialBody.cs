namespace ConcurrencyAnalyzers.Editing;

/// <summary>The body of a loop that awaits in its turns, as the function that one turn is: what the turn adds to a list, it returns.</summary>
internal sealed class SequentialBody(ForEachStatementSyntax loop, InvocationExpressionSyntax? kept)
{
    /// <summary>The code whose calls may take the token.</summary>
    public SyntaxNode Code => loop.Statement;

    /// <summary>The list that the results are added to.</summary>
    public ExpressionSyntax? List => (kept?.Expression as MemberAccessExpressionSyntax)?.Expression;

    /// <summary><c>x => FAsync(x)</c> where a turn is one await, else <c>async x => { … }</c>.</summary>
    public LambdaExpressionSyntax ToLambda(string? token, IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> offers, bool isAsync)
    {
        var element = loop.Identifier.Text;
        var single = loop.Statement is BlockSyntax { Statements: var statements } ? statements is [var one] ? one : null : loop.Statement;
        if (single is ExpressionStatementSyntax { Expression: var only } && !HasComments(loop.Statement)
            && (only == kept ? kept.ArgumentList.Arguments[0].Expression : only) is AwaitExpressionSyntax awaited)
        {
            var task = FannedOutBody.Rewrite(isAsync ? awaited : AwaitInsertion.TaskOf(awaited), offers).WithoutTrivia();
            return WithAsync(FannedOutBody.Lambda(element, token, null, task), isAsync);
        }

        var block = loop.Statement as BlockSyntax ?? SyntaxFactory.Block(loop.Statement.WithoutTrivia()).WithAdditionalAnnotations(Microsoft.CodeAnalysis.Formatting.Formatter.Annotation);
        if (loop.Statement is BlockSyntax)
        {
            block = FannedOutBody.Rewrite(block, offers);
            block = block.ReplaceNodes(block.DescendantNodes().OfType<ContinueStatementSyntax>(), static (_, old) =>
                SyntaxFactory.ReturnStatement(old.AttributeLists, SyntaxFactory.Token(SyntaxKind.ReturnKeyword).WithTriviaFrom(old.ContinueKeyword), null, old.SemicolonToken));
            if (kept is not null)
            {
                var last = (ExpressionStatementSyntax)block.Statements.Last();
                var value = ((InvocationExpressionSyntax)last.Expression).ArgumentList.Arguments[0].Expression;
                block = block.ReplaceNode(last, SyntaxFactory.ReturnStatement(SyntaxFactory.Token(default, SyntaxKind.ReturnKeyword, [SyntaxFactory.Space]), value.WithoutTrivia(), SyntaxFactory.Token(SyntaxKind.SemicolonToken)).WithTriviaFrom(last));
            }
        }

        var before = loop.CloseParenToken.TrailingTrivia;
        var startsLine = before.Any(SyntaxKind.EndOfLineTrivia);
        block = block.WithCloseBraceToken(block.CloseBraceToken.WithTrailingTrivia());
        var lambda = FannedOutBody.Lambda(element, token, startsLine ? block : block.WithOpenBraceToken(block.OpenBraceToken.WithLeadingTrivia()), null);
        return WithAsync(lambda.WithArrowToken(lambda.ArrowToken.WithTrailingTrivia(startsLine ? before : [SyntaxFactory.Space])), isAsync: true);
    }

    private static bool HasComments(SyntaxNode statement) => statement.DescendantTrivia().Any(static trivia =>
        trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)) && statement is BlockSyntax;

    private static LambdaExpressionSyntax WithAsync(LambdaExpressionSyntax lambda, bool isAsync) =>
        isAsync ? lambda.AddModifiers(SyntaxFactory.Token(default, SyntaxKind.AsyncKeyword, [SyntaxFactory.Space])) : lambda;
}
