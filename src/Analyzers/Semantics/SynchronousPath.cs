namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// <c>ReadCoreAsync(async: false)</c>: one body for the synchronous and the asynchronous method. Told so, it never awaits,
/// and its task is complete when it returns.
/// </summary>
internal static class SynchronousPath
{
    public static bool IsTaken(IOperation task)
    {
        task = AssignedValues.Unwrap(task);
        if (task is IInvocationOperation { TargetMethod.Name: "AsTask" or "ConfigureAwait", Instance: { } inner })
            task = AssignedValues.Unwrap(inner);

        if (task is not IInvocationOperation call)
            return false;

        foreach (var argument in call.Arguments)
        {
            if (argument is { Value.ConstantValue: { HasValue: true, Value: false }, Parameter.Name: var name } && name.IndexOf("async", StringComparison.OrdinalIgnoreCase) >= 0)
                return true;
        }

        return false;
    }
}
