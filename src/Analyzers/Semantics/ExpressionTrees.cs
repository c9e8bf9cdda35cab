namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Code that is data: a lambda turned into an expression tree is never run as it stands.</summary>
internal static class ExpressionTrees
{
    public static bool Contain(IOperation operation, KnownSymbols known)
    {
        if (known.ExpressionOfT is not { } expression)
            return false;

        for (var current = operation; current is not null; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation { Parent: { } target } && SymbolEqualityComparer.Default.Equals(target.Type?.OriginalDefinition, expression))
                return true;
        }

        return false;
    }
}
