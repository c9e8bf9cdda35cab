using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// Gives <c>async</c> to a function that already returns a task, so that its signature stays what it is: what it
/// returned is awaited, and a finished task becomes its result.
/// </summary>
internal static class AsyncFunction
{
    /// <summary>Whether <see cref="Replace"/> can make this function async.</summary>
    public static bool CanBecomeAsync(SyntaxNode function, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        return EnclosingFunction.SymbolOf(function, model, cancellationToken) is { } symbol
            && symbol.ReturnType.IsTaskOrValueTask(known)
            && symbol.ReturnType.OriginalDefinition is INamedTypeSymbol { ContainingNamespace.Name: "Tasks" }
            && !symbol.ReturnsByRef && !symbol.ReturnsByRefReadonly
            && !WorksOnCopy(symbol)
            && symbol.Parameters.All(static parameter => parameter.RefKind == RefKind.None && !parameter.Type.IsRefLikeType && parameter.Type is not (IPointerTypeSymbol or IFunctionPointerTypeSymbol))
            && (symbol.MethodImplementationFlags & System.Reflection.MethodImplAttributes.Synchronized) == 0
            && !MayChangeOverload(function, symbol, model, known, cancellationToken)
            && ReturnedExpressions(function).All(returned => !IsNullTask(returned) && HasTypeOfItsOwn(returned, model, known, cancellationToken));
    }

    /// <summary>
    /// Puts the new nodes (with their awaits) in the place of the old ones, and makes the function async if it isn't
    /// yet. Ask <see cref="AwaitPlacement.CanAwait"/> first.
    /// </summary>
    public static SyntaxNode Replace(SyntaxNode function, IReadOnlyDictionary<SyntaxNode, SyntaxNode> replacements, SemanticModel model, CancellationToken cancellationToken)
    {
        if (EnclosingFunction.IsAsync(function))
            return function.ReplaceNodes(replacements.Keys, (old, _) => replacements[old]);

        var known = KnownSymbols.Of(model.Compilation);
        var hasResult = EnclosingFunction.SymbolOf(function, model, cancellationToken)!.ReturnType.TaskResult(known) is not null;
        return WithAsyncKeyword(new Rewriter(function, replacements, hasResult, model, known, cancellationToken).Visit(function)!);
    }

    /// <summary>Whether the method, were it async, would write to a copy of its struct, or need one of a struct that has none.</summary>
    public static bool WorksOnCopy(IMethodSymbol method) =>
        method is { IsStatic: false, MethodKind: MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation, ContainingType: { IsValueType: true } type } && (type.IsRefLikeType || !(type.IsReadOnly || method.IsReadOnly));

    private static IEnumerable<ExpressionSyntax> ReturnedExpressions(SyntaxNode function)
    {
        var body = function switch
        {
            AnonymousFunctionExpressionSyntax lambda => lambda.ExpressionBody,
            LocalFunctionStatementSyntax localFunction => localFunction.ExpressionBody?.Expression,
            MethodDeclarationSyntax method => method.ExpressionBody?.Expression,
            _ => null,
        };
        return body is not null
            ? [body]
            : EnclosingFunction.OwnNodes(function).OfType<ReturnStatementSyntax>().Select(static statement => statement.Expression).OfType<ExpressionSyntax>();
    }

