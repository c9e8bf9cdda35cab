namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether a queue can grow with the data: it is written in a loop, by code that runs more than once, or by others that
/// it is handed to.
/// </summary>
internal sealed class QueueGrowth(KnownSymbols known, int threshold, CancellationToken cancellationToken)
{
    private static readonly ImmutableHashSet<string> Writes = ["Add", "TryAdd", "Post", "SendAsync", "TryWrite", "WriteAsync"];
    private static readonly ImmutableHashSet<string> Reads = ["Complete", "TryComplete", "CompleteAdding", "Fault", "Dispose", "Take", "TryTake", "GetConsumingEnumerable", "Receive", "ReceiveAsync", "TryReceive", "Cancel"];

    /// <summary>Whether what is made there can grow.</summary>
    public bool Of(IOperation creation)
    {
        var value = creation;
        while (value.Parent is IConversionOperation or IParenthesizedOperation or ICoalesceOperation)
            value = value.Parent;

        switch (value.Parent)
        {
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } }:
                return OfLocal(local, creation);
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } }:
                return OfLocal(local, creation);
            case IFieldInitializerOperation { InitializedFields: [var field] }:
                return OfField(field, creation);
            case ISimpleAssignmentOperation { Target: IFieldReferenceOperation { Field: var field } }:
                return OfField(field, creation);
            default:
                return true;
        }
    }

    private bool OfLocal(ILocalSymbol local, IOperation within)
    {
        var function = FunctionGraph.FunctionAround(within);
        return VariableMentions.Of(local, within).Any(mention => mention is ILocalReferenceOperation && IsGrowth(mention, function, isMember: false));
    }

    private bool OfField(IFieldSymbol field, IOperation within) =>
        within.SemanticModel is not { } model
        || VariableMentions.Of(field, model, cancellationToken) is not { } mentions
        || mentions.Any(mention => mention is IFieldReferenceOperation && IsGrowth(mention, null, IsRunOften(mention)));

    // A constructor runs once for an object; any other member as often as others like.
    private static bool IsRunOften(IOperation mention) =>
        mention.SemanticModel?.GetEnclosingSymbol(mention.Syntax.SpanStart) is not IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor };

    private bool IsGrowth(IOperation mention, IOperation? function, bool isMember)
    {
        mention = AwaitedValue.Whole(mention);
        switch (mention.Parent)
        {
            case ISimpleAssignmentOperation assignment when assignment.Target == mention:
            case INameOfOperation or IConditionalAccessOperation { WhenNotNull: IInvocationOperation { TargetMethod.Name: "Dispose" or "TryComplete" or "CompleteAdding" } }:
                return false;
            case IPropertyReferenceOperation { Property.Name: "Writer" } writer:
                return IsWriterGrowth(writer, function, isMember);
            case IPropertyReferenceOperation:
                return false;
            case IInvocationOperation call when call.Instance == mention:
                return Writes.Contains(call.TargetMethod.Name) && IsRepeated(call, function, isMember);
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod.IsExtensionMethod: true } call } argument when call.Arguments[0] == argument:
                return Writes.Contains(call.TargetMethod.Name) ? IsRepeated(call, function, isMember) : !Reads.Contains(call.TargetMethod.Name);
            case IForEachLoopOperation or IUsingOperation:
                return false;
            default:
                // Handed to others, who may do what they like.
                return true;
        }
    }

    private bool IsWriterGrowth(IOperation writer, IOperation? function, bool isMember) => writer.Parent switch
    {
        IInvocationOperation call when call.Instance == writer => Writes.Contains(call.TargetMethod.Name) && IsRepeated(call, function, isMember),
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } } =>
            VariableMentions.Of(local, writer).Any(mention => mention is ILocalReferenceOperation && IsWriterGrowth(mention, function, isMember)),
        INameOfOperation => false,
        _ => true,
    };

    private bool IsRepeated(IOperation write, IOperation? function, bool isMember)
    {
        if (isMember || FunctionGraph.FunctionAround(write) != function)
            return true;

        for (var current = write.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop && !SequenceBounds.OfTurns(loop, known).IsAtMost(threshold) && !IsOverMemory(loop))
                return true;
        }

        return false;
    }

    // What is in memory already takes no more of it in a queue.
    private static bool IsOverMemory(ILoopOperation loop) =>
        loop is IForEachLoopOperation { IsAsynchronous: false, Collection: var collection }
        && AssignedValues.Unwrap(collection).Type is { } type
        && (type.TypeKind == TypeKind.Array || type.AllInterfaces.Append(type).Any(static one => one.Name is "IReadOnlyCollection" or "ICollection"));
}
