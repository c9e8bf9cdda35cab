using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Which locks that a function takes by hand are held where, on the function's control-flow graph: those that are held
/// on every path. A finally that gives a lock back counts as doing so, whatever condition it does it under.
/// </summary>
internal sealed class LockFlow
{
    private const int MaxLocks = 64;

    // A function that takes locks in a thousand places is looked at once. The compiler keeps the graph while it analyses the function.
    private static readonly ConditionalWeakTable<ControlFlowGraph, LockFlow> Flows = new();

    private readonly ControlFlowGraph _graph;
    private readonly KnownSymbols _known;
    private readonly TaskPath _paths;
    private readonly Dictionary<CaptureId, IOperation> _captures = [];
    private readonly Dictionary<SyntaxNode, (LockCall Call, ulong Lock)> _calls = [];
    private readonly Dictionary<SyntaxNode, BasicBlock> _blocks = [];
    private readonly List<(LockCall Call, ulong Lock)> _attempts = [];
    private readonly Dictionary<ILocalSymbol, ulong> _flags = new(SymbolEqualityComparer.Default);
    private readonly List<string> _locks = [];
    private readonly List<(LockCall Call, ulong Lock)>?[] _steps;
    private readonly ulong[] _releases;
    private readonly ulong[] _entry;
    private readonly bool[] _isReached;

    private LockFlow(ControlFlowGraph graph, KnownSymbols known)
    {
        _graph = graph;
        _known = known;
        _paths = new TaskPath(known);
        _steps = new List<(LockCall, ulong)>?[graph.Blocks.Length];
        _releases = new ulong[graph.Blocks.Length];
        _entry = new ulong[graph.Blocks.Length];
        _isReached = new bool[graph.Blocks.Length];
        FindCalls();
        Run();
    }

    /// <summary>The flow of the function around the operation; null where it has no graph. It is dear: ask last.</summary>
    public static LockFlow? Around(IOperation operation, OperationAnalysisContext context, KnownSymbols known) =>
        FunctionGraph.Around(operation, context) is { } graph ? Flows.GetValue(graph, one => new LockFlow(one, known)) : null;

    public ControlFlowGraph Graph => _graph;

    /// <summary>The calls of the function that take a lock or give one back.</summary>
    public IEnumerable<LockCall> Calls => _calls.Values.Select(static one => one.Call);

    /// <summary>The call that took a lock which is held when the operation runs; null where none is.</summary>
    public LockCall? HeldAt(IOperation operation)
    {
        foreach (var block in _graph.Blocks)
        {
            if (!_isReached[block.Ordinal])
                continue;

            var held = _entry[block.Ordinal];
            foreach (var one in Operations(block))
            {
                if (one.Syntax == operation.Syntax && one.Kind == operation.Kind)
                    return held == 0 ? null : _calls.Values.FirstOrDefault(call => call.Call.Step != LockStep.Release && (call.Lock & held) != 0).Call;

                held = After(one, held);
            }
        }

        return null;
    }

    /// <summary>The first operation of the kind that runs between that taking of a lock and giving it back.</summary>
    public IOperation? FirstUnder(LockCall taken, Func<IOperation, bool> isWanted)
    {
        if (!_calls.TryGetValue(taken.Call.Syntax, out var call) || BlockOf(call.Call) is not { } start)
            return null;

        var visited = new HashSet<int>();
        var pending = new Stack<BasicBlock>();
        if (Search(start, taken.Call.Syntax) is { } first)
            return first;

        while (pending.Count > 0)
        {
            var block = pending.Pop();
            if (visited.Add(block.Ordinal) && _isReached[block.Ordinal] && (_entry[block.Ordinal] & call.Lock) != 0 && Search(block, null) is { } found)
                return found;
        }

        return null;

        IOperation? Search(BasicBlock block, SyntaxNode? after)
        {
            var held = _entry[block.Ordinal];
            var isAfter = after is null;
            foreach (var operation in Operations(block))
            {
                if (isAfter && (held & call.Lock) != 0 && isWanted(operation))
                    return operation;

                held = After(operation, held);
                if (isAfter && Released(operation) == call.Lock)
                    return null;

                isAfter |= operation.Syntax == after && operation is IInvocationOperation;
            }

            foreach (var (branch, _) in Successors(block))
            {
                if (branch.Destination is { } destination)
                    pending.Push(destination);
                foreach (var region in branch.FinallyRegions)
                    pending.Push(_graph.Blocks[region.FirstBlockOrdinal]);
            }

            foreach (var handler in HandlersOf(block))
                pending.Push(handler);

            return null;
        }
    }

