using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>What is done to a concurrent collection because of what it was asked, where one call could do both.</summary>
internal readonly struct CheckedAct(IOperation operation, string advice)
{
    public SyntaxNode Syntax { get; } = operation.Syntax;

    public string Advice { get; } = advice;
}

/// <summary>Finds the act that a check of the same collection decides about.</summary>
internal static class CheckedActs
{
    /// <summary>The check, in a condition of its own or negated, and the collection that it asks.</summary>
    public static CheckedAct? Find(IOperation check, IOperation collection, KnownSymbols known)
    {
        if (ConditionOf(check) is not var (conditional, isNegated))
            return null;

        foreach (var statement in Decided(conditional))
        {
            foreach (var operation in OwnOperations.Of(statement))
            {
                if (IsDecision(operation))
                    return null;

                if (ActOn(operation, check, collection, conditional, isNegated) is { } advice && !IsAskedAgain(operation, statement, collection))
                    return MutualExclusion.IsHeldAt(operation, statement, known) ? null : new(operation, advice);
            }
        }

        return null;
    }

    /// <summary>Whoever awaits in between has decided that doing the work twice is no harm; and who takes a lock, that others wait.</summary>
    public static bool IsDecision(IOperation operation) => operation is IAwaitOperation || (operation is IInvocationOperation call && MutualExclusion.IsTake(call));

    /// <summary>The if statement or expression whose whole condition is the check, perhaps negated, kept in a local, or compared with a number.</summary>
    public static (IConditionalOperation Conditional, bool IsNegated)? ConditionOf(IOperation check)
    {
        var isNegated = false;
        var condition = check;
        for (var parent = check.Parent; parent is not null; condition = parent, parent = parent.Parent)
        {
            switch (parent)
            {
                case IParenthesizedOperation or IConversionOperation:
                    break;
                case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not }:
                    isNegated = !isNegated;
                    break;
                case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, RightOperand.ConstantValue: { HasValue: true, Value: false } }:
                    isNegated = !isNegated;
                    break;
                case IBinaryOperation binary when check is IPropertyReferenceOperation { Property.Name: "Count" } && IsComparison(binary.OperatorKind):
                    break;
                case IConditionalOperation conditional when conditional.Condition == condition:
                    return (conditional, isNegated);
                case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var answer } }:
                    return ConditionOn(answer, parent, isNegated);
                default:
                    return null;
            }
        }

        return null;
    }

    // var isThere = map.ContainsKey(key); if (!isThere) …
    private static (IConditionalOperation Conditional, bool IsNegated)? ConditionOn(ILocalSymbol answer, IOperation declaration, bool isNegated)
    {
        foreach (var statement in Statements.After(declaration))
        {
            if (statement is not IConditionalOperation { Condition: var condition } conditional)
                continue;

            while (condition is IParenthesizedOperation or IUnaryOperation { OperatorKind: UnaryOperatorKind.Not })
            {
                isNegated ^= condition is IUnaryOperation;
                condition = condition is IUnaryOperation { Operand: var operand } ? operand : ((IParenthesizedOperation)condition).Operand;
            }

            var isAsked = condition is ILocalReferenceOperation { Local: var asked } && SymbolEqualityComparer.Default.Equals(asked, answer);
            return isAsked && AssignedValues.Of(answer, AssignedValues.Root(declaration)) is { Count: 1 } ? (conditional, isNegated) : null;
        }

        return null;
    }

    private static bool IsComparison(BinaryOperatorKind kind) => kind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals
        or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual;

    public static IEnumerable<IOperation> Branches(IConditionalOperation conditional) =>
        conditional.WhenFalse is { } whenFalse ? [conditional.WhenTrue, whenFalse] : [conditional.WhenTrue];

    // Both branches, and what follows an early return.
    private static IEnumerable<IOperation> Decided(IConditionalOperation conditional) =>
        conditional.WhenFalse is null && Leaves(conditional.WhenTrue) ? Branches(conditional).Concat(Statements.After(conditional)) : Branches(conditional);

    private static bool Leaves(IOperation branch) => branch switch
    {
        IBlockOperation { Operations: { Length: > 0 } statements } => Leaves(statements[statements.Length - 1]),
        IReturnOperation { Kind: OperationKind.Return } or IThrowOperation or IBranchOperation { BranchKind: BranchKind.Continue } => true,
        IExpressionStatementOperation { Operation: IThrowOperation } => true,
        _ => false,
    };

    private static string? ActOn(IOperation operation, IOperation check, IOperation collection, IConditionalOperation conditional, bool isNegated)
    {
        var isLookUp = check is IInvocationOperation { TargetMethod.Name: "ContainsKey" or "TryGetValue" };
        switch (operation)
        {
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } target, Arguments: [{ Value: var key }] } } assignment when isLookUp:
                return SameVariable.Is(target, collection) && SameVariable.Is(key, KeyOf(check)) && IsRunWhere(isThere: false, assignment) ? "use GetOrAdd or TryAdd" : null;
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } target, Arguments: [{ Value: var key }] } read when check is IInvocationOperation { TargetMethod.Name: "ContainsKey" } && !(read.Parent is IAssignmentOperation write && write.Target == read):
                return SameVariable.Is(target, collection) && SameVariable.Is(key, KeyOf(check)) && IsRunWhere(isThere: true, read) ? "use TryGetValue" : null;
            case IInvocationOperation { Instance: { } target, TargetMethod.Name: "TryDequeue" or "TryPop" or "TryTake" } take when !isLookUp:
                return take.Parent is IExpressionStatementOperation && take.Arguments is not [.., { Value: IDiscardOperation }] && SameVariable.Is(target, collection) ? "take the element, and look at what that returns" : null;
            case IInvocationOperation { Instance: { } target, TargetMethod.Name: "Enqueue" or "Push" or "Add" or "TryAdd" } when !isLookUp && check is not IInvocationOperation { TargetMethod.Name: "TryPeek" }:
                return SameVariable.Is(target, collection) ? "do both under a lock, or use a collection that does both in one step" : null;
            case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } target } } when check is IPropertyReferenceOperation:
                return SameVariable.Is(target, collection) ? "do both under a lock, or use a collection that does both in one step" : null;
            default:
                return null;
        }

        // Whether the place is run when the key was found, or when it wasn't.
        bool IsRunWhere(bool isThere, IOperation place) => conditional.WhenTrue.Syntax.Span.Contains(place.Syntax.Span) == (isThere != isNegated);
    }

    // A question further in is the one that the act relies on.
    private static bool IsAskedAgain(IOperation act, IOperation statement, IOperation collection)
    {
        for (IOperation child = act, parent = act.Parent!; child != statement && parent is not null; child = parent, parent = parent.Parent!)
        {
            if (parent is IConditionalOperation inner && inner.Condition != child && OwnOperations.Of(inner.Condition).Any(asked => SameVariable.Is(Asked(asked), collection)))
                return true;
        }

        return false;
    }

    private static IOperation? Asked(IOperation question) => question switch
    {
        IInvocationOperation call => call.Instance ?? call.Arguments.FirstOrDefault()?.Value,
        IPropertyReferenceOperation property => property.Instance,
        _ => null,
    };

    private static IOperation? KeyOf(IOperation check) => check is IInvocationOperation { Arguments: [{ Value: var key }, ..] } ? key : null;
}
