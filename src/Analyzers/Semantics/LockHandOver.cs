using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether a lock that a function leaves taken is given back by another: taken here and released there is a hand-over. Who
/// takes it anew before releasing it gives back its own.
/// </summary>
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

        var here = MemberOf(taken.Call.Syntax);
        var released = new HashSet<SyntaxNode>();
        var taking = new HashSet<SyntaxNode>();
        foreach (var declaration in containingSymbol.ContainingType?.DeclaringSyntaxReferences ?? [])
        {
            foreach (var node in declaration.GetSyntax(cancellationToken).DescendantNodes())
            {
                if (node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var method } access } invocation
                    || !(access.Expression.ToString().EndsWith(name, StringComparison.Ordinal) || invocation.ArgumentList.Arguments.ToString().EndsWith(name, StringComparison.Ordinal))
                    || MemberOf(node) is not { } member || member == here)
                {
                    continue;
                }

                if (IsRelease(method))
                    released.Add(member);
                else if (IsTake(method) && !IsConditional(node, member))
                    taking.Add(member);
            }
        }

        released.ExceptWith(taking);
        return released.Count > 0;
    }

    private static bool IsRelease(string method) => method is "Release" or "ReleaseMutex" || method.StartsWith("Exit", StringComparison.Ordinal);

    private static bool IsTake(string method) =>
        method.StartsWith("Wait", StringComparison.Ordinal) || method.StartsWith("Enter", StringComparison.Ordinal) || method.StartsWith("TryEnter", StringComparison.Ordinal);

    // Taken only if the caller hasn't: then what is released may be the caller's.
    private static bool IsConditional(SyntaxNode take, SyntaxNode member)
    {
        for (var node = take; node != member && node.Parent is { } parent; node = parent)
        {
            if (parent is IfStatementSyntax choice ? choice.Condition != node : parent is ConditionalExpressionSyntax or SwitchSectionSyntax or SwitchExpressionArmSyntax or AnonymousFunctionExpressionSyntax)
                return true;
        }

        return false;
    }

    private static SyntaxNode? MemberOf(SyntaxNode node) => node.Ancestors().FirstOrDefault(static one => one is MemberDeclarationSyntax and not GlobalStatementSyntax);
}
