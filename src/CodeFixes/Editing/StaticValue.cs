using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Whether an expression can be the initialiser of a static field, and means there what it means where it stands: it
/// uses neither locals nor parameters, nor the instance, nor what changes from call to call.
/// </summary>
internal static class StaticValue
{
    /// <summary>
    /// Whether <paramref name="value"/> can initialise a field at that position of the declaration. The position counts,
    /// since static fields are initialised in textual order.
    /// </summary>
    public static bool IsStatic(ExpressionSyntax value, TypeDeclarationSyntax declaration, int position, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetOperation(value, cancellationToken) is not { } operation || value.ContainsDirectives)
            return false;

        foreach (var one in operation.DescendantsAndSelf())
        {
            if (!IsStatic(one, value, declaration, position))
                return false;
        }

        return value.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().All(name =>
            name.Parent is NameColonSyntax
            || model.GetSymbolInfo(name, cancellationToken).Symbol is not { } symbol
            || !(symbol is ITypeParameterSymbol { DeclaringMethod: not null } || (symbol is ILocalSymbol or IParameterSymbol or IRangeVariableSymbol && !IsDeclaredIn(symbol, value))));
    }

    private static bool IsStatic(IOperation operation, ExpressionSyntax value, TypeDeclarationSyntax declaration, int position) => operation switch
    {
        IInvalidOperation or IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicObjectCreationOperation or IDynamicIndexerAccessOperation => false,
        IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } => false,
        ILocalFunctionOperation or IDeclarationExpressionOperation or IAwaitOperation or IThrowOperation or IAssignmentOperation { Target: ILocalReferenceOperation or IFieldReferenceOperation { Instance: null } or IPropertyReferenceOperation { Instance: null } }
            => IsInFunction(operation, value),
        IInvocationOperation { TargetMethod.MethodKind: MethodKind.LocalFunction } or IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction } => false,
        IFieldReferenceOperation { Field.IsStatic: true } field => IsInFunction(operation, value) || field.Field.IsConst || field.Field.ContainingType.TypeKind == TypeKind.Enum
            || (field.Field.IsReadOnly && IsInitialisedBefore(field.Field, declaration, position)),
        IPropertyReferenceOperation { Property: { IsStatic: true } property } => IsInFunction(operation, value)
            || (property.SetMethod is null && property.Name is not ("Current" or "Now" or "UtcNow" or "Today") && IsInitialisedBefore(property, declaration, position)),
        _ => true,
    };

    // What a lambda does is done when it runs, wherever the lambda was made.
    private static bool IsInFunction(IOperation operation, ExpressionSyntax value)
    {
        for (var current = operation.Parent; current is not null && value.Span.Contains(current.Syntax.Span); current = current.Parent)
        {
            if (current is IAnonymousFunctionOperation)
                return true;
        }

        return false;
    }

    // A member of the same type has its value only if its initialiser comes first; those of other parts come in any order.
    private static bool IsInitialisedBefore(ISymbol member, TypeDeclarationSyntax declaration, int position)
    {
        if (member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is not { } syntax || !IsOfType(syntax, declaration))
            return true;

        return syntax switch
        {
            VariableDeclaratorSyntax { Initializer: not null } => syntax.SyntaxTree == declaration.SyntaxTree && syntax.Span.End <= position && declaration.Span.Contains(syntax.Span),
            PropertyDeclarationSyntax { Initializer: not null } => syntax.SyntaxTree == declaration.SyntaxTree && syntax.Span.End <= position && declaration.Span.Contains(syntax.Span),
            PropertyDeclarationSyntax property => property.ExpressionBody is not null || property.AccessorList?.Accessors.Any(static accessor => accessor.Body is not null || accessor.ExpressionBody is not null) == true,
            _ => false,
        };
    }

    private static bool IsOfType(SyntaxNode member, TypeDeclarationSyntax declaration) =>
        member.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } owner
        && (owner == declaration || (owner.Identifier.ValueText == declaration.Identifier.ValueText && owner.Modifiers.Any(SyntaxKind.PartialKeyword) && declaration.Modifiers.Any(SyntaxKind.PartialKeyword)));

    private static bool IsDeclaredIn(ISymbol symbol, ExpressionSyntax value) =>
        symbol.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration && declaration.SyntaxTree == value.SyntaxTree && value.Span.Contains(declaration.Span);
}
