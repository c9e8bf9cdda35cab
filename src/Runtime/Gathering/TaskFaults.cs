using System.Runtime.ExceptionServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Reads what ended a task, and makes tasks that have ended.</summary>
internal static class TaskFaults
{
    /// <summary>The exception of a faulted task, now observed: the one it holds, or all of them as an AggregateException.</summary>
    public static Exception FaultOf(Task task)
    {
        var all = task.Exception!;
        return all.InnerExceptions.Count == 1 ? all.InnerExceptions[0] : all;
    }

    /// <summary>The very exception that cancelled a task, as an await would throw it.</summary>
    public static OperationCanceledException CancellationOf(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            return e;
        }

        throw new InvalidOperationException("The task was not cancelled.");
    }

    /// <summary>A task that ended as an async method does that throws <paramref name="exception"/>: faulted, or cancelled and keeping the exception.</summary>
    public static Task<T> Throw<T>(Exception exception)
    {
        return exception is OperationCanceledException ? ThrowAsync(ExceptionDispatchInfo.Capture(exception)) : Task.FromException<T>(exception);

        // Task.FromCanceled would keep the token alone, and lose a message and an inner exception that say why.
        static async Task<T> ThrowAsync(ExceptionDispatchInfo exception)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            exception.Throw();
            return default!;
        }
    }

    /// <summary>A task faulted with all of <paramref name="faults"/>: an await throws the first.</summary>
    public static Task<T> ThrowAll<T>(IEnumerable<Exception> faults)
    {
        var source = new TaskCompletionSource<T>();
        source.SetException(faults);
        return source.Task;
    }

    /// <summary>Ends <paramref name="target"/> as <paramref name="task"/> ended, with all its exceptions.</summary>
    public static void Copy<T>(Task task, TaskCompletionSource<T> target)
    {
        if (task.IsCompletedSuccessfully)
            target.TrySetResult(task is Task<T> { Result: var result } ? result : default!);
        else if (task.IsFaulted)
            target.TrySetException(task.Exception!.InnerExceptions);
#if NET9_0_OR_GREATER
        else
            target.TrySetFromTask(task as Task<T> ?? Throw<T>(CancellationOf(task)));
#else
        else
            target.TrySetException(CancellationOf(task)); // The only way to keep what the exception says.
#endif
    }

    /// <summary>How a task that has ended did so.</summary>
    public static OutcomeStatus OutcomeStatus(this Task task) => task.Status switch
    {
        TaskStatus.RanToCompletion => Runtime.OutcomeStatus.Succeeded,
        TaskStatus.Canceled => Runtime.OutcomeStatus.Canceled,
        _ => Runtime.OutcomeStatus.Failed,
    };

    public static InvalidOperationException NullTask() => new("The work returned null where a task was due.");
}
