using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// An endless loop that is left when a try succeeds, and goes round again when its catch has swallowed an exception,
/// with nothing on the way that waits or counts.
/// </summary>
internal sealed class RetryLoop
{
    private static readonly string[] Waits = ["Delay", "Sleep", "Wait", "BackOff", "Backoff", "Pause", "Throttle", "Yield", "Spin", "Accept", "Receive", "Dequeue", "Consume", "Take", "ReadLine", "ReadKey", "Prompt", "Ask", "Confirm", "Show", "Dialog", "Join", "Acquire"];

    private RetryLoop(string caught) => Caught = caught;

    /// <summary>The exception after which the loop tries again.</summary>
    public string Caught { get; }

    /// <summary>The retry that the loop is; null where it is none, or is bounded or paced.</summary>
    public static RetryLoop? Of(IOperation loop)
    {
        var (condition, body) = loop.Syntax switch
        {
            WhileStatementSyntax { Condition: var test, Statement: BlockSyntax block } => (test, block),
            DoStatementSyntax { Condition: var test, Statement: BlockSyntax block } => (test, block),
            ForStatementSyntax { Condition: null, Statement: BlockSyntax block } => (null, block),
            _ => ((ExpressionSyntax?)null, (BlockSyntax?)null),
        };
        if (body is null || body.Statements.IndexOf(static statement => statement is TryStatementSyntax) is not (>= 0 and var index))
            return null;

        var flag = FlagOf(condition, loop);
        if ((flag is null && !IsEndless(condition)) || !OnlyLogsCounter(loop))
            return null;

        var attempt = (TryStatementSyntax)body.Statements[index];
        var leaves = Leaves(attempt.Block, flag);
        var leavesAfter = !leaves && Leaves(body.Statements, index + 1, flag);
        if (!leaves && !leavesAfter)
            return null;

        foreach (var clause in attempt.Catches)
        {
            if (GoesRoundAgain(clause, leavesAfter) && !IsPacedOrBounded(loop, body))
                return new RetryLoop(clause.Declaration?.Type.ToString() ?? "Exception");
        }

        return null;
    }

    // for (var attempt = 1; ; attempt++): to log the attempt bounds nothing, to do anything else with it may.
    private static bool OnlyLogsCounter(IOperation loop)
    {
        if (loop is not IForLoopOperation { Locals: { IsEmpty: false } counters } counting)
            return loop.Syntax is not ForStatementSyntax { Incrementors.Count: > 0 };

        return OwnOperations.Of(counting.Body, static inner => inner is not IInvocationOperation call || !CaughtExceptions.IsLogging(call))
            .All(operation => operation is not ILocalReferenceOperation { Local: var local } || !counters.Contains(local, SymbolEqualityComparer.Default));
    }

    private static bool IsEndless(ExpressionSyntax? condition) => condition switch
    {
        null => true,
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.TrueLiteralExpression } => true,
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression, Operand: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "IsCancellationRequested" } } => true,
        _ => false,
    };

    // while (!done), while (result == null): the loop is left once the local is set.
    private static string? FlagOf(ExpressionSyntax? condition, IOperation loop)
    {
        var flag = condition switch
        {
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression, Operand: IdentifierNameSyntax name } => name,
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression, Left: IdentifierNameSyntax name, Right.RawKind: (int)SyntaxKind.NullLiteralExpression } => name,
            IsPatternExpressionSyntax { Expression: IdentifierNameSyntax name, Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } } => name,
            _ => null,
        };
        return flag is not null && loop is IWhileLoopOperation { Condition: { } test } && test.DescendantsAndSelf().Any(static operation => operation is ILocalReferenceOperation)
            ? flag.Identifier.ValueText
            : null;
    }

    private static bool Leaves(BlockSyntax block, string? flag) => Leaves(block.Statements, 0, flag);

    private static bool Leaves(SyntaxList<StatementSyntax> statements, int from, string? flag)
    {
        if (statements.Count <= from)
            return false;

        if (statements[statements.Count - 1] is ReturnStatementSyntax or BreakStatementSyntax)
            return true;

        return flag is not null && statements.Skip(from).Any(statement => statement is ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { Left: IdentifierNameSyntax target, Right: var value } }
            && target.Identifier.ValueText == flag && !value.IsKind(SyntaxKind.FalseLiteralExpression) && !value.IsKind(SyntaxKind.NullLiteralExpression));
    }

    private static bool GoesRoundAgain(CatchClauseSyntax clause, bool leavesAfter)
    {
        // What ran into a timeout has waited for that long.
        if (clause.Declaration?.Type is SimpleNameSyntax { Identifier.ValueText: "TimeoutException" } or QualifiedNameSyntax { Right.Identifier.ValueText: "TimeoutException" })
            return false;

        var ends = clause.Block.Statements.LastOrDefault();
        if (ends is not ContinueStatementSyntax && leavesAfter)
            return false;

        // An exit of any kind, or a step on to something else: the next turn isn't the same again.
        foreach (var node in clause.Block.DescendantNodes(static one => one is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)))
        {
            if (node is ThrowStatementSyntax or ThrowExpressionSyntax or ReturnStatementSyntax or BreakStatementSyntax or GotoStatementSyntax or YieldStatementSyntax or AwaitExpressionSyntax or AssignmentExpressionSyntax)
                return false;
        }

        return clause.Filter is null || !clause.Filter.DescendantNodes().Any(static node => node is PostfixUnaryExpressionSyntax or PrefixUnaryExpressionSyntax { RawKind: not (int)SyntaxKind.LogicalNotExpression } or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LessThanExpression or (int)SyntaxKind.LessThanOrEqualExpression or (int)SyntaxKind.GreaterThanExpression or (int)SyntaxKind.GreaterThanOrEqualExpression });
    }

    private static bool IsPacedOrBounded(IOperation loop, BlockSyntax body)
    {
        foreach (var node in body.DescendantNodes())
        {
            switch (node)
            {
                case PostfixUnaryExpressionSyntax { RawKind: not (int)SyntaxKind.SuppressNullableWarningExpression }:
                case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression }:
                case AssignmentExpressionSyntax { RawKind: not (int)SyntaxKind.SimpleAssignmentExpression }:
                case YieldStatementSyntax:
                    return true;
                case SimpleNameSyntax { Identifier.ValueText: var name } when Array.Exists(Waits, wait => name.IndexOf(wait, StringComparison.Ordinal) >= 0) || IsSpan(name):
                    return true;
            }
        }

        // A method of the loop's own may count or wait as well.
        return loop.Descendants().Any(static operation => operation is IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } or { Name: "Invoke", ContainingType.TypeKind: TypeKind.Delegate } });
    }

    // A local or parameter that says how long.
    private static bool IsSpan(string name) =>
        name.StartsWith("delay", StringComparison.Ordinal) || name.StartsWith("backoff", StringComparison.Ordinal) || name.StartsWith("wait", StringComparison.Ordinal);
}
