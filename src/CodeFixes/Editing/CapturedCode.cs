namespace ConcurrencyAnalyzers.Editing;

/// <summary>Whether code can move into a lambda that another thread runs, while this function awaits it, and mean the same.</summary>
internal static class CapturedCode
{
    private static readonly ImmutableHashSet<string> ThreadBoundTypes = ["Component", "ComponentBase", "Control", "Dispatcher", "DispatcherObject", "DependencyObject", "NSObject", "ObservableObject", "BindableObject"];

    /// <summary>The code is an expression, or the body of a lambda.</summary>
    public static bool CanMove(SyntaxNode code, SemanticModel model, CancellationToken cancellationToken)
    {
        if (model.GetEnclosingSymbol(code.SpanStart, cancellationToken)?.ContainingType is not { } type || IsThreadBound(type))
            return false;

        foreach (var node in code.DescendantNodesAndSelf())
        {
            switch (node)
            {
                case AwaitExpressionSyntax or BaseExpressionSyntax or RefExpressionSyntax or RefTypeSyntax or StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax:
                case MemberBindingExpressionSyntax or ElementBindingExpressionSyntax when !IsWhole(node, code):
                case ArgumentSyntax { RefKindKeyword.RawKind: not 0 }:
                case ThisExpressionSyntax when type.IsValueType:
                    return false;
                case IdentifierNameSyntax name when !CanCapture(model.GetSymbolInfo(name, cancellationToken).Symbol, name, code, type):
                    return false;
                case ExpressionSyntax expression when model.GetTypeInfo(expression, cancellationToken).Type is { IsRefLikeType: true } or IPointerTypeSymbol:
                    return false;
            }
        }

        // A variable that the expression declares would be gone behind it.
        return code is not ExpressionSyntax || !code.DescendantNodes(static node => node is not AnonymousFunctionExpressionSyntax).Any(static node => node is SingleVariableDesignationSyntax);
    }

    // The conditional access that the binding belongs to stands in the code as well.
    private static bool IsWhole(SyntaxNode binding, SyntaxNode code) =>
        binding.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault(access => access.WhenNotNull.Span.Contains(binding.Span)) is { } whole && code.Span.Contains(whole.Span);

    private static bool CanCapture(ISymbol? symbol, IdentifierNameSyntax name, SyntaxNode code, INamedTypeSymbol type) => symbol switch
    {
        ILocalSymbol { IsRef: true } or IParameterSymbol { RefKind: not RefKind.None } => code.Span.Contains(symbol.Locations[0].SourceSpan),
        IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } } when type.IsValueType => false,
        IFieldSymbol or IPropertySymbol or IMethodSymbol or IEventSymbol when type.IsValueType && !symbol.IsStatic && symbol is not IMethodSymbol { MethodKind: MethodKind.LocalFunction } =>
            name.Parent is MemberAccessExpressionSyntax { Name: var member } && member == name,
        _ => true,
    };

    private static bool IsThreadBound(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (ThreadBoundTypes.Contains(current.Name))
                return true;
        }

        return false;
    }
}
