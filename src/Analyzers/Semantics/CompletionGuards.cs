namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What a condition says about tasks when it holds, or when it doesn't.</summary>
internal static class CompletionGuards
{
    /// <summary>The tasks that are complete where the condition has that value.</summary>
    public static IEnumerable<IOperation> Tasks(IOperation condition, bool value, KnownSymbols known)
    {
        switch (AssignedValues.Unwrap(condition))
        {
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var operand }:
                return Tasks(operand, !value, known);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } both when value:
                return Tasks(both.LeftOperand, true, known).Concat(Tasks(both.RightOperand, true, known));
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } either when !value:
                return Tasks(either.LeftOperand, false, known).Concat(Tasks(either.RightOperand, false, known));
            case var state when value && StateOf(state, known) is { } task:
                return [task];
            // var done = t.IsCompleted; … if (done)
            case ILocalReferenceOperation { Local: { Type.SpecialType: SpecialType.System_Boolean } asked } reference when value && AssignedValues.Single(asked, AssignedValues.Root(reference)) is { } answer:
                return answer is ILocalReferenceOperation ? [] : Tasks(answer, true, known).Where(IsNeverWritten);
            case IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation, Property: { Type.SpecialType: SpecialType.System_Boolean, IsVirtual: false, IsOverride: false, GetMethod: { } getter }, SemanticModel: { } model } when value && Returned(getter, model) is { } test:
                return test is IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation } ? [] : Tasks(test, true, known);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison
                when comparison.OperatorKind == BinaryOperatorKind.Equals == value:
                return Equal(comparison.LeftOperand, comparison.RightOperand, known).Concat(Equal(comparison.RightOperand, comparison.LeftOperand, known));
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison:
                return Loser(comparison.LeftOperand, comparison.RightOperand, known).Concat(Loser(comparison.RightOperand, comparison.LeftOperand, known))
                    .Concat(Otherwise(comparison.LeftOperand, comparison.RightOperand, known)).Concat(Otherwise(comparison.RightOperand, comparison.LeftOperand, known));
            case IIsPatternOperation { Pattern: INegatedPatternOperation negated } pattern:
                return value ? [] : Matched(pattern.Value, negated.Pattern, known);
            case IIsPatternOperation { Pattern: IConstantPatternOperation { Value: var constant } } pattern when !value:
                return Otherwise(pattern.Value, constant, known);
            case IIsPatternOperation pattern when value:
                return Matched(pattern.Value, pattern.Pattern, known);
            case IInvocationOperation { TargetMethod: { IsExtensionMethod: true, Name: "IsCompleted" or "IsCompletedSuccessfully" or "IsFaulted" or "IsCanceled", ReturnType.SpecialType: SpecialType.System_Boolean }, Arguments: [{ Value: var extended }] } when value && extended.Type.IsTaskOrValueTask(known):
                return [extended];
            case IInvocationOperation { Instance: { } task, TargetMethod: { Name: "Wait", ReturnType.SpecialType: SpecialType.System_Boolean } } wait when value && task.Type.IsTask(known):
                return [task];
            case IInvocationOperation { TargetMethod: { Name: "WaitAll", ReturnType.SpecialType: SpecialType.System_Boolean } } waitAll when value && waitAll.TargetMethod.ContainingType.IsTask(known):
                return [waitAll];
            default:
                return [];
        }
    }

    // bool HasValue => _source.Task.IsCompletedSuccessfully;
    private static IOperation? Returned(IMethodSymbol getter, SemanticModel model) =>
        getter.DeclaringSyntaxReferences.IsEmpty ? null : MethodBodies.Of(getter, model, CancellationToken.None) switch
        {
            IBlockOperation { Operations: [IReturnOperation { ReturnedValue: { } returned }] } => AssignedValues.Unwrap(returned),
            IMethodBodyOperation { BlockBody: { Operations: [IReturnOperation { ReturnedValue: { } returned }] } } => AssignedValues.Unwrap(returned),
            IMethodBodyOperation { ExpressionBody: { Operations: [IReturnOperation { ReturnedValue: { } returned }] } } => AssignedValues.Unwrap(returned),
            _ => null,
        };

    /// <summary>Whether a predicate of one task, as in <c>tasks.Where(t => t.IsCompleted)</c>, lets only completed ones through.</summary>
    public static bool IsCompletionTest(IOperation predicate, KnownSymbols known)
    {
        if (AssignedValues.Unwrap(predicate) is not IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters: [var parameter, ..], Body.Operations: [IReturnOperation { ReturnedValue: { } returned }] } })
            return false;

        return Tasks(returned, true, known).Any(task => AssignedValues.Unwrap(task) is IParameterReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Parameter, parameter));
    }

    /// <summary>The condition that holds after the call, since it would have thrown: Assert.True(x), Debug.Assert(x), x.Should().BeTrue().</summary>
    public static IOperation? Asserted(IInvocationOperation invocation)
    {
        var condition = invocation switch
        {
            { TargetMethod: { IsStatic: true, Name: "True" or "IsTrue" or "That" or "Assert", ContainingType.Name: "Assert" or "Debug" or "Trace" or "ClassicAssert" }, Arguments: [{ Value: var asserted }, ..] } => asserted,
            { TargetMethod.Name: "ShouldBeTrue", Arguments: [{ Value: var asserted }, ..] } => asserted,
            { TargetMethod.Name: "BeTrue", Instance: IInvocationOperation { TargetMethod.Name: "Should", Arguments: [{ Value: var asserted }, ..] } } => asserted,
            _ => null,
        };
        return condition is not null && AssignedValues.Unwrap(condition) is { Type.SpecialType: SpecialType.System_Boolean } holds ? holds : null;
    }

    /// <summary>Whether the part of a property pattern, as in <c>{ IsCompletedSuccessfully: true }</c>, matches complete tasks alone.</summary>
    public static bool IsCompletion(IPropertySubpatternOperation subpattern) =>
        subpattern.Member is IPropertyReferenceOperation { Property.Name: var name }
        && subpattern.Pattern is IConstantPatternOperation { Value: var constant }
        && (name is "IsCompleted" or "IsCompletedSuccessfully" or "IsFaulted" or "IsCanceled" ? constant.ConstantValue is { HasValue: true, Value: true } : name == "Status" && IsFinal(constant));

    /// <summary>The task that is null where the condition has that value; null where it says nothing of the kind.</summary>
    public static IOperation? Absent(IOperation condition, bool value, KnownSymbols known)
    {
        var (asked, isNull) = AssignedValues.Unwrap(condition) switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals, RightOperand.ConstantValue: { HasValue: true, Value: null } } comparison =>
                (comparison.LeftOperand, comparison.OperatorKind == BinaryOperatorKind.Equals),
            IIsPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } matched => (matched.Value, true),
            IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } } matched => (matched.Value, false),
            _ => default((IOperation?, bool)),
        };
        return asked is not null && isNull == value && AssignedValues.Unwrap(asked) is var task && task.Type.IsTask(known) ? task : null;
    }

    /// <summary>The task whose end is asked for: <c>task.IsCompleted</c>, also behind <c>?.</c>; null where the operation is something else.</summary>
    private static IOperation? StateOf(IOperation operation, KnownSymbols known)
    {
        var (property, task) = AssignedValues.Unwrap(operation) switch
        {
            IConditionalAccessOperation { Operation: var receiver, WhenNotNull: IPropertyReferenceOperation { Instance: IConditionalAccessInstanceOperation } asked } => (asked, receiver),
            IPropertyReferenceOperation { Instance: { } receiver and not IConditionalAccessInstanceOperation } asked => (asked, receiver),
            _ => default((IPropertyReferenceOperation?, IOperation?)),
        };
        return property?.Property.Name is "IsCompleted" or "IsCompletedSuccessfully" or "IsFaulted" or "IsCanceled" && task!.Type.IsTaskOrValueTask(known) ? task : null;
    }

    // What was asked of the task then holds still: a task that is complete stays so, but another may have taken its place.
    private static bool IsNeverWritten(IOperation task) => AssignedValues.Unwrap(task) switch
    {
        ILocalReferenceOperation { Local: var local } => AssignedValues.Of(local, AssignedValues.Root(task)) is [_],
        IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => !AssignedValues.Root(task).Descendants().Any(one => one switch
        {
            IAssignmentOperation { Target: IParameterReferenceOperation written } => SymbolEqualityComparer.Default.Equals(written.Parameter, parameter),
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: IParameterReferenceOperation written } => SymbolEqualityComparer.Default.Equals(written.Parameter, parameter),
            _ => false,
        }),
        _ => false,
    };

    // `task.IsCompleted == false` where that isn't so, `task?.IsCompleted != true` likewise.
    private static IEnumerable<IOperation> Otherwise(IOperation left, IOperation right, KnownSymbols known) =>
        StateOf(left, known) is { } task && right.ConstantValue is { HasValue: true, Value: false } ? [task] : [];

    public static IEnumerable<IOperation> Equal(IOperation left, IOperation right, KnownSymbols known)
    {
        left = AssignedValues.Unwrap(left);
        right = AssignedValues.Unwrap(right);

        // `task.Status == TaskStatus.RanToCompletion`, `task.IsCompleted == true`
        if (StateOf(left, known) is { } asked && right.ConstantValue is { HasValue: true, Value: true })
            return [asked];

        if (left is IPropertyReferenceOperation { Instance: { } task, Property.Name: "Status" } && task.Type.IsTask(known) && IsFinal(right))
            return [task];

        // `await Task.WhenAny(task, delay) == task`
        return CompletionValues.WinnerOf(left, known) is not null && right.Type.IsTask(known) ? [right] : [];
    }

    // `await Task.WhenAny(task, delay) != delay`: then it is the other one.
    private static IEnumerable<IOperation> Loser(IOperation left, IOperation right, KnownSymbols known)
    {
        if (AssignedValues.Unwrap(left) is ILocalReferenceOperation stored && AssignedValues.Single(stored.Local, AssignedValues.Root(left)) is { } value)
            left = value;

        if (CompletionValues.WinnerOf(left, known) is not { } whenAny || CompletionValues.Arguments(whenAny).Tasks is not { Length: 2 } tasks)
            return [];

        var paths = new TaskPath(known);
        var loser = paths.Of(right);
        return loser is null ? [] : tasks.Any(task => paths.Of(task) == loser) ? tasks.Where(task => paths.Of(task) != loser) : [];
    }

    private static bool IsFinal(IOperation status) =>
        AssignedValues.Unwrap(status) is IFieldReferenceOperation { Field: { Name: "RanToCompletion" or "Faulted" or "Canceled", ContainingType.Name: "TaskStatus" } };

    public static IEnumerable<IOperation> Matched(IOperation value, IPatternOperation pattern, KnownSymbols known)
    {
        switch (pattern)
        {
            case IRecursivePatternOperation recursive:
                var isComplete = recursive.PropertySubpatterns.Any(IsCompletion);
                return isComplete && value.Type.IsTaskOrValueTask(known) ? [value] : [];
            case IConstantPatternOperation constant:
                return Equal(value, constant.Value, known);
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.Or } either:
                return Matched(value, either.LeftPattern, known).Any() ? Matched(value, either.RightPattern, known) : [];
            case IBinaryPatternOperation { OperatorKind: BinaryOperatorKind.And } both:
                return Matched(value, both.LeftPattern, known).Concat(Matched(value, both.RightPattern, known));
            default:
                return [];
        }
    }
}
