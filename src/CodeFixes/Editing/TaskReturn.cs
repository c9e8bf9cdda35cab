namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Gives an async void local function or private method a Task to return, and awaits it where it is called. All its uses
/// must stand in the file, as statements at which an await may stand.
/// </summary>
internal static class TaskReturn
{
    /// <summary>The root after the edit; null where a use forbids it.</summary>
    public static SyntaxNode? Give(SyntaxNode declaration, SyntaxNode root, SemanticModel model, SyntaxGenerator generator, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (known.Task is null || model.GetDeclaredSymbol(declaration, cancellationToken) is not IMethodSymbol method || ScopeOf(declaration, method) is not { } scope)
            return null;

        var configureAwaitFalse = AwaitInsertion.UsesConfigureAwaitFalse(root);
        var calls = new List<SyntaxNode>();
        foreach (var name in scope.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            if (name.Identifier.ValueText != method.Name || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol?.OriginalDefinition, method))
                continue;

            if (CallOf(name) is not { Parent: ExpressionStatementSyntax or ArrowExpressionClauseSyntax or LambdaExpressionSyntax } call
                || !EnclosingFunction.IsAsync(EnclosingFunction.Of(call)!)
                || !AwaitPlacement.CanAwait(call, model, cancellationToken))
            {
                return null;
            }

            calls.Add(call);
        }

        var returnType = TypeOf(declaration);
        var type = ((TypeSyntax)generator.ImportedType(known.Task)).WithTriviaFrom(returnType);
        return root.ReplaceNodes(calls.Append(returnType), (old, changed) => old == returnType
            ? type
            : AwaitInsertion.Await((ExpressionSyntax)changed, old, configureAwaitFalse));
    }

    private static TypeSyntax TypeOf(SyntaxNode declaration) =>
        declaration is MethodDeclarationSyntax method ? method.ReturnType : ((LocalFunctionStatementSyntax)declaration).ReturnType;

    // Where all uses are: around a local function, or in the only part of a private method's type.
    private static SyntaxNode? ScopeOf(SyntaxNode declaration, IMethodSymbol method)
    {
        if (declaration is LocalFunctionStatementSyntax)
            return declaration.FirstAncestorOrSelf<MemberDeclarationSyntax>(static member => member is not GlobalStatementSyntax) ?? declaration.SyntaxTree.GetRoot();

        return method is { DeclaredAccessibility: Accessibility.Private, IsOverride: false, PartialDefinitionPart: null, PartialImplementationPart: null, ExplicitInterfaceImplementations.IsEmpty: true }
            && method.GetAttributes().IsEmpty
            && method.ContainingType.DeclaringSyntaxReferences.Length == 1
                ? OutermostType(declaration)
                : null;
    }

    private static TypeDeclarationSyntax? OutermostType(SyntaxNode declaration) =>
        declaration.Ancestors().OfType<TypeDeclarationSyntax>().LastOrDefault();

    private static InvocationExpressionSyntax? CallOf(SimpleNameSyntax name) => name.Parent switch
    {
        InvocationExpressionSyntax call when call.Expression == name => call,
        MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } member when member.Name == name && call.Expression == member => call,
        _ => null,
    };
}
