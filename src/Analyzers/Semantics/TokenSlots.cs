using System.Collections.Concurrent;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Where a method, or an overload of it, takes a CancellationToken; asked once a method.</summary>
internal sealed class TokenSlots(INamedTypeSymbol token)
{
    private readonly ConcurrentDictionary<IMethodSymbol, Slot?> _slots = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<INamedTypeSymbol, bool> _holders = new(SymbolEqualityComparer.Default);

    /// <summary>A parameter for a token: the method's own, which the call may leave out, or that of an overload.</summary>
    internal sealed record Slot(int Ordinal, string Name, bool IsOwn);

    /// <summary>Whether the method was asked about before and takes none, or is none that could.</summary>
    public bool IsKnownToTakeNone(IMethodSymbol method) =>
        method.MethodKind is not (MethodKind.Ordinary or MethodKind.LocalFunction or MethodKind.DelegateInvoke)
        || method.ContainingType is null or { SpecialType: not SpecialType.None } or { Name: "Enumerable" }
        || (_slots.TryGetValue(method.OriginalDefinition, out var slot) && slot is null);

    /// <summary>Null where neither the method nor an overload with otherwise the same parameters takes one.</summary>
    public Slot? Of(IMethodSymbol method) =>
        _slots.TryGetValue(method.OriginalDefinition, out var slot) ? slot : _slots.GetOrAdd(method.OriginalDefinition, Find((method.ReducedFrom ?? method).OriginalDefinition));

    /// <summary>
    /// Whether some token may be in scope at the operation, as far as the declarations around it tell; there need not
    /// be one. It costs a walk up from the operation.
    /// </summary>
    public bool MayBeInScope(IOperation operation, ISymbol containingSymbol)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            var isDeclared = current switch
            {
                IAnonymousFunctionOperation lambda => HasToken(lambda.Symbol),
                ILocalFunctionOperation function => HasToken(function.Symbol),
                IBlockOperation block => HasToken(block.Locals),
                IUsingOperation used => HasToken(used.Locals),
                ISwitchCaseOperation section => HasToken(section.Locals),
                _ => false,
            };
            if (isDeclared)
                return true;
        }

        if (containingSymbol is IMethodSymbol method && HasToken(method))
            return true;

        for (var type = containingSymbol.ContainingType; type is not null; type = type.ContainingType)
        {
            if (_holders.TryGetValue(type, out var isHolder) ? isHolder : _holders.GetOrAdd(type, IsHolder(type)))
                return true;
        }

        return false;
    }

    private bool HasToken(IMethodSymbol method)
    {
        foreach (var parameter in method.Parameters)
        {
            if (IsToken(parameter.Type))
                return true;
        }

        return false;
    }

    private bool HasToken(ImmutableArray<ILocalSymbol> locals)
    {
        foreach (var local in locals)
        {
            if (IsToken(local.Type) || local.Type.Name == "CancellationTokenSource")
                return true;
        }

        return false;
    }

    private bool IsHolder(INamedTypeSymbol type)
    {
        for (var one = type; one is { SpecialType: SpecialType.None }; one = one.BaseType)
        {
            foreach (var member in one.GetMembers())
            {
                if (member is IFieldSymbol field ? IsToken(field.Type) : member is IPropertySymbol property ? IsToken(property.Type) : member is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor && HasToken(constructor))
                    return true;
            }
        }

        return false;
    }

    private bool IsToken(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type, token);

    private Slot? Find(IMethodSymbol method)
    {
        foreach (var parameter in method.Parameters)
        {
            if (IsToken(parameter.Type))
                return parameter.IsOptional ? new Slot(parameter.Ordinal, parameter.Name, IsOwn: true) : null;
        }

        if (method.MethodKind is not MethodKind.Ordinary)
            return null;

        for (var type = method.ContainingType; type is not null; type = method.IsStatic ? null : type.BaseType)
        {
            if (FindIn(type, method) is { } slot)
                return slot;
        }

        foreach (var contract in method.ContainingType is { TypeKind: TypeKind.Interface } declared ? declared.AllInterfaces : [])
        {
            if (FindIn(contract, method) is { } slot)
                return slot;
        }

        return null;
    }

    private Slot? FindIn(INamedTypeSymbol type, IMethodSymbol method)
    {
        foreach (var member in type.GetMembers(method.Name))
        {
            if (member is IMethodSymbol overload && overload.IsStatic == method.IsStatic && SlotIn(overload, method) is { } ordinal && !overload.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == "ObsoleteAttribute"))
                return new Slot(ordinal, overload.Parameters[ordinal].Name, IsOwn: false);
        }

        return null;
    }

    // The parameters of the method in their order, and one token among or behind them.
    private int? SlotIn(IMethodSymbol overload, IMethodSymbol method)
    {
        if (overload.Parameters.Length != method.Parameters.Length + 1 || overload.TypeParameters.Length != method.TypeParameters.Length)
            return null;

        var slot = overload.Parameters.Length - 1;
        for (var i = 0; i < method.Parameters.Length; i++)
        {
            if (IsToken(overload.Parameters[i].Type))
            {
                slot = i;
                break;
            }
        }

        if (!IsToken(overload.Parameters[slot].Type))
            return null;

        for (var i = 0; i < method.Parameters.Length; i++)
        {
            if (overload.Parameters[i < slot ? i : i + 1].RefKind != method.Parameters[i].RefKind || !IsAlike(overload.Parameters[i < slot ? i : i + 1].Type, method.Parameters[i].Type))
                return null;
        }

        return slot;
    }

    // Delegates may take a token themselves where the method does: Parallel.ForEachAsync, Func<Task> and Func<CancellationToken, Task>.
    private static bool IsAlike(ITypeSymbol type, ITypeSymbol other) =>
        SymbolEqualityComparer.Default.Equals(type, other)
        || type is ITypeParameterSymbol && other is ITypeParameterSymbol
        || type is INamedTypeSymbol { IsGenericType: true } one && other is INamedTypeSymbol { IsGenericType: true } two && SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, two.OriginalDefinition)
        || type is IArrayTypeSymbol array && other is IArrayTypeSymbol otherArray && IsAlike(array.ElementType, otherArray.ElementType);
}
