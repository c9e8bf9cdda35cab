namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Work handed to the thread pool: the delegate of Task.Run, of StartNew or a task's Start without a scheduler or a thread
/// of its own, of QueueUserWorkItem.
/// </summary>
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
            "StartNew" => (Is(method, known.TaskFactory) || Is(method, known.TaskFactoryOfT)) && call.Instance is IPropertyReferenceOperation { Property.Name: "Factory" } && !HasOptionsOfItsOwn(call.Arguments),
            "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" => Is(method, known.ThreadPool),
            _ => false,
        };
        return isPool ? DelegateAmong(call.Arguments) : method.Name == "Start" && method.ContainingType.IsTask(known) && !HasOptionsOfItsOwn(call.Arguments) ? OfStart(call) : null;
    }

    /// <summary>Whether the delegate is written where it is handed to the pool.</summary>
    public static bool Is(IDelegateCreationOperation creation, KnownSymbols known) => creation.Parent is IArgumentOperation argument && argument.Parent switch
    {
        IInvocationOperation call => Of(call, known) == creation,
        IObjectCreationOperation { Parent: IInvocationOperation start } => Of(start, known) == creation,
        _ => false,
    };

    // new Task(…).Start(); or by the local that holds the task.
    private static IDelegateCreationOperation? OfStart(IInvocationOperation start)
    {
        var task = start.Instance is ILocalReferenceOperation { Local: var local } ? AssignedValues.Single(local, AssignedValues.Root(start)) : start.Instance;
        return task is IObjectCreationOperation { Arguments: var arguments } && !HasOptionsOfItsOwn(arguments) ? DelegateAmong(arguments) : null;
    }

    private static IDelegateCreationOperation? DelegateAmong(ImmutableArray<IArgumentOperation> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.Value is IDelegateCreationOperation creation)
                return creation;
        }

        return null;
    }

    // LongRunning gives the work a thread; so may a scheduler, or options that only the caller knows.
    private static bool HasOptionsOfItsOwn(ImmutableArray<IArgumentOperation> arguments)
    {
        foreach (var argument in arguments)
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
