namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// The elements that a loop starts work for, where it leaves out others before it does anything else:
/// <c>if (x.IsDone) continue;</c> and <c>if (x.IsOpen) tasks.Add(…);</c> are <c>xs.Where(x => …)</c>.
/// </summary>
internal sealed class ElementFilter
{
    public static readonly ElementFilter None = new([]);

    private readonly List<ExpressionSyntax> _conditions;

    private ElementFilter(List<ExpressionSyntax> conditions) => _conditions = conditions;

    public bool IsNone => _conditions.Count == 0;

    /// <summary>Takes the conditions off a loop's body, and leaves what is done for the elements that meet them.</summary>
    public static ElementFilter Take(ref StatementSyntax body, out ImmutableArray<StatementSyntax> statements)
    {
        var conditions = new List<ExpressionSyntax>();
        while (true)
        {
            statements = body is BlockSyntax { Statements: var inner } ? [.. inner] : [body];
            while (statements.Length > 1 && statements[0] is IfStatementSyntax { Else: null, Statement: ContinueStatementSyntax or BlockSyntax { Statements: [ContinueStatementSyntax] } } skipped && IsPlain(skipped.Condition))
            {
                conditions.Add(Negated(skipped.Condition));
                statements = statements.RemoveAt(0);
            }

            if (statements is not [IfStatementSyntax { Else: null } only] || !IsPlain(only.Condition))
                return conditions.Count == 0 ? None : new(conditions);

            conditions.Add(only.Condition.WithoutTrivia());
            body = only.Statement;
        }
    }

    /// <summary>The sequence without the elements that are left out.</summary>
    public ExpressionSyntax Applied(ExpressionSyntax source, string element)
    {
        foreach (var condition in _conditions)
        {
            source = SyntaxFactory.InvocationExpression(
                SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, AwaitInsertion.Parenthesize(source.WithoutTrivia()), SyntaxFactory.IdentifierName("Where")),
                SyntaxFactory.ArgumentList([SyntaxFactory.Argument(FannedOutBody.Lambda(element, null, null, condition))]));
        }

        return source;
    }

    // Nothing is declared for the code behind it, written, or awaited.
    private static bool IsPlain(ExpressionSyntax condition) => condition.DescendantNodesAndSelf().All(static node =>
        node is not (AwaitExpressionSyntax or AssignmentExpressionSyntax or SingleVariableDesignationSyntax or AnonymousFunctionExpressionSyntax or ArgumentSyntax { RefKindKeyword.RawKind: not 0 })
        && node.Kind() is not (SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression));

    private static ExpressionSyntax Negated(ExpressionSyntax condition) => condition switch
    {
        ParenthesizedExpressionSyntax parenthesized => Negated(parenthesized.Expression),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression, Operand: var operand } => (operand is ParenthesizedExpressionSyntax inner ? inner.Expression : operand).WithoutTrivia(),
        _ => SyntaxFactory.PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, AwaitInsertion.Parenthesize(condition.WithoutTrivia())),
    };
}
