using System.Diagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Sees to it that the fault of work nobody awaits is not lost.</summary>
/// <remarks>All members are safe for use by many threads.</remarks>
public static class TaskObservation
{
    /// <summary>
    /// Raised for each fault that no handler took: of an observed task without a handler of its own, of a handler that
    /// threw, of the second and later failures of a map, of outcomes and contenders that a cancellation takes down, and of callbacks (such as <see cref="IProgress{T}"/>) that threw.
    /// Without a subscriber, such faults go to <see cref="Trace"/> as errors.
    /// </summary>
    /// <remarks>Raised on a thread of the pool, or on the one that runs the callback. What a subscriber throws goes to <see cref="Trace"/>, and keeps no other subscriber from its turn.</remarks>
    public static event EventHandler<UnhandledFaultEventArgs>? UnhandledFault;

    /// <summary>
    /// Marks work that nobody awaits: its fault is handed to <paramref name="onFault"/>, or without one to
    /// <see cref="UnhandledFault"/>. A cancellation is no fault. Returns at once.
    /// </summary>
    /// <param name="task">The work; if it has ended already, all the same holds.</param>
    /// <param name="onFault">
    /// Called at most once, on a thread of the pool with the caller's execution context, with the task's exception; if the
    /// task holds several, with the <see cref="AggregateException"/>. What it throws goes to <see cref="UnhandledFault"/>.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public static void Observe(this Task task, Action<Exception>? onFault = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.IsCompletedSuccessfully || task.IsCanceled)
            return;
        _ = task.ContinueWith(
            static (task, onFault) => Handle(TaskFaults.FaultOf(task), (Action<Exception>?)onFault),
            onFault,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    /// <summary>As <see cref="Observe(Task, Action{Exception})"/>. The value task is used up by the call.</summary>
    /// <param name="task">The work.</param>
    /// <param name="onFault">Called at most once with the fault.</param>
    public static void Observe(this ValueTask task, Action<Exception>? onFault = null)
    {
        if (task.IsCompletedSuccessfully)
            task.GetAwaiter().GetResult(); // Gives a pooled source back.
        else
            task.AsTask().Observe(onFault);
    }

    /// <summary>As <see cref="Observe(Task, Action{Exception})"/>; the result is dropped. The value task is used up by the call.</summary>
    /// <param name="task">The work.</param>
    /// <param name="onFault">Called at most once with the fault.</param>
    public static void Observe<TResult>(this ValueTask<TResult> task, Action<Exception>? onFault = null)
    {
        if (task.IsCompletedSuccessfully)
            _ = task.GetAwaiter().GetResult(); // Gives a pooled source back.
        else
            task.AsTask().Observe(onFault);
    }

    /// <summary>Hands a fault to the subscribers, or to Trace. Never throws.</summary>
    internal static void Report(Exception fault)
    {
        if (UnhandledFault is not { } subscribers)
        {
            WriteToTrace(fault);
            return;
        }

        var args = new UnhandledFaultEventArgs(fault);
        foreach (var subscriber in subscribers.GetInvocationList())
        {
            try
            {
                ((EventHandler<UnhandledFaultEventArgs>)subscriber)(null, args);
            }
            catch (Exception e) // Nobody is left to tell but Trace.
            {
                WriteToTrace(e);
            }
        }
    }

    /// <summary>Reports what failed in an outcome that nobody will see.</summary>
    internal static void ReportLost<TSource, TResult>(Outcome<TSource, TResult> outcome)
    {
        if (outcome.Status == OutcomeStatus.Failed)
            Report(outcome.Exception!);
    }

    private static void Handle(Exception fault, Action<Exception>? onFault)
    {
        if (onFault is null)
        {
            Report(fault);
            return;
        }

        try
        {
            onFault(fault);
        }
        catch (Exception e) // A handler that throws changes nothing; its fault is reported in turn.
        {
            Report(e);
        }
    }

    private static void WriteToTrace(Exception fault)
    {
        try
        {
            Trace.TraceError("A fault that nothing handled: {0}", fault);
        }
        catch (Exception) // A listener that throws must not take the process down from a thread of the pool.
        {
        }
    }
}
