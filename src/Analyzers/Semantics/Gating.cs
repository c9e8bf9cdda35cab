namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Whether work waits at a gate before it begins: a semaphore, a rate limiter, a bulkhead or an executor bounds how
/// much of it runs together, however much of it is started.
/// </summary>
internal static class Gating
{
    private const int MaxDepth = 5;

    private static readonly string[] GateNames = ["Semaphore", "Limiter", "Throttl", "Bulkhead", "AsyncLock", "Mutex"];

    /// <summary>
    /// Whether the first thing that the work waits for is a gate, in itself or in a method of this compilation that it
    /// calls. The work is a delegate, or the expression that starts it.
    /// </summary>
    public static bool IsGated(IOperation work, KnownSymbols known, CancellationToken cancellationToken) =>
        IsGated(work, known, MaxDepth, cancellationToken);

    /// <summary>Whether the call takes a place at a gate, or runs what it is given behind one.</summary>
    public static bool IsGate(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.Name.StartsWith("Release", StringComparison.Ordinal) || method.Name.StartsWith("Dispose", StringComparison.Ordinal) || method.Name.StartsWith("get_", StringComparison.Ordinal))
            return false;

        var receiver = call.Instance?.Type ?? (method.IsExtensionMethod ? call.Arguments.FirstOrDefault()?.Value.Type : null) ?? method.ContainingType;
        for (var type = receiver; type is not null; type = type.BaseType)
        {
            if (IsGateType(type))
                return true;
        }

        return false;
    }

    private static bool IsGateType(ITypeSymbol type) =>
        Array.Exists(GateNames, name => type.Name.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0)
        || type.Name is "AsyncExecutor" or "ThreadExecutor" or "ProcessExecutor" or "ResiliencePolicy" or "ResiliencePipeline";

    private static bool IsGated(IOperation work, KnownSymbols known, int depth, CancellationToken cancellationToken)
    {
        work = AssignedValues.Unwrap(work);
        if (depth == 0)
            return false;

        switch (work)
        {
            case IDelegateCreationOperation creation:
                return IsGated(creation.Target, known, depth, cancellationToken);
            case IMethodReferenceOperation reference:
                return IsBodyGated(reference.Method, work, known, depth, cancellationToken);
            case ILocalReferenceOperation local when AssignedValues.Single(local.Local, AssignedValues.Root(local)) is { } value:
                return IsGated(value, known, depth - 1, cancellationToken);
            case IAnonymousFunctionOperation lambda:
                return BeginsGated(lambda.Body, known, depth, cancellationToken);
            default:
                return BeginsGated(work, known, depth, cancellationToken);
        }
    }

    private static bool IsBodyGated(IMethodSymbol method, IOperation caller, KnownSymbols known, int depth, CancellationToken cancellationToken) =>
        caller.SemanticModel is { } model
        && MethodBodies.Of(method, model, cancellationToken) is { } body
        && BeginsGated(body is ILocalFunctionOperation { Body: { } block } ? block : body, known, depth - 1, cancellationToken);

    // In the order of the text, the first call that is a gate or that starts something decides.
    private static bool BeginsGated(IOperation body, KnownSymbols known, int depth, CancellationToken cancellationToken)
    {
        foreach (var call in OwnCalls(body))
        {
            if (IsGate(call))
                return true;

            if (!call.Type.IsTaskOrValueTask(known) || call.TargetMethod.Name is "Yield" or "ConfigureAwait")
                continue;

            return call.Arguments.Any(argument => argument.Value is IDelegateCreationOperation && IsGated(argument.Value, known, depth - 1, cancellationToken))
                || HasSchedulerOfItsOwn(call)
                || IsBodyGated(call.TargetMethod, call, known, depth, cancellationToken);
        }

        return false;
    }

    // StartNew on a scheduler that was chosen: what other reason is there than to bound it?
    private static bool HasSchedulerOfItsOwn(IInvocationOperation call) => call.Arguments.Any(static argument =>
        argument is { ArgumentKind: ArgumentKind.Explicit, Parameter.Type.Name: "TaskScheduler" } && AssignedValues.Unwrap(argument.Value) is not IPropertyReferenceOperation { Property.Name: "Default" or "Current" });

    private static IEnumerable<IInvocationOperation> OwnCalls(IOperation operation)
    {
        if (operation is IInvocationOperation call)
        {
            // `F(x).ConfigureAwait(false)` and `await F(await G(x))`: what is called first stands further in.
            foreach (var inner in call.ChildOperations.SelectMany(OwnCalls))
                yield return inner;

            yield return call;
            yield break;
        }

        if (operation is IAnonymousFunctionOperation or ILocalFunctionOperation)
            yield break;

        foreach (var inner in operation.ChildOperations.SelectMany(OwnCalls))
            yield return inner;
    }
}
