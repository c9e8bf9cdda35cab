using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Writes an update of a variable as a call of Interlocked, which does it in one step.</summary>
internal static class InterlockedCall
{
    /// <summary>The write whose target, or which itself, the expression is.</summary>
    public static ExpressionSyntax? WriteAround(ExpressionSyntax expression)
    {
        for (SyntaxNode? current = expression; current is ExpressionSyntax; current = current.Parent)
        {
            switch (current)
            {
                case AssignmentExpressionSyntax assignment when current == expression || assignment.Left.Span.Contains(expression.Span):
                    return assignment;
                case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression }:
                case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression }:
                    return (ExpressionSyntax)current;
            }
        }

        return null;
    }

    /// <summary>What to write instead; null where Interlocked has no such update, or not for that type.</summary>
    public static ExpressionSyntax? For(ExpressionSyntax write, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        if (KnownSymbols.Of(model.Compilation).Interlocked is not { } interlocked
            || Update.Of(write, model, cancellationToken) is not { } update
            || !CanBeRef(update.Target, model, cancellationToken)
            || model.GetTypeInfo(update.Target, cancellationToken).Type is not { } type
            || !HasOverload(interlocked, update.Method, type)
            || IsChecked(write)
            || model.GetOperation(write, cancellationToken) is not { } operation)
        {
            return null;
        }

        var isUnsigned = type.SpecialType is SpecialType.System_UInt32 or SpecialType.System_UInt64;
        var isUsed = operation.Parent is not IExpressionStatementOperation;
        if ((update.IsNegated && isUnsigned) || (isUsed && (update.Method == "Exchange" || isUnsigned)))
            return null;

        // `total + await x` reads the total first; the call adds when the value is there.
        var target = SyntaxFactory.Argument(null, SyntaxFactory.Token(default, SyntaxKind.RefKeyword, [SyntaxFactory.Space]), update.Target.WithoutTrivia());
        SyntaxNode[] arguments = update.Value is { } value
            ? [target, update.IsNegated ? generator.NegateExpression(value.WithoutTrivia()) : value.WithoutTrivia()]
            : [target];
        var call = (ExpressionSyntax)generator.InvocationExpression(generator.ImportedMember(interlocked, update.Method), arguments);
        if (isUsed && write is PostfixUnaryExpressionSyntax)
        {
            // The call returns the new value, the operator the old one.
            var one = generator.LiteralExpression(1);
            call = (ExpressionSyntax)(update.Method == "Increment" ? generator.SubtractExpression(call, one) : generator.AddExpression(call, one));
        }

        return call.WithTriviaFrom(write);
    }

    private static bool HasOverload(INamedTypeSymbol interlocked, string method, ITypeSymbol type) =>
        interlocked.GetMembers(method).OfType<IMethodSymbol>().Any(one =>
            !one.Parameters.IsEmpty
            && (SymbolEqualityComparer.Default.Equals(one.Parameters[0].Type, type) || (one.IsGenericMethod && type.IsReferenceType)));

    private static bool CanBeRef(ExpressionSyntax target, SemanticModel model, CancellationToken cancellationToken) => target switch
    {
        ElementAccessExpressionSyntax element => model.GetTypeInfo(element.Expression, cancellationToken).Type is IArrayTypeSymbol,
        IdentifierNameSyntax or MemberAccessExpressionSyntax => model.GetSymbolInfo(target, cancellationToken).Symbol is ILocalSymbol or IFieldSymbol { IsReadOnly: false, IsConst: false } or IParameterSymbol { RefKind: not (RefKind.In or RefKind.RefReadOnlyParameter) },
        _ => false,
    };

    private static bool IsChecked(SyntaxNode node) =>
        node.Ancestors().Any(static ancestor => ancestor is CheckedStatementSyntax { RawKind: (int)SyntaxKind.CheckedStatement } or CheckedExpressionSyntax { RawKind: (int)SyntaxKind.CheckedExpression });

    private sealed record Update(ExpressionSyntax Target, string Method, ExpressionSyntax? Value = null, bool IsNegated = false)
    {
        public static Update? Of(ExpressionSyntax write, SemanticModel model, CancellationToken cancellationToken)
        {
            switch (write)
            {
                case PostfixUnaryExpressionSyntax postfix:
                    return new(postfix.Operand, postfix.IsKind(SyntaxKind.PostIncrementExpression) ? "Increment" : "Decrement");
                case PrefixUnaryExpressionSyntax prefix:
                    return new(prefix.Operand, prefix.IsKind(SyntaxKind.PreIncrementExpression) ? "Increment" : "Decrement");
                case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } add:
                    return new(add.Left, "Add", add.Right);
                case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SubtractAssignmentExpression } subtract:
                    return new(subtract.Left, "Add", subtract.Right, IsNegated: true);
                case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Right: BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression or (int)SyntaxKind.SubtractExpression } sum } assignment
                    when SyntaxFactory.AreEquivalent(sum.Left, assignment.Left):
                    return new(assignment.Left, "Add", sum.Right, sum.IsKind(SyntaxKind.SubtractExpression));
                case AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment:
                    return model.GetSymbolInfo(assignment.Left, cancellationToken).Symbol is { } target && !Reads(assignment.Right, target, model, cancellationToken) ? new(assignment.Left, "Exchange", assignment.Right) : null;
                default:
                    return null;
            }
        }

        private static bool Reads(ExpressionSyntax value, ISymbol target, SemanticModel model, CancellationToken cancellationToken) =>
            value.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(name =>
                name.Identifier.ValueText == target.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, target));
    }
}
