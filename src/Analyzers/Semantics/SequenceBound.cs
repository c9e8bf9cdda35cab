namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// How many elements a sequence can have, as far as the code says: a constant, a number that somebody chose (a worker
/// count, a page size, the length of a literal), or as many as the data has.
/// </summary>
internal readonly struct SequenceBound
{
    private readonly long _count;

    private SequenceBound(Kind kind, long count = 0) => (Size, _count) = (kind, count);

    private enum Kind
    {
        Unknown,
        Limited,
        Constant,
    }

    /// <summary>As many as the data has.</summary>
    public static SequenceBound Unknown => default;

    /// <summary>A number that was chosen, whatever it is.</summary>
    public static SequenceBound Limited => new(Kind.Limited);

    public bool IsUnknown => Size == Kind.Unknown;

    /// <summary>The constant count, where there is one.</summary>
    public long? Count => Size == Kind.Constant ? _count : null;

    private Kind Size { get; }

    public static SequenceBound Constant(long count) => new(Kind.Constant, count);

    /// <summary>Whether at most that many elements come, or a number that was chosen with care.</summary>
    public bool IsAtMost(int threshold) => Size == Kind.Limited || (Size == Kind.Constant && _count <= threshold);

    /// <summary>The smaller of two bounds.</summary>
    public SequenceBound Min(SequenceBound other)
    {
        if (IsUnknown)
            return other;

        if (other.IsUnknown)
            return this;

        return Size == Kind.Constant && other.Size == Kind.Constant ? Constant(Math.Min(_count, other._count)) : Limited;
    }

    /// <summary>The larger of two bounds.</summary>
    public SequenceBound Max(SequenceBound other) => Combine(other, static (left, right) => Math.Max(left, right));

    public SequenceBound Plus(SequenceBound other) => Combine(other, static (left, right) => left + right);

    public SequenceBound Times(SequenceBound other) => Combine(other, static (left, right) => left * right);

    private SequenceBound Combine(SequenceBound other, Func<long, long, long> combine)
    {
        if (IsUnknown || other.IsUnknown)
            return Unknown;

        if (Size == Kind.Constant && other.Size == Kind.Constant)
            return Constant(combine(_count, other._count));

        return Limited;
    }
}
