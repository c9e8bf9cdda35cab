using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Where a variable's ValueTask is consumed though on some path it was consumed before, and its object may belong to
/// another operation by then. To ask for its state in between is taken for care.
/// </summary>
internal sealed class ConsumedValueTask
{
    private readonly ISymbol _variable;
    private readonly ControlFlowGraph _graph;
    private readonly HashSet<SyntaxNode> _consumptions;
    private readonly Stack<BasicBlock> _pending = new();
    private readonly HashSet<int> _entered = [];
    private SyntaxNode? _found;

    private ConsumedValueTask(ISymbol variable, ControlFlowGraph graph, HashSet<SyntaxNode> consumptions) =>
        (_variable, _graph, _consumptions) = (variable, graph, consumptions);

    /// <summary>The first mention that consumes the ValueTask again; null where there is none, or it can't be told.</summary>
    /// <param name="variable">A local or parameter.</param>
    /// <param name="mentions">All its mentions in the member.</param>
    /// <param name="place">An operation of the function that the variable belongs to.</param>
    /// <param name="context">For the control-flow graph, which is asked for last.</param>
    public static SyntaxNode? Again(ISymbol variable, IEnumerable<IOperation> mentions, IOperation place, OperationAnalysisContext context)
    {
        var function = FunctionGraph.FunctionAround(place);
        var consumptions = new HashSet<SyntaxNode>();
        var isInLoop = false;
        foreach (var mention in mentions)
        {
            if (mention is not (ILocalReferenceOperation or IParameterReferenceOperation))
                continue;

            var isOwn = FunctionGraph.FunctionAround(mention) == function;
            if (mention.Parent is IArgumentOperation { Parameter.RefKind: not (RefKind.None or RefKind.In) } || (!isOwn && mention.Parent is IAssignmentOperation assignment && assignment.Target == mention))
                return null;

            if (!isOwn || !IsConsumption(mention))
                continue;

            consumptions.Add(mention.Syntax);
            isInLoop |= IsInLoop(mention);
        }

        return (consumptions.Count > 1 || (consumptions.Count == 1 && isInLoop)) && FunctionGraph.Of(function, context) is { } graph
            ? new ConsumedValueTask(variable, graph, consumptions).Find()
            : null;
    }

    /// <summary>Whether the mention uses the ValueTask up: to await it, to read its result, to hand it on.</summary>
    public static bool IsConsumption(IOperation mention)
    {
        var value = AwaitedValue.Whole(mention);
        return value.Parent switch
        {
            IAwaitOperation => true,
            IReturnOperation { Kind: OperationKind.Return } => true,
            IPropertyReferenceOperation { Property.Name: "Result" } property => property.Instance == value,
            IInvocationOperation { TargetMethod.Name: "AsTask" or "Preserve" or "GetAwaiter" or "ConfigureAwait" } call => call.Instance == value,
            _ => false,
        };
    }

    /// <summary>A value that may be consumed again and again: made of a result or a task, or preserved.</summary>
    public static bool IsRepeatable(IOperation value, KnownSymbols known) => AssignedValues.Unwrap(value) switch
    {
        IInvocationOperation { TargetMethod.Name: "Preserve", Instance: { } } => true,
        IObjectCreationOperation { Arguments: [] } => true,
        IObjectCreationOperation { Arguments: [{ Value.Type: { } source }] } creation => creation.Type.IsValueTask(known) && source is not { Name: "IValueTaskSource" },
        var other => CompletionValues.IsMadeComplete(other, known),
    };

    private static bool IsInLoop(IOperation mention)
    {
        for (var current = mention.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation)
                return true;
        }

        return false;
    }

    private SyntaxNode? Find()
    {
        foreach (var block in _graph.Blocks)
            Pass(block, isConsumed: false);

        while (_pending.Count > 0)
        {
            var block = _pending.Pop();
            if (_entered.Add(block.Ordinal))
                Pass(block, isConsumed: true);
        }

        return _found;
    }

    private void Pass(BasicBlock block, bool isConsumed)
    {
        foreach (var operation in block.Operations)
            Pass(operation, ref isConsumed);

        if (block.BranchValue is { } value)
            Pass(value, ref isConsumed);

        if (!isConsumed)
            return;

        Push(block.ConditionalSuccessor);
        Push(block.FallThroughSuccessor);
    }

    private void Push(ControlFlowBranch? branch)
    {
        if (branch is null)
            return;

        foreach (var region in branch.FinallyRegions)
            _pending.Push(_graph.Blocks[region.FirstBlockOrdinal]);

        if (branch.Destination is { } destination)
            _pending.Push(destination);
    }

    private void Pass(IOperation operation, ref bool isConsumed)
    {
        foreach (var part in OwnOperations.Of(operation))
        {
            if (part is ISimpleAssignmentOperation { Target: var target } && IsVariable(target))
            {
                isConsumed = false;
            }
            else if (IsVariable(part))
            {
                if (_consumptions.Contains(part.Syntax))
                {
                    if (isConsumed && (_found is null || part.Syntax.SpanStart < _found.SpanStart))
                        _found = part.Syntax;

                    isConsumed = true;
                }
                else if (part.Parent is IPropertyReferenceOperation)
                {
                    isConsumed = false;
                }
            }
        }
    }

    private bool IsVariable(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => SymbolEqualityComparer.Default.Equals(local.Local, _variable),
        IParameterReferenceOperation parameter => SymbolEqualityComparer.Default.Equals(parameter.Parameter, _variable),
        _ => false,
    };
}
