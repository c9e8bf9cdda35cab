using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary><c>_ = FooAsync();</c> → <c>FooAsync().Observe();</c>, or <c>await FooAsync();</c> where an await may stand.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC302DiscardedTaskCodeFix)), Shared]
public sealed class CONC302DiscardedTaskCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.DiscardedTask;
    private const string AwaitKey = Key + ".Await";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.DiscardedTask];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null || DroppedTask.At(root.FindNode(context.Span, getInnermostNodeForTie: true), model, context.CancellationToken) is not { } task)
            return;

        if (task.CanObserve)
            Register("Observe the task's exceptions", Key, () => task.Observe(document, root));

        // Without the runtime this is no choice to make for all at once: who discards doesn't want to wait.
        if (task.CanAwait)
            Register("Await the task", AwaitKey, () => task.Await(document, root, keepResult: false));

        void Register(string title, string key, Func<Document> edit) =>
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(edit())), context.Diagnostics);
    }
}
