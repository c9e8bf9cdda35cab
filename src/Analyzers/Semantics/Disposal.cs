namespace ConcurrencyAnalyzers.Semantics;

/// <summary>Whether the call that makes an object also ends its life: then nobody else can have kept it for later.</summary>
internal static class Disposal
{
    /// <summary>The object is the resource of a using, or the local that holds it is disposed in the same member.</summary>
    public static bool IsDisposedInCall(IOperation creation)
    {
        var value = creation;
        while (value.Parent is IConversionOperation or IParenthesizedOperation or ICoalesceOperation or IConditionalOperation)
            value = value.Parent;

        switch (value.Parent)
        {
            case IUsingOperation:
                return true;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                return declarator.Parent?.Parent?.Parent is IUsingDeclarationOperation or IUsingOperation || IsDisposed(declarator.Symbol, creation);
            case IAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } }:
                return IsDisposed(local, creation);
            default:
                return false;
        }
    }

    private static bool IsDisposed(ILocalSymbol local, IOperation within) =>
        VariableMentions.Of(local, within).Any(static mention => mention is ILocalReferenceOperation && IsDisposed(mention));

    /// <summary>A method that ends the life of what it is called on.</summary>
    public static bool EndsLife(string methodName) => methodName is "Dispose" or "DisposeAsync" or "ShutdownAsync" or "Shutdown" or "Close";

    private static bool IsDisposed(IOperation local)
    {
        // `x as IDisposable`, and `x.ConfigureAwait(false)` as the resource of an `await using`.
        var value = local;
        while (value.Parent is IConversionOperation or IParenthesizedOperation || (value.Parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ConfigureAwait" } }))
            value = value.Parent is IArgumentOperation argument ? argument.Parent! : value.Parent!;

        return value.Parent switch
        {
            IInvocationOperation invocation => invocation.Instance == value && EndsLife(invocation.TargetMethod.Name),
            IConditionalAccessOperation { WhenNotNull: IInvocationOperation invocation } access => access.Operation == value && EndsLife(invocation.TargetMethod.Name),
            IUsingOperation => true,
            IVariableInitializerOperation { Parent.Parent.Parent.Parent: IUsingDeclarationOperation } => true,
            _ => false,
        };
    }
}
