namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The CancellationToken that a call should be given, because what it belongs to waits for the call.</summary>
internal static class TokenInScope
{
    /// <summary>
    /// As the code would write it; null where there is none, or where the one there is belongs to a call that may be over
    /// when the operation runs: a function that nothing awaits, where it stands or where it is called, may outlive what made it.
    /// Nor is the object's token for a channel that the object completes: what it still holds would be lost.
    /// </summary>
    public static string? For(IOperation operation, ISymbol containingSymbol, KnownSymbols known)
    {
        var function = AsyncContext.InnermostFunction(operation, containingSymbol);
        if (TimeoutSource(operation, known) is { } source)
            return source.Name + ".Token";

        if (ValueInScope.TokenSymbol(operation.SemanticModel!, operation.Syntax.SpanStart, known) is not { } token)
            return null;

        var isOfCall = token is ILocalSymbol or IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: not MethodKind.Constructor } };
        if (!isOfCall && CompletedChannel.IsUsedBy(operation, containingSymbol.ContainingType, token.Name))
            return null;

        return !isOfCall || SymbolEqualityComparer.Default.Equals(token.ContainingSymbol, function) || AwaitedFunction.IsOver(operation, token, known)
            ? ValueInScope.Write(token)
            : null;
    }

    // `using var timeout = new CancellationTokenSource(limit);` of the same function is there for what follows.
    private static ILocalSymbol? TimeoutSource(IOperation operation, KnownSymbols known)
    {
        ILocalSymbol? found = null;
        for (var current = operation.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            var locals = current switch
            {
                IBlockOperation block => block.Locals,
                IUsingOperation used => used.Locals,
                _ => [],
            };
            foreach (var local in locals)
            {
                if (!SymbolEqualityComparer.Default.Equals(local.Type, known.CancellationTokenSource) || !HasTimeout(local, operation))
                    continue;

                if (found is not null)
                    return null;
                found = local;
            }
        }

        return found;
    }

    private static bool HasTimeout(ILocalSymbol local, IOperation operation)
    {
        // One that a delegate watches as well times that delegate.
        var hasTimeout = false;
        var function = FunctionGraph.FunctionAround(operation);
        foreach (var mention in VariableMentions.Of(local, operation))
        {
            if (FunctionGraph.FunctionAround(mention) != function)
                return false;

            if (mention.Syntax.Span.End > operation.Syntax.SpanStart)
                continue;
            if (IsOver(mention, operation))
                return false;

            hasTimeout |= mention switch
            {
                IVariableDeclaratorOperation declarator => AssignedValues.UnwrapOrNull(declarator.GetVariableInitializer()?.Value) is IObjectCreationOperation { Arguments.Length: > 0 },
                ILocalReferenceOperation => mention.Parent is IInvocationOperation { TargetMethod.Name: "CancelAfter" },
                _ => false,
            };
        }

        return hasTimeout;
    }

    // A try before the operation used it up, and a catch went on after the timeout.
    private static bool IsOver(IOperation mention, IOperation operation)
    {
        for (var current = mention.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current.Syntax.Span.Contains(operation.Syntax.SpanStart))
                return false;

            if (current is ITryOperation attempt && attempt.Body.Syntax.Span.Contains(mention.Syntax.Span)
                && attempt.Catches.Any(static one => one.ExceptionType.Name is "Exception" or "Object" or "OperationCanceledException" or "TaskCanceledException"))
            {
                return true;
            }
        }

        return false;
    }
}
