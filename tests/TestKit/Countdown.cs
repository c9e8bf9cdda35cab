namespace ConcurrencyAnalyzers.TestKit;

/// <summary>A gate that opens with the last of a number of signals.</summary>
public sealed class Countdown(int count)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = count;

    /// <summary>Ends with the last signal; fails when that doesn't come.</summary>
    public Task ReachedAsync() => _reached.Task.Bounded();

    /// <summary>Counts one; more signals than expected change nothing.</summary>
    public void Signal()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _reached.SetResult();
    }
}
