using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The concurrent regions that a member starts and what each changes, read once a member for all rules.</summary>
internal sealed class MemberRegions
{
    private static readonly ConditionalWeakTable<IOperation, MemberRegions> Members = new();

    private readonly List<(IOperation Operation, ConcurrentRegion Region)> _regions = [];
    private readonly ConcurrentDictionary<ConcurrentRegion, List<SharedChange>> _changes = new();
    private readonly ConcurrentDictionary<IBlockOperation, int[]> _joins = new();
    private readonly KnownSymbols _known;

    private MemberRegions(IOperation root, KnownSymbols known)
    {
        _known = known;
        foreach (var operation in root.Descendants())
        {
            if (operation is IInvocationOperation or IObjectCreationOperation)
            {
                foreach (var region in ConcurrentRegion.Of(operation, known))
                    _regions.Add((operation, region));
            }
        }
    }

    /// <summary>Of the member with that body.</summary>
    public static MemberRegions Of(IOperation root, KnownSymbols known) => Members.GetValue(root, one => new(one, known));

    public IEnumerable<ConcurrentRegion> StartedBy(IOperation operation)
    {
        foreach (var (start, region) in _regions)
        {
            if (start == operation)
                yield return region;
        }
    }

    public List<SharedChange> ChangesIn(ConcurrentRegion region, CancellationToken cancellationToken) =>
        _changes.TryGetValue(region, out var changes) ? changes : _changes.GetOrAdd(region, SharedChanges.ChangedIn(region, _known, cancellationToken));

    /// <summary>
    /// Why the change meets something, where it is for this region to report: no region that begins earlier in the
    /// member reports it. Null where it isn't.
    /// </summary>
    public string? ReasonToReport(ConcurrentRegion region, SharedChange change, CancellationToken cancellationToken)
    {
        if ((region.HasCopies ? region.Reason : ReasonOfOneRun(region, change, cancellationToken)) is not { } reason)
            return null;

        foreach (var (_, other) in _regions)
        {
            if (other.HasCopies && BeginsBefore(other, region) && ChangesIn(other, cancellationToken).Exists(one => one.Effect.Operation.Syntax == change.Effect.Operation.Syntax && one.Through is null == change.Through is null))
                return null;
        }

        return reason;
    }

    /// <summary>Whether the write is reported as one of concurrent code.</summary>
    public bool IsReported(IOperation write, CancellationToken cancellationToken) =>
        _regions.Exists(one => ChangesIn(one.Region, cancellationToken).Exists(change =>
            change.Through is null && change.Effect.Operation.Syntax == write.Syntax && ReasonToReport(one.Region, change, cancellationToken) is not null));

    // What runs once meets the code that started it, or other work that was started with it.
    private string? ReasonOfOneRun(ConcurrentRegion region, SharedChange change, CancellationToken cancellationToken)
    {
        var variable = change.Effect.Variable;
        if (change.Effect.Kind == EffectKind.Overwrite)
            return null;

        if (variable is ILocalSymbol or IParameterSymbol)
        {
            if (region.Siblings.IsEmpty ? StartedWorkOverlap.IsUsedMeanwhile(region.Start, variable) : region.Siblings.Any(sibling => Mentions(sibling, variable)))
                return region.Reason;
        }
        else if (change.Effect.Target is not IMemberReferenceOperation { Instance: null or IInstanceReferenceOperation })
        {
            return null;
        }

        foreach (var (_, other) in _regions)
        {
            if (!other.HasCopies && other.Code != region.Code
                && (ChangesIn(other, cancellationToken).Exists(one => SymbolEqualityComparer.Default.Equals(one.Effect.Variable, variable)) || HandsOnByReference(other.Code, variable))
                && (other.Start == region.Start || StartedWorkOverlap.IsBeside(region.Start, other.Start, block => _joins.GetOrAdd(block, StartedWorkOverlap.JoinsIn))))
            {
                return "another task that uses it was started with it";
            }
        }

        return null;
    }

    // Interlocked.Increment(ref count)
    private static bool HandsOnByReference(IOperation code, ISymbol variable) => code.DescendantsAndSelf().Any(operation =>
        operation is IArgumentOperation { Parameter.RefKind: RefKind.Ref, Value: var value } && SymbolEqualityComparer.Default.Equals(StateEffects.VariableOf(value), variable));

    private static bool Mentions(IOperation code, ISymbol variable) => code.DescendantsAndSelf().Any(operation => SymbolEqualityComparer.Default.Equals(
        operation is ILocalReferenceOperation local ? local.Local : (operation as IParameterReferenceOperation)?.Parameter, variable));

    private static bool BeginsBefore(ConcurrentRegion one, ConcurrentRegion other)
    {
        var begins = one.Code.Syntax.SpanStart.CompareTo(other.Code.Syntax.SpanStart);
        return begins < 0 || (begins == 0 && one.Start.Syntax.SpanStart < other.Start.Syntax.SpanStart);
    }
}