    // `return null` hands out no task; no async function does that.
    private static bool IsNullTask(ExpressionSyntax returned) =>
        returned.IsKind(SyntaxKind.NullLiteralExpression) || returned.IsKind(SyntaxKind.DefaultLiteralExpression) || returned is DefaultExpressionSyntax
        || (returned is PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression, Operand: var operand } && IsNullTask(operand));

    // With overloads for Func<Task> and Func<ValueTask>, an async lambda fits both.
    private static bool MayChangeOverload(SyntaxNode function, IMethodSymbol symbol, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken) =>
        function is AnonymousFunctionExpressionSyntax { Parent: ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } }
        && model.GetMemberGroup(call.Expression, cancellationToken).OfType<IMethodSymbol>().Any(method => method.Parameters.Any(parameter =>
            parameter.Type is INamedTypeSymbol { DelegateInvokeMethod: { ReturnType: var result } invoke }
            && invoke.Parameters.Length == symbol.Parameters.Length
            && result.IsTaskOrValueTask(known)
            && result.IsValueTask(known) != symbol.ReturnType.IsValueTask(known)));

    // Behind an await there is no target that would give `new(source, token)` or `b ? default : new(x)` its type.
    private static bool HasTypeOfItsOwn(ExpressionSyntax returned, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken) => returned switch
    {
        ThrowExpressionSyntax => true,
        ImplicitObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 1 } creation =>
            model.GetSymbolInfo(creation, cancellationToken).Symbol is IMethodSymbol { Parameters: [{ Type: var parameter }], ContainingType: var type }
            && (parameter.IsTask(known) || SymbolEqualityComparer.Default.Equals(parameter, type.TaskResult(known))),
        ImplicitObjectCreationExpressionSyntax => false,
        _ => model.GetTypeInfo(returned, cancellationToken).Type is not null,
    };

    /// <summary>The function with its modifier, and nothing else changed.</summary>
    public static SyntaxNode WithAsyncKeyword(SyntaxNode function)
    {
        var keyword = SyntaxFactory.Token(SyntaxKind.AsyncKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        switch (function)
        {
            case AnonymousFunctionExpressionSyntax lambda:
                var first = lambda.GetFirstToken();
                return lambda.Modifiers.Count > 0
                    ? lambda.AddModifiers(keyword)
                    : lambda.ReplaceToken(first, first.WithLeadingTrivia()).WithModifiers([keyword.WithLeadingTrivia(first.LeadingTrivia)]);
            case LocalFunctionStatementSyntax { Modifiers.Count: > 0 } localFunction:
                return localFunction.AddModifiers(keyword);
            case LocalFunctionStatementSyntax localFunction:
                return localFunction
                    .WithReturnType(localFunction.ReturnType.WithLeadingTrivia())
                    .WithModifiers([keyword.WithLeadingTrivia(localFunction.ReturnType.GetLeadingTrivia())]);
            case MethodDeclarationSyntax { Modifiers.Count: > 0 } method:
                return method.AddModifiers(keyword);
            case MethodDeclarationSyntax method:
                return method
                    .WithReturnType(method.ReturnType.WithLeadingTrivia())
                    .WithModifiers([keyword.WithLeadingTrivia(method.ReturnType.GetLeadingTrivia())]);
            default:
                return function;
        }
    }

    // An await and a return in the place of one statement; where there is a list, they are two of it.
    private static readonly SyntaxAnnotation Pair = new();

    private sealed class Rewriter(SyntaxNode function, IReadOnlyDictionary<SyntaxNode, SyntaxNode> replacements, bool hasResult, SemanticModel model, KnownSymbols known, CancellationToken cancellationToken) : CSharpSyntaxRewriter
    {
        public override SyntaxNode? Visit(SyntaxNode? node)
        {
            if (node is null || node == function)
                return base.Visit(node);

            if (replacements.TryGetValue(node, out var replacement))
                return replacement;

            // Functions inside keep their own returns, but a replacement may stand in what they are given.
            return node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax
                ? node.ReplaceNodes(node.DescendantNodes().Where(replacements.ContainsKey), (old, _) => replacements[old])
                : base.Visit(node);
        }

        public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node) =>
            node.Parent == function ? node.WithExpression(Returned(node.Expression)) : base.VisitArrowExpressionClause(node);

        public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
            node.ExpressionBody is { } body ? node.WithExpressionBody(Returned(body)) : base.VisitSimpleLambdaExpression(node);

        public override SyntaxNode? VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) =>
            node.ExpressionBody is { } body ? node.WithExpressionBody(Returned(body)) : base.VisitParenthesizedLambdaExpression(node);

        public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node)
        {
            if (node.Expression is not { } returned)
                return node;

            if (hasResult)
                return node.WithExpression(Returned(returned));

            // At the function's end it says nothing, unless a comment hangs on it.
            if (IsCompletedTask(returned) && node.Parent is BlockSyntax { Parent: var owner } && owner == function && IsLast(node) && node.GetLeadingTrivia().Concat(node.GetTrailingTrivia()).All(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia) || trivia.IsKind(SyntaxKind.EndOfLineTrivia)))
                return null;

            if (IsCompletedTask(returned))
                return node.WithExpression(null).WithReturnKeyword(node.ReturnKeyword.WithTrailingTrivia());

            // Behind the function's last statement nothing is left to return from.
            var awaited = SyntaxFactory.ExpressionStatement(Awaited(returned).WithoutTrivia(), SyntaxFactory.Token(default, SyntaxKind.SemicolonToken, default));
            if (IsLast(node))
                return awaited.WithTriviaFrom(node);

            if (node.Parent is BlockSyntax or SwitchSectionSyntax)
            {
                var isLine = node.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);
                return SyntaxFactory.Block(
                    awaited.WithLeadingTrivia(node.GetLeadingTrivia()).WithTrailingTrivia(isLine ? SyntaxFactory.EndOfLine("\n") : SyntaxFactory.Space),
                    SyntaxFactory.ReturnStatement().WithLeadingTrivia(isLine ? [SyntaxFactory.Whitespace(Indentation.Of(node))] : default(SyntaxTriviaList)).WithTrailingTrivia(node.GetTrailingTrivia()))
                    .WithAdditionalAnnotations(Pair);
            }

            return SyntaxFactory.Block(awaited, SyntaxFactory.ReturnStatement())
                .WithAdditionalAnnotations(Microsoft.CodeAnalysis.Formatting.Formatter.Annotation)
                .WithTriviaFrom(node);
        }

        public override SyntaxNode? VisitBlock(BlockSyntax node) => base.VisitBlock(node) is BlockSyntax visited ? visited.WithStatements(Flat(visited.Statements)) : null;

        public override SyntaxNode? VisitSwitchSection(SwitchSectionSyntax node) => base.VisitSwitchSection(node) is SwitchSectionSyntax visited ? visited.WithStatements(Flat(visited.Statements)) : null;

        private static SyntaxList<StatementSyntax> Flat(SyntaxList<StatementSyntax> statements) =>
            statements.Any(static statement => statement.HasAnnotation(Pair))
                ? SyntaxFactory.List(statements.SelectMany(static statement => statement is BlockSyntax pair && pair.HasAnnotation(Pair) ? pair.Statements : (IEnumerable<StatementSyntax>)[statement]))
                : statements;

        // Behind the last statement of what is itself last, the function ends.
        private bool IsLast(ReturnStatementSyntax node)
        {
            for (SyntaxNode current = node; current.Parent is { } parent; current = parent)
            {
                if (parent == function)
                    return true;

                if (parent is not (UsingStatementSyntax or IfStatementSyntax or ElseClauseSyntax or TryStatementSyntax or CatchClauseSyntax)
                    && !(parent is BlockSyntax block && block.Statements.Last(static statement => statement is not LocalFunctionStatementSyntax) == current))
                {
                    return false;
                }
            }

            return false;
        }

        private ExpressionSyntax Returned(ExpressionSyntax expression) => (hasResult ? ResultOf(expression) : null) ?? Awaited(expression);

        // Of `new(task)`, which has no type without its target, the task is awaited itself.
        private ExpressionSyntax Awaited(ExpressionSyntax expression) => AwaitInsertion.Await(
            (ExpressionSyntax)Visit(expression is ImplicitObjectCreationExpressionSyntax { ArgumentList.Arguments: [{ Expression: var task }] } ? task : expression)!,
            expression,
            AwaitInsertion.UsesConfigureAwaitFalse(expression.SyntaxTree.GetRoot(cancellationToken)));

        private bool IsCompletedTask(ExpressionSyntax expression) =>
            model.GetSymbolInfo(expression, cancellationToken).Symbol is IPropertySymbol { Name: "CompletedTask" } property && property.Type.IsTaskOrValueTask(known);

        // The x of Task.FromResult(x), ValueTask.FromResult(x) and new ValueTask<T>(x).
        private ExpressionSyntax? ResultOf(ExpressionSyntax expression)
        {
            var arguments = expression switch
            {
                InvocationExpressionSyntax invocation => invocation.ArgumentList,
                BaseObjectCreationExpressionSyntax creation => creation.ArgumentList,
                _ => null,
            };

            // What a lambda returns may decide the type of the lambda: `FromResult<object>("x")` is no string.
            if (arguments is { Arguments: [{ Expression: var value }] } && function is AnonymousFunctionExpressionSyntax
                && expression is not ImplicitObjectCreationExpressionSyntax
                && !SymbolEqualityComparer.Default.Equals(model.GetTypeInfo(value, cancellationToken).Type, model.GetTypeInfo(expression, cancellationToken).Type.TaskResult(known)))
            {
                return null;
            }

            if (arguments is not { Arguments: [var argument] } || model.GetSymbolInfo(expression, cancellationToken).Symbol is not IMethodSymbol method)
                return null;

            var isResult = method is { Name: "FromResult", ReturnType: var task } && task.IsTaskOrValueTask(known)
                || (method is { MethodKind: MethodKind.Constructor, Parameters: [{ Type: var parameter }] } && method.ContainingType.IsValueTask(known) && !parameter.IsTask(known)
                    && SymbolEqualityComparer.Default.Equals(parameter, method.ContainingType.TaskResult(known)));
            return isResult ? ((ExpressionSyntax)Visit(argument.Expression)!).WithTriviaFrom(expression) : null;
        }
    }
}
