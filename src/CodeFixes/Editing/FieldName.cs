namespace ConcurrencyAnalyzers.Editing;

/// <summary>Names a new private field: in the style of those that the type has, and as nothing else in it.</summary>
internal static class FieldName
{
    /// <summary>The name for a field of that type; the wish comes in any style, as the name of a local or of a type.</summary>
    public static string For(string wish, TypeDeclarationSyntax declaration, INamedTypeSymbol type, bool isStatic = true)
    {
        var taken = new HashSet<string>(declaration.DescendantTokens().Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText), StringComparer.Ordinal);
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            for (INamedTypeSymbol? one = outer; one is not null; one = one.BaseType)
                taken.UnionWith(one.MemberNames);
        }

        var name = Styled(Words(wish), StyleOf(type, isStatic));
        for (var number = 2; taken.Contains(name); number++)
            name = Styled(Words(wish), StyleOf(type, isStatic)) + number;

        return name;
    }

    /// <summary>The wish for an object that no local names: <c>ICircuitBreaker</c> → <c>circuitBreaker</c>.</summary>
    public static string WishFor(ITypeSymbol type) =>
        type is { TypeKind: TypeKind.Interface, Name: ['I', >= 'A' and <= 'Z', ..] name } ? name.Substring(1) : type.Name;

    private static string Words(string wish)
    {
        var trimmed = wish is ['s' or 'm' or 't', '_', ..] ? wish.Substring(2) : wish.TrimStart('_', '@');
        return trimmed.Length == 0 ? "shared" : char.ToLowerInvariant(trimmed[0]) + trimmed.Substring(1);
    }

    private static string Styled(string camel, Style style) => style switch
    {
        Style.Pascal => char.ToUpperInvariant(camel[0]) + camel.Substring(1),
        Style.StaticPrefix => "s_" + camel,
        Style.Camel => SyntaxFacts.GetKeywordKind(camel) == SyntaxKind.None ? camel : "@" + camel,
        _ => "_" + camel,
    };

    // The style of most private readonly fields of the kind, static or not; without them that of all private ones of it.
    private static Style StyleOf(INamedTypeSymbol type, bool isStatic)
    {
        var fields = type.GetMembers().OfType<IFieldSymbol>().Where(static field => field is { DeclaredAccessibility: Accessibility.Private, IsConst: false, IsImplicitlyDeclared: false }).ToList();
        return Most(fields.Where(field => field.IsReadOnly && field.IsStatic == isStatic))
            ?? Most(fields.Where(field => field.IsStatic == isStatic))
            ?? Style.Underscore;
    }

    private static Style? Most(IEnumerable<IFieldSymbol> fields) =>
        fields.GroupBy(static field => StyleOf(field.Name)).OrderByDescending(static group => group.Count()).Select(static group => (Style?)group.Key).FirstOrDefault();

    private static Style StyleOf(string name) => name switch
    {
        ['s' or 't', '_', ..] => Style.StaticPrefix, // Where thread-static fields begin with t_, static ones do with s_.
        ['_', ..] => Style.Underscore,
        [>= 'A' and <= 'Z', ..] => Style.Pascal,
        _ => Style.Camel,
    };

    private enum Style
    {
        Underscore,
        StaticPrefix,
        Pascal,
        Camel,
    }
}
