namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Collections that only one thread at a time may change.</summary>
internal static class MutableCollections
{
    private static readonly ImmutableHashSet<string> Mutators =
    [
        "Add", "AddRange", "AddFirst", "AddLast", "AddBefore", "AddAfter", "Insert", "InsertRange", "Remove", "RemoveAll", "RemoveAt", "RemoveRange",
        "RemoveFirst", "RemoveLast", "RemoveWhere", "Clear", "Enqueue", "Dequeue", "TryDequeue", "EnqueueDequeue", "Push", "Pop", "TryPop", "TryAdd",
        "UnionWith", "ExceptWith", "IntersectWith", "SymmetricExceptWith", "Sort", "Reverse",
        "Append", "AppendLine", "AppendFormat", "AppendJoin", "Replace",
    ];

    /// <summary>The expression that holds the collection which the call or assignment changes; null where it changes none.</summary>
    public static IOperation? Mutated(IOperation operation)
    {
        switch (operation)
        {
            case IInvocationOperation { Instance: { } instance, TargetMethod: { IsStatic: false, Name: var name } } when Mutators.Contains(name):
                // sb.Append(a).Append(b)
                while (instance is IInvocationOperation { Instance: { } inner, Type.Name: "StringBuilder" })
                    instance = inner;
                return IsUnsafe(instance) ? AssignedValues.Unwrap(instance) : null;
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } dictionary } }:
                return IsKeyed(AssignedValues.Unwrap(dictionary).Type) && IsUnsafe(dictionary) ? AssignedValues.Unwrap(dictionary) : null;
            default:
                return null;
        }
    }

    /// <summary>The expression that holds the collection which the method of a method group changes: <c>list.Add</c>.</summary>
    public static IOperation? Mutated(IMethodReferenceOperation method) =>
        method is { Instance: { } instance, Method: { IsStatic: false, Name: var name } } && Mutators.Contains(name) && IsUnsafe(instance) ? AssignedValues.Unwrap(instance) : null;

    // The type as written, or what the local was made as: another may stand behind an interface.
    private static bool IsUnsafe(IOperation instance)
    {
        instance = AssignedValues.Unwrap(instance);
        if (instance.Type is not { } type)
            return false;

        if (type.TypeKind != TypeKind.Interface)
            return IsOfFramework(type) && !IsSynchronized(instance);

        return type.Name is "IList" or "ICollection" or "IDictionary" or "ISet"
            && instance is ILocalReferenceOperation local
            && AssignedValues.Single(local.Local, AssignedValues.Root(local)) is IObjectCreationOperation { Type: { } made }
            && IsOfFramework(made);
    }

    private static bool IsSynchronized(IOperation instance) =>
        instance.Type is { Name: "ArrayList" or "Hashtable" or "Queue" or "Stack" or "SortedList", IsReferenceType: true } and not INamedTypeSymbol { IsGenericType: true }
        && !(instance is ILocalReferenceOperation local && AssignedValues.Single(local.Local, AssignedValues.Root(local)) is IObjectCreationOperation);

    private static bool IsKeyed(ITypeSymbol? type) =>
        type is { Name: "Dictionary" or "SortedDictionary" or "SortedList" or "OrderedDictionary" or "Hashtable" or "IDictionary" };

    private static bool IsOfFramework(ITypeSymbol type) => type.Name switch
    {
        "List" or "Dictionary" or "HashSet" or "SortedSet" or "SortedDictionary" or "SortedList" or "Queue" or "Stack" or "LinkedList" or "PriorityQueue" or "OrderedDictionary" =>
            type.ContainingNamespace is { Name: "Generic", ContainingNamespace: { Name: "Collections", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } } || IsInCollections(type),
        "ArrayList" or "Hashtable" => IsInCollections(type),
        "Collection" or "ObservableCollection" => type.ContainingNamespace is { Name: "ObjectModel", ContainingNamespace: { Name: "Collections", ContainingNamespace.Name: "System" } },
        "StringBuilder" => type.ContainingNamespace is { Name: "Text", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } },
        _ => false,
    };

    private static bool IsInCollections(ITypeSymbol type) =>
        type.ContainingNamespace is { Name: "Collections", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };
}
