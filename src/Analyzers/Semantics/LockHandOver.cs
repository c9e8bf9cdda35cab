using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether a lock that a function leaves taken is given back by another: taken here and released there is a hand-over.</summary>
internal static class LockHandOver
{
    public static bool IsReleasedElsewhere(LockCall taken, ISymbol containingSymbol, CancellationToken cancellationToken)
    {
        var name = taken.Lock switch
        {
            IFieldReferenceOperation reference => reference.Field.Name,
            IPropertyReferenceOperation property => property.Property.Name,
            _ => null,
        };
        if (name is null)
            return taken.Lock is not ILocalReferenceOperation;

        foreach (var declaration in containingSymbol.ContainingType?.DeclaringSyntaxReferences ?? [])
        {
            foreach (var node in declaration.GetSyntax(cancellationToken).DescendantNodes())
            {
                if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var method } access } invocation
                    && (method is "Release" or "ReleaseMutex" || method.StartsWith("Exit", StringComparison.Ordinal))
                    && (access.Expression.ToString().EndsWith(name, StringComparison.Ordinal) || invocation.ArgumentList.Arguments.ToString().EndsWith(name, StringComparison.Ordinal))
                    && MemberOf(node) != MemberOf(taken.Call.Syntax))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static SyntaxNode? MemberOf(SyntaxNode node) => node.Ancestors().FirstOrDefault(static one => one is MemberDeclarationSyntax and not GlobalStatementSyntax);
}
