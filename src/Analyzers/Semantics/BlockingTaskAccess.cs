namespace ConcurrencyAnalyzers.Semantics;

/// <summary>An access that blocks the thread until a task is complete.</summary>
internal readonly struct BlockingTaskAccess(IOperation task, string name)
{
    /// <summary>What is waited for: the task, or the call of WaitAll or WaitAny with its tasks.</summary>
    public IOperation Task { get; } = task;

    /// <summary>As a message names it, such as <c>Task.Result</c>.</summary>
    public string Name { get; } = name;

    /// <summary><c>task.Result</c>, of a Task or ValueTask.</summary>
    public static BlockingTaskAccess? Of(IPropertyReferenceOperation property, KnownSymbols known) =>
        property is { Property.Name: "Result", Instance: { } task } && task.Type.IsTaskOrValueTask(known)
            ? new(task, task.Type!.Name + ".Result")
            : null;

    /// <summary>
    /// <c>Wait(…)</c>, <c>GetAwaiter().GetResult()</c> (also behind ConfigureAwait), <c>Task.WaitAll</c>,
    /// <c>Task.WaitAny</c> and <c>RunSynchronously</c>. With a timeout of zero they only ask, and don't block.
    /// </summary>
    public static BlockingTaskAccess? Of(IInvocationOperation invocation, KnownSymbols known)
    {
        var method = invocation.TargetMethod;
        switch (method.Name)
        {
            case "Wait" when invocation.Instance is { } task && method.ContainingType.IsTask(known) && !ZeroTimeout.IsGiven(invocation, known):
                return new(task, "Task.Wait");
            case "GetResult" when invocation is { Instance: IInvocationOperation { TargetMethod.Name: "GetAwaiter" } awaiter, Arguments.IsEmpty: true } && AwaitedTask(awaiter, known) is { } task:
                return new(task, "GetAwaiter().GetResult()");
            case "WaitAll" or "WaitAny" when method is { IsStatic: true } && method.ContainingType.IsTask(known) && !ZeroTimeout.IsGiven(invocation, known):
                return new(invocation, "Task." + method.Name);
            case "RunSynchronously" when invocation.Instance is { } task && method.ContainingType.IsTask(known):
                return new(task, "Task.RunSynchronously");
            default:
                return null;
        }
    }

    // The task behind `task.GetAwaiter()` and `task.ConfigureAwait(false).GetAwaiter()`.
    private static IOperation? AwaitedTask(IInvocationOperation getAwaiter, KnownSymbols known)
    {
        var awaited = getAwaiter.Instance;
        if (awaited is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured })
            awaited = configured;

        return awaited?.Type.IsTaskOrValueTask(known) == true ? awaited : null;
    }
}
