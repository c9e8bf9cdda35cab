using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>What a function adds to a list as the last that it does, and on every way through it.</summary>
internal sealed class Addition(InvocationExpressionSyntax call, IdentifierNameSyntax list, ExpressionSyntax value)
{
    public IdentifierNameSyntax List => list;

    /// <summary>The addition at the end of the function; null where there is none, or where some turn returns before it.</summary>
    public static Addition? Last(LambdaExpressionSyntax function)
    {
        var last = function.ExpressionBody ?? (function.Block?.Statements.LastOrDefault() as ExpressionStatementSyntax)?.Expression;
        return last is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add", Expression: IdentifierNameSyntax list }, ArgumentList.Arguments: [{ NameColon: null, RefKindKeyword.RawKind: 0, Expression: var value }] } call
            && !EnclosingFunction.OwnNodes(function).Any(static node => node is ReturnStatementSyntax)
            ? new(call, list, value)
            : null;
    }

    /// <summary>The function that returns what it added: <c>async x => { …; return v; }</c>, or <c>x => FAsync(x)</c> where that is all.</summary>
    public LambdaExpressionSyntax Returned(LambdaExpressionSyntax function, SemanticModel model, CancellationToken cancellationToken)
    {
        if (function.Block is { Statements: var statements } block && (statements.Count > 1 || HasComments(block) || IsOnSeveralLines()))
        {
            var last = (ExpressionStatementSyntax)call.Parent!;
            var returned = SyntaxFactory.ReturnStatement(SyntaxFactory.Token(default, SyntaxKind.ReturnKeyword, [SyntaxFactory.Space]), value.WithoutTrivia(), SyntaxFactory.Token(SyntaxKind.SemicolonToken)).WithTriviaFrom(last);
            return function.ReplaceNode(last, KeptComments.Above(returned, last));
        }

        var task = value is AwaitExpressionSyntax awaited ? AwaitInsertion.TaskOf(awaited) : null;
        var known = KnownSymbols.Of(model.Compilation);
        var isTask = task is not null && function.AsyncKeyword != default
            && model.GetTypeInfo(task, cancellationToken).Type is { } type && type.IsTask(known)
            && !task.DescendantNodes(static node => node is not AnonymousFunctionExpressionSyntax).Any(static node => node is AwaitExpressionSyntax);
        var plain = isTask ? function.WithModifiers(default).WithLeadingTrivia(function.GetLeadingTrivia()) : function;
        var body = (isTask ? task! : value).WithoutTrivia();
        return plain.WithArrowToken(plain.ArrowToken.WithTrailingTrivia(SyntaxFactory.Space)).WithBody(body);
    }

    private bool IsOnSeveralLines()
    {
        var lines = value.SyntaxTree.GetLineSpan(value.Span);
        return lines.StartLinePosition.Line != lines.EndLinePosition.Line;
    }

    private static bool HasComments(BlockSyntax block) => block.DescendantTrivia().Any(StatementList.IsComment);
}
