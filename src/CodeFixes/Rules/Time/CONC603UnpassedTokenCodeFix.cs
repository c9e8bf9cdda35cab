using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>Passes the token: as an argument, by name where names or optional parameters need it, or with <c>WithCancellation</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC603UnpassedTokenCodeFix)), Shared]
public sealed class CONC603UnpassedTokenCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnpassedToken];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax expression
            || !context.Diagnostics[0].Properties.TryGetValue(CONC603UnpassedTokenAnalyzer.Token, out var text) || text is null)
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        var token = SyntaxFactory.ParseExpression(text);
        if (Given(expression, token, model, context.CancellationToken) is not { } given)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Pass '{text}'", RuleIds.UnpassedToken, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(expression, given)))),
            context.Diagnostics);
    }

    private static InvocationExpressionSyntax? Given(ExpressionSyntax expression, ExpressionSyntax token, SemanticModel model, CancellationToken cancellationToken)
    {
        var known = KnownSymbols.Of(model.Compilation);
        if (known.CancellationToken is not { } type)
            return null;

        if (expression is InvocationExpressionSyntax call && TokenArgument.Of(call, new TokenSlots(type), model, known, cancellationToken) is { } argument)
            return argument.AddTo(call, token);

        var sequence = model.GetTypeInfo(expression, cancellationToken).Type;
        if (!SymbolEqualityComparer.Default.Equals(sequence?.OriginalDefinition, known.AsyncEnumerable))
            return null;

        var receiver = expression is IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ThisExpressionSyntax or ParenthesizedExpressionSyntax
            ? expression.WithoutTrivia()
            : SyntaxFactory.ParenthesizedExpression(expression.WithoutTrivia());
        var cancellable = SyntaxFactory.InvocationExpression(
            SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, receiver, SyntaxFactory.IdentifierName("WithCancellation")),
            SyntaxFactory.ArgumentList([SyntaxFactory.Argument(token)]));
        return model.GetSpeculativeSymbolInfo(expression.SpanStart, cancellable, SpeculativeBindingOption.BindAsExpression).Symbol is IMethodSymbol { Name: "WithCancellation" }
            ? cancellable.WithTriviaFrom(expression)
            : null;
    }
}
