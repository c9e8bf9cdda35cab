using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>
/// <c>semaphore.Wait()</c> → <c>await semaphore.WaitAsync(cancellationToken)</c>, <c>process.WaitForExit()</c> → <c>await
/// process.WaitForExitAsync(…)</c>, <c>Parallel.ForEach</c> → <c>await Parallel.ForEachAsync</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC103BlockingSynchronizationInAsyncCodeFix)), Shared]
public sealed class CONC103BlockingSynchronizationInAsyncCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.BlockingSynchronizationInAsync;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.BlockingSynchronizationInAsync];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetOperation(call, context.CancellationToken) is not IInvocationOperation operation || BlockingPrimitive.Of(operation, KnownSymbols.Of(model.Compilation)) is not { AsyncName: { } name })
            return;

        if (name is not ("ForEachAsync" or "ForAsync"))
        {
            AwaitedSibling.Offer(context, root, call, name, model, Key);
            return;
        }

        if (!AwaitPlacement.CanAwait(call, model, context.CancellationToken) || ParallelLoop.Asynchronous(call, name, model, SyntaxGenerator.GetGenerator(document)) is not { } loop)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, $"Replace with 'await Parallel.{name}(…)', which runs one turn per processor at once", Key, cancellationToken =>
            {
                var awaited = AwaitInsertion.Await(loop, call, AwaitInsertion.UsesConfigureAwaitFalse(root));
                var function = EnclosingFunction.Of(call)!;
                var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [call] = awaited }, model, cancellationToken);
                return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(function, changed)));
            }),
            context.Diagnostics);
    }
}
