using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What each operation, condition and loop does to <see cref="CompletionFacts"/>.</summary>
internal sealed partial class CompletionTransfer
{
    private readonly KnownSymbols _known;
    private readonly TaskPath _paths;

    /// <summary>The sequence that a loop's variable or a LINQ lambda's parameter runs over.</summary>
    private readonly Dictionary<ISymbol, IOperation> _elementOf = new(SymbolEqualityComparer.Default);

    /// <summary>The sequence, and the member of its elements, that a deconstructing loop's variable runs over.</summary>
    private readonly Dictionary<ISymbol, (IOperation Sequence, string Member)> _partOf = new(SymbolEqualityComparer.Default);

    /// <summary>Parameters that are complete when their function is called: a continuation's antecedents.</summary>
    private readonly HashSet<ISymbol> _antecedents = new(SymbolEqualityComparer.Default);

    /// <summary>What each loop awaits, in every turn, of the elements that it runs over.</summary>
    private readonly Dictionary<SyntaxNode, List<string>> _awaitedByLoop = [];

    public CompletionTransfer(IOperation root, KnownSymbols known)
    {
        _known = known;
        _paths = new TaskPath(known);
        foreach (var operation in root.DescendantsAndSelf())
        {
            if (operation is IForEachLoopOperation { LoopControlVariable: IVariableDeclaratorOperation { Symbol: var variable } } loop)
                AddLoop(loop, variable);
            else if (operation is IForEachLoopOperation { LoopControlVariable: IDeclarationExpressionOperation { Expression: ITupleOperation variables } } parts)
                AddParts(parts.Collection, variables);
            else if (operation is IInvocationOperation invocation)
                AddLambdaParameters(invocation);
        }
    }

    /// <summary>Whether the task, or each task of the sequence or WhenAll, is complete where the facts hold.</summary>
    public bool IsComplete(IOperation operation, CompletionFacts facts)
    {
        operation = CompletionValues.Strip(operation, _known);
        if (CompletionValues.IsMadeComplete(operation, _known) || CompletionValues.WinnerOf(operation, _known) is not null)
            return true;

        switch (operation)
        {
            // `t?.Result`
            case IConditionalAccessInstanceOperation:
                return Receiver(operation) is { } receiver && IsComplete(receiver, facts);
            case IInvocationOperation invocation when CompletionValues.IsWhenAll(invocation, _known) || invocation.TargetMethod is { Name: "WaitAll", IsStatic: true }:
                var (tasks, collection) = CompletionValues.Arguments(invocation);
                return collection is null ? tasks.Length > 0 && tasks.All(task => IsComplete(task, facts)) : AreElementsComplete(collection, facts);
            case IInvocationOperation invocation when _known.IsLinq(invocation.TargetMethod.ContainingType) && invocation.Type.IsTask(_known):
                return Source(invocation) is { } source && (AreElementsComplete(source, facts) || HasCompletionTest(invocation));
            case IParameterReferenceOperation { Parameter: var parameter } when _antecedents.Contains(parameter):
            case IArrayElementReferenceOperation { ArrayReference: IParameterReferenceOperation { Parameter: var array } } when _antecedents.Contains(array):
                return true;
        }

        if (_paths.Of(operation) is { } path && (facts.IsComplete(path) || IsElementComplete(operation, path, facts)))
            return true;

        // `t is Task<int> typed`: what holds of the one holds of the other.
        return operation is ILocalReferenceOperation { Local: var alias } && PatternVariables.ValueOf(alias, operation.SemanticModel) is { } matched && IsComplete(matched, facts);
    }

    private static IOperation? Receiver(IOperation instance)
    {
        for (var (child, parent) = (instance, instance.Parent); parent is not null; (child, parent) = (parent, parent.Parent))
        {
            if (parent is IConditionalAccessOperation access && access.WhenNotNull == child)
                return access.Operation;
        }

        return null;
    }

    /// <summary>What holds after the operation.</summary>
    public CompletionFacts After(IOperation operation, CompletionFacts facts)
    {
        switch (operation)
        {
            case IAwaitOperation awaited:
                return Complete(awaited.Operation, facts);
            // What its parts do has been told.
            case IExpressionStatementOperation:
                return facts;
            case IPropertyReferenceOperation { Property.Name: "Result", Instance: { } task } when task.Type.IsTask(_known):
                return Complete(task, facts);
            case IVariableDeclaratorOperation declarator:
                return Assign(_paths.OfSymbol(declarator.Symbol), declarator.GetVariableInitializer()?.Value, facts);
            case ISimpleAssignmentOperation assignment when _paths.Of(assignment.Target) is { } target:
                facts = assignment.Target is IPropertyReferenceOperation { Arguments.Length: > 0 } or IArrayElementReferenceOperation
                    ? facts.ForgetElements(target.Substring(0, target.LastIndexOf('[')), andMembers: true)
                    : facts;
                return Assign(target, assignment.Value, facts);
            case IInvocationOperation invocation:
                return AfterCall(invocation, ForgetWrites(invocation, facts));
            default:
                return ForgetWrites(operation, facts);
        }
    }

