using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Carries <see cref="CompletionFacts"/> along a member's control-flow graph, its lambdas and local functions included,
/// until nothing changes, and keeps what holds before each access that blocks. The graph gives the order; what an
/// operation means is read off the operation tree.
/// </summary>
internal sealed class CompletionFlow
{
    private readonly CompletionTransfer _transfer;
    private readonly Dictionary<(SyntaxNode, OperationKind), IOperation> _tree = [];
    private readonly Dictionary<SyntaxNode, CompletionFacts> _before = [];

    public CompletionFlow(ControlFlowGraph graph, IOperation root, KnownSymbols known)
    {
        _transfer = new CompletionTransfer(root, known);
        foreach (var operation in root.DescendantsAndSelf())
        {
            if (!operation.IsImplicit || operation is not IConversionOperation)
                _tree[(operation.Syntax, operation.Kind)] = operation;
        }

        Analyze(graph, CompletionFacts.None);
    }

    public bool IsComplete(IOperation blocking, IOperation task) =>
        _before.TryGetValue(blocking.Syntax, out var facts) && _transfer.IsComplete(task, facts);

    private void Analyze(ControlFlowGraph graph, CompletionFacts initial)
    {
        var entry = new CompletionFacts?[graph.Blocks.Length];
        entry[0] = initial;
        var work = new Queue<BasicBlock>();
        work.Enqueue(graph.Blocks[0]);

        // Facts only ever get fewer at a block's entry, so this ends; the bound is for graphs that are not worth it.
        for (var steps = 0; work.Count > 0 && steps < 50 * graph.Blocks.Length; steps++)
        {
            var block = work.Dequeue();
            EnterHandlers(graph, block, entry, work);
            var facts = Through(block, entry[block.Ordinal]!, null);
            foreach (var (branch, isConditional) in Successors(block))
            {
                if (branch.Destination is { } destination)
                    Enter(destination, Leave(graph, branch, Along(block, isConditional, facts)), entry, work);
            }
        }

        foreach (var block in graph.Blocks)
        {
            if (entry[block.Ordinal] is { } facts)
                Through(block, facts, graph);
        }

        foreach (var function in graph.LocalFunctions)
            Analyze(graph.GetLocalFunctionControlFlowGraph(function), CompletionFacts.None);
    }

    private static IEnumerable<(ControlFlowBranch Branch, bool IsConditional)> Successors(BasicBlock block)
    {
        if (block.ConditionalSuccessor is { } conditional)
            yield return (conditional, true);

        if (block.FallThroughSuccessor is { } fallThrough)
            yield return (fallThrough, false);
    }

    private static void Enter(BasicBlock block, CompletionFacts facts, CompletionFacts?[] entry, Queue<BasicBlock> work)
    {
        var before = entry[block.Ordinal];
        var met = before is null ? facts : before.Meet(facts);
        if (before is not null && before.Equals(met))
            return;

        entry[block.Ordinal] = met;
        work.Enqueue(block);
    }

    // A handler can be reached from anywhere in its try: only what held before it, and isn't overwritten in it, holds.
    private void EnterHandlers(ControlFlowGraph graph, BasicBlock block, CompletionFacts?[] entry, Queue<BasicBlock> work)
    {
        for (var region = block.EnclosingRegion; region is not null && region.FirstBlockOrdinal == block.Ordinal; region = region.EnclosingRegion)
        {
            if (region.Kind != ControlFlowRegionKind.Try || region.EnclosingRegion is not { } whole)
                continue;

            var facts = WithoutWrites(graph, region, AfterFirstAwait(block, entry[block.Ordinal]!));
            foreach (var handler in Handlers(whole))
                Enter(graph.Blocks[handler.FirstBlockOrdinal], facts, entry, work);
        }
    }

    // try { await task; … } catch: whatever throws, be it the await itself, the task is complete by then.
    private CompletionFacts AfterFirstAwait(BasicBlock block, CompletionFacts facts)
    {
        var first = block.Operations.FirstOrDefault() ?? block.BranchValue;
        if (first is IExpressionStatementOperation statement)
            first = statement.Operation;
        if (first is ISimpleAssignmentOperation { Target: ILocalReferenceOperation } assignment)
            first = assignment.Value;

        return first is IAwaitOperation awaited && _tree.TryGetValue((awaited.Syntax, awaited.Kind), out var original) && original is IAwaitOperation { Operation: var task } && _transfer.IsAtHand(task)
            ? _transfer.After(original, facts)
            : facts;
    }

