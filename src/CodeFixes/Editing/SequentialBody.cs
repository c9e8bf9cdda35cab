namespace ConcurrencyAnalyzers.Editing;

/// <summary>The body of a loop that awaits in its turns, as the function that one turn is: what the turn adds to a list, it returns.</summary>
/// <param name="element">What the function calls its element.</param>
/// <param name="statement">The body.</param>
/// <param name="closeParen">What stands before it.</param>
/// <param name="kept">The call that adds to the list, where there is one.</param>
/// <param name="replacements">Nodes that stand for others, such as the element for <c>xs[i]</c>.</param>
internal sealed class SequentialBody(string element, StatementSyntax statement, SyntaxToken closeParen, InvocationExpressionSyntax? kept, IReadOnlyDictionary<SyntaxNode, SyntaxNode> replacements)
{
    /// <summary>The code whose calls may take the token.</summary>
    public SyntaxNode Code => statement;

    /// <summary>The list that the results are added to.</summary>
    public ExpressionSyntax? List => (kept?.Expression as MemberAccessExpressionSyntax)?.Expression;

    /// <summary><c>x => FAsync(x)</c> where a turn is one await, else <c>async x => { … }</c>.</summary>
    public LambdaExpressionSyntax ToLambda(string? token, IReadOnlyDictionary<InvocationExpressionSyntax, ArgumentSyntax> offers, bool isAsync)
    {
        var single = statement is BlockSyntax { Statements: var statements } ? statements is [var one] ? one : null : statement;
        if (single is ExpressionStatementSyntax { Expression: var only } && !HasComments(statement)
            && (only == kept ? kept.ArgumentList.Arguments[0].Expression : only) is AwaitExpressionSyntax awaited)
        {
            var task = FannedOutBody.Rewrite(isAsync ? awaited : AwaitInsertion.TaskOf(awaited), offers, replacements).WithoutTrivia();
            return WithAsync(FannedOutBody.Lambda(element, token, null, task), isAsync);
        }

        var block = statement as BlockSyntax ?? SyntaxFactory.Block(statement.WithoutTrivia()).WithAdditionalAnnotations(Microsoft.CodeAnalysis.Formatting.Formatter.Annotation);
        if (statement is BlockSyntax)
        {
            block = FannedOutBody.Rewrite(block, offers, replacements);
            block = block.ReplaceNodes(block.DescendantNodes().OfType<ContinueStatementSyntax>(), static (_, old) =>
                SyntaxFactory.ReturnStatement(old.AttributeLists, SyntaxFactory.Token(SyntaxKind.ReturnKeyword).WithTriviaFrom(old.ContinueKeyword), null, old.SemicolonToken));
            if (kept is not null)
            {
                var last = (ExpressionStatementSyntax)block.Statements.Last();
                var value = ((InvocationExpressionSyntax)last.Expression).ArgumentList.Arguments[0].Expression;
                block = block.ReplaceNode(last, SyntaxFactory.ReturnStatement(SyntaxFactory.Token(default, SyntaxKind.ReturnKeyword, [SyntaxFactory.Space]), value.WithoutTrivia(), SyntaxFactory.Token(SyntaxKind.SemicolonToken)).WithTriviaFrom(last));
            }
        }

        var before = closeParen.TrailingTrivia;
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
