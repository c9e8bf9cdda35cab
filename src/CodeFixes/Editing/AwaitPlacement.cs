namespace ConcurrencyAnalyzers.Editing;

/// <summary>Where an await may stand. It is decided before a fix is offered, never found out by the user's compiler.</summary>
internal static class AwaitPlacement
{
    private static readonly ImmutableHashSet<string> ThreadAffineEntries =
        ["Enter", "TryEnter", "EnterScope", "WaitOne", "EnterReadLock", "EnterWriteLock", "EnterUpgradeableReadLock", "TryEnterReadLock", "TryEnterWriteLock", "TryEnterUpgradeableReadLock"];

    /// <summary>
    /// Whether an await can replace the expression: its function is async or can be made so without a change of its
    /// signature, and nothing around it forbids an await.
    /// </summary>
    public static bool CanAwait(SyntaxNode node, SemanticModel model, CancellationToken cancellationToken) =>
        EnclosingFunction.Of(node) is { } function
        && (EnclosingFunction.IsAsync(function) || AsyncFunction.CanBecomeAsync(function, model, cancellationToken))
        && IsAllowedIn(function, node, model, cancellationToken);

    /// <summary>Whether nothing around the expression would forbid an await, were its function async.</summary>
    public static bool IsAllowedIn(SyntaxNode function, SyntaxNode node, SemanticModel model, CancellationToken cancellationToken) =>
        IsAllowedBetween(node, function)
        && !IsUnsafe(function)
        && !IsExpressionTree(function, model, cancellationToken)
        && !HoldsThreadAffineLock(function, model, cancellationToken)
        && !KeepsRefAcross(node, function, model, cancellationToken)
        && !SpillsRef(node, function, model, cancellationToken);

    private static bool IsAllowedBetween(SyntaxNode node, SyntaxNode function)
    {
        for (SyntaxNode child = node, parent = node.Parent!; child != function; child = parent, parent = parent.Parent!)
        {
            switch (parent)
            {
                case LockStatementSyntax locked when locked.Statement == child:
                case CatchFilterClauseSyntax or UnsafeStatementSyntax or FixedStatementSyntax:
                case AttributeSyntax or ParameterSyntax:
                // `for (await t; …)` reads as a declaration.
                case ForStatementSyntax loop when child == node && loop.Initializers.Contains(child):
                case QueryClauseSyntax or SelectOrGroupClauseSyntax when !IsFirstSource(parent, child):
                    return false;
            }

            if (parent == function)
                break;
        }

        return true;
    }

    // Of a query, only what is evaluated once, before the query, may await: the sources of the first `from` and of joins.
    private static bool IsFirstSource(SyntaxNode clause, SyntaxNode part) => clause switch
    {
        FromClauseSyntax from => from.Parent is QueryExpressionSyntax && from.Expression == part,
        JoinClauseSyntax join => join.InExpression == part,
        _ => false,
    };

    private static bool IsUnsafe(SyntaxNode function) => function.AncestorsAndSelf().Any(static node => node switch
    {
        MemberDeclarationSyntax member => member.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        LocalFunctionStatementSyntax localFunction => localFunction.Modifiers.Any(SyntaxKind.UnsafeKeyword),
        UnsafeStatementSyntax => true,
        _ => false,
    });

    private static bool IsExpressionTree(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken) =>
        function is AnonymousFunctionExpressionSyntax
        && KnownSymbols.Of(model.Compilation).ExpressionOfT is { } expression
        && SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(function, cancellationToken).ConvertedType?.OriginalDefinition, expression);

    // The thread after an await is not the one that took the lock.
    private static bool HoldsThreadAffineLock(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken) =>
        EnclosingFunction.OwnNodes(function).OfType<InvocationExpressionSyntax>().Any(invocation =>
            invocation.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } member
            && ThreadAffineEntries.Contains(name)
            && (model.GetTypeInfo(member.Expression, cancellationToken).Type ?? model.GetSymbolInfo(member.Expression, cancellationToken).Symbol) is INamedTypeSymbol type
            && KnownSymbols.Of(model.Compilation).IsThreadAffineLock(type));

    // Neither a ref local nor a ref struct lives across an await: none that is declared before may be used after.
    private static bool KeepsRefAcross(SyntaxNode node, SyntaxNode function, SemanticModel model, CancellationToken cancellationToken)
    {
        foreach (var own in EnclosingFunction.OwnNodes(function))
        {
            if (own.SpanStart > node.Span.End)
                break;

            switch (own)
            {
                case VariableDeclaratorSyntax or SingleVariableDesignationSyntax
                    when model.GetDeclaredSymbol(own, cancellationToken) is ILocalSymbol local && (local.IsRef || local.Type.IsRefLikeType || local.Type is IPointerTypeSymbol)
                    && IsUsedAfter(local, node, function, model, cancellationToken):
                case ForEachStatementSyntax loop
                    when loop.Statement.Span.Contains(node.Span) && (model.GetForEachStatementInfo(loop).GetEnumeratorMethod?.ReturnType.IsRefLikeType == true || loop.Type is RefTypeSyntax):
                    return true;
            }
        }

        return false;
    }

    // `Write(text.AsSpan(), await t)` and `RefTo(x) = await t`: what is evaluated before the await would have to wait for it.
    private static bool SpillsRef(SyntaxNode node, SyntaxNode function, SemanticModel model, CancellationToken cancellationToken)
    {
        SyntaxNode whole = node;
        while (whole.Parent is { } parent && parent != function && parent is ExpressionSyntax or ArgumentSyntax or BaseArgumentListSyntax or InterpolationSyntax)
        {
            whole = parent;
            if (whole is InterpolatedStringExpressionSyntax && model.GetTypeInfo(whole, cancellationToken).ConvertedType?.IsRefLikeType == true)
                return true;
        }

        return whole.DescendantNodes(static inner => inner is not AnonymousFunctionExpressionSyntax).OfType<ExpressionSyntax>().Any(earlier =>
            earlier.Span.End <= node.SpanStart
            && earlier.Parent is not (QualifiedNameSyntax or TypeArgumentListSyntax or CastExpressionSyntax or ObjectCreationExpressionSyntax)
            && (model.GetTypeInfo(earlier, cancellationToken) is { Type.IsRefLikeType: true } or { ConvertedType.IsRefLikeType: true }
                || model.GetSymbolInfo(earlier, cancellationToken).Symbol is IMethodSymbol { RefKind: not RefKind.None } or IPropertySymbol { RefKind: not RefKind.None }));
    }

    // In a loop, what stands above the await is also used after it.
    private static bool IsUsedAfter(ILocalSymbol local, SyntaxNode node, SyntaxNode function, SemanticModel model, CancellationToken cancellationToken)
    {
        var loop = node.AncestorsAndSelf().TakeWhile(ancestor => ancestor != function)
            .LastOrDefault(static ancestor => ancestor is ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax);
        var declaration = local.DeclaringSyntaxReferences.First().Span;
        var from = loop is not null && !loop.Span.Contains(declaration) ? loop.SpanStart : node.SpanStart;
        return function.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name =>
            name.SpanStart >= from
            && name.Identifier.ValueText == local.Name
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellationToken).Symbol, local));
    }
}
