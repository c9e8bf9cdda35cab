namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The function's own CancellationToken that a piece of code waits with.</summary>
internal static class PassedToken
{
    private const int MaxDepth = 6;

    /// <summary>
    /// The parameter of <paramref name="function"/> that the code awaits something with, as it is or linked to another
    /// source. Null where the code awaits nothing, or nothing that it gives a token of its caller's.
    /// </summary>
    public static IParameterSymbol? AwaitedWith(IOperation code, IMethodSymbol function, KnownSymbols known)
    {
        IParameterSymbol? token = null;
        var awaits = false;
        foreach (var operation in OwnOperations.Of(code, inner => inner is not ITryOperation attempt || !TakesCancellation(attempt, known)))
        {
            switch (operation)
            {
                case IAwaitOperation or IForEachLoopOperation { IsAsynchronous: true }:
                    awaits = true;
                    break;
                case IArgumentOperation { Value: var value, Parent: IInvocationOperation { Type: var result } }
                    when token is null && SymbolEqualityComparer.Default.Equals(value.Type, known.CancellationToken) && IsAwaitable(result, known):
                    token = ParameterOf(value, function, known, MaxDepth);
                    break;
            }

            if (awaits && token is not null)
                return token;
        }

        return null;
    }

    private static bool IsAwaitable(ITypeSymbol? type, KnownSymbols known) =>
        type.IsTaskOrValueTask(known) || type is INamedTypeSymbol { Name: "IAsyncEnumerable" or "ConfiguredCancelableAsyncEnumerable" };

    // An inner catch that takes it first: what the code around it never sees.
    private static bool TakesCancellation(ITryOperation attempt, KnownSymbols known) =>
        attempt.Catches.Any(clause => CaughtExceptions.IsGeneral(clause, known) || CaughtExceptions.IsCancellation(clause.ExceptionType, known));

    private static IParameterSymbol? ParameterOf(IOperation value, IMethodSymbol function, KnownSymbols known, int depth)
    {
        if (depth == 0)
            return null;

        switch (AssignedValues.Unwrap(value))
        {
            case IParameterReferenceOperation { Parameter: var parameter }:
                return SymbolEqualityComparer.Default.Equals(parameter.Type, known.CancellationToken) && SymbolEqualityComparer.Default.Equals(parameter.ContainingSymbol, function) ? parameter : null;
            case ILocalReferenceOperation { Local: var local } reference:
                return AssignedValues.Single(local, AssignedValues.Root(reference)) is { } assigned ? ParameterOf(assigned, function, known, depth - 1) : null;
            case IPropertyReferenceOperation { Property.Name: "Token", Instance: { } source } when SymbolEqualityComparer.Default.Equals(source.Type, known.CancellationTokenSource):
                return ParameterOf(source, function, known, depth - 1);
            case IInvocationOperation { TargetMethod.Name: "CreateLinkedTokenSource" } linked:
                return linked.Arguments.SelectMany(static argument => argument.Descendants()).OfType<IParameterReferenceOperation>()
                    .Select(mention => ParameterOf(mention, function, known, depth - 1)).FirstOrDefault(static found => found is not null);
            default:
                return null;
        }
    }
}
