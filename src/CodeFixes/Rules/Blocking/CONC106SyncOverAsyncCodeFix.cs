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
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax access
            || EnclosingFunction.Of(access) is not { } function || function is not (MethodDeclarationSyntax or LocalFunctionStatementSyntax))
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        if (BlockingCatch.IsAround(access, model, cancellationToken) || AwaitedTask.Of(access, model, SyntaxGenerator.GetGenerator(document), cancellationToken) is not { } task)
            return;

        var awaited = AwaitInsertion.Await(task.Task, task.Place, task.ConfigureAwaitFalse ?? AwaitInsertion.UsesConfigureAwaitFalse(root));
        if (await AsyncPropagation.MakeAsync(document, function, task.Place, awaited, cancellationToken).ConfigureAwait(false) is { } changed)
        {
            context.RegisterCodeFix(
                new RuleCodeAction(document.Project.Solution, "Make the method async, and await it in its callers", RuleIds.SyncOverAsync, _ => Task.FromResult(changed)),
                context.Diagnostics);
        }
    }
}
