using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The functions that a member declares: itself or its accessors, and the local functions inside.</summary>
internal static class DeclaredFunctions
{
    /// <summary>But for iterators, of which nothing runs when they are called.</summary>
    public static IEnumerable<IMethodSymbol> In(MemberDeclarationSyntax member, SemanticModel model, CancellationToken cancellationToken)
    {
        switch (member)
        {
            case BaseMethodDeclarationSyntax:
                if (model.GetDeclaredSymbol(member, cancellationToken) is IMethodSymbol method && !IsIterator(member))
                    yield return CallLinks.Definition(method);
                break;
            case BasePropertyDeclarationSyntax and not EventDeclarationSyntax:
                if (model.GetDeclaredSymbol(member, cancellationToken) is IPropertySymbol property && !IsIterator(member))
                {
                    if (property.GetMethod is { } getter)
                        yield return CallLinks.Definition(getter);
                    if (property.SetMethod is { } setter)
                        yield return CallLinks.Definition(setter);
                }

                break;
        }

        foreach (var local in member.DescendantNodes().OfType<LocalFunctionStatementSyntax>())
        {
            if (!IsIterator(local) && model.GetDeclaredSymbol(local, cancellationToken) is IMethodSymbol function)
                yield return function;
        }
    }

    private static bool IsIterator(SyntaxNode function) => function
        .DescendantNodes(node => node == function || node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or ExpressionSyntax))
        .Any(static node => node is YieldStatementSyntax);
}
