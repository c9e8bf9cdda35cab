using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary><c>int Read() => ReadAsync().Result;</c> → <c>async Task&lt;int&gt; Read() => await ReadAsync();</c>, and so on in its callers.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC106SyncOverAsyncCodeFix)), Shared]
public sealed class CONC106SyncOverAsyncCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.SyncOverAsync];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var (document, cancellationToken) = (context.Document, context.CancellationToken);
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is ExpressionSyntax access
            && await AsyncAllTheWay.FromAsync(document, access, cancellationToken).ConfigureAwait(false) is var (_, changed))
        {
            context.RegisterCodeFix(
                new RuleCodeAction(document.Project.Solution, "Make the method async, and await it in its callers", RuleIds.SyncOverAsync, _ => Task.FromResult(changed)),
                context.Diagnostics);
        }
    }
}
