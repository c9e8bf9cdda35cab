using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Semantics;

/// <summary>The event that a method is there to raise: <c>protected virtual void OnChanged() => Changed?.Invoke(this, EventArgs.Empty);</c></summary>
internal static class RaisedEvent
{
    /// <summary>The event of the method's type; null where the method does anything besides, or can't be seen.</summary>
    public static IEventSymbol? Of(IMethodSymbol method, CancellationToken cancellationToken)
    {
        if (method.DeclaringSyntaxReferences is not [var reference] || reference.GetSyntax(cancellationToken) is not MethodDeclarationSyntax declaration)
            return null;

        return declaration switch
        {
            { ExpressionBody.Expression: var expression } => Find(Raised(expression), method.ContainingType),
            { Body.Statements: [var only] } => Find(Raised(only), method.ContainingType),
            { Body.Statements: [LocalDeclarationStatementSyntax { Declaration.Variables: [{ Identifier.ValueText: var copy, Initializer.Value: IdentifierNameSyntax { Identifier.ValueText: var name } }] }, var raise] } =>
                Raised(raise) == copy ? Find(name, method.ContainingType) : null,
            _ => null,
        };
    }

    private static string? Raised(StatementSyntax statement) => statement switch
    {
        ExpressionStatementSyntax { Expression: var expression } => Raised(expression),
        BlockSyntax { Statements: [var only] } => Raised(only),
        IfStatementSyntax { Else: null, Statement: var inner } => Raised(inner),
        _ => null,
    };

    // Changed?.Invoke(…), Changed.Invoke(…), Changed(…)
    private static string? Raised(ExpressionSyntax expression) => expression switch
    {
        ConditionalAccessExpressionSyntax { Expression: var target, WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: "Invoke" } } } => NameOf(target),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Invoke", Expression: var target } } => NameOf(target),
        InvocationExpressionSyntax { Expression: var target } => NameOf(target),
        _ => null,
    };

    private static string? NameOf(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax { Identifier.ValueText: var name } => name,
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax, Name.Identifier.ValueText: var name } => name,
        _ => null,
    };

    private static IEventSymbol? Find(string? name, INamedTypeSymbol type) => name is null ? null : type.GetMembers(name).OfType<IEventSymbol>().FirstOrDefault();
}
