namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// What is known at a point of the code, whichever way it was reached: which places hold a completed task, and which
/// places complete with which others (the members of a list with the list, the arguments of WhenAll with its task).
/// </summary>
internal sealed class CompletionFacts : IEquatable<CompletionFacts>
{
    public static readonly CompletionFacts None = new(ImmutableHashSet<string>.Empty, ImmutableHashSet<(string, string)>.Empty);

    private readonly ImmutableHashSet<string> _complete;
    private readonly ImmutableHashSet<(string Whole, string Part)> _parts;

    private CompletionFacts(ImmutableHashSet<string> complete, ImmutableHashSet<(string, string)> parts) => (_complete, _parts) = (complete, parts);

    public bool IsComplete(string path) =>
        _complete.Contains(path) || (path.IndexOf('[') >= 0 && _complete.Contains(TaskPath.Generalize(path)));

    /// <summary>The place is complete, and with it all that completes with it.</summary>
    public CompletionFacts Complete(string path)
    {
        var complete = _complete.Add(path);
        if (complete == _complete)
            return this;

        var facts = new CompletionFacts(complete, _parts);
        foreach (var (whole, part) in _parts)
        {
            if (whole == path)
                facts = facts.Complete(part);
        }

        return facts;
    }

    public CompletionFacts WithPart(string whole, string part) => new(_complete, _parts.Add((whole, part)));

    /// <summary>The place gets another value.</summary>
    public CompletionFacts Forget(string place)
    {
        var complete = _complete.Except(_complete.Where(path => TaskPath.IsWithin(path, place)));
        var parts = _parts.Except(_parts.Where(pair => TaskPath.IsWithin(pair.Whole, place) || TaskPath.IsWithin(pair.Part, place)));
        return complete == _complete && parts == _parts ? this : new(complete, parts);
    }

    /// <summary>The place's elements are others, or more, than they were.</summary>
    public CompletionFacts ForgetElements(string place, bool andMembers) =>
        new(_complete.Except(_complete.Where(path => TaskPath.IsWithin(path, place) && path != place)),
            andMembers ? _parts.Except(_parts.Where(pair => TaskPath.IsWithin(pair.Whole, place))) : _parts);

    /// <summary>What is known either way.</summary>
    public CompletionFacts Meet(CompletionFacts other) =>
        ReferenceEquals(this, other) ? this : new(_complete.Intersect(other._complete), _parts.Intersect(other._parts));

    public bool Equals(CompletionFacts? other) =>
        other is not null && _complete.SetEquals(other._complete) && _parts.SetEquals(other._parts);

    public override bool Equals(object? obj) => Equals(obj as CompletionFacts);

    public override int GetHashCode() => (_complete.Count * 31) + _parts.Count;
}
