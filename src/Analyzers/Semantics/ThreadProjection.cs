namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Threads that a projection makes for the elements of a sequence, and a loop starts:
/// <c>xs.Select(x => new Thread(…)).ToArray()</c>, and then <c>foreach (var thread in threads) thread.Start();</c>
/// </summary>
internal static class ThreadProjection
{
    /// <summary>The projection, if the thread is what its lambda returns.</summary>
    public static IInvocationOperation? Around(IAnonymousFunctionOperation lambda, IOperation thread, KnownSymbols known) =>
        thread is IObjectCreationOperation
        && lambda is { Parent: IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "Select" } projection } } }
        && known.IsLinq(projection.TargetMethod.ContainingType)
        && TaskStart.Results(lambda).Any(result => AssignedValues.Unwrap(result) == thread)
            ? projection
            : null;

    /// <summary>The loop, or the ForEach call, that starts the threads of the projection; null where none does.</summary>
    public static IOperation? StartOf(IInvocationOperation projection, KnownSymbols known)
    {
        IOperation threads = projection;
        while (AwaitedValue.Whole(threads).Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ToArray" or "ToList" } copy })
            threads = copy;

        return StartIn(threads, known)
            ?? (AwaitedValue.LocalOf(threads) is { } local
                ? VariableMentions.Of(local, projection).Select(mention => StartIn(mention, known)).FirstOrDefault(static one => one is not null)
                : null);
    }

    private static IOperation? StartIn(IOperation threads, KnownSymbols known)
    {
        var whole = AwaitedValue.Whole(threads);
        var loop = whole.Parent switch
        {
            IForEachLoopOperation each => each.Collection == whole ? each : null,
            IInvocationOperation { TargetMethod.Name: "ForEach" } each => each.Instance == whole ? each : (IOperation?)null,
            IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ForEach" } each } => each,
            _ => null,
        };
        return loop?.Descendants().Any(one => one is IInvocationOperation { TargetMethod: { Name: "Start", ContainingType: var type } } && SymbolEqualityComparer.Default.Equals(type, known.Thread)) == true ? loop : null;
    }
}
