namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether an expression or a delegate that yields a task starts work, or only hands out a task that runs already or needs nobody to run.</summary>
internal static class TaskStart
{
    private static readonly ImmutableHashSet<string> Finished = ["FromResult", "FromException", "FromCanceled", "Delay"];

    private static readonly ImmutableHashSet<string> Endings =
        ["CancelAsync", "Stop", "StopAsync", "Close", "CloseAsync", "DisposeAsync", "Shutdown", "ShutdownAsync", "DisconnectAsync", "WaitForExitAsync"];

    /// <summary>The work is a delegate that yields a task, or an expression that is one.</summary>
    public static bool IsStart(IOperation work, KnownSymbols known)
    {
        work = AssignedValues.Unwrap(work);
        return work switch
        {
            IDelegateCreationOperation creation => IsStart(creation.Target, known),
            IMethodReferenceOperation reference => !IsFinished(reference.Method, known),
            IAnonymousFunctionOperation { Symbol.IsAsync: true } lambda => !AwaitsOnlyTasksThatRun(lambda, known),
            IAnonymousFunctionOperation lambda => Results(lambda).Any(result => IsStart(result, known)),
            IInvocationOperation call => IsStartingCall(call, known),
            IConditionalOperation { WhenFalse: { } whenFalse } conditional => IsStart(conditional.WhenTrue, known) || IsStart(whenFalse, known),
            ICoalesceOperation coalesce => IsStart(coalesce.Value, known) || IsStart(coalesce.WhenNull, known),
            IConditionalAccessOperation access => IsStart(access.WhenNotNull, known),
            ISwitchExpressionOperation choice => choice.Arms.Any(arm => IsStart(arm.Value, known)),
            IAwaitOperation awaited => IsStart(awaited.Operation, known),
            ILocalReferenceOperation or IParameterReferenceOperation or IFieldReferenceOperation => work.Type is { TypeKind: TypeKind.Delegate },
            _ => false,
        };
    }

    /// <summary>What the function itself returns.</summary>
    public static IEnumerable<IOperation> Results(IAnonymousFunctionOperation function) =>
        Own(function.Body).OfType<IReturnOperation>().Select(static result => result.ReturnedValue).OfType<IOperation>();

    private static bool IsStartingCall(IInvocationOperation call, KnownSymbols known)
    {
        // What stops or closes was started before: there is no more of it than there was then.
        if (IsFinished(call.TargetMethod, known) || (call.Instance is not null and not IInstanceReferenceOperation && Endings.Contains(call.TargetMethod.Name)))
            return false;

        // WaitAsync, ContinueWith, AsTask, ConfigureAwait and Unwrap go on from a task: whether that is started here decides.
        var receiver = call.Instance ?? (call.TargetMethod.IsExtensionMethod ? call.Arguments.FirstOrDefault()?.Value : null);
        if (receiver is not null && receiver.Type.IsTaskOrValueTask(known))
            return IsStart(receiver, known);

        return !IsWait(call);
    }

    // Who waits for something does no work: any number of waits can go on, and to bound them can mean to wait for ever.
    private static bool IsWait(IInvocationOperation call) =>
        call.TargetMethod.Name is var name && name.StartsWith("Wait", StringComparison.Ordinal) && (name.Length == 4 || char.IsUpper(name[4]))
        && !call.Arguments.Any(static argument => argument.Value.Type is { TypeKind: TypeKind.Delegate });

    private static bool IsFinished(IMethodSymbol method, KnownSymbols known) =>
        Finished.Contains(method.Name) && method.ContainingType.IsTaskOrValueTask(known);

    // `async x => await x.Completion` starts nothing.
    private static bool AwaitsOnlyTasksThatRun(IAnonymousFunctionOperation lambda, KnownSymbols known)
    {
        var awaits = false;
        foreach (var operation in Own(lambda.Body))
        {
            switch (operation)
            {
                case IAwaitOperation awaited:
                    if (IsStart(awaited.Operation, known))
                        return false;
                    awaits = true;
                    break;
                case IForEachLoopOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true }:
                    return false;
            }
        }

        return awaits;
    }

    private static IEnumerable<IOperation> Own(IOperation operation)
    {
        yield return operation;
        foreach (var child in operation.ChildOperations)
        {
            if (child is IAnonymousFunctionOperation or ILocalFunctionOperation)
                continue;

            foreach (var inner in Own(child))
                yield return inner;
        }
    }
}
