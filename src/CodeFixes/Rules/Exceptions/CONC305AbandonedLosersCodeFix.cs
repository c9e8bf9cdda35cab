using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>await await Task.WhenAny(A(), B())</c> → <c>await Gather.FirstAsync([ct => A(ct), ct => B(ct)], cancellationToken)</c>,
/// also for <c>(await Task.WhenAny(…)).Result</c>; a sequence of tasks stays one.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC305AbandonedLosersCodeFix)), Shared]
public sealed class CONC305AbandonedLosersCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.AbandonedLosers];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax whenAny
            || model is null
            || ResultOf(whenAny) is not { } place
            || model.GetTypeInfo(place, cancellationToken).Type is not { SpecialType: not SpecialType.System_Void })
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        if (known.Gather is not { } gather || known.TaskOfT is null)
            return;

        var arguments = whenAny.ArgumentList.Arguments;
        var isSequence = arguments.Count == 1 && !model.GetTypeInfo(arguments[0].Expression, cancellationToken).Type.IsTask(known);
        var token = TokenScope.TokenFor(whenAny, model, known);
        if (!isSequence && !arguments.All(argument => argument.Expression is InvocationExpressionSyntax && argument.NameColon is null))
            return;

        var mark = new SyntaxAnnotation();
        var call = SyntaxFactory.InvocationExpression(SyntaxGenerator.GetGenerator(document).ImportedMember(gather, "FirstAsync"), SyntaxFactory.ArgumentList(isSequence ? arguments : Contenders()))
            .WithAdditionalAnnotations(mark);
        var awaited = AwaitInsertion.Await(call, place, IsConfigured(whenAny) || AwaitInsertion.UsesConfigureAwaitFalse(root));
        if (model.GetTypeInfo(whenAny, cancellationToken).Type.TaskResult(known) is not { } winner
            || await EditProof.ApplyAsync(document, model, root.ReplaceNode(place, awaited), mark, winner, place, cancellationToken).ConfigureAwait(false) is not { } changed)
        {
            return;
        }

        var title = isSequence
            ? "Replace with 'Gather.FirstAsync': the first that succeeds, the failures of the others observed"
            : "Replace with 'Gather.FirstAsync': the first that succeeds, the others cancelled";
        context.RegisterCodeFix(RuleCodeAction.Create(document, title, RuleIds.AbandonedLosers, _ => Task.FromResult(changed)), context.Diagnostics);

        // Each contender gets the token that is cancelled when another has won.
        SeparatedSyntaxList<ArgumentSyntax> Contenders()
        {
            var name = FreshName.In(EnclosingFunction.Of(whenAny)!, model, "ct", "token", "contender");
            var lambdas = arguments.Select(argument => (CollectionElementSyntax)SyntaxFactory.ExpressionElement(Contender(argument.Expression, name)).WithTriviaFrom(argument));
            var list = SyntaxFactory.Argument(SyntaxFactory.CollectionExpression(SyntaxFactory.SeparatedList(lambdas, arguments.GetSeparators())));
            return token is null
                ? [list]
                : SyntaxFactory.SeparatedList([list, SyntaxFactory.Argument(SyntaxFactory.IdentifierName(token))], [SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space)]);
        }

        LambdaExpressionSyntax Contender(ExpressionSyntax start, string name)
        {
            var offers = TokenForwarding.Offers([start], name, model, cancellationToken);
            var given = start.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>()
                .Where(identifier => identifier.Parent is ArgumentSyntax && token is not null && identifier.Identifier.Text == token)
                .ToList();
            var body = given.Count > 0
                ? start.ReplaceNodes(given, (old, _) => SyntaxFactory.IdentifierName(name).WithTriviaFrom(old))
                : start.ReplaceNodes(offers.Keys, (old, changed) => TokenForwarding.WithArgument(changed, offers[old]));
            var parameter = SyntaxFactory.Parameter(SyntaxFactory.Identifier(given.Count + offers.Count > 0 ? name : "_"));
            return SyntaxFactory.SimpleLambdaExpression(parameter.WithTrailingTrivia(SyntaxFactory.Space), body.WithoutTrivia())
                .WithArrowToken(SyntaxFactory.Token(SyntaxKind.EqualsGreaterThanToken).WithTrailingTrivia(SyntaxFactory.Space));
        }
    }

    // await await Task.WhenAny(…), await (await Task.WhenAny(…)), (await Task.WhenAny(…)).Result
    private static ExpressionSyntax? ResultOf(InvocationExpressionSyntax whenAny)
    {
        if (Awaited(whenAny) is not { } winner)
            return null;

        return Unparenthesized(winner).Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result" } result ? result : Awaited(winner);
    }

    private static AwaitExpressionSyntax? Awaited(ExpressionSyntax task)
    {
        task = Unparenthesized(task);
        if (task.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax configured })
            task = Unparenthesized(configured);

        return task.Parent as AwaitExpressionSyntax;
    }

    private static bool IsConfigured(ExpressionSyntax task) =>
        Unparenthesized(task).Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Parent: InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression.RawKind: (int)SyntaxKind.FalseLiteralExpression }] } };

    private static ExpressionSyntax Unparenthesized(ExpressionSyntax expression)
    {
        while (expression.Parent is ParenthesizedExpressionSyntax parent)
            expression = parent;

        return expression;
    }
}
