namespace ConcurrencyAnalyzers.TestKit;

/// <summary>Waits that a hang turns into a failure. The limit is no assertion about speed: nothing comes near it.</summary>
public static class BoundedWaits
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for a task, but not for ever.</summary>
    public static Task Bounded(this Task task) => task.WaitAsync(Limit);

    /// <inheritdoc cref="Bounded(Task)"/>
    public static Task<TResult> Bounded<TResult>(this Task<TResult> task) => task.WaitAsync(Limit);

    /// <summary>Waits until a task has ended, however it does.</summary>
    public static async Task EndedAsync(this Task task)
    {
        await Task.WhenAny(task).WaitAsync(Limit).ConfigureAwait(false);
        _ = task.Exception;
    }
}
