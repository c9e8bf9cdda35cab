namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What the shape of a task expression says about its completion, apart from where it stands.</summary>
internal static class CompletionValues
{
    /// <summary>A task that is born complete: FromResult, CompletedTask, FromException, FromCanceled, a ValueTask of a value.</summary>
    public static bool IsMadeComplete(IOperation operation, KnownSymbols known)
    {
        switch (Strip(operation, known))
        {
            case IInvocationOperation { TargetMethod: { IsStatic: true, Name: "FromResult" or "FromException" or "FromCanceled" } method }:
                return method.ContainingType.IsTaskOrValueTask(known);
            case IPropertyReferenceOperation { Property: { IsStatic: true, Name: "CompletedTask" } property }:
                return property.ContainingType.IsTaskOrValueTask(known);
            case IObjectCreationOperation { Arguments: [{ Parameter.Type: var argument }] } creation:
                return creation.Type.IsValueTask(known) && !argument.IsTask(known) && creation.Type.TaskResult(known) is { } result && SymbolEqualityComparer.Default.Equals(argument, result);
            case IDefaultValueOperation value:
                return value.Type.IsValueTask(known);
            default:
                return false;
        }
    }

    /// <summary>
    /// Whether it can matter what happened before: a call that starts its task here and now, as in
    /// <c>FooAsync().Result</c>, is not complete, whatever came before.
    /// </summary>
    public static bool CanBeFollowed(IOperation operation, KnownSymbols known) => Strip(operation, known) switch
    {
        IInvocationOperation invocation => known.IsLinq(invocation.TargetMethod.ContainingType) || IsWhenAll(invocation, known) || IsWhenAny(invocation, known),
        IObjectCreationOperation => false,
        _ => true,
    };

    /// <summary>The task without what only wraps it: conversions, ConfigureAwait, AsTask, Preserve, GetAwaiter, WaitAsync.</summary>
    public static IOperation Strip(IOperation operation, KnownSymbols known)
    {
        while (true)
        {
            operation = AssignedValues.Unwrap(operation);
            switch (operation)
            {
                case IInvocationOperation { Instance: { } instance, TargetMethod.Name: "ConfigureAwait" or "AsTask" or "Preserve" or "GetAwaiter" or "WaitAsync" } wrapper
                    when wrapper.TargetMethod.Name == "GetAwaiter" || instance.Type.IsTaskOrValueTask(known):
                    operation = instance;
                    continue;
                default:
                    return operation;
            }
        }
    }

    public static bool IsWhenAll(IOperation operation, KnownSymbols known) => IsStatic(operation, "WhenAll", known);

    /// <summary>WhenAny, whose result is a completed task.</summary>
    public static bool IsWhenAny(IOperation operation, KnownSymbols known) => IsStatic(operation, "WhenAny", known);

    /// <summary>What is awaited, or read from, to get the winner of a WhenAny; null where the value isn't one.</summary>
    public static IInvocationOperation? WinnerOf(IOperation operation, KnownSymbols known)
    {
        var task = AssignedValues.Unwrap(operation) switch
        {
            IAwaitOperation awaited => awaited.Operation,
            IPropertyReferenceOperation { Property.Name: "Result", Instance: { } instance } => instance,
            IInvocationOperation { TargetMethod.Name: "GetResult", Instance: { } awaiter } => awaiter,
            _ => null,
        };
        return task is not null && Strip(task, known) is IInvocationOperation whenAny && IsWhenAny(whenAny, known) ? whenAny : null;
    }

    /// <summary>The tasks given to WhenAll, WhenAny or WaitAll one by one; or the one collection that holds them.</summary>
    public static (ImmutableArray<IOperation> Tasks, IOperation? Collection) Arguments(IInvocationOperation invocation)
    {
        if (invocation.Arguments.IsEmpty)
            return ([], null);

        var value = AssignedValues.Unwrap(invocation.Arguments[0].Value);
        if (invocation.Arguments[0].ArgumentKind == ArgumentKind.Explicit && value.Type.IsTaskLikeArgument())
            return ([.. invocation.Arguments.Select(argument => argument.Value)], null);

        return Elements(value) is { } elements ? (elements, null) : ([], value);
    }

    /// <summary>The elements of an array creation or collection expression that lists them; null for anything else.</summary>
    public static ImmutableArray<IOperation>? Elements(IOperation operation) => AssignedValues.Unwrap(operation) switch
    {
        IArrayCreationOperation { Initializer.ElementValues: var values } => values,
        ICollectionExpressionOperation { Elements: var elements } when !elements.Any(static element => element is ISpreadOperation) => elements,
        IObjectCreationOperation { Initializer.Initializers: var initializers } when initializers.Length > 0 && initializers.All(static one => one is IInvocationOperation { TargetMethod.Name: "Add", Arguments.Length: 1 }) =>
            [.. initializers.Select(static one => ((IInvocationOperation)one).Arguments[0].Value)],
        _ => null,
    };

    private static bool IsTaskLikeArgument(this ITypeSymbol? type) => type is INamedTypeSymbol { Name: "Task" or "ValueTask" };

    private static bool IsStatic(IOperation operation, string name, KnownSymbols known) =>
        operation is IInvocationOperation { TargetMethod: { IsStatic: true } method } && method.Name == name && method.ContainingType.IsTask(known);
}
