namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// What of a type's values wouldn't arrive in another process, by the rules that the runtime has for it
/// (SerializableType, over System.Text.Json with fields).
/// </summary>
internal sealed class SendableType(KnownSymbols known)
{
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    /// <summary>Why values of the type can't be sent, with the path of the member; null if they can, or if it isn't known.</summary>
    public string? Refuse(ITypeSymbol type) => Refuse(type, "");

    private string? Refuse(ITypeSymbol type, string path)
    {
        if (!_seen.Add(type))
            return null;

        switch (type)
        {
            case { TypeKind: TypeKind.Dynamic } or { SpecialType: SpecialType.System_Object }:
                return Message(path, "is declared as object, and its type would be lost");
            case { TypeKind: TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer } or { IsRefLikeType: true } or { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate }:
                return Message(path, $"is a {Name(type)}, which exists in its own process only");
            case ITypeParameterSymbol or { TypeKind: TypeKind.Error or TypeKind.Enum } or { SpecialType: not SpecialType.None and < SpecialType.System_Array }:
                return null;
            case IArrayTypeSymbol { Rank: > 1 }:
                return Message(path, $"is a {Name(type)}, and the serializer has no arrays of several dimensions");
            case IArrayTypeSymbol { ElementType: var element }:
                return Refuse(element, path + "[]");
            case INamedTypeSymbol named:
                return RefuseNamed(named, path);
            default:
                return null;
        }
    }

    private string? RefuseNamed(INamedTypeSymbol type, string path)
    {
        if (type.IsTask(known) || DerivesFrom(type, known.Stream))
            return Message(path, $"is a {Name(type)}, which exists in its own process only");

        if (HasConverter(type) || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
            return null;

        if (IsEnumerable(type))
            return type.TypeArguments is [.., var element] ? Refuse(element, path + "[]") : null;

        if (type.IsTupleType)
            return type.TupleElements.Select(element => Refuse(element.Type, $"{path}.{element.Name}")).FirstOrDefault(static refusal => refusal is not null);

        // Of the framework's own types, converters are built in for many.
        if (type.DeclaringSyntaxReferences.IsEmpty && IsOfFramework(type))
            return null;

        if ((type.IsAbstract || type.TypeKind == TypeKind.Interface) && !IsPolymorphic(type))
            return Message(path, $"is declared as {Name(type)}, which can't be made again in another process");

        return RefuseMembers(type, path);
    }

    private string? RefuseMembers(INamedTypeSymbol type, string path)
    {
        var sends = false;
        var hasState = false;
        for (INamedTypeSymbol? part = type; part is { SpecialType: SpecialType.None }; part = part.BaseType)
        {
            foreach (var member in part.GetMembers())
            {
                hasState |= member is IFieldSymbol { IsStatic: false };
                if (member.IsStatic || SentAs(member) is not var (sent, isRead))
                    continue;

                sends = true;
                if (isRead && !HasConverter(member) && Refuse(sent, $"{path}.{member.Name}") is { } refusal)
                    return refusal;
            }
        }

        return !sends && hasState && !type.DeclaringSyntaxReferences.IsEmpty
            ? Message(path, $"is a {Name(type)}, of which nothing is public and so nothing would be sent")
            : null;
    }

    // Public properties and fields, and those that say so; what can only be read is written for nothing, but does no harm.
    private (ITypeSymbol Type, bool IsRead)? SentAs(ISymbol member)
    {
        if (Has(member, known.JsonIgnoreAttribute))
            return null;

        var isIncluded = Has(member, known.JsonIncludeAttribute);
        return member switch
        {
            IPropertySymbol { IsIndexer: false, GetMethod: { } get } property when isIncluded || get.DeclaredAccessibility == Accessibility.Public =>
                (property.Type, property.SetMethod is { } set && (isIncluded || set.DeclaredAccessibility == Accessibility.Public)),
            IFieldSymbol { IsImplicitlyDeclared: false } field when isIncluded || field.DeclaredAccessibility == Accessibility.Public => (field.Type, !field.IsReadOnly),
            _ => null,
        };
    }

    private static bool IsEnumerable(INamedTypeSymbol type) =>
        type.SpecialType == SpecialType.System_Collections_IEnumerable
        || type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_Collections_IEnumerable)
        || type is { TypeKind: TypeKind.Interface, Name: "IAsyncEnumerable" };

    private static bool IsOfFramework(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace;
        while (space is { ContainingNamespace: { IsGlobalNamespace: false } outer })
            space = outer;

        return space?.Name is "System" or "Microsoft";
    }

    private bool IsPolymorphic(INamedTypeSymbol type) => Has(type, known.JsonPolymorphicAttribute) || Has(type, known.JsonDerivedTypeAttribute);

    private bool HasConverter(ISymbol symbol) => symbol.GetAttributes().Any(attribute => DerivesFrom(attribute.AttributeClass, known.JsonConverterAttribute));

    private static bool Has(ISymbol symbol, INamedTypeSymbol? attribute) =>
        attribute is not null && symbol.GetAttributes().Any(one => SymbolEqualityComparer.Default.Equals(one.AttributeClass, attribute));

    private static bool DerivesFrom(INamedTypeSymbol? type, INamedTypeSymbol? known)
    {
        for (; type is not null && known is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, known))
                return true;
        }

        return false;
    }

    private static string Name(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static string Message(string path, string what) => path.Length == 0 ? $"it {what}" : $"its '{path.TrimStart('.')}' {what}";
}
