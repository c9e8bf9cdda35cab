using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>What code does with state that each thread has for itself.</summary>
internal static class ThreadStaticFields
{
    /// <summary>An initializer that gives the field more than its default value.</summary>
    public static bool HasInitializer(IFieldSymbol field, CancellationToken cancellationToken) =>
        field.DeclaringSyntaxReferences is [var declaration]
        && declaration.GetSyntax(cancellationToken) is VariableDeclaratorSyntax { Initializer.Value: var value }
        && !IsDefault(value);

    /// <summary>
    /// Whether the function used the variable before an await, and reads it after it without having set it anew. The
    /// first such read counts.
    /// </summary>
    public static bool IsReadAcrossAwait(IOperation use, Func<IOperation, bool> isVariable)
    {
        if (IsWrite(use))
            return false;

        var function = FunctionAround(use);
        var isUsed = false;
        var awaited = false;
        foreach (var operation in OwnOperations.Of(function is IAnonymousFunctionOperation lambda ? lambda.Body : function is ILocalFunctionOperation { Body: { } body } ? body : function))
        {
            if (operation == use)
                return isUsed && awaited;

            if (operation is IAwaitOperation)
            {
                // A branch that waits and then leaves isn't on the way.
                awaited |= isUsed && !LeavesWithout(operation, use);
            }
            else if (isVariable(operation))
            {
                if (awaited && !IsWrite(operation))
                    return false;

                isUsed = true;
                if (IsWrite(operation))
                    awaited = false;
            }
        }

        return false;
    }

    private static IOperation FunctionAround(IOperation operation)
    {
        var current = operation;
        while (current.Parent is { } parent && current is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            current = parent;

        return current;
    }

    // `x = y` and `x ??= y` give this thread its own value.
    private static bool IsWrite(IOperation use) =>
        use.Parent is ISimpleAssignmentOperation assignment && assignment.Target == use
        || use.Parent is ICoalesceAssignmentOperation coalesce && coalesce.Target == use;

    private static bool LeavesWithout(IOperation awaited, IOperation use)
    {
        for (var current = awaited.Parent; current is not null; current = current.Parent)
        {
            if (current.Syntax.Span.Contains(use.Syntax.Span))
                return false;

            if (current is IReturnOperation or IThrowOperation || current is IBlockOperation { Operations: [.., IReturnOperation or IThrowOperation or IBranchOperation] })
                return true;
        }

        return false;
    }

    private static bool IsDefault(ExpressionSyntax value) => value switch
    {
        LiteralExpressionSyntax literal => literal.Kind() is SyntaxKind.NullLiteralExpression or SyntaxKind.DefaultLiteralExpression or SyntaxKind.FalseLiteralExpression || literal.Token.Value is 0 or 0L or 0d or 0f,
        DefaultExpressionSyntax => true,
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } forgiven => IsDefault(forgiven.Operand),
        CastExpressionSyntax cast => IsDefault(cast.Expression),
        _ => false,
    };
}
