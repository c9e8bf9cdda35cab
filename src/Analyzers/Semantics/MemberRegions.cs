using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The concurrent regions that a member starts and what each changes, read once a member for all rules.</summary>
internal sealed class MemberRegions
{
    private static readonly ConditionalWeakTable<IOperation, MemberRegions> Members = new();

    private readonly List<(IOperation Operation, ConcurrentRegion Region)> _regions = [];
    private readonly ConcurrentDictionary<ConcurrentRegion, List<SharedChange>> _changes = new();
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
    /// Whether the change is for this region to report: it meets something there, and no region that begins earlier in
    /// the member reports it.
    /// </summary>
    public bool IsReportedBy(ConcurrentRegion region, SharedChange change, CancellationToken cancellationToken)
    {
        var variable = change.Effect.Variable;
        if (!region.HasCopies)
        {
            if (change.Effect.Kind == EffectKind.Overwrite || variable is not (ILocalSymbol or IParameterSymbol))
                return false;

            var meets = region.Siblings.IsEmpty
                ? StartedWorkOverlap.IsUsedMeanwhile(region.Start, variable)
                : region.Siblings.Any(sibling => sibling.DescendantsAndSelf().Any(operation => SymbolEqualityComparer.Default.Equals(operation is ILocalReferenceOperation local ? local.Local : (operation as IParameterReferenceOperation)?.Parameter, variable)));
            if (!meets)
                return false;
        }

        foreach (var (_, other) in _regions)
        {
            if (other.HasCopies && BeginsBefore(other, region) && ChangesIn(other, cancellationToken).Exists(one => one.Effect.Operation.Syntax == change.Effect.Operation.Syntax && one.Through is null == change.Through is null))
                return false;
        }

        return true;
    }

    private static bool BeginsBefore(ConcurrentRegion one, ConcurrentRegion other)
    {
        var begins = one.Code.Syntax.SpanStart.CompareTo(other.Code.Syntax.SpanStart);
        return begins < 0 || (begins == 0 && one.Start.Syntax.SpanStart < other.Start.Syntax.SpanStart);
    }
}
