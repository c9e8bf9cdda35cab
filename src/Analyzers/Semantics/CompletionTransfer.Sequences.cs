namespace ConcurrencyAnalyzers.Semantics;

/// <content>Tasks by their place in sequences: the elements that loops and LINQ run over.</content>
internal sealed partial class CompletionTransfer
{
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
        _elementOf[variable] = Configured(loop.Collection);
        AddWhenEach(loop);
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

    // Task.WhenEach ends when all of its tasks have.
    private void AddWhenEach(IForEachLoopOperation loop)
    {
        if (Configured(loop.Collection) is not IInvocationOperation { TargetMethod: { Name: "WhenEach", IsStatic: true } method } each || !method.ContainingType.IsTask(_known)
            || loop.Body.Descendants().Any(static one => one is IBranchOperation { BranchKind: BranchKind.Break }))
        {
            return;
        }

        var (tasks, collection) = CompletionValues.Arguments(each);
        List<string> paths = [.. (collection is null ? tasks.Select(_paths.Of) : [ElementPath(collection)]).OfType<string>()];
        if (paths.Count > 0)
            _awaitedByLoop[loop.Syntax] = paths;
    }

    // Behind ConfigureAwait and WithCancellation.
    private static IOperation Configured(IOperation sequence)
    {
        var value = AssignedValues.Unwrap(sequence);
        return value is IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "WithCancellation" } call && StartedTask.ReceiverOf(call) is { } inner ? Configured(inner) : value;
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
