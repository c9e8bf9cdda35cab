using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>How a lock stays taken.</summary>
internal enum LeakWay
{
    Thrown,

    /// <summary>The function is left.</summary>
    Left,

    /// <summary>A loop begins its next turn, which takes it again.</summary>
    NextTurn,
}

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
    private readonly int _start;
    private IOperation? _first;
    private IOperation? _firstCertain;
    private IOperation? _wayOut;
    private IOperation? _nextTurn;
    private bool _isReleased;

    private LockLeak(LockFlow flow, LockCall taken, int start)
    {
        _flow = flow;
        _taken = taken;
        _start = start;
    }

    /// <summary>The operation that can throw, or the way out, by which the lock stays taken; null where there is none.</summary>
    /// <remarks>
    /// A function that leaves with the lock while another gives it back hands it over. In between, only what is awaited
    /// and what is thrown by name counts: a plain call is no more likely to fail there than in the lines around it.
    /// </remarks>
    public static IOperation? Find(LockFlow flow, LockCall taken, Func<bool> isReleasedElsewhere, out LeakWay way)
    {
        way = LeakWay.Thrown;
        if (flow.InGraph(taken) is not { } call || flow.BlockOf(call) is not { } start)
            return null;

        var leak = new LockLeak(flow, call, start.Ordinal);
        leak.Search(start, call.Whole);
        while (leak._pending.Count > 0)
        {
            var block = leak._pending.Pop();
            if (leak._visited.Add(block.Ordinal) && flow.IsHeldAtEntry(call, block))
                leak.Search(block, null);
        }

        // Nothing that follows gives it back: what does stands in another branch, for another time.
        if (!leak._isReleased && !leak.ReachesRelease(LockFlow.Successors(start), after: -1))
            return null;

        if (leak._wayOut is not null && isReleasedElsewhere())
            return leak._firstCertain;

        way = leak._first is not null ? LeakWay.Thrown : leak._wayOut is not null ? LeakWay.Left : LeakWay.NextTurn;
        return leak._first ?? leak._wayOut ?? leak._nextTurn;
    }

    private void Search(BasicBlock block, IOperation? after)
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
            {
                _isReleased = true;
                return;
            }

            if ((_first is null || (_firstCertain is null && operation is IAwaitOperation)) && ThrowingOperations.CanThrow(operation) && !IsInHandler(block) && Escapes(block.EnclosingRegion))
                Add(operation, operation is IAwaitOperation);
        }

        foreach (var (branch, isConditional) in LockFlow.Successors(block))
        {
            if (branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow)
            {
                if (Escapes(block.EnclosingRegion))
                    Add(block.BranchValue ?? _taken.Call, isCertain: true);
            }
            else if (_flow.IsReleasedIn(branch.FinallyRegions, _taken))
            {
                _isReleased = true;
            }
            else if (branch.Destination is { } destination)
            {
                if (destination.Kind == BasicBlockKind.Exit && _flow.IsHeldAlong(_taken, block, isConditional))
                    _wayOut ??= block.BranchValue ?? _taken.Call;
                else if (_nextTurn is null && !_flow.IsHeldAtEntry(_taken, destination) && _flow.IsHeldAlong(_taken, block, isConditional) && TakesAndReleasesEachTurn(destination))
                    _nextTurn = block.BranchValue ?? _taken.Call;
                _pending.Push(destination);
            }
        }
    }

    // Where a turn that released it and one that didn't come together, before it is taken again. But `for (…) gate.Wait();` takes
    // as many permits as there are, and what follows that loop gives them back.
    private bool TakesAndReleasesEachTurn(BasicBlock meeting) =>
        Reaches(meeting, _start, first: 0, isReleaseInTheWay: true)
        && _flow.Graph.Blocks.Any(block => block.Ordinal >= _start && Releases(block) && Reaches(block, meeting.Ordinal, Math.Min(_start, meeting.Ordinal), isReleaseInTheWay: false));

    private bool Releases(BasicBlock block) => LockFlow.Operations(block).Any(operation => _flow.IsRelease(operation, _taken));

    // By way of blocks of that loop: those of the loops around it come before the first.
    private bool Reaches(BasicBlock from, int target, int first, bool isReleaseInTheWay)
    {
        var visited = new HashSet<int>();
        var pending = new Stack<BasicBlock>([from]);
        while (pending.Count > 0)
        {
            var block = pending.Pop();
            if (block.Ordinal == target)
                return true;

            if (!visited.Add(block.Ordinal) || (isReleaseInTheWay && Releases(block)))
                continue;

            foreach (var (branch, _) in LockFlow.Successors(block))
            {
                if (branch.Destination is { } next && next.Ordinal >= first && !(isReleaseInTheWay && _flow.IsReleasedIn(branch.FinallyRegions, _taken)))
                    pending.Push(next);
            }
        }

        return false;
    }

    private void Add(IOperation leak, bool isCertain)
    {
        _first ??= leak;
        if (isCertain)
            _firstCertain ??= leak;
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
                {
                    _isReleased = true;
                    return false;
                }

                if (handler.Kind == ControlFlowRegionKind.Catch && IsOfCancellation(handler) && ReachesRelease(handler))
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

    // Where the wait in between is cancelled, the lock is given back: whoever wrote that has thought of what can fail.
    private static bool IsOfCancellation(ControlFlowRegion handler) => handler.ExceptionType?.Name is "OperationCanceledException" or "TaskCanceledException";

    private bool Rethrows(ControlFlowRegion handler)
    {
        for (var ordinal = handler.FirstBlockOrdinal; ordinal <= handler.LastBlockOrdinal; ordinal++)
        {
            if (LockFlow.Successors(_flow.Graph.Blocks[ordinal]).Any(static successor => successor.Branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow))
                return true;
        }

        return false;
    }

    // Back before the lock was taken, it is taken anew.
    private bool ReachesRelease(ControlFlowRegion handler)
    {
        var first = _flow.Graph.Blocks[handler.FirstBlockOrdinal];
        return Releases(first) || ReachesRelease(LockFlow.Successors(first), _start);
    }

    private bool ReachesRelease(IEnumerable<(ControlFlowBranch Branch, bool IsConditional)> branches, int after)
    {
        var visited = new HashSet<int>();
        var pending = new Stack<ControlFlowBranch>(branches.Select(static one => one.Branch));
        while (pending.Count > 0)
        {
            var branch = pending.Pop();
            if (_flow.IsReleasedIn(branch.FinallyRegions, _taken))
                return true;

            if (branch.Destination is not { } block || block.Ordinal <= after || !visited.Add(block.Ordinal))
                continue;

            if (Releases(block))
                return true;

            foreach (var (next, _) in LockFlow.Successors(block))
                pending.Push(next);
        }

        return false;
    }
}
