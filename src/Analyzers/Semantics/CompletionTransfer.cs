using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What each operation, condition and loop does to <see cref="CompletionFacts"/>.</summary>
internal sealed class CompletionTransfer
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
            case IInvocationOperation invocation when CompletionValues.IsWhenAll(invocation, _known) || invocation.TargetMethod is { Name: "WaitAll", IsStatic: true }:
                var (tasks, collection) = CompletionValues.Arguments(invocation);
                return collection is null ? tasks.Length > 0 && tasks.All(task => IsComplete(task, facts)) : AreElementsComplete(collection, facts);
            case IInvocationOperation invocation when _known.IsLinq(invocation.TargetMethod.ContainingType) && invocation.Type.IsTask(_known):
                return Source(invocation) is { } source && (AreElementsComplete(source, facts) || HasCompletionTest(invocation));
            case IParameterReferenceOperation { Parameter: var parameter } when _antecedents.Contains(parameter):
            case IArrayElementReferenceOperation { ArrayReference: IParameterReferenceOperation { Parameter: var array } } when _antecedents.Contains(array):
                return true;
        }

        return _paths.Of(operation) is { } path && (facts.IsComplete(path) || IsElementComplete(operation, path, facts));
    }

    /// <summary>What holds after the operation.</summary>
    public CompletionFacts After(IOperation operation, CompletionFacts facts)
    {
        switch (operation)
        {
            case IAwaitOperation awaited:
                return Complete(awaited.Operation, facts);
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

    /// <summary>What holds where the condition has the value.</summary>
    public CompletionFacts When(IOperation condition, bool value, CompletionFacts facts)
    {
        foreach (var task in CompletionGuards.Tasks(condition, value, _known))
            facts = Complete(task, facts);

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
        if (operation is IInvocationOperation invocation && (CompletionValues.IsWhenAll(invocation, _known) || invocation.TargetMethod is { Name: "WaitAll", IsStatic: true }))
        {
            var (tasks, collection) = CompletionValues.Arguments(invocation);
            if (collection is not null)
                return CompleteElements(collection, facts);

            foreach (var task in tasks)
                facts = Complete(task, facts);
            return facts;
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
            default:
                return CompletionGuards.Asserted(invocation) is { } asserted ? When(asserted, true, facts) : facts;
        }
    }

    // A local that runs over a sequence is complete where the sequence's elements are; so is what hangs on it.
    private bool IsElementComplete(IOperation operation, string path, CompletionFacts facts)
    {
        var root = operation;
        while (root is IMemberReferenceOperation { Instance: { } instance })
            root = AssignedValues.Unwrap(instance);

        var variable = root switch
        {
            ILocalReferenceOperation local => (ISymbol)local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            _ => null,
        };
        if (variable is not null && _partOf.TryGetValue(variable, out var part))
            return ElementPath(part.Sequence, strict: false) is { } whole && facts.IsComplete(whole + part.Member + path.Substring(_paths.OfSymbol(variable).Length));

        if (variable is null || !_elementOf.TryGetValue(variable, out var sequence))
            return false;

        var rest = path.Substring(_paths.OfSymbol(variable).Length);
        return rest.Length == 0 && AreElementsComplete(sequence, facts)
            || (ElementPath(sequence, strict: false) is { } element && facts.IsComplete(element + rest));
    }

    // foreach (var (name, task) in pairs): the elements of tuples by position, and of a dictionary its values.
    private void AddParts(IOperation sequence, ITupleOperation variables)
    {
        var isDictionary = AssignedValues.Unwrap(sequence).Type is INamedTypeSymbol type && (_known.IsDictionary(type) || type.AllInterfaces.Any(_known.IsDictionary));
        for (var i = 0; i < variables.Elements.Length; i++)
        {
            if (variables.Elements[i] is ILocalReferenceOperation { Local: var local } && (!isDictionary || i == 1))
                _partOf[local] = (sequence, isDictionary ? "" : TuplePosition(AssignedValues.Unwrap(sequence).Type, i));
        }
    }

    // The path of a tuple's element goes by its position, as TaskPath writes it.
    private static string TuplePosition(ITypeSymbol? sequence, int index)
    {
        var element = sequence is IArrayTypeSymbol array ? array.ElementType : (sequence as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();
        return element is INamedTypeSymbol { IsTupleType: true, TupleElements: var elements } && index < elements.Length
            ? "." + (elements[index].CorrespondingTupleField ?? elements[index]).Name
            : ".?";
    }

    private bool AreElementsComplete(IOperation sequence, CompletionFacts facts)
    {
        sequence = CompletionValues.Strip(sequence, _known);
        if (CompletionValues.Elements(sequence) is { Length: > 0 } elements)
            return elements.All(element => IsComplete(element, facts));

        if (sequence is IInvocationOperation invocation)
        {
            if (invocation.TargetMethod.Name is "WhenEach" or "AsCompletedAsync")
                return true;

            if (!IsSequenceOperator(invocation) || Source(invocation) is not { } source)
                return false;

            if (invocation.TargetMethod.Name == "Select")
                return Projected(invocation) is { } projected && projected.Type.IsTaskOrValueTask(_known) && IsComplete(projected, facts);

            return HasCompletionTest(invocation) || (invocation.TargetMethod.Name is not ("Concat" or "Append" or "Prepend" or "SelectMany" or "Union") && AreElementsComplete(source, facts));
        }

        return sequence is IParameterReferenceOperation { Parameter: var parameter } && _antecedents.Contains(parameter)
            || (ElementPath(sequence) is { } path && facts.IsComplete(path));
    }

    private static bool IsPassedOn(string method, bool strict) =>
        method is "ToArray" or "ToList" or "AsEnumerable" or "Cast" or "Reverse" or "OrderBy" or "OrderByDescending" or "ToHashSet" or "ToImmutableArray" or "ToImmutableList" or "AsReadOnly"
        || (!strict && method is "Where" or "Take" or "Skip" or "TakeWhile" or "SkipWhile" or "TakeLast" or "SkipLast" or "Distinct" or "OfType" or "Zip");

    /// <summary>The path of each element. Strict: of all elements, so that what completes them completes every one.</summary>
    private string? ElementPath(IOperation sequence, bool strict = true)
    {
        sequence = AssignedValues.Unwrap(sequence);
        if (sequence is not IInvocationOperation invocation)
            return _paths.Of(sequence) is { } path ? path + TaskPath.EachElement : null;

        if (!IsSequenceOperator(invocation))
            return null;

        if (invocation.TargetMethod.Name == "Select")
        {
            // items.Select(item => item.Task): the Task of each element of items.
            if (Projected(invocation) is not { } projected || Source(invocation) is not { } items || ElementPath(items, strict) is not { } item || _paths.Of(projected) is not { } of)
                return null;

            var parameter = _elementOf.FirstOrDefault(pair => ReferenceEquals(pair.Value, items) && TaskPath.IsWithin(of, _paths.OfSymbol(pair.Key))).Key;
            return parameter is null ? null : item + of.Substring(_paths.OfSymbol(parameter).Length);
        }

        return IsPassedOn(invocation.TargetMethod.Name, strict) && Source(invocation) is { } source ? ElementPath(source, strict) : null;
    }

    // LINQ, and the copies that collections make of themselves.
    private bool IsSequenceOperator(IInvocationOperation invocation) =>
        _known.IsLinq(invocation.TargetMethod.ContainingType) || invocation.TargetMethod.Name is "ToArray" or "AsReadOnly";

    private bool HasCompletionTest(IInvocationOperation invocation) =>
        invocation.TargetMethod.Name is "Where" or "First" or "FirstOrDefault" or "Single" or "SingleOrDefault" or "Last" or "LastOrDefault"
        && invocation.Arguments.Any(argument => CompletionGuards.IsCompletionTest(argument.Value, _known));

    private static IOperation? Projected(IInvocationOperation select) =>
        AssignedValues.Unwrap(select.Arguments[select.Arguments.Length - 1].Value) is IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Body.Operations: [IReturnOperation { ReturnedValue: { } value }] } } ? value : null;

    private static IOperation? Source(IInvocationOperation invocation) =>
        invocation.Instance ?? (invocation.Arguments.IsEmpty ? null : AssignedValues.Unwrap(invocation.Arguments[0].Value));

    private void AddLoop(IForEachLoopOperation loop, ILocalSymbol variable)
    {
        _elementOf[variable] = AssignedValues.Unwrap(loop.Collection);
        if (loop.Body is null || ElementPath(loop.Collection) is not { } element)
            return;

        // An await that each turn comes to, when no turn ends the loop early.
        var statements = loop.Body is IBlockOperation block ? block.Operations : [loop.Body];
        if (loop.Body.Descendants().Any(static one => one is IBranchOperation))
            return;

        foreach (var awaited in statements.SelectMany(static statement => statement.DescendantsAndSelf()).OfType<IAwaitOperation>().Where(one => IsUnconditional(one, loop.Body)))
        {
            if (_paths.Of(CompletionValues.Strip(awaited.Operation, _known)) is { } path && TaskPath.IsWithin(path, _paths.OfSymbol(variable)))
            {
                if (!_awaitedByLoop.TryGetValue(loop.Syntax, out var paths))
                    _awaitedByLoop.Add(loop.Syntax, paths = []);

                paths.Add(element + path.Substring(_paths.OfSymbol(variable).Length));
            }
        }
    }

    private static bool IsUnconditional(IOperation operation, IOperation within)
    {
        for (var current = operation.Parent; current is not null && current != within; current = current.Parent)
        {
            if (current is IConditionalOperation or ILoopOperation or ISwitchOperation or ISwitchExpressionOperation or ITryOperation or IAnonymousFunctionOperation or ILocalFunctionOperation or ICoalesceOperation or IConditionalAccessOperation or IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr })
                return false;
        }

        return true;
    }

    private void AddLambdaParameters(IInvocationOperation invocation)
    {
        foreach (var argument in invocation.Arguments)
        {
            if (AssignedValues.Unwrap(argument.Value) is not IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters: [var first, ..] } })
                continue;

            if (invocation.TargetMethod.Name is "ContinueWith" or "ContinueWhenAny" or "ContinueWhenAll")
                _antecedents.Add(first);
            else if (Source(invocation) is { } source)
                _elementOf[first] = source;
        }
    }
}
