using System.Numerics;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Folds the duplicates of a list, by reference: a table of indexes, at a third of a hash set's memory.</summary>
internal static class DistinctReferences
{
    private const int FewEnoughToCompare = 8;

    /// <summary>Moves the first of each to the front, in order, and drops the rest.</summary>
    public static void Fold<T>(List<T> items)
        where T : class
    {
        var places = items.Count <= FewEnoughToCompare ? [] : new int[BitOperations.RoundUpToPowerOf2((uint)items.Count * 2)];
        var kept = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (places.Length == 0 ? !ContainsReference(items, kept, item) : TryAdd(places, items, kept, item))
                items[kept++] = item;
        }

        items.RemoveRange(kept, items.Count - kept);
    }

    private static bool ContainsReference<T>(List<T> items, int count, T item)
        where T : class
    {
        for (var i = 0; i < count; i++)
        {
            if (ReferenceEquals(items[i], item))
                return true;
        }

        return false;
    }

    // A place holds the index of an item, plus one. Twice as many places as items: one is always free.
    private static bool TryAdd<T>(int[] places, List<T> items, int index, T item)
        where T : class
    {
        var mask = places.Length - 1;
        for (var place = RuntimeHelpers.GetHashCode(item) & mask; ; place = (place + 1) & mask)
        {
            var there = places[place];
            if (there == 0)
            {
                places[place] = index + 1;
                return true;
            }

            if (ReferenceEquals(items[there - 1], item))
                return false;
        }
    }
}
