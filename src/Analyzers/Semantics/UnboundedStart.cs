using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// A start of work (a call whose task nobody waits for, work queued to the pool, a new thread) that a loop repeats with
/// nothing that bounds how much of it runs together. CONC202 reports it, and rules about the single start give way.
/// </summary>
internal static class UnboundedStart
{
    private static readonly string[] Arrivals =
        ["Accept", "Consume", "Dequeue", "EndAccept", "EndGetContext", "GetConsumingEnumerable", "GetContext", "Join", "Poll", "Read", "Receive", "Sleep", "Take", "TryDequeue", "TryPop", "TryRead", "TryReceive", "TryTake", "Wait"];

    /// <summary>The loop, a ForEach call included; null where the start stands in none, or something bounds it.</summary>
    public static IOperation? LoopOf(IOperation start, OperationAnalysisContext context, KnownSymbols known)
    {
        if (InnermostLoop(start, known) is not { } loop || !IsLeftAlone(start, loop, context, known) || !IsOfWork(start, context, known) || LeavesLoop(start, loop))
            return null;

        var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(start.Syntax.SyntaxTree);
        return !Turns(start, known).IsAtMost(ConcurrencyOptions.UnboundedThreshold.In(options))
            && !IsGated(start, known, context.CancellationToken)
            && !MockSetup.ContainsDescription(start, known)
            && (ConcurrencyOptions.AnalyzeTests.In(options) || !TestMethods.IsTestCode(context.ContainingSymbol))
            ? loop
            : null;
    }

    /// <summary>The sequence that the loop is over; null for loops over none.</summary>
    public static IOperation? SourceOf(IOperation loop) => loop switch
    {
        IForEachLoopOperation forEach => forEach.Collection,
        IInvocationOperation each => each.Instance ?? each.Arguments[0].Value,
        _ => null,
    };

    /// <summary>Whether the call hands work to the pool and has no task: ThreadPool.QueueUserWorkItem.</summary>
    public static bool IsQueueing(IInvocationOperation call, KnownSymbols known) =>
        call.TargetMethod is { Name: "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" } method && SymbolEqualityComparer.Default.Equals(method.ContainingType, known.ThreadPool);

