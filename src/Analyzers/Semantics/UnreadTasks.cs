namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Collections of a function's own which tasks go into and never come out of: nobody waits for what is in them, as if each
/// task had been dropped.
/// </summary>
internal static class UnreadTasks
{
    private static readonly ImmutableHashSet<string> Additions = ["Add", "AddFirst", "AddLast", "AddRange", "Enqueue", "Insert", "Push", "TryAdd"];

    /// <summary>Whether the task goes into such a collection: <c>tasks.Add(F(x));</c>, <c>tasks[i] = F(x);</c></summary>
    public static bool Take(IOperation task) => AwaitedValue.Whole(task).Parent switch
    {
        IArgumentOperation { Parent: IInvocationOperation { Instance: ILocalReferenceOperation { Local: var local } list } } when IsFilled(list) => AreIn(local, list),
        ISimpleAssignmentOperation { Target: IArrayElementReferenceOperation { ArrayReference: ILocalReferenceOperation { Local: var local } list } } when IsFilled(list) => AreIn(local, list),
        ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Instance: ILocalReferenceOperation { Local: var local } list } } when IsFilled(list) => AreIn(local, list),
        _ => false,
    };

    /// <summary>Whether the local is a collection that is made here, and of which nothing but the size is ever read.</summary>
    public static bool AreIn(ILocalSymbol local, IOperation within)
    {
        var mentions = VariableMentions.Of(local, within);
        return mentions.Count > 0 && mentions.All(static mention => mention switch
        {
            IVariableDeclaratorOperation { Initializer.Value: { } value } => IsMadeHere(AssignedValues.Unwrap(value)),
            _ => IsFilled(mention) || mention.Parent is INameOfOperation or IPropertyReferenceOperation { Property.Name: "Count" or "Length" },
        });
    }

    private static bool IsMadeHere(IOperation value) => value switch
    {
        IArrayCreationOperation or ICollectionExpressionOperation => true,
        // A collection of another kind may do anything with what it takes in.
        IObjectCreationOperation { Type.ContainingNamespace: { Name: "Generic" or "Concurrent" or "ObjectModel", ContainingNamespace.Name: "Collections" } } => true,
        IInvocationOperation { TargetMethod.Name: "ToArray" or "ToList" or "ToHashSet" } => true,
        _ => false,
    };

    private static bool IsFilled(IOperation list) => list.Parent switch
    {
        IInvocationOperation { Parent: IExpressionStatementOperation } call => call.Instance == list && Additions.Contains(call.TargetMethod.Name),
        IArrayElementReferenceOperation { Parent: ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } write } element => write.Target == element && element.ArrayReference == list,
        IPropertyReferenceOperation { Property.IsIndexer: true, Parent: ISimpleAssignmentOperation { Parent: IExpressionStatementOperation } write } element => write.Target == element && element.Instance == list,
        _ => false,
    };
}
