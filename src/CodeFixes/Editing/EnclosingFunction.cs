namespace ConcurrencyAnalyzers.Editing;

/// <summary>The function that a piece of code belongs to, as syntax.</summary>
internal static class EnclosingFunction
{
    /// <summary>
    /// The innermost lambda, anonymous method, local function or member around the node; the compilation unit for
    /// top-level statements.
    /// </summary>
    public static SyntaxNode? Of(SyntaxNode node) => node.Ancestors().FirstOrDefault(static ancestor =>
        ancestor is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax and not GlobalStatementSyntax or AccessorDeclarationSyntax or CompilationUnitSyntax);

    public static bool IsAsync(SyntaxNode function) => function switch
    {
        AnonymousFunctionExpressionSyntax lambda => lambda.Modifiers.Any(SyntaxKind.AsyncKeyword),
        LocalFunctionStatementSyntax localFunction => localFunction.Modifiers.Any(SyntaxKind.AsyncKeyword),
        MethodDeclarationSyntax method => method.Modifiers.Any(SyntaxKind.AsyncKeyword),
        CompilationUnitSyntax => true,
        _ => false,
    };

    /// <summary>What the function is to the compiler; null for top-level statements and what is no function.</summary>
    public static IMethodSymbol? SymbolOf(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken) => function switch
    {
        AnonymousFunctionExpressionSyntax => model.GetSymbolInfo(function, cancellationToken).Symbol as IMethodSymbol,
        LocalFunctionStatementSyntax or MethodDeclarationSyntax => model.GetDeclaredSymbol(function, cancellationToken) as IMethodSymbol,
        _ => null,
    };

    /// <summary>The nodes of the function, without those of functions inside it.</summary>
    public static IEnumerable<SyntaxNode> OwnNodes(SyntaxNode function) =>
        function.DescendantNodes(node => node == function || node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or TypeDeclarationSyntax));
}
