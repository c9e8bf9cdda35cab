using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>
/// <c>task.Result</c>, <c>task.Wait()</c> and <c>GetAwaiter().GetResult()</c> → <c>await task</c>; <c>Wait(timeout)</c>
/// → <c>await task.WaitAsync(timeout)</c>; <c>WaitAll</c> and <c>WaitAny</c> → <c>await WhenAll</c> and <c>WhenAny</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC102BlockingOnTaskInAsyncCodeFix)), Shared]
public sealed class CONC102BlockingOnTaskInAsyncCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.BlockingOnTaskInAsync;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.BlockingOnTaskInAsync];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax access)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (!AwaitPlacement.CanAwait(access, model, context.CancellationToken) || BlockingCatch.IsAround(access, model, context.CancellationToken))
            return;

        if (AwaitedTask.Of(access, model, SyntaxGenerator.GetGenerator(document), context.CancellationToken) is not { } awaited)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Replace with 'await'", Key, cancellationToken =>
            {
                var configureAwaitFalse = awaited.ConfigureAwaitFalse ?? AwaitInsertion.UsesConfigureAwaitFalse(root);
                var replacement = AwaitInsertion.Await(awaited.Task, awaited.Place, configureAwaitFalse);
                var function = EnclosingFunction.Of(access)!;
                var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [awaited.Place] = replacement }, model, cancellationToken);
                return Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(function, changed)));
            }),
            context.Diagnostics);
    }
}