    /// <summary>Whether nothing else can throw before the task is waited for: it is held by a variable, or is WhenAll of those that are.</summary>
    public bool IsAtHand(IOperation task) => CompletionValues.Strip(task, _known) switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation => true,
        IInvocationOperation { Arguments: var arguments } whenAll => CompletionValues.IsWhenAll(whenAll, _known) && arguments.All(static one => one.Value.DescendantsAndSelf().All(static part => part is not (IInvocationOperation or IObjectCreationOperation))),
        _ => false,
    };

    /// <summary>What holds where the task is null.</summary>
    public CompletionFacts Without(IOperation task, CompletionFacts facts) => task.Type.IsTask(_known) && _paths.Of(task) is { } path ? facts.Absent(path) : facts;

    /// <summary>What holds where the condition has the value.</summary>
    public CompletionFacts When(IOperation condition, bool value, CompletionFacts facts)
    {
        foreach (var task in CompletionGuards.Tasks(condition, value, _known))
            facts = Complete(task, facts);

        if (CompletionGuards.Absent(condition, value, _known) is { } absent)
            facts = Without(absent, facts);

        // `winner == task`, where the winner of a WhenAny was stored before.
        if (AssignedValues.Unwrap(condition) is IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison
            && comparison.OperatorKind == BinaryOperatorKind.Equals == value && AssignedValues.Unwrap(comparison.LeftOperand).Type.IsTask(_known))
        {
            if (IsComplete(comparison.LeftOperand, facts))
                facts = Complete(comparison.RightOperand, facts);
            else if (IsComplete(comparison.RightOperand, facts))
                facts = Complete(comparison.LeftOperand, facts);
        }

        return facts;
    }

    /// <summary>What holds when the loop has run to its end.</summary>
    public CompletionFacts AfterLoop(CommonForEachStatementSyntax loop, CompletionFacts facts)
    {
        if (_awaitedByLoop.TryGetValue(loop, out var paths))
        {
            foreach (var path in paths)
                facts = facts.Complete(path);
        }

        return facts;
    }

    /// <summary>Forgets what the operation and those inside it overwrite.</summary>
    public CompletionFacts ForgetWrites(IOperation operation, CompletionFacts facts)
    {
        foreach (var one in operation.DescendantsAndSelf())
        {
            var target = one switch
            {
                IAssignmentOperation assignment => assignment.Target,
                IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
                _ => null,
            };
            if (target is ITupleOperation tuple)
            {
                foreach (var element in tuple.Elements)
                    facts = _paths.Of(element is IDeclarationExpressionOperation declaration ? declaration.Expression : element) is { } part ? facts.Forget(part) : facts;
            }
            else if (target is not null && _paths.Of(target) is { } path)
            {
                facts = facts.Forget(path);
            }
        }

        return facts;
    }

    private CompletionFacts Assign(string target, IOperation? value, CompletionFacts facts)
    {
        if (value is null)
            return facts.Forget(target);

        var isComplete = value.Type.IsTaskOrValueTask(_known) && IsComplete(value, facts);
        var areElementsComplete = !isComplete && AreElementsComplete(value, facts);
        facts = facts.Forget(target);
        if (isComplete)
            return facts.Complete(target);

        if (AssignedValues.Unwrap(value).ConstantValue is { HasValue: true, Value: null })
            return facts.Absent(target);

        if (areElementsComplete)
            facts = facts.Complete(target + TaskPath.EachElement);

        foreach (var (part, ofElement) in Parts(value))
            facts = facts.WithPart(ofElement ? target + TaskPath.EachElement : target, part);

        return facts;
    }

    // What completes with the value: the arguments of WhenAll with its task, the members of a list with its elements.
    private IEnumerable<(string Part, bool OfElement)> Parts(IOperation value)
    {
        value = CompletionValues.Strip(value, _known);
        if (value is ITupleOperation or IAwaitOperation)
            return [];

        if (value is IInvocationOperation whenAll && CompletionValues.IsWhenAll(whenAll, _known))
        {
            var (tasks, collection) = CompletionValues.Arguments(whenAll);
            var paths = collection is null ? tasks.Select(_paths.Of) : [ElementPath(collection)];
            return paths.OfType<string>().Select(path => (path, false));
        }

        if (CompletionValues.Elements(value) is { } elements)
            return elements.Select(_paths.Of).OfType<string>().Select(path => (path, true));

        return value.Type.IsTaskOrValueTask(_known) ? (_paths.Of(value) is { } same ? [(same, false)] : []) : (ElementPath(value) is { } each ? [(each, true)] : []);
    }

    private CompletionFacts Complete(IOperation operation, CompletionFacts facts)
    {
        operation = CompletionValues.Strip(operation, _known);
        // `await (t = F())`
        if (operation is ISimpleAssignmentOperation { Target: var assigned })
            operation = assigned;

        if (operation is IInvocationOperation invocation && (CompletionValues.IsWhenAll(invocation, _known) || invocation.TargetMethod is { Name: "WaitAll", IsStatic: true }))
        {
            var (tasks, collection) = CompletionValues.Arguments(invocation);
            if (collection is not null)
                return CompleteElements(collection, facts);

            foreach (var task in tasks)
                facts = Complete(task, facts);
            return facts;
        }

        // A continuation comes after its task, unless it can be cancelled by itself.
        if (operation is IInvocationOperation { TargetMethod.Name: "ContinueWith", Instance: { } antecedent } continuation && antecedent.Type.IsTask(_known)
            && !continuation.Arguments.Any(argument => SymbolEqualityComparer.Default.Equals(argument.Value.Type, _known.CancellationToken)))
        {
            return Complete(antecedent, facts);
        }

        return _paths.Of(operation) is { } path ? facts.Complete(path) : facts;
    }

    private CompletionFacts CompleteElements(IOperation collection, CompletionFacts facts)
    {
        if (CompletionValues.Elements(collection) is { } elements)
        {
            foreach (var element in elements)
                facts = Complete(element, facts);
            return facts;
        }

        // WhenAll(a.Concat(b)) and WhenAll([.. a, .. b])
        switch (AssignedValues.Unwrap(collection))
        {
            case IInvocationOperation { TargetMethod.Name: "Concat" or "Append" or "Prepend" or "Union" } concat when _known.IsLinq(concat.TargetMethod.ContainingType):
                foreach (var argument in concat.Arguments)
                    facts = argument.Value.Type.IsTask(_known) ? Complete(argument.Value, facts) : CompleteElements(argument.Value, facts);
                return facts;
            case ICollectionExpressionOperation { Elements: var mixed }:
                foreach (var element in mixed)
                    facts = element is ISpreadOperation spread ? CompleteElements(spread.Operand, facts) : Complete(element, facts);
                return facts;
        }

        return ElementPath(collection) is { } path ? facts.Complete(path) : facts;
    }

    private CompletionFacts AfterCall(IInvocationOperation invocation, CompletionFacts facts)
    {
        var method = invocation.TargetMethod;
        switch (method.Name)
        {
            case "Wait" when invocation.Instance is { } task && task.Type.IsTask(_known) && method.ReturnsVoid:
                return Complete(task, facts);
            case "GetResult" when invocation.Instance is { } awaiter:
                return Complete(awaiter, facts);
            case "WaitAll" when method.ContainingType.IsTask(_known) && method.ReturnsVoid:
                return Complete(invocation, facts);
            case "SpinUntil" when invocation.Arguments.Length == 1
                && AssignedValues.Unwrap(invocation.Arguments[0].Value) is IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Body.Operations: [IReturnOperation { ReturnedValue: { } condition }] } }:
                return When(condition, true, facts);
            case "Add" or "AddRange" or "Insert" or "Enqueue" or "Push" or "AddLast" or "AddFirst" or "TryAdd" when invocation.Instance is { } list && _paths.Of(list) is { } path && invocation.Arguments.Length > 0:
                var added = invocation.Arguments[invocation.Arguments.Length - 1].Value;
                if (!IsComplete(added, facts))
                    facts = facts.ForgetElements(path, andMembers: false);
                return _paths.Of(added) is { } part ? facts.WithPart(path + TaskPath.EachElement, part) : facts;
            case "Remove" or "RemoveAt" or "RemoveAll" or "Clear" or "Dequeue" or "Pop" when invocation.Instance is { } list && _paths.Of(list) is { } path:
                return facts.ForgetElements(path, andMembers: true);
            case var name when CompletionSources.IsCompletion(name) && invocation.Instance is { } completed && CompletionSources.Is(completed.Type, _known):
                return completed.Type!.GetMembers("Task") is [var its] && _paths.Of(completed, its) is { } given ? facts.Complete(given) : facts;
            default:
                return CompletionGuards.Asserted(invocation) is { } asserted ? When(asserted, true, facts) : facts;
        }
    }
}
