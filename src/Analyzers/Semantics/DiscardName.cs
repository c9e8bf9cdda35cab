namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Locals that are named like discards: <c>var _ = …</c>, <c>var __ = …</c>.</summary>
internal static class DiscardName
{
    public static bool Is(ILocalSymbol local)
    {
        foreach (var character in local.Name)
        {
            if (character != '_')
                return false;
        }

        return true;
    }
}
