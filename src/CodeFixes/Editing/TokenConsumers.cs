using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Whether those that are given a source's token have ended when the code goes on, so that the source can be disposed with its scope.</summary>
internal static class TokenConsumers
{
    /// <summary>Every use of the source ends before the scope of the local does.</summary>
    public static bool EndWithScope(ILocalSymbol source, SyntaxNode declarator, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetOperation(declarator, cancellationToken) is not { } declaration)
            return false;

        var function = AsyncContext.InnermostFunction(declaration, source.ContainingSymbol);
        return VariableMentions.Of(source, declaration).All(mention =>
            mention is not ILocalReferenceOperation
            || mention.Parent is INameOfOperation
            || (SymbolEqualityComparer.Default.Equals(AsyncContext.InnermostFunction(mention, source.ContainingSymbol), function)
                && mention.Parent switch
                {
                    IPropertyReferenceOperation { Property.Name: "Token" } token => EndsFirst(token),
                    IPropertyReferenceOperation or IInvocationOperation => true,
                    _ => false,
                }));
    }

    /// <summary>What takes this token is over when its statement is.</summary>
    public static bool EndsFirst(IOperation token) => token.Parent switch
    {
        // token.IsCancellationRequested, token.ThrowIfCancellationRequested()
        IPropertyReferenceOperation { Property.Name: "IsCancellationRequested" or "CanBeCanceled" } => true,
        IInvocationOperation { TargetMethod.Name: "ThrowIfCancellationRequested" } => true,
        IArgumentOperation { Parent: IInvocationOperation call } => IsAwaited(call),
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } } => VariableMentions.Of(local, token).All(mention =>
            mention is not ILocalReferenceOperation
            || (AsyncContext.InnermostFunction(mention, local.ContainingSymbol) is var function && SymbolEqualityComparer.Default.Equals(function, AsyncContext.InnermostFunction(token, local.ContainingSymbol)) && EndsFirstAsLocal(mention))),
        _ => false,
    };

    private static bool EndsFirstAsLocal(IOperation token) => token.Parent is not IVariableInitializerOperation && EndsFirst(token);

    private static bool IsAwaited(IOperation call)
    {
        var result = call;
        while (result.Parent is IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "WithCancellation" or "AsTask" or "WaitAsync" } next && next.Instance == result)
            result = next;

        if (result.Parent is IConversionOperation { Parent: IForEachLoopOperation { IsAsynchronous: true } } or IForEachLoopOperation { IsAsynchronous: true })
            return true;

        return result.Parent is IAwaitOperation;
    }
}
