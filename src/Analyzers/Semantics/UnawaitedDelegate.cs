using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Delegates that start asynchronous work and return nothing, given to a method that runs them for each element and so
/// can't await them: <c>Parallel.ForEach(xs, async x => …)</c>, <c>list.ForEach(x => FAsync(x))</c>. CONC204 reports the
/// call, and rules about async void and dropped tasks give way.
/// </summary>
internal static class UnawaitedDelegate
{
    /// <summary>Whether the call runs delegates for the elements of a sequence, or side by side, and returns when they have.</summary>
    public static bool IsRunner(IInvocationOperation call, KnownSymbols known)
    {
        var method = call.TargetMethod;
        return method.Name switch
        {
            "For" or "Invoke" => SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Parallel),
            "ForAll" => SymbolEqualityComparer.Default.Equals(method.ContainingType, known.ParallelLinq),
            "ForEach" => SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Parallel)
                || method.ContainingType is { SpecialType: SpecialType.System_Array } or { Name: "Array" or "List" or "ImmutableList", ContainingNamespace.Name: "System" or "Generic" or "Immutable" },
            _ => false,
        };
    }

    /// <summary>The delegates given to the call that it can't await.</summary>
    public static IEnumerable<IDelegateCreationOperation> In(IInvocationOperation call, KnownSymbols known)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Value is IDelegateCreationOperation { } single)
            {
                if (IsUnawaited(single, known))
                    yield return single;
            }
            else
            {
                foreach (var element in Elements(argument.Value))
                {
                    if (AssignedValues.Unwrap(element) is IDelegateCreationOperation creation && IsUnawaited(creation, known))
                        yield return creation;
                }
            }
        }
    }

    // Parallel.Invoke(a, b), and Parallel.Invoke([a, b]).
    private static ImmutableArray<IOperation> Elements(IOperation list) => AssignedValues.Unwrap(list) switch
    {
        IArrayCreationOperation { Initializer.ElementValues: var elements } => elements,
        ICollectionExpressionOperation { Elements: var elements } => elements,
        _ => [],
    };

    /// <summary>Whether the function (a lambda, in the operation tree) is such a delegate.</summary>
    public static bool Is(IAnonymousFunctionOperation lambda, KnownSymbols known)
    {
        if (lambda.Parent is not IDelegateCreationOperation creation || !IsUnawaited(creation, known))
            return false;

        IOperation? current = creation.Parent;
        while (current is IConversionOperation or IArrayInitializerOperation or IArrayCreationOperation or ICollectionExpressionOperation)
            current = current.Parent;

        return current is IArgumentOperation { Parent: IInvocationOperation call } && IsRunner(call, known);
    }

    /// <summary>
    /// Whether all that the code does with the function is to give it to such methods of Parallel: it is private or local,
    /// and every mention of its name in the scope is an argument of theirs.
    /// </summary>
    public static bool IsOnly(string function, IEnumerable<SyntaxNode> scope)
    {
        var isGiven = false;
        foreach (var name in scope.SelectMany(static node => node.DescendantNodes()).OfType<IdentifierNameSyntax>())
        {
            if (name.Identifier.ValueText != function)
                continue;

            if (name.Parent is not ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "For" or "ForEach" or "Invoke", Expression: IdentifierNameSyntax { Identifier.ValueText: "Parallel" } } } })
                return false;

            isGiven = true;
        }

        return isGiven;
    }

    private static bool IsUnawaited(IDelegateCreationOperation creation, KnownSymbols known) =>
        creation.Type is INamedTypeSymbol { DelegateInvokeMethod.ReturnsVoid: true }
        && creation.Target switch
        {
            IAnonymousFunctionOperation { Symbol.IsAsync: true } lambda => lambda.Body.Descendants().Any(static one => one is IAwaitOperation or IForEachLoopOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true }),
            IMethodReferenceOperation { Method: { IsAsync: true, ReturnsVoid: true } } => true,
            // x => FAsync(x)
            IAnonymousFunctionOperation { Body.Operations: [IExpressionStatementOperation { Operation: var result }, ..], Syntax: LambdaExpressionSyntax { ExpressionBody: not null } } =>
                StartedTask.Of(result, known) is { } call && TaskStart.IsStart(call, known) && !HandledFaults.IsSignal(call),
            _ => false,
        };
}
