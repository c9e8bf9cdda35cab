namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The statements of a block.</summary>
internal static class Statements
{
    /// <summary>What follows, in the same block, a statement or the one that an expression or a declaration makes up; nothing where it isn't directly in one.</summary>
    public static IEnumerable<IOperation> After(IOperation operation)
    {
        while (operation.Parent is IVariableDeclaratorOperation or IVariableDeclarationOperation or IVariableDeclarationGroupOperation or IExpressionStatementOperation)
            operation = operation.Parent;

        return operation.Parent is IBlockOperation block ? block.Operations.Skip(block.Operations.IndexOf(operation) + 1) : [];
    }
}
