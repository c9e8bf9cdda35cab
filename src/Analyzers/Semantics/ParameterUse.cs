using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What a method of this compilation does with an argument, as far as its syntax alone tells.</summary>
internal static class ParameterUse
{
    /// <summary>
    /// Every use of the parameter calls it or reads a member of it, outside of delegates, so that the method can't have
    /// kept it. False where the method's body isn't known: it is virtual, or in another assembly.
    /// </summary>
    public static bool IsReceiverOnly(IParameterSymbol parameter)
    {
        if (parameter.ContainingSymbol is not IMethodSymbol { IsVirtual: false, IsAbstract: false, IsOverride: false, DeclaringSyntaxReferences: { Length: 1 } declarations } method
            || method.ContainingType.TypeKind == TypeKind.Interface
            || declarations[0].GetSyntax() is not MethodDeclarationSyntax declaration
            || ((SyntaxNode?)declaration.Body ?? declaration.ExpressionBody) is not { } body)
        {
            return false;
        }

        foreach (var node in body.DescendantNodes())
        {
            if (node is IdentifierNameSyntax name && name.Identifier.ValueText == parameter.Name && !IsReceiver(name))
                return false;
        }

        return true;
    }

    private static bool IsReceiver(IdentifierNameSyntax name)
    {
        var isReceiver = name.Parent switch
        {
            MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax } access => access.Expression == name,
            ConditionalAccessExpressionSyntax { WhenNotNull: InvocationExpressionSyntax } access => access.Expression == name,
            _ => false,
        };
        return isReceiver && !name.Ancestors().TakeWhile(static node => node is not MethodDeclarationSyntax).Any(static node => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax);
    }
}
