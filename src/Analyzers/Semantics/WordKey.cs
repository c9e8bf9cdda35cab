namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A number for a word, made of its characters one after another (FNV-1a).</summary>
internal static class WordKey
{
    public const int Start = unchecked((int)2166136261);

    public static int Add(int key, char character) => unchecked((key ^ character) * 16777619);
}