    /// <summary>The same call as it stands in the graph.</summary>
    public LockCall? InGraph(LockCall call) => _calls.TryGetValue(call.Call.Syntax, out var found) ? found.Call : null;

    /// <summary>The block that takes the lock, or gives it back; null where it is never reached.</summary>
    public BasicBlock? BlockOf(LockCall call) => _blocks.TryGetValue(call.Call.Syntax, out var block) && _isReached[block.Ordinal] ? block : null;

    /// <summary>Whether the lock that the call takes is held, on every path, where the block begins.</summary>
    public bool IsHeldAtEntry(LockCall taken, BasicBlock block) =>
        _isReached[block.Ordinal] && (_entry[block.Ordinal] & _calls[taken.Call.Syntax].Lock) != 0;

    /// <summary>Whether the lock is still held where the block is left for that successor.</summary>
    public bool IsHeldAlong(LockCall taken, BasicBlock block, bool isConditional) =>
        _isReached[block.Ordinal] && (Along(block, isConditional, AtEnd(block)) & _calls[taken.Call.Syntax].Lock) != 0;

    /// <summary>Whether the operation gives back the lock that the call takes.</summary>
    public bool IsRelease(IOperation operation, LockCall taken) => Released(operation) is var released and not 0 && released == _calls[taken.Call.Syntax].Lock;

    public bool IsReleasedIn(ImmutableArray<ControlFlowRegion> regions, LockCall taken) => (ReleasedIn(regions) & _calls[taken.Call.Syntax].Lock) != 0;

    /// <summary>The operations of a block in the order in which they run, those inside others first; delegates aside.</summary>
    public static IEnumerable<IOperation> Operations(BasicBlock block) =>
        (block.BranchValue is { } value ? block.Operations.Add(value) : block.Operations).SelectMany(OwnOperations.Of);

    public static IEnumerable<(ControlFlowBranch Branch, bool IsConditional)> Successors(BasicBlock block)
    {
        if (block.ConditionalSuccessor is { } conditional)
            yield return (conditional, true);
        if (block.FallThroughSuccessor is { } fallThrough)
            yield return (fallThrough, false);
    }

