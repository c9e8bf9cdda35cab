namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The value that comes of a call whose task is awaited on the spot.</summary>
internal static class AwaitedValue
{
    /// <summary>The await around the call, through ConfigureAwait and AsTask; null where the task goes elsewhere.</summary>
    public static IOperation? Of(IOperation call)
    {
        while (call.Parent is IParenthesizedOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "AsTask" })
            call = call.Parent;

        return call.Parent as IAwaitOperation;
    }

    /// <summary>The operation with the parentheses and conversions around it.</summary>
    public static IOperation Whole(IOperation value)
    {
        while (value.Parent is IParenthesizedOperation or IConversionOperation)
            value = value.Parent;

        return value;
    }

    /// <summary>The local that the value is assigned to, by its declaration or later.</summary>
    public static ILocalSymbol? LocalOf(IOperation value) => Whole(value).Parent switch
    {
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol,
        ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local }, Parent: IExpressionStatementOperation } => local,
        _ => null,
    };

    /// <summary>A statement of its own, or <c>_ = …</c>.</summary>
    public static bool IsDropped(IOperation value) =>
        Whole(value).Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation };
}
