using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether a lock that a function takes, and gives back in the usual course, stays taken when something between the two
/// throws, or when the function is left early: no finally gives it back, nor does a catch of everything.
/// </summary>
internal sealed class LockLeak
{
    private readonly LockFlow _flow;
    private readonly LockCall _taken;
    private readonly HashSet<int> _visited = [];
    private readonly Stack<BasicBlock> _pending = new();

    private LockLeak(LockFlow flow, LockCall taken)
    {
        _flow = flow;
        _taken = taken;
    }

    /// <summary>The operation that can throw, or the way out, by which the lock stays taken; null where there is none.</summary>
    public static IOperation? Find(LockFlow flow, LockCall taken, out bool isWayOut)
    {
        isWayOut = false;
        if (flow.InGraph(taken) is not { } call || flow.BlockOf(call.Call) is not { } start)
            return null;

        var leak = new LockLeak(flow, call);
        IOperation? wayOut = null;
        if (leak.Search(start, call.Whole, ref wayOut) is { } first)
            return first;

        while (leak._pending.Count > 0)
        {
            var block = leak._pending.Pop();
            if (leak._visited.Add(block.Ordinal) && flow.IsHeldAtEntry(call, block) && leak.Search(block, null, ref wayOut) is { } found)
                return found;
        }

        isWayOut = wayOut is not null;
        return wayOut;
    }

    private IOperation? Search(BasicBlock block, IOperation? after, ref IOperation? wayOut)
    {
        foreach (var operation in LockFlow.Operations(block))
        {
            if (after is not null)
            {
                if (operation == after)
                    after = null;
                continue;
            }

            if (_flow.IsRelease(operation, _taken))
                return null;

            if (ThrowingOperations.CanThrow(operation) && !IsInHandler(block) && Escapes(block.EnclosingRegion))
                return operation;
        }

        foreach (var (branch, _) in LockFlow.Successors(block))
        {
            if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            {
                if (Escapes(block.EnclosingRegion))
                    return block.BranchValue ?? _taken.Call;
            }
            else if (branch.Destination is { } destination && !_flow.IsReleasedIn(branch.FinallyRegions, _taken))
            {
                if (destination.Kind == BasicBlockKind.Exit && _flow.IsHeldAtEnd(_taken, block))
                    wayOut ??= block.BranchValue ?? _taken.Call;
                _pending.Push(destination);
            }
        }

        return null;
    }

    // What a handler does before it gives the lock back is taken to succeed.
    private static bool IsInHandler(BasicBlock block)
    {
        for (var region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.FilterAndHandler or ControlFlowRegionKind.Finally)
                return true;
        }

        return false;
    }

    // Outwards from where it is thrown: is there a handler that gives the lock back?
    private bool Escapes(ControlFlowRegion? region)
    {
        for (; region is not null; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } whole })
                continue;

            foreach (var handler in whole.NestedRegions)
            {
                if (handler == region)
                    continue;

                if (handler.Kind == ControlFlowRegionKind.Finally && _flow.IsReleasedIn([handler], _taken))
                    return false;

                if (handler.Kind == ControlFlowRegionKind.Catch && IsOfEverything(handler))
                {
                    if (ReachesRelease(handler))
                        return false;

                    if (!Rethrows(handler))
                        return true;
                }
            }
        }

        return true;
    }

    private static bool IsOfEverything(ControlFlowRegion handler) =>
        handler.ExceptionType is null or { SpecialType: SpecialType.System_Object } or { Name: "Exception", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } };

    private bool Rethrows(ControlFlowRegion handler)
    {
        for (var ordinal = handler.FirstBlockOrdinal; ordinal <= handler.LastBlockOrdinal; ordinal++)
        {
            if (LockFlow.Successors(_flow.Graph.Blocks[ordinal]).Any(static successor => successor.Branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow))
                return true;
        }

        return false;
    }

    private bool ReachesRelease(ControlFlowRegion handler)
    {
        var visited = new HashSet<int>();
        var pending = new Stack<BasicBlock>();
        pending.Push(_flow.Graph.Blocks[handler.FirstBlockOrdinal]);
        while (pending.Count > 0)
        {
            var block = pending.Pop();
            if (!visited.Add(block.Ordinal))
                continue;

            if (LockFlow.Operations(block).Any(operation => _flow.IsRelease(operation, _taken)))
                return true;

            foreach (var (branch, _) in LockFlow.Successors(block))
            {
                if (_flow.IsReleasedIn(branch.FinallyRegions, _taken))
                    return true;

                // Around a loop the lock is taken anew.
                if (branch.Destination is { } destination && destination.Ordinal > block.Ordinal)
                    pending.Push(destination);
            }
        }

        return false;
    }
}
