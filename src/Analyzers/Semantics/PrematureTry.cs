namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A lock that is taken inside the try whose finally gives it back: where taking it fails, what was never taken is given back.</summary>
internal static class PrematureTry
{
    /// <summary>Why the lock may not have been taken when the finally runs; null where it has, or where the finally asks.</summary>
    public static string? Around(LockCall taken, KnownSymbols known)
    {
        var inner = (IOperation)taken.Call;
        for (var current = inner.Parent; current is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation; inner = current, current = current.Parent)
        {
            if (current is not ITryOperation { Finally: { } last } attempt || attempt.Body != inner || !last.Operations.Any(statement => IsRelease(statement, taken, known)))
                continue;

            if (IsBehind(attempt.Body, taken, operation => LockCall.Of(operation, known) is { } other && Name(other) == Name(taken)))
                return null;

            if (taken.Step == LockStep.TryTake)
                return taken.Flag is null ? "is released by the finally also when it wasn't taken; take it before the try" : null;

            if (taken.Kind == LockKind.Semaphore && CanBeCancelled(taken.Call, known))
                return "is released by the finally also when waiting for it is cancelled; take it before the try";

            return IsBehind(attempt.Body, taken, ThrowingOperations.CanThrow) ? "is released by the finally also when something throws before it is taken; take it before the try" : null;
        }

        return null;
    }

    private static bool IsRelease(IOperation statement, LockCall taken, KnownSymbols known) =>
        statement is IExpressionStatementOperation { Operation: IInvocationOperation call } && LockCall.Of(call, known) is { Step: LockStep.Release } release && release.Kind == taken.Kind && Name(release) == Name(taken) && !IsOfCount(call);

    // limit.Release(taken): how many were taken has been counted.
    private static bool IsOfCount(IInvocationOperation release) =>
        release is { TargetMethod.Name: "Release", Arguments: [{ Value.ConstantValue.HasValue: false }] };

    private static string Name(LockCall call) => call.Lock.Syntax.ToString();

    private static bool IsBehind(IOperation body, LockCall taken, Func<IOperation, bool> isWanted) =>
        OwnOperations.Of(body).TakeWhile(operation => operation != taken.Call).Any(operation => !taken.Whole.Syntax.Span.Contains(operation.Syntax.Span) && isWanted(operation));

    private static bool CanBeCancelled(IInvocationOperation call, KnownSymbols known) => call.Arguments.Any(argument =>
        SymbolEqualityComparer.Default.Equals(argument.Value.Type, known.CancellationToken)
        && argument.ArgumentKind == ArgumentKind.Explicit
        && AssignedValues.Unwrap(argument.Value) is not (IDefaultValueOperation or IPropertyReferenceOperation { Property: { Name: "None", IsStatic: true } }));
}
