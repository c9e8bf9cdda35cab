namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What is a TaskCompletionSource, and whether it runs continuations inline.</summary>
internal static class CompletionSources
{
    private const int RunContinuationsAsynchronously = 64;

    public static bool Is(ITypeSymbol? type, KnownSymbols known) =>
        type is INamedTypeSymbol { Name: "TaskCompletionSource" } source
        && (SymbolEqualityComparer.Default.Equals(source, known.TaskCompletionSource) || SymbolEqualityComparer.Default.Equals(source.OriginalDefinition, known.TaskCompletionSourceOfT));

    /// <summary>A method that completes the source's task.</summary>
    public static bool IsCompletion(string methodName) => methodName is
        "SetResult" or "TrySetResult" or "SetException" or "TrySetException" or "SetCanceled" or "TrySetCanceled" or "SetFromTask" or "TrySetFromTask";

    /// <summary>Whether such a source, made so, runs what awaits its task inside of the call that completes it.</summary>
    public static bool RunsInline(IObjectCreationOperation creation, KnownSymbols known)
    {
        if (creation.Constructor is null)
            return false;

        foreach (var argument in creation.Arguments)
        {
            if (SymbolEqualityComparer.Default.Equals(argument.Parameter?.Type, known.TaskCreationOptions))
                return argument.Value.ConstantValue is { HasValue: true, Value: int options } && (options & RunContinuationsAsynchronously) == 0;
        }

        return true;
    }
}
