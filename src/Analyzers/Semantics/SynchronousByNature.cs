namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Objects whose asynchronous members do the very same work at once, or must not be called at all: streams, readers and
/// writers over memory, the console's, SQLite's, readers and writers of JSON
/// that take a token at a time, and XML readers that weren't made for it.
/// </summary>
internal static class SynchronousByNature
{
    private const int MaxDepth = 4;

    /// <summary>Whether a call on the receiver, or with one of the arguments, works on such an object.</summary>
    public static bool IsUsedBy(IInvocationOperation call, KnownSymbols known)
    {
        if (call.Instance is { } receiver && Is(receiver, known, MaxDepth))
            return true;

        foreach (var argument in call.Arguments)
        {
            if (Is(argument.Value, known, MaxDepth))
                return true;
        }

        return false;
    }

    /// <summary>Whether the call makes something out of text or bytes that are there already: that is computing, however it is called.</summary>
    public static bool IsParsing(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        if (!(name.StartsWith("Parse", StringComparison.Ordinal) || name.StartsWith("Deserialize", StringComparison.Ordinal) || name.StartsWith("Compile", StringComparison.Ordinal)))
            return false;

        var hasContent = false;
        foreach (var argument in call.Arguments)
        {
            var type = argument.Value.Type;
            if (type is { Name: var typeName } && (typeName.EndsWith("Stream", StringComparison.Ordinal) || typeName.EndsWith("Reader", StringComparison.Ordinal)))
                return false;

            hasContent |= type is { SpecialType: SpecialType.System_String } or IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte or SpecialType.System_Char } or INamedTypeSymbol { Name: "ReadOnlySpan" or "ReadOnlyMemory" };
        }

        return hasContent;
    }

    private static bool Is(IOperation value, KnownSymbols known, int depth)
    {
        value = AssignedValues.Unwrap(value);
        if (depth == 0 || value.Type is not { IsReferenceType: true } type || type.SpecialType == SpecialType.System_String)
            return false;

        if (IsSuchType(type, known))
            return true;

        return value switch
        {
            ILocalReferenceOperation { Local: var local } => AssignedValues.Single(local, AssignedValues.Root(value)) is { } assigned && Is(assigned, known, depth - 1),
            // A reader over memory, a command of such a connection.
            IObjectCreationOperation creation => creation.Arguments.Any(argument => Is(argument.Value, known, depth - 1)),
            IInvocationOperation { Instance: { } receiver } => Is(receiver, known, depth - 1),
            IPropertyReferenceOperation { Property: { IsStatic: true, ContainingType: var owner } } => SymbolEqualityComparer.Default.Equals(owner, known.Console),
            IPropertyReferenceOperation { Instance: { } receiver } => Is(receiver, known, depth - 1),
            _ => false,
        };
    }

    private static bool IsSuchType(ITypeSymbol type, KnownSymbols known)
    {
        for (var current = type; current is { SpecialType: not SpecialType.System_Object }; current = current.BaseType)
        {
            if (IsOf(current, known.MemoryStream) || IsOf(current, known.StringReader) || IsOf(current, known.StringWriter)
                || IsOf(current, known.XmlReader) || IsOf(current, known.XmlWriter)
                || current.Name.StartsWith("Sqlite", StringComparison.OrdinalIgnoreCase)
                || current is { Name: "JsonWriter" or "JsonReader", ContainingNamespace: { Name: "Json", ContainingNamespace.Name: "Newtonsoft" } })
            {
                return true;
            }
        }

        return false;

        static bool IsOf(ITypeSymbol type, INamedTypeSymbol? known) => known is not null && SymbolEqualityComparer.Default.Equals(type, known);
    }
}
