using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>foreach (var x in xs) results.Add(await FAsync(x));</c> → <c>results.AddRange(await Gather.AllAsync(xs, maxConcurrency: 32, x => FAsync(x)));</c></summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC206SequentialAwaitsCodeFix)), Shared]
public sealed class CONC206SequentialAwaitsCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.SequentialAwaits];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var cancellationToken = context.CancellationToken;
        var root = await context.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindToken(context.Span.Start).Parent is not ForEachStatementSyntax loop || model?.GetOperation(loop, cancellationToken) is not IForEachLoopOperation operation
            || !model.GetForEachStatementInfo(loop).ElementConversion.IsIdentity
            || IndependentTurns.Of(operation, KnownSymbols.Of(model.Compilation), cancellationToken) is not { } turns)
        {
            return;
        }

        var body = new SequentialBody(loop, turns.Kept?.Syntax as InvocationExpressionSyntax);
        var work = FannedOutWork.OfTurn(loop.Expression, body, model);
        await new BoundedRun(context, root, model, loop, work).RegisterAsync(
            RuleIds.SequentialAwaits, "; the order is given up, and the first failure cancels the rest", body.List is { } list ? AddTo(list) : null).ConfigureAwait(false);
    }

    private static Func<ExpressionSyntax, ExpressionSyntax> AddTo(ExpressionSyntax list) => results => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, list.WithoutTrivia(), SyntaxFactory.IdentifierName("AddRange")),
        SyntaxFactory.ArgumentList([SyntaxFactory.Argument(results)]));
}
