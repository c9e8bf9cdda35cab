namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The places that await a whole collection of tasks: WhenAll, WhenEach, and loops that await each.</summary>
internal static class TaskConsumers
{
    public static bool IsWhenAllOrEach(IInvocationOperation invocation, INamedTypeSymbol task) =>
        invocation.TargetMethod is { Name: "WhenAll" or "WhenEach", IsStatic: true } method
        && invocation.Arguments is [{ ArgumentKind: ArgumentKind.Explicit }]
        && SymbolEqualityComparer.Default.Equals(method.ContainingType, task);

    /// <summary>
    /// The loop that awaits one task after the other of a collection that it is over, and the collection; null where
    /// the await is of something else.
    /// </summary>
    public static (ILoopOperation Loop, IOperation Tasks)? LoopOver(IAwaitOperation awaited, KnownSymbols known)
    {
        var task = awaited.Operation is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured } ? configured : awaited.Operation;
        switch (task)
        {
            case ILocalReferenceOperation { Local: var local } when local.Type.IsTask(known):
                return EnclosingLoop(awaited) is IForEachLoopOperation { IsAsynchronous: false } forEach && forEach.Locals.Contains(local, SymbolEqualityComparer.Default)
                    ? (forEach, AssignedValues.Unwrap(forEach.Collection))
                    : null;
            case IArrayElementReferenceOperation { Indices: [ILocalReferenceOperation index], ArrayReference: ILocalReferenceOperation array }:
                return Indexed(awaited, index.Local, array);
            case IPropertyReferenceOperation { Property.IsIndexer: true, Arguments: [{ Value: ILocalReferenceOperation index }], Instance: ILocalReferenceOperation list } when list.Type is { Name: "List" or "IList" or "IReadOnlyList" or "ImmutableArray" }:
                return Indexed(awaited, index.Local, list);
            default:
                return null;
        }
    }

    /// <summary>The first place in the local's member that awaits all its tasks, so that one mistake is one finding.</summary>
    public static IOperation? First(ILocalReferenceOperation tasks, INamedTypeSymbol task)
    {
        var known = KnownSymbols.Of(tasks.SemanticModel!.Compilation);
        IOperation? loop = null;
        foreach (var mention in AssignedValues.References(tasks.Local, AssignedValues.Root(tasks)))
        {
            var call = mention.Parent is IConversionOperation conversion ? conversion.Parent : mention.Parent;
            if (call is IArgumentOperation { Parent: IInvocationOperation invocation } && IsWhenAllOrEach(invocation, task))
                return invocation;

            loop ??= LoopAwaiting(mention, known);
        }

        return loop;
    }

    private static IOperation? LoopAwaiting(ILocalReferenceOperation mention, KnownSymbols known)
    {
        for (IOperation? current = mention.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAwaitOperation awaited:
                    return LoopOver(awaited, known)?.Loop;
                case IForEachLoopOperation loop:
                    return loop.Collection.Syntax.Span.Contains(mention.Syntax.Span)
                        && loop.Body.Descendants().OfType<IAwaitOperation>().Any(awaited => LoopOver(awaited, known)?.Loop == loop)
                        ? loop
                        : null;
            }
        }

        return null;
    }

    private static (ILoopOperation, IOperation)? Indexed(IAwaitOperation awaited, ILocalSymbol index, ILocalReferenceOperation tasks) =>
        EnclosingLoop(awaited) is IForLoopOperation loop && loop.Locals.Contains(index, SymbolEqualityComparer.Default) ? (loop, tasks) : null;

    private static ILoopOperation? EnclosingLoop(IOperation operation)
    {
        for (var current = operation.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop)
                return loop;
        }

        return null;
    }
}
