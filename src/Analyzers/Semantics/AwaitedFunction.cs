namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Functions within functions that are over before the outer one is: those that it awaits where they stand, and those with
/// a name (local functions, lambdas in a local) that it awaits wherever it calls them.
/// </summary>
internal static class AwaitedFunction
{
    /// <summary>Whether the operation is over before the function is whose parameter or local the token is.</summary>
    public static bool IsOver(IOperation operation, ISymbol token, KnownSymbols known) => IsOver(operation, isAwaited: true, token, known, new HashSet<ISymbol>(SymbolEqualityComparer.Default));

    private static bool IsOver(IOperation operation, bool isAwaited, ISymbol token, KnownSymbols known, HashSet<ISymbol> asked)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation lambda:
                    if (!isAwaited || SymbolEqualityComparer.Default.Equals(lambda.Symbol, token.ContainingSymbol))
                        return isAwaited;
                    if (HolderOf(lambda) is { } holder)
                        return AreCallsOver(VariableMentions.Of(holder, lambda), lambda.Symbol, token, known, asked);
                    isAwaited = false;
                    break;
                case ILocalFunctionOperation function:
                    return isAwaited && (SymbolEqualityComparer.Default.Equals(function.Symbol, token.ContainingSymbol)
                        || AreCallsOver(VariableMentions.Of(function.Symbol, function), function.Symbol, token, known, asked));
                case IAwaitOperation:
                    isAwaited = true;
                    break;
            }
        }

        return isAwaited;
    }

    private static bool AreCallsOver(IReadOnlyList<IOperation> mentions, IMethodSymbol function, ISymbol token, KnownSymbols known, HashSet<ISymbol> asked)
    {
        // Who calls itself has been asked about; it is all of its calls that answer.
        if (!asked.Add(function))
            return true;

        var isCalled = false;
        foreach (var mention in mentions)
        {
            switch (mention)
            {
                case IVariableDeclaratorOperation:
                    break;
                case IMethodReferenceOperation when IsGivenToQuery(mention, known) && IsPlaceOf(token, mention) && IsOver(mention, isAwaited: false, token, known, asked):
                    isCalled = true;
                    break;
                case var _ when CallOf(mention) is { } call && IsPlaceOf(token, call) && IsOver(call, RunsInPlace(call, function, known), token, known, asked):
                    isCalled = true;
                    break;
                default:
                    return false;
            }
        }

        return isCalled;
    }

    // Func<Task> f = async () => …;
    private static ILocalSymbol? HolderOf(IAnonymousFunctionOperation lambda) =>
        lambda.Parent is IDelegateCreationOperation creation && AwaitedValue.Whole(creation).Parent is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } ? declarator.Symbol : null;

    private static IInvocationOperation? CallOf(IOperation mention) => mention switch
    {
        IInvocationOperation call => call,
        ILocalReferenceOperation { Parent: IInvocationOperation { TargetMethod.MethodKind: MethodKind.DelegateInvoke } call } when call.Instance == mention => call,
        _ => null,
    };

    // `xs.Select(LoadAsync)`; what is handed to any other method may be kept, as the handler of something.
    private static bool IsGivenToQuery(IOperation mention, KnownSymbols known) =>
        mention.Parent is IDelegateCreationOperation creation && AwaitedValue.Whole(creation).Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.ContainingType: var type } } && known.IsLinq(type);

    // The token has to be there, and wanted.
    private static bool IsPlaceOf(ISymbol token, IOperation call) =>
        !(token is ILocalSymbol { Locations: [var declared, ..] } && call.Syntax.SpanStart < declared.SourceSpan.End) && !CleanUpCode.Contains(call.Syntax);

    // What is neither a task nor a lazy sequence has run when the call returns; what is returned is awaited by whoever called.
    private static bool RunsInPlace(IInvocationOperation call, IMethodSymbol function, KnownSymbols known) =>
        (!function.IsAsync && !call.Type.IsTaskOrValueTask(known) && call.Type is not INamedTypeSymbol { Name: "IEnumerable" or "IAsyncEnumerable" or "IEnumerator" or "IAsyncEnumerator" })
        || AwaitedValue.Whole(call).Parent is IReturnOperation;
}
