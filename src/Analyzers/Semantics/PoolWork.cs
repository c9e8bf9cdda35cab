namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Work handed to the thread pool: the delegate of Task.Run, StartNew without a scheduler or a thread of its own, QueueUserWorkItem.</summary>
internal static class PoolWork
{
    private const int LongRunning = 2;

    /// <summary>The delegate that a thread of the pool will run; null where the call is another, or its delegate isn't written there.</summary>
    public static IDelegateCreationOperation? Of(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        var isPool = method.Name switch
        {
            "Run" => Is(method, known.Task),
            "StartNew" => (Is(method, known.TaskFactory) || Is(method, known.TaskFactoryOfT)) && call.Instance is IPropertyReferenceOperation { Property.Name: "Factory" } && !HasOptionsOfItsOwn(call),
            "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" => Is(method, known.ThreadPool),
            _ => false,
        };
        if (!isPool)
            return null;

        foreach (var argument in call.Arguments)
        {
            if (argument.Value is IDelegateCreationOperation creation)
                return creation;
        }

        return null;
    }

    // LongRunning gives the work a thread; so may a scheduler, or options that only the caller knows.
    private static bool HasOptionsOfItsOwn(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            switch (argument.Parameter?.Type.Name)
            {
                case "TaskScheduler" when AssignedValues.Unwrap(argument.Value) is not IPropertyReferenceOperation { Property.Name: "Default" }:
                case "TaskCreationOptions" when argument.Value.ConstantValue is not { HasValue: true, Value: int options } || (options & LongRunning) != 0:
                    return true;
            }
        }

        return false;
    }

    private static bool Is(IMethodSymbol method, INamedTypeSymbol? type) =>
        type is not null && SymbolEqualityComparer.Default.Equals(method.ContainingType.OriginalDefinition, type);
}
