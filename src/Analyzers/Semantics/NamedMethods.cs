namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Methods that users name in .editorconfig: <c>Method</c>, <c>Type.Method</c> or <c>Namespace.Type.Method</c>.</summary>
internal static class NamedMethods
{
    private static readonly SymbolDisplayFormat TypeFormat = SymbolDisplayFormat.CSharpErrorMessageFormat.WithGenericsOptions(SymbolDisplayGenericsOptions.None);

    public static bool Include(ImmutableArray<string> names, IMethodSymbol method)
    {
        foreach (var name in names)
        {
            var lastDot = name.LastIndexOf('.');
            if (string.CompareOrdinal(name, lastDot + 1, method.Name, 0, int.MaxValue) == 0
                && (lastDot < 0 || IsTypeName(method.ContainingType, name.Substring(0, lastDot))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTypeName(INamedTypeSymbol? type, string name) =>
        type is not null && (type.Name == name || type.OriginalDefinition.ToDisplayString(TypeFormat) == name);
}
