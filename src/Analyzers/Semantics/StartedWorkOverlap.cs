namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What runs beside work that a single call starts: further copies from the turns of a loop, siblings, and the code after the call.</summary>
internal static class StartedWorkOverlap
{
    /// <summary>The loop whose turns each start a copy without waiting for the one before.</summary>
    public static ILoopOperation? LoopOfCopies(IOperation start, KnownSymbols known)
    {
        IOperation child = start;
        for (var current = start.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); child = current, current = current.Parent)
        {
            switch (current)
            {
                case IBlockOperation block when EndsAfter(block, child):
                    return null;
                case ISwitchCaseOperation switchCase when switchCase.Body.Any(static one => one is IReturnOperation or IThrowOperation):
                    return null;
                case IForEachLoopOperation forEach when forEach.Body == child:
                case IForLoopOperation forLoop when forLoop.Body == child:
                case IWhileLoopOperation whileLoop when whileLoop.Body == child:
                    var loop = (ILoopOperation)current;
                    return IsAwaitedAtOnce(start) || IsJoinedInTurn(start, loop) || IsOneAtATime(loop, start, known) ? null : loop;
            }
        }

        return null;
    }

    /// <summary>The loop takes a lock, or the only permit of a semaphore, before it starts the next.</summary>
    public static bool IsOneAtATime(ILoopOperation loop, IOperation start, KnownSymbols known) => MutualExclusion.IsHeldAt(start, loop, known);

    /// <summary>The statement awaits or waits for what it starts.</summary>
    public static bool IsAwaitedAtOnce(IOperation start)
    {
        for (var current = start.Parent; current is not null and not (IBlockOperation or IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (IsJoin(current))
                return true;
        }

        return false;
    }

    /// <summary>The code of other tasks that are started in the same argument list.</summary>
    public static ImmutableArray<IOperation> Siblings(IOperation start)
    {
        var element = start;
        while (element.Parent is IConversionOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait" })
            element = element.Parent;

        return element.Parent switch
        {
            IArrayInitializerOperation { ElementValues.Length: > 1 } list => list.ElementValues.Remove(element),
            ICollectionExpressionOperation { Elements.Length: > 1 } list => list.Elements.Remove(element),
            _ => [],
        };
    }

    /// <summary>Whether the code after the start mentions the variable before it can have waited for what it started.</summary>
    public static bool IsUsedMeanwhile(IOperation start, ISymbol variable)
    {
        var function = start;
        while (function.Parent is { } parent && function is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            function = parent;

        var from = StartOfThread(start, function) ?? start.Syntax.Span.End;
        foreach (var operation in function.Descendants())
        {
            if (operation.Syntax.SpanStart < from || IsInOtherFunction(operation, function))
                continue;

            if (IsJoin(operation) || operation is IReturnOperation or IThrowOperation or ILockOperation)
                return false;

            if (operation is ILocalReferenceOperation local && SymbolEqualityComparer.Default.Equals(local.Local, variable) && local.Parent is not INameOfOperation)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Whether two pieces of work that the same block starts, one after the other, run beside each other: nothing waits
    /// between the two.
    /// </summary>
    /// <param name="joins">Where a block waits for something, in order.</param>
    public static bool IsBeside(IOperation start, IOperation other, Func<IBlockOperation, int[]> joins)
    {
        if (BlockOf(start) is not { } block || BlockOf(other) != block || IsOnScheduler(start) || IsOnScheduler(other))
            return false;

        var function = OwnOperations.BodyAround(block);
        var (from, to) = (BeginningOf(start, function), BeginningOf(other, function));
        if (from > to)
            (from, to) = (to, from);
        if (to == int.MaxValue)
            return false;

        var places = joins(block);
        var next = Array.BinarySearch(places, from);
        next = next < 0 ? ~next : next;
        return next == places.Length || places[next] >= to;
    }

    /// <summary>Where a block waits for something, in order.</summary>
    public static int[] JoinsIn(IBlockOperation block)
    {
        int[] places = [.. OwnOperations.Of(block).Where(IsJoin).Select(static operation => operation.Syntax.SpanStart)];
        Array.Sort(places);
        return places;
    }

    private static int BeginningOf(IOperation start, IOperation function) => StartOfThread(start, function) ?? start.Syntax.Span.End;

    private static IBlockOperation? BlockOf(IOperation start)
    {
        for (var current = start.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation or ILoopOperation or IConditionalOperation); current = current.Parent)
        {
            if (current is IBlockOperation block)
                return block;
        }

        return null;
    }

    // Of an own scheduler, or by a factory that may have one: it may run one at a time.
    private static bool IsOnScheduler(IOperation start) => start is IInvocationOperation call
        && (call.Arguments.Any(static argument => argument.Parameter?.Type.Name == "TaskScheduler")
            || (call.TargetMethod.ContainingType.Name == "TaskFactory" && call.Instance is not IPropertyReferenceOperation { Property: { Name: "Factory", IsStatic: true } }));

    private static bool IsInOtherFunction(IOperation operation, IOperation function)
    {
        for (var current = operation; current is not null && current != function; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return true;
        }

        return false;
    }

    // A thread runs from its Start() on; one that isn't started here, never as far as we see.
    private static int? StartOfThread(IOperation start, IOperation function)
    {
        if (start is not IObjectCreationOperation)
            return null;

        if (LocalOf(start) is not { } thread)
            return start.Syntax.Span.End;

        foreach (var mention in AssignedValues.References(thread, function))
        {
            if (mention.Parent is IInvocationOperation { TargetMethod.Name: "Start" or "UnsafeStart" } call)
                return call.Syntax.Span.End;
        }

        return int.MaxValue;
    }

    // return, break or throw in the same block: there is no next turn.
    private static bool EndsAfter(IBlockOperation block, IOperation child)
    {
        var isAfter = false;
        foreach (var statement in block.Operations)
        {
            if (isAfter && statement is IReturnOperation or IThrowOperation or IBranchOperation { BranchKind: BranchKind.Break })
                return true;

            isAfter |= statement == child;
        }

        return false;
    }

    // The task, or what holds it, is a local of the turn that the turn itself waits for.
    private static bool IsJoinedInTurn(IOperation start, ILoopOperation loop)
    {
        if (LocalOf(start) is not { } local || !local.Locations.Any(place => loop.Syntax.Span.Contains(place.SourceSpan)))
            return false;

        foreach (var mention in AssignedValues.References(local, loop))
        {
            for (var current = mention.Parent; current is not null and not IBlockOperation; current = current.Parent)
            {
                if (IsJoin(current))
                    return true;
            }
        }

        return false;
    }

    private static ILocalSymbol? LocalOf(IOperation start)
    {
        for (var current = start.Parent; current is not null and not (IBlockOperation or IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            switch (current)
            {
                case IVariableDeclaratorOperation declarator:
                    return declarator.Symbol;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target }:
                    return target.Local;
                case IInvocationOperation { Instance: ILocalReferenceOperation collection, TargetMethod.Name: "Add" }:
                    return collection.Local;
            }
        }

        return null;
    }

    // Waits for something; whether it is this very task isn't asked.
    private static bool IsJoin(IOperation operation) => operation switch
    {
        IAwaitOperation => true,
        IForEachLoopOperation { IsAsynchronous: true } => true,
        IPropertyReferenceOperation { Property.Name: "Result" } => true,
        IInvocationOperation { TargetMethod.Name: var name } => name.StartsWith("Wait", StringComparison.Ordinal)
            || name is "Join" or "GetResult" or "WhenAll" or "WhenAny" or "SpinUntil" or "Sleep" or "SignalAndWait" or "Take" or "ShutdownAsync",
        _ => false,
    };
}
