namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Which functions mention the name of another one. For all mentions of a compilation, of which there are many: two arrays,
/// in which those of a name stand together, and no list for each name.
/// </summary>
internal sealed class FunctionMentions
{
    private readonly List<FunctionText> _functions;
    private readonly Dictionary<int, int> _places = [];
    private readonly int[] _ends;
    private readonly int[] _mentioning;

    public FunctionMentions(List<FunctionText> functions)
    {
        _functions = functions;
        foreach (var function in functions)
        {
            foreach (var name in function.Names)
            {
                if (!_places.ContainsKey(name))
                    _places.Add(name, _places.Count);
            }
        }

        var found = new List<(int Place, int Function)>();
        _ends = new int[_places.Count];
        for (var i = 0; i < functions.Count; i++)
        {
            // Who has no name, nobody calls.
            if (functions[i].Names.Count == 0)
                continue;

            foreach (var name in functions[i].Mentions)
            {
                if (_places.TryGetValue(name, out var place))
                {
                    found.Add((place, i));
                    _ends[place]++;
                }
            }
        }

        for (var place = 1; place < _ends.Length; place++)
            _ends[place] += _ends[place - 1];

        _mentioning = new int[found.Count];
        var next = (int[])_ends.Clone();
        foreach (var (place, function) in found)
            _mentioning[--next[place]] = function;
    }

    /// <summary>The functions that mention the name.</summary>
    public IEnumerable<FunctionText> Of(int name)
    {
        if (!_places.TryGetValue(name, out var place))
            yield break;

        for (var i = place == 0 ? 0 : _ends[place - 1]; i < _ends[place]; i++)
            yield return _functions[_mentioning[i]];
    }
}
