using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>An element of a concurrent dictionary that is read, changed and written back: what others write in between is lost.</summary>
internal static class LostUpdate
{
    /// <summary>
    /// <c>map[key] = map[key] + 1</c>, <c>map[key] = map.GetValueOrDefault(key) + 1</c>,
    /// <c>map[key] = map.TryGetValue(key, out var value) ? value + 1 : 1</c>
    /// </summary>
    public static bool IsIn(ISimpleAssignmentOperation assignment, IPropertyReferenceOperation element)
    {
        return AssignedValues.Unwrap(assignment.Value) switch
        {
            IBinaryOperation sum => IsElement(sum.LeftOperand) || IsElement(sum.RightOperand),
            IConditionalOperation { Condition: IInvocationOperation { TargetMethod.Name: "TryGetValue", Instance: var asked, Arguments: [{ Value: var key }, { Value: var output }] } } choice =>
                Is(asked, key) && Variable(output) is { } found && IsMadeOf(choice.WhenTrue, found),
            _ => false,
        };

        bool IsElement(IOperation operand) => AssignedValues.Unwrap(operand) switch
        {
            IPropertyReferenceOperation { Property.IsIndexer: true, Instance: var map, Arguments: [{ Value: var key }] } => Is(map, key),
            IInvocationOperation { TargetMethod: { Name: "GetValueOrDefault", IsExtensionMethod: true }, Arguments: [{ Value: var map }, { Value: var key }, ..] } => Is(AssignedValues.Unwrap(map), key),
            _ => false,
        };

        bool Is(IOperation? map, IOperation key) =>
            SameVariable.Is(map, element.Instance) && element.Arguments is [{ Value: var written }] && SameVariable.Is(key, written);
    }

    /// <summary>The write of what was made of the value that <c>map.TryGetValue(key, out var value)</c> gave.</summary>
    public static CheckedAct? Of(IOperation check, IOperation collection, KnownSymbols known)
    {
        if (check is not IInvocationOperation { TargetMethod.Name: "TryGetValue", Arguments: [{ Value: var key }, { Value: var output }] } || Variable(output) is not { } found)
            return null;

        foreach (var statement in Following(check))
        {
            foreach (var operation in OwnOperations.Of(statement))
            {
                if (CheckedActs.IsDecision(operation))
                    return null;

                if (operation is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } target, Arguments: [{ Value: var written }] } } assignment
                    && SameVariable.Is(target, collection) && SameVariable.Is(written, key) && IsMadeOf(assignment.Value, found))
                {
                    return MutualExclusion.IsHeldAt(operation, statement, known) ? null : new(operation, "use AddOrUpdate");
                }
            }
        }

        return null;
    }

    // What the answer decides about, and what comes after.
    private static IEnumerable<IOperation> Following(IOperation check)
    {
        if (check.Parent is IExpressionStatementOperation)
            return Statements.After(check);

        return CheckedActs.ConditionOf(check) is var (conditional, _)
            ? CheckedActs.Branches(conditional).Concat(Statements.After(conditional))
            : [];
    }

    private static ILocalSymbol? Variable(IOperation output) => output switch
    {
        IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared } => declared.Local,
        ILocalReferenceOperation reference => reference.Local,
        _ => null,
    };

    // To put back the same object, changed or not, loses nothing; a number that was counted up does.
    private static bool IsMadeOf(IOperation value, ILocalSymbol found) => AssignedValues.Unwrap(value) switch
    {
        ILocalReferenceOperation { Local: var local } reference when SymbolEqualityComparer.Default.Equals(local, found) =>
            AssignedValues.References(found, AssignedValues.Root(reference)).Any(mention => mention.Syntax.SpanStart < reference.Syntax.SpanStart
                && (mention.Parent is IIncrementOrDecrementOperation || (mention.Parent is ICompoundAssignmentOperation compound && compound.Target == mention))),
        ILocalReferenceOperation { Local: var local } reference =>
            AssignedValues.Single(local, AssignedValues.Root(reference)) is { } made and not ILocalReferenceOperation && IsMadeOf(made, found),
        IBinaryOperation sum => AssignedValues.References(found, sum).Any(),
        IWithOperation { Operand: var copied } => IsFound(copied, found),
        IInvocationOperation { Instance: { Type.ContainingNamespace.Name: "Immutable" } instance } => IsFound(instance, found),
        _ => false,
    };

    private static bool IsFound(IOperation value, ILocalSymbol found) =>
        AssignedValues.Unwrap(value) is ILocalReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Local, found);
}
