namespace ConcurrencyAnalyzers.Editing;

/// <summary>The if statement that asks which of a task and a delay won their race.</summary>
internal sealed class TimeoutQuestion
{
    private readonly ExpressionSyntax _other;
    private readonly bool _isEqual;

    private TimeoutQuestion(IfStatementSyntax asked, ExpressionSyntax other, bool isEqual, LocalDeclarationStatementSyntax? declaration) =>
        (If, _other, _isEqual, Declaration) = (asked, other, isEqual, declaration);

    public IfStatementSyntax If { get; }

    /// <summary>The declaration of the local that holds the winner; null where the condition awaits it itself.</summary>
    public LocalDeclarationStatementSyntax? Declaration { get; }

    public static TimeoutQuestion? Of(IfStatementSyntax asked, ExpressionSyntax winner, LocalDeclarationStatementSyntax? declaration)
    {
        if (asked.Condition is not BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } comparison)
            return null;

        var (left, right) = (Bare(comparison.Left), Bare(comparison.Right));
        var other = SyntaxFactory.AreEquivalent(left, winner) ? right : SyntaxFactory.AreEquivalent(right, winner) ? left : null;
        return other is null ? null : new(asked, other, comparison.IsKind(SyntaxKind.EqualsExpression), declaration);
    }

    /// <summary>Whether the if's own statement is for the task that won; null where the winner is compared with something else.</summary>
    public bool? IsTaskWinner(ExpressionSyntax task, string? delay)
    {
        if (SyntaxFactory.AreEquivalent(_other, task) && task is not InvocationExpressionSyntax)
            return _isEqual;

        return delay is not null && _other is IdentifierNameSyntax { Identifier.ValueText: var name } && name == delay ? !_isEqual : null;
    }

    private static ExpressionSyntax Bare(ExpressionSyntax expression)
    {
        while (expression is ParenthesizedExpressionSyntax { Expression: var inner })
            expression = inner;

        return expression;
    }
}
