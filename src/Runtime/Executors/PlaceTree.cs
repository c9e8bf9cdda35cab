namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Which items run for which: counts the places whose item has submitted, to its own executor, something that has not ended.
/// Belongs to the lock of the executor's core.
/// </summary>
internal struct PlaceTree(int places)
{
    private int _waitingParents;

    /// <summary>Whether no place can fall free before something that waits for a place has run.</summary>
    public readonly bool IsDeadlocked => _waitingParents == places;

    /// <summary>The item of a place ends, and with it its claim on what it submitted.</summary>
    public void Leave(Place place)
    {
        place.Generation++;
        if (place.Children > 0)
            _waitingParents--;
        place.Children = 0;
        RemoveChild(place.Parent);
        place.Parent = default;
    }

    /// <summary>Something that the parent submitted runs or waits.</summary>
    public void AddChild(ParentItem parent)
    {
        if (parent.Runs && parent.Place!.Children++ == 0)
            _waitingParents++;
    }

    /// <summary>Something that the parent submitted has ended, or left the queue.</summary>
    public void RemoveChild(ParentItem parent)
    {
        if (parent.Runs && --parent.Place!.Children == 0)
            _waitingParents--;
    }
}
