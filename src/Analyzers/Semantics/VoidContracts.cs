namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Members whose return type an interface prescribes.</summary>
internal static class VoidContracts
{
    public static bool Implements(IMethodSymbol method)
    {
        if (!method.ExplicitInterfaceImplementations.IsEmpty)
            return true;

        if (method.ContainingType is not { } type || method.IsStatic)
            return false;

        foreach (var contract in type.AllInterfaces)
        {
            foreach (var member in contract.GetMembers(method.Name))
            {
                if (SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(member), method))
                    return true;
            }
        }

        return false;
    }
}