    private static bool IsOfWork(IOperation start, OperationAnalysisContext context, KnownSymbols known)
    {
        if (start is not IInvocationOperation call || IsQueueing(call, known))
            return true;

        // WhenAll and WhenAny go on from tasks that run already.
        return !(call.TargetMethod.Name is "WhenAll" or "WhenAny" && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.Task))
            && TaskStart.IsStart(call, known)
            && !HandledFaults.IsSignal(call)
            && !SafeToForget.Includes(call, context.Options, known);
    }

    private static bool IsGated(IOperation start, KnownSymbols known, CancellationToken cancellationToken)
    {
        var arguments = start is IObjectCreationOperation creation ? creation.Arguments : ((IInvocationOperation)start).Arguments;
        return Gating.IsGated(start, known, cancellationToken)
            || arguments.Any(argument => argument.Value is IDelegateCreationOperation && Gating.IsGated(argument.Value, known, cancellationToken));
    }

    private static IOperation? InnermostLoop(IOperation start, KnownSymbols known)
    {
        for (IOperation child = start, current = start.Parent!; current is not null; child = current, current = current.Parent!)
        {
            switch (current)
            {
                // What comes before the first turn happens once.
                case ILoopOperation loop when !(loop is IForEachLoopOperation forEach && forEach.Collection == child) && !(loop is IForLoopOperation { Before: var before } && before.Contains(child)):
                    return loop;
                case IAnonymousFunctionOperation lambda:
                    return UnawaitedDelegate.Is(lambda, known) ? null : LoopingCall(lambda) ?? ThreadProjection.Around(lambda, start, known);
                case ILocalFunctionOperation:
                    return null;
            }
        }

        return null;
    }

    // list.ForEach(x => …) is a loop as well.
    private static IInvocationOperation? LoopingCall(IAnonymousFunctionOperation lambda) =>
        lambda is { Symbol.IsAsync: false, Parent: IDelegateCreationOperation { Parent: IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "ForEach", ContainingType.Name: "List" or "Array" or "ImmutableList" } } each } } } ? each : null;

    private static bool IsLeftAlone(IOperation start, IOperation loop, OperationAnalysisContext context, KnownSymbols known) => start switch
    {
        IObjectCreationOperation when loop is IInvocationOperation { TargetMethod.Name: "Select" } projection =>
            ThreadProjection.StartOf(projection, known) is { } starts && !(starts is ILoopOperation turns && IsPaced(turns, start, known)),
        IObjectCreationOperation => loop.Descendants().Any(one => one is IInvocationOperation { TargetMethod: { Name: "Start", ContainingType: var type } } && SymbolEqualityComparer.Default.Equals(type, known.Thread)),
        IInvocationOperation call when IsQueueing(call, known) => true,
        _ => IsTaskDropped(start, context, known),
    };

    private static bool IsTaskDropped(IOperation task, OperationAnalysisContext context, KnownSymbols known)
    {
        while (task.Parent is { } parent)
        {
            switch (parent)
            {
                case IExpressionStatementOperation:
                    return true;
                case IConversionOperation or IParenthesizedOperation or IConditionalAccessOperation or ICoalesceOperation or ISwitchExpressionArmOperation or ISwitchExpressionOperation:
                case IConditionalOperation conditional when conditional.Condition != task:
                case IArgumentOperation { Parent: IInvocationOperation { TargetMethod.IsExtensionMethod: true } extension } argument when extension.Arguments[0] == argument && (extension.TargetMethod.ReturnsVoid ? !IsWait(extension.TargetMethod.Name) : extension.Type.IsTaskOrValueTask(known)):
                case IInvocationOperation call when call.Instance == task && call.TargetMethod.Name is "ConfigureAwait" or "AsTask" or "ContinueWith" or "Preserve" or "WaitAsync":
                case IInvocationOperation { TargetMethod.IsExtensionMethod: true }:
                    task = parent;
                    break;
                case ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation }:
                    return true;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local }, Parent: IExpressionStatementOperation } assignment:
                    return LocalUses.IsNeverRead(local, assignment, context);
                case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                    return LocalUses.IsNeverRead(declarator.Symbol, declarator, context);
                case IArgumentOperation or ISimpleAssignmentOperation when UnreadTasks.Take(task):
                    return true;
                default:
                    return false;
            }
        }

        return false;
    }

    // Many a code base has a Wait of its own: RunAsync(x).Await();
    private static bool IsWait(string extension) =>
        extension.StartsWith("Await", StringComparison.Ordinal) || extension.StartsWith("Wait", StringComparison.Ordinal) || extension.EndsWith("Synchronously", StringComparison.Ordinal);

    // foreach (…) if (…) { _ = RunAsync(x); break; }
    private static bool LeavesLoop(IOperation start, IOperation loop)
    {
        var exit = (loop as ILoopOperation)?.ExitLabel;
        for (var child = start; child != loop && child.Parent is { } parent; child = parent)
        {
            var following = parent switch
            {
                IBlockOperation block => block.Operations,
                ISwitchCaseOperation section => section.Body,
                _ => [],
            };
            if (following.Any(one => one.Syntax.SpanStart > child.Syntax.SpanStart && Leaves(one, exit)))
                return exit is not null;
        }

        return false;
    }

    private static bool Leaves(IOperation statement, ILabelSymbol? exit) => statement switch
    {
        IReturnOperation => statement.Kind != OperationKind.YieldReturn,
        IBranchOperation branch => branch.BranchKind == BranchKind.GoTo || SymbolEqualityComparer.Default.Equals(branch.Target, exit),
        IThrowOperation or IExpressionStatementOperation { Operation: IThrowOperation } => true,
        _ => false,
    };

    private static SequenceBound Turns(IOperation start, KnownSymbols known)
    {
        var turns = SequenceBound.Constant(1);
        for (var current = start.Parent; current is not null and not ILocalFunctionOperation; current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation lambda)
            {
                if ((LoopingCall(lambda) ?? ThreadProjection.Around(lambda, start, known)) is not { } each)
                    break;

                turns = turns.Times(SequenceBounds.Of(SourceOf(each)!, known));
            }
            else if (current is ILoopOperation loop)
            {
                turns = turns.Times(IsPaced(loop, start, known) ? SequenceBound.Limited : QueueInHand.DrainedBy(loop) is { } drained ? SequenceBounds.Of(drained, known) : SequenceBounds.OfTurns(loop, known));
            }
        }

        return turns;
    }

    // Each turn waits for something: an arrival, the next item of a source that comes when it comes, a gate, a pause, a join.
    private static bool IsPaced(ILoopOperation loop, IOperation start, KnownSymbols known)
    {
        if (loop is IForEachLoopOperation { IsAsynchronous: true })
            return true;

        var isOpen = loop is IWhileLoopOperation or IForLoopOperation { Condition: null };
        foreach (var operation in Own(loop))
        {
            switch (operation)
            {
                case IAwaitOperation or IReturnOperation { Kind: OperationKind.YieldReturn }:
                case IForEachLoopOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true }:
                case IInvocationOperation call when call != start && (Gating.IsGate(call) || (IsArrival(call, isOpen, known) && !QueueInHand.IsTakenFrom(call, loop))):
                    return true;
            }
        }

        return false;
    }

    private static bool IsArrival(IInvocationOperation call, bool isOpen, KnownSymbols known)
    {
        var name = call.TargetMethod.Name;
        if (!isOpen)
            return name is "GetConsumingEnumerable" or "Sleep" or "Join" || (name.StartsWith("Wait", StringComparison.Ordinal) && !call.Type.IsTaskOrValueTask(known));

        foreach (var arrival in Arrivals)
        {
            if (name.StartsWith(arrival, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static IEnumerable<IOperation> Own(IOperation operation)
    {
        var pending = new Stack<IOperation>();
        pending.Push(operation);
        while (pending.Count > 0)
        {
            foreach (var child in pending.Pop().ChildOperations)
            {
                if (child is IAnonymousFunctionOperation or ILocalFunctionOperation)
                    continue;

                yield return child;
                pending.Push(child);
            }
        }
    }
}
