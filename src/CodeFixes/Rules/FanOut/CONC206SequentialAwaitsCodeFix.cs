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
        if (root?.FindToken(context.Span.Start).Parent is not StatementSyntax loop || model?.GetOperation(loop, cancellationToken) is not ILoopOperation operation
            || IndependentTurns.Of(operation, KnownSymbols.Of(model.Compilation), cancellationToken) is not { } turns
            || Turn(loop, operation, turns.Kept?.Syntax as InvocationExpressionSyntax, model) is not var (source, body))
        {
            return;
        }

        var work = FannedOutWork.OfTurn(source, body, model);
        await new BoundedRun(context, root, model, loop, work).RegisterAsync(
            RuleIds.SequentialAwaits, "; the order is given up, and the first failure cancels the rest", body.List is { } list ? AddTo(list) : null).ConfigureAwait(false);
    }

    private static (ExpressionSyntax Source, SequentialBody Body)? Turn(StatementSyntax loop, ILoopOperation operation, InvocationExpressionSyntax? kept, SemanticModel model)
    {
        switch (loop)
        {
            case ForEachStatementSyntax each when model.GetForEachStatementInfo(each).ElementConversion.IsIdentity:
                return (each.Expression, new(each.Identifier.Text, each.Statement, each.CloseParenToken, kept, new Dictionary<SyntaxNode, SyntaxNode>()));
            case ForStatementSyntax each when IndexLoop.Of((IForLoopOperation)operation) is { Source.Syntax: ExpressionSyntax source, Elements: var elements }:
                var element = FreshName.In(each, model, FreshName.ForElementOf(source), "item", "element");
                return (source, new(element, each.Statement, each.CloseParenToken, kept, elements.ToDictionary(static one => one.Syntax, one => (SyntaxNode)SyntaxFactory.IdentifierName(element).WithTriviaFrom(one.Syntax))));
            default:
                return null;
        }
    }

    private static Func<ExpressionSyntax, ExpressionSyntax> AddTo(ExpressionSyntax list) => results => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, list.WithoutTrivia(), SyntaxFactory.IdentifierName("AddRange")),
        SyntaxFactory.ArgumentList([SyntaxFactory.Argument(results)]));
}
