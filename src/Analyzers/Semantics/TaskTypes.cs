namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What is a task: Task, Task&lt;T&gt;, ValueTask and ValueTask&lt;T&gt;, and classes derived from Task.</summary>
internal static class TaskTypes
{
    /// <summary>Task or Task&lt;T&gt;, or derived from them.</summary>
    public static bool IsTask(this ITypeSymbol? type, KnownSymbols known)
    {
        for (var current = type as INamedTypeSymbol; current is not null; current = current.BaseType)
        {
            if (Is(current, known.Task) || Is(current, known.TaskOfT))
                return true;
        }

        return false;
    }

    public static bool IsValueTask(this ITypeSymbol? type, KnownSymbols known) =>
        Is(type, known.ValueTask) || Is(type, known.ValueTaskOfT);

    public static bool IsTaskOrValueTask(this ITypeSymbol? type, KnownSymbols known) =>
        type.IsValueTask(known) || type.IsTask(known);

    /// <summary>A task, a task with ConfigureAwait, or a ValueTask that may be missing.</summary>
    public static bool MayHoldTask(ITypeSymbol type, KnownSymbols known) =>
        type is INamedTypeSymbol named
        && (named.IsTaskOrValueTask(known)
            || (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T && named.TypeArguments[0].IsValueTask(known))
            || (named.Name.StartsWith("Configured", StringComparison.Ordinal) && named.Name.EndsWith("TaskAwaitable", StringComparison.Ordinal)));

    /// <summary>The T of Task&lt;T&gt; or ValueTask&lt;T&gt;; null where the task has no result.</summary>
    public static ITypeSymbol? TaskResult(this ITypeSymbol? type, KnownSymbols known)
    {
        for (var current = type as INamedTypeSymbol; current is not null; current = current.BaseType)
        {
            if (Is(current, known.TaskOfT) || Is(current, known.ValueTaskOfT))
                return current.TypeArguments[0];
        }

        return null;
    }

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, known);
}
