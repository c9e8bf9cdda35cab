namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A queue, stack or bag that a function has in a local or gets as a parameter, and empties: all that is in it is there
/// already, and to take it out waits for nothing. What others put into a field comes when it comes.
/// </summary>
internal static class QueueInHand
{
    /// <summary>
    /// The collection that the loop goes on for as long as there is something in it: <c>while (queue.Count > 0)</c>,
    /// <c>while (queue.TryDequeue(out var x))</c>.
    /// </summary>
    public static IOperation? DrainedBy(ILoopOperation loop) =>
        loop is IWhileLoopOperation { Condition: { } condition } ? condition.DescendantsAndSelf().FirstOrDefault(Is) : null;

    /// <summary>Whether the call takes an element out of such a collection.</summary>
    public static bool IsTakenFrom(IInvocationOperation call, ILoopOperation loop) =>
        call.Instance is { } source && DrainedBy(loop) is { } drained && SymbolEqualityComparer.Default.Equals(SymbolOf(source), SymbolOf(drained));

    private static bool Is(IOperation operation) =>
        SymbolOf(operation) is not null
        && operation.Type is { Name: "Queue" or "Stack" or "PriorityQueue" or "LinkedList" or "ConcurrentQueue" or "ConcurrentStack" or "ConcurrentBag", ContainingNamespace.ContainingNamespace.Name: "Collections" };

    private static ISymbol? SymbolOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation { Local: var local } => local,
        IParameterReferenceOperation { Parameter: var parameter } => parameter,
        _ => null,
    };
}
