namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Tasks of tasks, as <c>Task.Factory.StartNew(async () => …)</c> makes them: the outer one is complete as soon as the
/// inner one, the work, has been handed out.
/// </summary>
internal static class NestedTasks
{
    private const int MaxDepth = 8;

    /// <summary>StartNew, ContinueWith, ContinueWhenAll or ContinueWhenAny with a delegate that returns a task.</summary>
    public static bool AreStartedBy(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        if (method.Name is not ("StartNew" or "ContinueWith" or "ContinueWhenAll" or "ContinueWhenAny"))
            return false;

        var type = method.ContainingType.OriginalDefinition;
        return (SymbolEqualityComparer.Default.Equals(type, known.TaskFactory) || SymbolEqualityComparer.Default.Equals(type, known.TaskFactoryOfT) || type.IsTask(known))
            && call.Type.TaskResult(known).IsTaskOrValueTask(known)
            && !HandsOnAntecedent(call);
    }

    // task.ContinueWith(t => t): the inner task is the one before, and complete.
    private static bool HandsOnAntecedent(IInvocationOperation call) =>
        call.Arguments.Any(static argument => argument.Value is IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters: [var antecedent, ..], Body.Operations: [IReturnOperation { ReturnedValue: { } returned }] } }
            && AssignedValues.Unwrap(returned) is IParameterReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Parameter, antecedent));

    /// <summary><c>new Task&lt;Task&gt;(async () => …)</c>, of which the code starts and perhaps awaits the outer task alone.</summary>
    public static bool AreStartedFrom(IObjectCreationOperation creation, KnownSymbols known)
    {
        if (!SymbolEqualityComparer.Default.Equals(creation.Type?.OriginalDefinition, known.TaskOfT) || !creation.Type.TaskResult(known).IsTaskOrValueTask(known))
            return false;

        var isStarted = IsStart(creation.Parent) || (AwaitedValue.LocalOf(creation) is { } local && VariableMentions.Of(local, creation).Any(static mention => IsStart(mention.Parent)));
        return isStarted && LosesInner(creation, known);
    }

    private static bool IsStart(IOperation? use) => use is IInvocationOperation { TargetMethod: { Name: "Start" or "RunSynchronously", ContainingType.Name: "Task" } };

    /// <summary>The code sees to the outer task alone: it drops it, awaits it once, or takes it for a plain Task.</summary>
    public static bool LosesInner(IOperation outer, KnownSymbols known) => LosesInner(outer, known, MaxDepth);

    /// <summary>Nobody looks even at the outer task.</summary>
    public static bool IsDropped(IOperation outer) => outer.Parent switch
    {
        IExpressionStatementOperation => true,
        ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation } assignment => assignment.Value == outer,
        IConversionOperation conversion => IsDropped(conversion),
        IParenthesizedOperation parenthesized => IsDropped(parenthesized),
        IConditionalAccessOperation access => access.WhenNotNull == outer && IsDropped(access),
        _ => false,
    };

    private static bool LosesInner(IOperation outer, KnownSymbols known, int depth)
    {
        if (depth == 0)
            return false;

        if (IsDropped(outer))
            return true;

        switch (outer.Parent)
        {
            case IParenthesizedOperation or IConditionalAccessOperation:
                return LosesInner(outer.Parent, known, depth - 1);
            case IConversionOperation conversion:
                return SymbolEqualityComparer.Default.Equals(conversion.Type, known.Task)
                    || (conversion.OperatorMethod is null && conversion.Type.TaskResult(known).IsTaskOrValueTask(known) && LosesInner(conversion, known, depth - 1))
                    || (IsTasks(conversion.Type, known) && LosesInner(conversion, known, depth - 1));
            case IAwaitOperation awaited:
                return IsDropped(awaited);
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { IsRef: false } local } } initializer when initializer.Value == outer:
                return AssignedValues.References(local, AssignedValues.Root(outer)).All(use => LosesInner(use, known, depth - 1));
            case IArrayInitializerOperation { Parent: IArrayCreationOperation array }:
                return LosesInner(array, known, depth - 1);
            case ICollectionExpressionOperation collection:
                return LosesInner(collection, known, depth - 1);
            case IReturnOperation { Parent: IBlockOperation { Parent: IAnonymousFunctionOperation { Parent: IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "Select" } projection } } } } }
                when known.IsLinq(projection.TargetMethod.ContainingType):
                return LosesInner(projection, known, depth - 1);
            case IInvocationOperation { TargetMethod.Name: var name } call when call.Instance == outer:
                return name is "Wait" or "Start" or "RunSynchronously"
                    || (name is "ConfigureAwait" or "WaitAsync" or "GetAwaiter" && LosesInner(call, known, depth - 1))
                    || (name == "GetResult" && IsDropped(call));
            case IArgumentOperation { Parent: IInvocationOperation call }:
                return call.TargetMethod switch
                {
                    { Name: "WhenAll" } method when method.ContainingType.IsTask(known) => LosesInner(call, known, depth - 1),
                    { Name: "WaitAll" or "WaitAny" } method => method.ContainingType.IsTask(known),
                    { Name: "ToArray" or "ToList" } method when known.IsLinq(method.ContainingType) => LosesInner(call, known, depth - 1),
                    _ => false,
                };
            default:
                return false;
        }
    }

    // Task<Task>[] as the Task[] that WaitAll takes, as the IEnumerable<Task<Task>> that WhenAll takes.
    private static bool IsTasks(ITypeSymbol? type, KnownSymbols known) => type switch
    {
        IArrayTypeSymbol { ElementType: var element } => element.IsTask(known),
        INamedTypeSymbol { TypeArguments: [var element] } => element.IsTask(known),
        _ => false,
    };
}
