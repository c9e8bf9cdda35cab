using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>
/// <c>X(args)</c> → <c>await XAsync(args)</c> where there is one; else, where the chain ends at a task, all of it becomes
/// async; else <c>await _threads.RunAsync(() => X(args), cancellationToken)</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC105BlockingAtDistanceCodeFix)), Shared]
public sealed class CONC105BlockingAtDistanceCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.BlockingAtDistance;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.BlockingAtDistance];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var (document, cancellationToken) = (context.Document, context.CancellationToken);
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax reported)
            return;

        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (reported is InvocationExpressionSyntax { Expression: var called } call && NameOf(called) is { } name && AsyncSibling.Of(call, name + "Async", model, KnownSymbols.Of(model.Compilation)) is not null)
            AwaitedSibling.Offer(context, root, call, name + "Async", model, Key);
        else
            await OfferThreadsAsync(context, root, reported, model, await OfferAsyncAsync(context, reported, model).ConfigureAwait(false) ? Key + ".Threads" : Key).ConfigureAwait(false);
    }

    // Read → Parse → Task.Result: both are made async, and all who call them.
    private static async Task<bool> OfferAsyncAsync(CodeFixContext context, ExpressionSyntax reported, SemanticModel model)
    {
        var (document, cancellationToken) = (context.Document, context.CancellationToken);
        var summary = BlockingSummary.Of(model.Compilation, document.Project.AnalyzerOptions, cancellationToken);
        if (model.GetOperation(reported, cancellationToken) is not { } operation
            || summary.BlockingCallees(operation).Select(summary.Of).FirstOrDefault() is not { Links: [.., { SourceTree: { } tree } wait] }
            || document.Project.Solution.GetDocument(tree) is not { } last
            || (await tree.GetRootAsync(cancellationToken).ConfigureAwait(false)).FindNode(wait.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax access
            || await AsyncAllTheWay.FromAsync(last, access, cancellationToken).ConfigureAwait(false) is not var (name, changed))
        {
            return false;
        }

        context.RegisterCodeFix(
            new RuleCodeAction(document.Project.Solution, $"Make '{name}' async, and await it in its callers", Key, _ => Task.FromResult(changed)),
            context.Diagnostics);
        return true;
    }

    private static async Task OfferThreadsAsync(CodeFixContext context, SyntaxNode root, ExpressionSyntax reported, SemanticModel model, string key)
    {
        var (document, cancellationToken) = (context.Document, context.CancellationToken);
        if (reported is not (InvocationExpressionSyntax or ObjectCreationExpressionSyntax or MemberAccessExpressionSyntax or IdentifierNameSyntax)
            || IsPartOfAccess(reported) || IsWritten(reported) || ContainsAnother(document, reported, model, cancellationToken)
            || SharedThreads.For(reported, model, cancellationToken) is not { } threads
            || !AwaitPlacement.CanAwait(reported, model, cancellationToken)
            || !CapturedCode.CanMove(reported, model, cancellationToken)
            || model.GetTypeInfo(reported, cancellationToken).Type is not { IsAnonymousType: false } type)
        {
            return;
        }

        var known = KnownSymbols.Of(model.Compilation);
        // What handles an error has to be done also where the error came of the cancellation.
        var token = reported.FirstAncestorOrSelf<CatchClauseSyntax>() is null ? TokenScope.TokenFor(reported, model, known) : null;
        var mark = new SyntaxAnnotation();
        var lambda = SyntaxFactory.ParenthesizedLambdaExpression(SyntaxFactory.ParameterList(), reported.WithoutTrivia())
            .WithArrowToken(SyntaxFactory.Token([SyntaxFactory.Space], SyntaxKind.EqualsGreaterThanToken, [SyntaxFactory.Space]));
        var run = token is null ? threads.Call("RunAsync", lambda) : threads.Call("RunAsync", lambda, SyntaxFactory.ParseExpression(token));
        var awaited = AwaitInsertion.Await(run, reported, AwaitInsertion.UsesConfigureAwaitFalse(root)).WithAdditionalAnnotations(mark);
        var function = EnclosingFunction.Of(reported)!;
        var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [reported] = awaited }, model, cancellationToken);
        var changedRoot = threads.Replace(root, function, changed, SyntaxGenerator.GetGenerator(document));
        if (await EditProof.ApplyAsync(document, model, changedRoot, mark, type, reported, cancellationToken).ConfigureAwait(false) is { } proved)
        {
            context.RegisterCodeFix(
                RuleCodeAction.Create(document, $"Run it on a thread of the ThreadExecutor '{threads.Field}'", key, _ => Task.FromResult(proved)),
                context.Diagnostics);
        }
    }

    // Read(Read(1)): the inner one comes first, and its await then keeps the outer one where it is.
    private static bool ContainsAnother(Document document, ExpressionSyntax reported, SemanticModel model, CancellationToken cancellationToken)
    {
        var summary = BlockingSummary.Of(model.Compilation, document.Project.AnalyzerOptions, cancellationToken);
        return model.GetOperation(reported, cancellationToken) is { } operation
            && operation.Descendants().Any(inner => summary.BlockingCallees(inner).Any());
    }

    private static string? NameOf(ExpressionSyntax called) => called switch
    {
        IdentifierNameSyntax name => name.Identifier.ValueText,
        GenericNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } => name,
        MemberBindingExpressionSyntax { Name.Identifier.ValueText: var name } => name,
        _ => null,
    };

    // Of `x?.Read()` only the whole could move, and of `new X { … }` and `with` only what surrounds them.
    private static bool IsPartOfAccess(ExpressionSyntax expression)
    {
        for (SyntaxNode current = expression; current.Parent is ExpressionSyntax parent; current = parent)
        {
            if (parent is ConditionalAccessExpressionSyntax access && access.WhenNotNull == current)
                return true;

            if (parent is not (MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or PostfixUnaryExpressionSyntax))
                break;
        }

        return false;
    }

    private static bool IsWritten(ExpressionSyntax expression) => expression.Parent switch
    {
        AssignmentExpressionSyntax assignment => assignment.Left == expression,
        PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => expression.Parent.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression,
        ArgumentSyntax { RefKindKeyword.RawKind: not 0 } => true,
        NameColonSyntax => true,
        MemberAccessExpressionSyntax access => access.Name == expression,
        _ => false,
    };
}
