using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>What becomes of a value that is assigned to a local.</summary>
internal static class LocalUses
{
    private enum Use
    {
        None,
        Read,
        Overwritten,
    }

    /// <summary>
    /// Whether no path that follows the assignment (a declarator, or an assignment that is a statement) reads what it
    /// assigned. A local that another function captures may be read at any time.
    /// </summary>
    public static bool IsNeverRead(ILocalSymbol local, IOperation assignment, OperationAnalysisContext context)
    {
        if (local.IsRef || local.IsFixed)
            return false;

        var function = FunctionGraph.FunctionAround(assignment);
        var isRead = false;
        var isAssignedElsewhere = assignment is not IVariableDeclaratorOperation;
        foreach (var operation in RootOf(assignment).Descendants())
        {
            if (operation is not ILocalReferenceOperation reference || !SymbolEqualityComparer.Default.Equals(reference.Local, local))
                continue;

            if (FunctionGraph.FunctionAround(reference) != function)
                return false;

            if (reference.Parent is ISimpleAssignmentOperation write && write.Target == reference)
                isAssignedElsewhere |= write != assignment;
            else
                isRead |= reference.Parent is not INameOfOperation;
        }

        if (!isRead)
            return SymbolEqualityComparer.Default.Equals(local.ContainingSymbol, SymbolOf(function, context.ContainingSymbol));

        return isAssignedElsewhere && FunctionGraph.Of(function, context) is { } graph && IsOverwrittenFirst(graph, local, assignment.Syntax);
    }

    /// <summary>Whether the value goes into a local, by its declaration or later, and nothing reads it there.</summary>
    public static bool KeepsUnread(IOperation value, OperationAnalysisContext context) => AwaitedValue.Whole(value).Parent switch
    {
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => IsNeverRead(declarator.Symbol, declarator, context),
        ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local }, Parent: IExpressionStatementOperation } assignment => IsNeverRead(local, assignment, context),
        _ => false,
    };

    /// <summary>Whether the local is read anywhere but at that reference.</summary>
    public static bool IsReadElsewhere(ILocalReferenceOperation reference) =>
        RootOf(reference).Descendants().Any(operation =>
            operation is ILocalReferenceOperation other
            && other != reference
            && SymbolEqualityComparer.Default.Equals(other.Local, reference.Local)
            && !(other.Parent is ISimpleAssignmentOperation write && write.Target == other)
            && other.Parent is not INameOfOperation);

    /// <summary>What the local's declaration assigns to it; null where that is not all that is ever assigned.</summary>
    public static IOperation? InitialValueOf(ILocalSymbol local, IOperation within)
    {
        IOperation? value = null;
        foreach (var operation in RootOf(within).Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when SymbolEqualityComparer.Default.Equals(declarator.Symbol, local):
                    value = declarator.Initializer?.Value;
                    break;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } when SymbolEqualityComparer.Default.Equals(target.Local, local):
                    return null;
            }
        }

        return value;
    }

    private static IOperation RootOf(IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;

        return operation;
    }

    private static ISymbol SymbolOf(IOperation? function, ISymbol containingSymbol) => function switch
    {
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        ILocalFunctionOperation localFunction => localFunction.Symbol,
        _ => containingSymbol,
    };

    private static bool IsOverwrittenFirst(ControlFlowGraph graph, ILocalSymbol local, SyntaxNode assignment)
    {
        if (Find(graph, local, assignment) is not var (block, index))
            return false;

        var visited = new HashSet<int>();
        var pending = new Stack<int>();
        var use = Next(block, index + 1);
        while (use != Use.Read && pending.Count > 0)
        {
            if (visited.Add(pending.Peek()))
                use = Next(graph.Blocks[pending.Pop()], 0);
            else
                pending.Pop();
        }

        return use != Use.Read;

        Use Next(BasicBlock block, int from)
        {
            // Any operation of a try may throw, also before it overwrites the local.
            for (var region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
            {
                if (region is { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } whole })
                    PushAll(whole.NestedRegions.Where(handler => handler != region));
            }

            for (var i = from; i < block.Operations.Length; i++)
            {
                if (FirstUse(block.Operations[i], local) is not Use.None and var first)
                    return first;
            }

            if (block.BranchValue is { } value && FirstUse(value, local) is not Use.None and var last)
                return last;

            Follow(block.ConditionalSuccessor);
            Follow(block.FallThroughSuccessor);
            return Use.None;
        }

        void Follow(ControlFlowBranch? branch)
        {
            if (branch is null)
                return;

            PushAll(branch.FinallyRegions);
            if (branch.Destination is { } destination)
                pending.Push(destination.Ordinal);
        }

        void PushAll(IEnumerable<ControlFlowRegion> regions)
        {
            foreach (var region in regions)
                pending.Push(region.FirstBlockOrdinal);
        }
    }

    private static (BasicBlock Block, int Index)? Find(ControlFlowGraph graph, ILocalSymbol local, SyntaxNode assignment)
    {
        foreach (var block in graph.Blocks)
        {
            for (var i = 0; i < block.Operations.Length; i++)
            {
                var write = block.Operations[i] is IExpressionStatementOperation statement ? statement.Operation : block.Operations[i];
                if (block.IsReachable && write is ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } && write.Syntax == assignment && SymbolEqualityComparer.Default.Equals(target.Local, local))
                    return (block, i);
            }
        }

        return null;
    }

    // In the order of evaluation: the value of an assignment comes before its target.
    private static Use FirstUse(IOperation operation, ILocalSymbol local)
    {
        if (operation is ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment && SymbolEqualityComparer.Default.Equals(target.Local, local))
            return FirstUse(assignment.Value, local) == Use.Read ? Use.Read : Use.Overwritten;

        if (operation is ILocalReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Local, local))
            return Use.Read;

        foreach (var child in operation.ChildOperations)
        {
            if (FirstUse(child, local) is not Use.None and var use)
                return use;
        }

        return Use.None;
    }
}
