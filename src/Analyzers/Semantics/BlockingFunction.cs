using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What a synchronous function does that may block: a wait of its own, or else the functions that it calls. Read off its body once.</summary>
internal sealed class BlockingFunction
{
    public static readonly BlockingFunction None = new(null, []);

    private BlockingFunction((string Name, SyntaxNode Place)? wait, List<(IMethodSymbol Callee, SyntaxNode Place)> calls) => (Wait, Calls) = (wait, calls);

    /// <summary>The first wait, as a message names it; where there is one, calls don't matter.</summary>
    public (string Name, SyntaxNode Place)? Wait { get; }

    /// <summary>The calls of functions of the compilation, in the order of the text.</summary>
    public List<(IMethodSymbol Callee, SyntaxNode Place)> Calls { get; }

    /// <summary>Of a method's body, a lambda or a local function.</summary>
    /// <param name="function">The body, or the lambda or local function.</param>
    /// <param name="isGetter">Of a property, whose value may be made when it is first asked for, and kept.</param>
    /// <param name="summary">What the user says to block, and which functions a call leads to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static BlockingFunction Read(IOperation function, bool isGetter, BlockingSummary summary, CancellationToken cancellationToken)
    {
        var calls = new List<(IMethodSymbol, SyntaxNode)>();
        var delegates = new HashSet<IDelegateCreationOperation>();
        var pending = new Stack<IOperation>();
        Push(pending, function);
        while (pending.Count > 0)
        {
            var operation = pending.Pop();
            cancellationToken.ThrowIfCancellationRequested();
            switch (operation)
            {
                case INameOfOperation or ILocalFunctionOperation:
                case ICoalesceAssignmentOperation or IConditionalOperation when isGetter && IsFirstTime(operation):
                case IAnonymousFunctionOperation lambda when !summary.Links.IsRunInPlace(lambda):
                    continue;
                case IInvocationOperation call when HeldDelegate.Of(call) is { } held && delegates.Add(held):
                    if (held.Target is IAnonymousFunctionOperation called && summary.Links.IsSynchronous(called.Symbol))
                        Push(pending, called);
                    else if (held.Target is IMethodReferenceOperation reference && summary.Links.Are(reference.Method, reference.Instance))
                        calls.Add((CallLinks.Definition(reference.Method), operation.Syntax));
                    break;
            }

            if (WaitOf(operation, summary, function as IAnonymousFunctionOperation) is { } wait)
                return new((wait, operation.Syntax), []);

            foreach (var callee in summary.Links.Of(operation))
                calls.Add((callee, operation.Syntax));

            Push(pending, operation);
        }

        return calls.Count == 0 ? None : new(null, calls);
    }

    /// <summary>The name of the wait that the operation is; null where it is none, or never waits.</summary>
    /// <param name="operation">What may wait.</param>
    /// <param name="summary">What the user says to block.</param>
    /// <param name="lambda">What is read, where that is a lambda: the parameters around it aren't its own.</param>
    public static string? WaitOf(IOperation operation, BlockingSummary summary, IAnonymousFunctionOperation? lambda = null) =>
        OwnWaitOf(operation, summary.Known, lambda)
        ?? (operation is IInvocationOperation call && summary.IsSaidToBlock(call) ? call.TargetMethod.ContainingType.Name + "." + call.TargetMethod.Name : null);

    private static string? OwnWaitOf(IOperation operation, KnownSymbols known, IAnonymousFunctionOperation? lambda)
    {
        switch (operation)
        {
            case IPropertyReferenceOperation { Property.Name: "Result" } property:
                return BlockingTaskAccess.Of(property, known) is { } result && !WasGiven(result, lambda) && !IsComplete(property, result, known) ? result.Name : null;
            case IInvocationOperation call:
                if (IsSleep(call, known))
                    return "Thread.Sleep";

                if (BlockingTaskAccess.Of(call, known) is { } access)
                    return (call.TargetMethod.Name == "GetResult" && WasGiven(access, lambda)) || IsComplete(call, access, known) ? null : access.Name;

                return BlockingPrimitive.Of(call, known)?.Name;
            default:
                return null;
        }
    }

    // `_value ??= Make()`, `if (_value is null) …`: what happens once isn't worth a word at each use.
    private static bool IsFirstTime(IOperation operation) => operation switch
    {
        ICoalesceAssignmentOperation assignment => AssignedValues.Unwrap(assignment.Target) is IFieldReferenceOperation,
        IConditionalOperation { Condition: IIsPatternOperation { Value: var value, Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } } => AssignedValues.Unwrap(value) is IFieldReferenceOperation,
        IConditionalOperation { Condition: IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand: var value, RightOperand.ConstantValue: { HasValue: true, Value: null } } } => AssignedValues.Unwrap(value) is IFieldReferenceOperation,
        IConditionalOperation { Condition: IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: IFieldReferenceOperation or IPropertyReferenceOperation { Property.Name: "HasValue", Instance: IFieldReferenceOperation } } } => true,
        _ => false,
    };

    private static bool IsSleep(IInvocationOperation call, KnownSymbols known) =>
        call.TargetMethod.Name == "Sleep" && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.Thread) && !ZeroTimeout.IsGiven(call, known);

    // A helper that reads the outcome of a task that it is given: whether that one is complete, its callers know.
    private static bool WasGiven(BlockingTaskAccess access, IAnonymousFunctionOperation? lambda) =>
        AssignedValues.Unwrap(access.Task) is IParameterReferenceOperation { Parameter.Locations: [var declared, ..] } && (lambda is null || lambda.Syntax.Span.Contains(declared.SourceSpan));

    private static bool IsComplete(IOperation operation, BlockingTaskAccess access, KnownSymbols known)
    {
        if (CompletionValues.IsMadeComplete(access.Task, known) || SynchronousPath.IsTaken(access.Task))
            return true;

        var root = AssignedValues.Root(operation);
        return GraphOf(root) is { } graph && CompletedTasks.AreKnownComplete(operation, access.Task, () => graph, known);
    }

    private static ControlFlowGraph? GraphOf(IOperation root) => root switch
    {
        IMethodBodyOperation body => ControlFlowGraph.Create(body),
        IConstructorBodyOperation body => ControlFlowGraph.Create(body),
        IBlockOperation body => ControlFlowGraph.Create(body),
        IFieldInitializerOperation initializer => ControlFlowGraph.Create(initializer),
        IPropertyInitializerOperation initializer => ControlFlowGraph.Create(initializer),
        _ => null,
    };

    private static void Push(Stack<IOperation> pending, IOperation operation)
    {
        foreach (var child in operation.ChildOperations.Reverse())
            pending.Push(child);
    }
}