    private static IEnumerable<ControlFlowRegion> Handlers(ControlFlowRegion whole)
    {
        foreach (var region in whole.NestedRegions)
        {
            if (region.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.Finally or ControlFlowRegionKind.Filter)
                yield return region;
            else if (region.Kind == ControlFlowRegionKind.FilterAndHandler)
                yield return region.NestedRegions[0];
        }
    }

    // What a finally block writes is forgotten; what it waits for isn't counted on.
    private CompletionFacts Leave(ControlFlowGraph graph, ControlFlowBranch branch, CompletionFacts facts)
    {
        foreach (var region in branch.FinallyRegions)
        {
            facts = WithoutWrites(graph, region, facts);
        }

        return facts;
    }

    private CompletionFacts WithoutWrites(ControlFlowGraph graph, ControlFlowRegion region, CompletionFacts facts)
    {
        for (var ordinal = region.FirstBlockOrdinal; ordinal <= region.LastBlockOrdinal; ordinal++)
        {
            foreach (var operation in graph.Blocks[ordinal].Operations)
                facts = _transfer.ForgetWrites(operation, facts);
        }

        return facts;
    }

    private CompletionFacts Along(BasicBlock block, bool isConditional, CompletionFacts facts)
    {
        if (block.BranchValue is not { } value || block.ConditionKind == ControlFlowConditionKind.None)
            return facts;

        var holds = isConditional == (block.ConditionKind == ControlFlowConditionKind.WhenTrue);
        if (!holds && value is IInvocationOperation { TargetMethod.Name: "MoveNext" or "MoveNextAsync" } or IAwaitOperation)
            return value.Syntax.FirstAncestorOrSelf<CommonForEachStatementSyntax>() is { } loop ? _transfer.AfterLoop(loop, facts) : facts;

        // `t?.Result`: where there is no task, there is nothing to wait for.
        if (value is IIsNullOperation)
            return holds && value.Syntax is ExpressionSyntax receiver && TreeOf(receiver) is { } task ? _transfer.Without(task, facts) : facts;

        return (_tree.TryGetValue((value.Syntax, value.Kind), out var condition) ? condition : TreeOf(value.Syntax)) is { } asked ? _transfer.When(asked, holds, facts) : facts;
    }

    // What the graph has taken apart, and holds in a variable of its own.
    private IOperation? TreeOf(SyntaxNode syntax)
    {
        foreach (var kind in (ReadOnlySpan<OperationKind>)[OperationKind.LocalReference, OperationKind.ParameterReference, OperationKind.FieldReference, OperationKind.PropertyReference])
        {
            if (_tree.TryGetValue((syntax, kind), out var operation))
                return operation;
        }

        return null;
    }

    /// <summary>The facts at the block's end. With a graph, they are also kept for each blocking access on the way.</summary>
    private CompletionFacts Through(BasicBlock block, CompletionFacts facts, ControlFlowGraph? graph)
    {
        foreach (var operation in block.Operations)
            facts = Through(operation, facts, graph);

        return block.BranchValue is { } value ? Through(value, facts, graph) : facts;
    }

    private CompletionFacts Through(IOperation operation, CompletionFacts facts, ControlFlowGraph? graph)
    {
        if (operation is IFlowAnonymousFunctionOperation lambda)
        {
            if (graph is not null)
                Analyze(graph.GetAnonymousFunctionControlFlowGraph(lambda), facts);
            return facts;
        }

        foreach (var child in operation.ChildOperations)
            facts = Through(child, facts, graph);

        if (graph is not null && operation is IPropertyReferenceOperation or IInvocationOperation)
            _before[operation.Syntax] = facts;

        return _tree.TryGetValue((operation.Syntax, operation.Kind), out var original)
            ? _transfer.After(original, facts)
            : operation is ISimpleAssignmentOperation && _tree.TryGetValue((operation.Syntax, OperationKind.VariableDeclarator), out var declarator) ? _transfer.After(declarator, facts) : facts;
    }
}
