namespace ConcurrencyAnalyzers.Editing;

/// <summary>
/// <c>Parallel.ForEach(xs, x => …)</c> → <c>Parallel.ForEachAsync(xs, (x, _) => { …; return ValueTask.CompletedTask; })</c>,
/// and the same for <c>Parallel.For</c>.
/// </summary>
internal static class ParallelLoop
{
    /// <summary>The asynchronous loop; null where its body isn't written there, or where the loop's result is used.</summary>
    public static InvocationExpressionSyntax? Asynchronous(InvocationExpressionSyntax call, string name, SemanticModel model, SyntaxGenerator generator)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (call is not { Parent: ExpressionStatementSyntax, Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax } member, ArgumentList.Arguments: [.., { NameColon: null, Expression: SimpleLambdaExpressionSyntax { AsyncKeyword.RawKind: 0 } body } last] }
            || known.ValueTask is not { } valueTask
            || body.Parameter.Identifier.ValueText == "_"
            || body.ContainsDirectives)
        {
            return null;
        }

        var completed = generator.ImportedMember(valueTask, "CompletedTask");
        var parameters = SyntaxFactory.ParameterList(SyntaxFactory.SeparatedList(
            [body.Parameter.WithoutTrivia(), SyntaxFactory.Parameter(SyntaxFactory.Identifier("_"))],
            [SyntaxFactory.Token(default, SyntaxKind.CommaToken, [SyntaxFactory.Space])]));
        var lambda = SyntaxFactory.ParenthesizedLambdaExpression(parameters, Block(body, completed, model))
            .WithArrowToken(body.ArrowToken)
            .WithParameterList(parameters.WithTrailingTrivia(SyntaxFactory.Space));
        var changed = call
            .WithExpression(member.WithName(SyntaxFactory.IdentifierName(name)))
            .WithArgumentList(call.ArgumentList.WithArguments(call.ArgumentList.Arguments.Replace(last, last.WithExpression(lambda.WithTriviaFrom(body)))));
        return model.GetSpeculativeSymbolInfo(call.SpanStart, changed, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol { Name: var bound } && bound == name
            ? changed
            : null;
    }

    private static BlockSyntax Block(SimpleLambdaExpressionSyntax body, ExpressionSyntax completed, SemanticModel model)
    {
        var done = SyntaxFactory.ReturnStatement(SyntaxFactory.Token(default, SyntaxKind.ReturnKeyword, [SyntaxFactory.Space]), completed, SyntaxFactory.Token(SyntaxKind.SemicolonToken));
        if (body.ExpressionBody is { } expression)
        {
            return SyntaxFactory.Block(SyntaxFactory.ExpressionStatement(expression.WithoutTrivia()), done)
                .WithAdditionalAnnotations(Microsoft.CodeAnalysis.Formatting.Formatter.Annotation);
        }

        var block = body.Block!;
        var ends = block.Statements.Count == 0 || model.AnalyzeControlFlow(block.Statements.First(), block.Statements.Last()) is not { Succeeded: true, EndPointIsReachable: false };
        var returns = block.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)).OfType<ReturnStatementSyntax>();
        var changed = block.ReplaceNodes(returns, (old, _) => done.WithTriviaFrom(old));
        if (!ends)
            return changed;

        var trailing = block.Statements.LastOrDefault()?.GetTrailingTrivia() ?? [SyntaxFactory.ElasticMarker];
        var leading = block.Statements.LastOrDefault()?.GetLeadingTrivia().Reverse().TakeWhile(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)) ?? [];
        return changed.AddStatements(done.WithLeadingTrivia(leading).WithTrailingTrivia(trailing.Where(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia) || trivia.IsKind(SyntaxKind.WhitespaceTrivia))));
    }
}
