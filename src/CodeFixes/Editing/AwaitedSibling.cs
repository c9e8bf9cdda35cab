using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>Puts <c>await XAsync(…)</c> in the place of <c>X(…)</c>, with the token in scope and in the file's style of ConfigureAwait.</summary>
internal static class AwaitedSibling
{
    /// <summary>Offers the replacement, with the token and, where there is one, without it; nothing where no await can stand or the sibling doesn't bind.</summary>
    public static void Offer(CodeFixContext context, SyntaxNode root, InvocationExpressionSyntax call, string siblingName, SemanticModel model, string key)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (model.GetSymbolInfo(call, context.CancellationToken).Symbol is not IMethodSymbol method
            || AsyncSibling.Of(call, siblingName, model, known) is not { } sibling
            || Place(call) is not { } place
            || !AwaitPlacement.CanAwait(place, model, context.CancellationToken))
        {
            return;
        }

        var token = TokenScope.TokenFor(call, model, known);
        var without = sibling.Call(call, null, model, known);
        var with = sibling.Call(call, token, model, known);
        var passesToken = token is not null && !with.IsEquivalentTo(without);
        Register($"Replace with 'await {sibling.Name}(…{(passesToken ? ", " + token : "")})'", key, with);
        if (passesToken && !sibling.NeedsToken)
            Register($"Replace with 'await {sibling.Name}(…)', without the token", key + ".WithoutToken", without);

        void Register(string title, string equivalenceKey, InvocationExpressionSyntax replacement) => context.RegisterCodeFix(
            RuleCodeAction.Create(context.Document, title, equivalenceKey, cancellationToken =>
            {
                SyntaxNode awaited = place is ForEachStatementSyntax loop
                    ? Awaited(loop, replacement)
                    : AwaitInsertion.Await(Task(replacement), (ExpressionSyntax)place, AwaitInsertion.UsesConfigureAwaitFalse(root));
                var function = EnclosingFunction.Of(call)!;
                var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [place] = awaited }, model, cancellationToken);
                return System.Threading.Tasks.Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(function, changed)));
            }),
            context.Diagnostics);

        // `x?.Flush();` → `await (x?.FlushAsync() ?? Task.CompletedTask);`
        ExpressionSyntax Task(InvocationExpressionSyntax replacement)
        {
            if (place is not ConditionalAccessExpressionSyntax access)
                return replacement;

            ExpressionSyntax completed = sibling.Method.ReturnType.IsValueTask(known)
                ? SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression)
                : SyntaxGenerator.GetGenerator(context.Document).ImportedMember(known.Task!, "CompletedTask");
            var coalesce = SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.QuestionQuestionToken, [SyntaxFactory.Space]);
            return SyntaxFactory.BinaryExpression(SyntaxKind.CoalesceExpression, access.WithWhenNotNull(replacement).WithoutTrivia(), coalesce, completed);
        }

        // Where there may be no object, there may be no result: only a statement can do without.
        SyntaxNode? Place(InvocationExpressionSyntax of) => sibling.IsSequence ? AsyncSibling.LoopOver(of) : of.Parent is ConditionalAccessExpressionSyntax access && access.WhenNotNull == of
            ? access.Parent is ExpressionStatementSyntax && method.ReturnsVoid ? access : null
            : of;
    }

    private static ForEachStatementSyntax Awaited(ForEachStatementSyntax loop, InvocationExpressionSyntax sequence) => loop
        .WithAwaitKeyword(SyntaxFactory.Token(loop.ForEachKeyword.LeadingTrivia, SyntaxKind.AwaitKeyword, [SyntaxFactory.Space]))
        .WithForEachKeyword(loop.ForEachKeyword.WithLeadingTrivia())
        .WithExpression(sequence);
}
