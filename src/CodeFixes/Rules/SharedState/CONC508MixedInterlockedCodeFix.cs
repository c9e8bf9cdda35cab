using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Makes the plain write a call of Interlocked, as the other updates are.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC508MixedInterlockedCodeFix)), Shared]
public sealed class CONC508MixedInterlockedCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.MixedInterlocked];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax place || InterlockedCall.WriteAround(place) is not { } write)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (InterlockedCall.For(write, model, SyntaxGenerator.GetGenerator(document), context.CancellationToken) is not { } call)
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Use Interlocked", RuleIds.MixedInterlocked, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(write, call)))),
            context.Diagnostics);
    }
}
