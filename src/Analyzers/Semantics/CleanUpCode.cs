using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Code that must run to its end although the token is cancelled.</summary>
internal static class CleanUpCode
{
    /// <summary>A finally block, the handler of a cancellation, and disposal.</summary>
    public static bool Contains(SyntaxNode node)
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
}
