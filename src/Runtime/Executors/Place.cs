namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// A place in an executor, held by one item while it runs. Its members belong to the executor's core and its lock.
/// </summary>
/// <remarks>
/// A place knows which item submitted the one it holds, and how many of its own item's submissions have not ended: if that
/// is so for every place, nothing that runs can end before something that waits for a place, and the executor is deadlocked.
/// </remarks>
internal class Place(ExecutorCore core)
{
    public ExecutorCore Core { get; } = core;

    /// <summary>Whether the place outlives its item: a thread holds it, and takes further items.</summary>
    public virtual bool IsReusable => false;

    /// <summary>Set once the executor is shut down and has nothing more for a reusable place.</summary>
    public bool IsDismissed { get; set; }

    /// <summary>Counts the items that held this place, so that a reference from an earlier one is told apart.</summary>
    public int Generation { get; set; }

    /// <summary>The submissions of the present item, awaited as far as anyone knows, that have not ended.</summary>
    public int Children { get; set; }

    /// <summary>The item that submitted the present one, if it was work of the same executor.</summary>
    public ParentItem Parent { get; set; }
}

/// <summary>The item that holds a place now, told apart from those before and after it.</summary>
internal readonly record struct ParentItem(Place? Place, int Generation)
{
    public bool Runs => Place is not null && Place.Generation == Generation;
}
