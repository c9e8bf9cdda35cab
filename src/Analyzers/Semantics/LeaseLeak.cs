namespace ConcurrencyAnalyzers.Semantics;

/// <summary>A lease of a rate limiter that is disposed in the usual course, but not when something throws. One that is never disposed is another mistake.</summary>
internal static class LeaseLeak
{
    public static bool IsLeaked(IInvocationOperation acquisition, KnownSymbols known)
    {
        if (known.RateLimitLease is not { } lease
            || LockCall.WholeOf(acquisition) is not { Parent: IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } }
            || !SymbolEqualityComparer.Default.Equals(declarator.Symbol.Type, lease)
            || declarator.Parent?.Parent?.Parent is IUsingDeclarationOperation || declarator.Parent?.Parent is IUsingOperation)
        {
            return false;
        }

        var function = FunctionGraph.FunctionAround(acquisition);
        IOperation? disposal = null;
        var root = AssignedValues.Root(acquisition);
        foreach (var reference in AssignedValues.References(declarator.Symbol, root))
        {
            if (FunctionGraph.FunctionAround(reference) != function)
                return false;

            switch (reference.Parent)
            {
                case IInvocationOperation { TargetMethod.Name: "Dispose" } call when call.Instance == reference:
                    if (disposal is not null || IsInHandler(call))
                        return false;
                    disposal = call;
                    break;
                case IPropertyReferenceOperation:
                case IInvocationOperation invocation when invocation.Instance == reference:
                    break;
                default:
                    return false;
            }
        }

        return disposal is not null && (function ?? root).Descendants().Any(operation =>
            operation.Syntax.SpanStart > declarator.Syntax.Span.End && operation.Syntax.Span.End < disposal.Syntax.SpanStart
            && FunctionGraph.FunctionAround(operation) == function && ThrowingOperations.CanThrow(operation));
    }

    private static bool IsInHandler(IOperation operation)
    {
        var inner = operation;
        for (var current = operation.Parent; current is not null; inner = current, current = current.Parent)
        {
            if (current is ICatchClauseOperation || (current is ITryOperation attempt && attempt.Finally == inner))
                return true;
        }

        return false;
    }
}
