namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// What is known at a point of the code, whichever way it was reached: which places hold a completed task, which
/// hold none, and which places complete with which others (the members of a list with the list, the arguments of WhenAll
/// with its task).
/// </summary>
internal sealed class CompletionFacts : IEquatable<CompletionFacts>
{
    public static readonly CompletionFacts None = new(ImmutableHashSet<string>.Empty, ImmutableHashSet<string>.Empty, ImmutableHashSet<(string, string)>.Empty);

    private readonly ImmutableHashSet<string> _complete;
    private readonly ImmutableHashSet<string> _absent;
    private readonly ImmutableHashSet<(string Whole, string Part)> _parts;

    private CompletionFacts(ImmutableHashSet<string> complete, ImmutableHashSet<string> absent, ImmutableHashSet<(string, string)> parts) =>
        (_complete, _absent, _parts) = (complete, absent, parts);

    public bool IsComplete(string path) =>
        _complete.Contains(path) || (path.IndexOf('[') >= 0 && _complete.Contains(TaskPath.Generalize(path)));

    /// <summary>The place is complete, and with it all that completes with it.</summary>
    public CompletionFacts Complete(string path)
    {
        var complete = _complete.Add(path);
        if (complete == _complete)
            return this;

        var facts = new CompletionFacts(complete, _absent.Remove(path), _parts);
        foreach (var (whole, part) in _parts)
        {
            if (whole == path)
                facts = facts.Complete(part);
        }

        return facts;
    }

    /// <summary>The place holds null: there, nothing is waited for.</summary>
    public CompletionFacts Absent(string path) => new(_complete.Remove(path), _absent.Add(path), _parts);

    public CompletionFacts WithPart(string whole, string part) => new(_complete, _absent, _parts.Add((whole, part)));

    /// <summary>The place gets another value.</summary>
    public CompletionFacts Forget(string place)
    {
        var complete = _complete.Except(_complete.Where(path => TaskPath.IsWithin(path, place)));
        var absent = _absent.Except(_absent.Where(path => TaskPath.IsWithin(path, place)));
        var parts = _parts.Except(_parts.Where(pair => TaskPath.IsWithin(pair.Whole, place) || TaskPath.IsWithin(pair.Part, place)));
        return complete == _complete && absent == _absent && parts == _parts ? this : new(complete, absent, parts);
    }

    /// <summary>The place's elements are others, or more, than they were.</summary>
    public CompletionFacts ForgetElements(string place, bool andMembers) =>
        new(_complete.Except(_complete.Where(path => TaskPath.IsWithin(path, place) && path != place)),
            _absent,
            andMembers ? _parts.Except(_parts.Where(pair => TaskPath.IsWithin(pair.Whole, place))) : _parts);

    /// <summary>What is known either way: a place that is complete one way and holds nothing the other is complete, and a part of whatever it was a part of.</summary>
    public CompletionFacts Meet(CompletionFacts other) => ReferenceEquals(this, other)
        ? this
        : new(
            [.. _complete.Where(path => other._complete.Contains(path) || other._absent.Contains(path)), .. other._complete.Where(_absent.Contains)],
            _absent.Intersect(other._absent),
            [.. _parts.Where(other.Admits), .. other._parts.Where(Admits)]);

    public bool Equals(CompletionFacts? other) =>
        other is not null && _complete.SetEquals(other._complete) && _absent.SetEquals(other._absent) && _parts.SetEquals(other._parts);

    public override bool Equals(object? obj) => Equals(obj as CompletionFacts);

    public override int GetHashCode() => (((_complete.Count * 31) + _absent.Count) * 31) + _parts.Count;

    private bool Admits((string Whole, string Part) pair) => _parts.Contains(pair) || _complete.Contains(pair.Part) || _absent.Contains(pair.Part);
}
