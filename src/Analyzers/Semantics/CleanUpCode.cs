using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Code that must run to its end although the token is cancelled.</summary>
internal static class CleanUpCode
{
    /// <summary>
    /// Whether the node stands in clean-up, or where the token may be cancelled already: what is given it there may not run
    /// at all.
    /// </summary>
    public static bool Contains(SyntaxNode node) => IsCleanUp(node) || IsAfterCancellation(node);

    // A finally block, the handler of a cancellation, and disposal.
    private static bool IsCleanUp(SyntaxNode node)
    {
        for (SyntaxNode? current = node.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case FinallyClauseSyntax:
                case CatchClauseSyntax { Declaration.Type: var type } when type.ToString() is var name && (name.EndsWith("OperationCanceledException", StringComparison.Ordinal) || name.EndsWith("TaskCanceledException", StringComparison.Ordinal)):
                case MethodDeclarationSyntax { Identifier.ValueText: "Dispose" or "DisposeAsync" or "DisposeAsyncCore" }:
                    return true;
                case AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }

    // Code that runs once the token is cancelled: what `if (token.IsCancellationRequested)` guards, what follows a loop that
    // runs until then, and the handler of whatever exception, which may be the cancellation.
    private static bool IsAfterCancellation(SyntaxNode node)
    {
        for (var current = node; current.Parent is { } parent; current = parent)
        {
            switch (parent)
            {
                case IfStatementSyntax { Condition: var condition } choice when choice.Statement == current && AsksForCancellation(condition, isNegated: false):
                case CatchClauseSyntax { Declaration: null, Filter: null } or CatchClauseSyntax { Declaration.Type: IdentifierNameSyntax { Identifier.ValueText: "Exception" } or QualifiedNameSyntax { Right.Identifier.ValueText: "Exception" }, Filter: null }:
                    return true;
                case BlockSyntax block:
                    if (FollowsLoop(block.Statements, current))
                        return true;
                    break;
                case GlobalStatementSyntax:
                    break;
                case CompilationUnitSyntax unit:
                    return FollowsLoop(unit.Members.OfType<GlobalStatementSyntax>().Select(static member => member.Statement), (current as GlobalStatementSyntax)?.Statement);
                case AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax:
                    return false;
            }
        }

        return false;
    }

    private static bool FollowsLoop(IEnumerable<StatementSyntax> statements, SyntaxNode? statement)
    {
        foreach (var before in statements)
        {
            if (before == statement)
                return false;
            if (before is WhileStatementSyntax { Condition: var condition } && AsksForCancellation(condition, isNegated: true))
                return true;
        }

        return false;
    }

    /// <summary>
    /// A pause in a loop that looks for the cancellation itself, and then does more than leave: kill a process, say.
    /// Given the token, it would throw before that.
    /// </summary>
    public static bool IsPauseBeforeHandling(SyntaxNode pause)
    {
        for (var current = pause.Parent; current is not null and not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax); current = current.Parent)
        {
            if (current is BlockSyntax { Parent: WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax } body)
                return body.Statements.Any(static statement => statement is IfStatementSyntax { Condition: var condition, Statement: var handling } && AsksForCancellation(condition, isNegated: false) && !IsJump(handling));
        }

        return false;
    }

    private static bool IsJump(StatementSyntax statement) => statement switch
    {
        BlockSyntax { Statements: [var only] } => IsJump(only),
        BlockSyntax { Statements.Count: 0 } or BreakStatementSyntax or ReturnStatementSyntax or ContinueStatementSyntax or ThrowStatementSyntax or YieldStatementSyntax => true,
        _ => false,
    };

    private static bool AsksForCancellation(ExpressionSyntax condition, bool isNegated)
    {
        foreach (var token in condition.DescendantTokens())
        {
            if (token.ValueText == "IsCancellationRequested")
                return condition.DescendantTokens().Any(static one => one.IsKind(SyntaxKind.ExclamationToken)) == isNegated;
        }

        return false;
    }
}
