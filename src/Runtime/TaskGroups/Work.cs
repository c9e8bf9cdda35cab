namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How user code that returns a task begins and ends.</summary>
internal static class Work
{
    /// <summary>Calls a delegate for a task. What it throws itself, or a null, comes back as a faulted task.</summary>
    public static TTask Start<TArgument, TTask>(Func<TArgument, TTask?> work, TArgument argument, Func<Exception, TTask> faulted)
        where TTask : Task
    {
        try
        {
            return work(argument) ?? faulted(TaskFaults.NullTask());
        }
        catch (Exception error)
        {
            return faulted(error);
        }
    }

    /// <summary>Every exception of a task that has ended, and the one that a cancelled task shows only to those who await it.</summary>
    public static IReadOnlyList<Exception> ErrorsOf(Task ended)
    {
        if (ended.IsCompletedSuccessfully)
            return [];
        return ended.Exception is { } errors ? errors.InnerExceptions : [TaskFaults.CancellationOf(ended)];
    }

    /// <summary>Looks at the faults of a task that nobody will await, once it ends.</summary>
    public static void Observe(Task task) => task.ContinueWith(
        static ended => _ = ended.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
