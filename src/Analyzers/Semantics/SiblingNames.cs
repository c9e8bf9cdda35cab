using System.Collections.Concurrent;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether a type has, beside a method, another of the same name with Async behind it; asked once a method.</summary>
internal sealed class SiblingNames
{
    private readonly ConcurrentDictionary<IMethodSymbol, string?> _names = new(SymbolEqualityComparer.Default);

    /// <summary>The sibling's name; null where the type has no method of that name.</summary>
    public string? Of(IMethodSymbol method)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        return _names.GetOrAdd(method, static one => Find(one));
    }

    private static string? Find(IMethodSymbol method)
    {
        if (method.MethodKind is not (MethodKind.Ordinary or MethodKind.LocalFunction) || method.Name.EndsWith("Async", StringComparison.Ordinal))
            return null;

        var name = method.Name + "Async";
        for (var type = method.ContainingType; type is not null; type = type.BaseType)
        {
            if (!type.GetMembers(name).IsEmpty)
                return name;
        }

        foreach (var contract in method.ContainingType is { TypeKind: TypeKind.Interface } declared ? declared.AllInterfaces : [])
        {
            if (!contract.GetMembers(name).IsEmpty)
                return name;
        }

        return null;
    }
}