    private IEnumerable<BasicBlock> HandlersOf(BasicBlock block)
    {
        for (var region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region is { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } whole })
            {
                foreach (var handler in whole.NestedRegions)
                {
                    if (handler != region)
                        yield return _graph.Blocks[handler.FirstBlockOrdinal];
                }
            }
        }
    }

    private void FindCalls()
    {
        foreach (var block in _graph.Blocks)
        {
            foreach (var operation in Operations(block))
            {
                if (operation is IFlowCaptureOperation capture)
                    _captures[capture.Id] = capture.Value;
                else if (LockCall.Of(operation, _known) is { } call && LockBit(call) is var bit and not 0)
                    Add(call, bit, block);
            }
        }
    }

    private void Add(LockCall call, ulong bit, BasicBlock block)
    {
        _calls[call.Call.Syntax] = (call, bit);
        if (!_blocks.ContainsKey(call.Call.Syntax))
            _blocks.Add(call.Call.Syntax, block);
        (_steps[block.Ordinal] ??= []).Add((call, bit));
        if (call.Step == LockStep.Release)
            _releases[block.Ordinal] |= bit;
        else if (call.Step == LockStep.TryTake)
            _attempts.Add((call, bit));
        if (call.Flag is { } flag)
            _flags[flag] = bit;
        else if (call.Step == LockStep.TryTake && call.Whole.Parent is ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var result } })
            _flags[result] = bit;
    }

    private ulong LockBit(LockCall call)
    {
        var target = call.Lock is IFlowCaptureReferenceOperation reference && _captures.TryGetValue(reference.Id, out var captured) ? captured : call.Lock;
        var name = (_paths.Of(target) ?? target.Syntax.ToString()) + (call.Kind is LockKind.ReadLock or LockKind.UpgradeableLock or LockKind.WriteLock ? call.Kind.ToString() : "");
        var index = _locks.IndexOf(name);
        if (index < 0)
        {
            index = _locks.Count;
            _locks.Add(name);
        }

        return index < MaxLocks ? 1UL << index : 0;
    }

    private void Run()
    {
        var work = new Queue<BasicBlock>();
        Enter(_graph.Blocks[0], 0, work);

        // Ever fewer locks are held at a block's entry, so this ends.
        while (work.Count > 0)
        {
            var block = work.Dequeue();
            EnterHandlers(block, _entry[block.Ordinal], work);
            var held = AtEnd(block);

            foreach (var (branch, isConditional) in Successors(block))
            {
                if (branch.Destination is { } destination)
                    Enter(destination, Along(block, isConditional, held) & ~ReleasedIn(branch.FinallyRegions), work);
            }
        }
    }

    private void Enter(BasicBlock block, ulong held, Queue<BasicBlock> work)
    {
        var met = _isReached[block.Ordinal] ? _entry[block.Ordinal] & held : held;
        if (_isReached[block.Ordinal] && met == _entry[block.Ordinal])
            return;

        _isReached[block.Ordinal] = true;
        _entry[block.Ordinal] = met;
        work.Enqueue(block);
    }

    // A handler can be reached from anywhere in its try: what was held before, and isn't given back in it, is held.
    private void EnterHandlers(BasicBlock block, ulong held, Queue<BasicBlock> work)
    {
        for (var region = block.EnclosingRegion; region is not null && region.FirstBlockOrdinal == block.Ordinal; region = region.EnclosingRegion)
        {
            if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } whole })
                continue;

            foreach (var handler in whole.NestedRegions)
            {
                if (handler != region)
                    Enter(_graph.Blocks[handler.FirstBlockOrdinal], held & ~ReleasedIn([region]), work);
            }
        }
    }

    private ulong Along(BasicBlock block, bool isConditional, ulong held)
    {
        if (block.BranchValue is not { } value || block.ConditionKind == ControlFlowConditionKind.None)
            return held;

        var isTrue = isConditional == (block.ConditionKind == ControlFlowConditionKind.WhenTrue);
        if (AssignedValues.Unwrap(value) is ILocalReferenceOperation { Local: var local } && _flags.TryGetValue(local, out var flagged))
            return isTrue ? held | flagged : held & ~flagged;

        if (!isTrue)
            return held;

        foreach (var (call, bit) in _attempts)
        {
            if (call.Whole == value)
                held |= bit;
        }

        return held;
    }

    private ulong AtEnd(BasicBlock block)
    {
        var held = _entry[block.Ordinal];
        foreach (var (call, bit) in _steps[block.Ordinal] ?? [])
            held = After(call, bit, held);

        return held;
    }

    private ulong After(IOperation operation, ulong held) =>
        operation is IInvocationOperation && _calls.TryGetValue(operation.Syntax, out var call) && call.Call.Call == operation ? After(call.Call, call.Lock, held) : held;

    private static ulong After(LockCall call, ulong bit, ulong held) => call.Step switch
    {
        LockStep.Take => held | bit,
        LockStep.Release => held & ~bit,
        _ => held,
    };

    private ulong Released(IOperation operation) =>
        operation is IInvocationOperation && _calls.TryGetValue(operation.Syntax, out var call) && call.Call.Call == operation && call.Call.Step == LockStep.Release ? call.Lock : 0;

    private ulong ReleasedIn(ImmutableArray<ControlFlowRegion> regions)
    {
        var released = 0UL;
        foreach (var region in regions)
        {
            for (var ordinal = region.FirstBlockOrdinal; ordinal <= region.LastBlockOrdinal; ordinal++)
                released |= _releases[ordinal];
        }

        return released;
    }
}
