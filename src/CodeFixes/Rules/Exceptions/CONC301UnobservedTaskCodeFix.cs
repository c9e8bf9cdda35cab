using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary><c>FooAsync();</c> → <c>await FooAsync();</c> where an await may stand, else <c>FooAsync().Observe();</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC301UnobservedTaskCodeFix)), Shared]
public sealed class CONC301UnobservedTaskCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.UnobservedTask;
    private const string ObserveKey = Key + ".Observe";

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnobservedTask];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null || DroppedTask.At(root.FindNode(context.Span, getInnermostNodeForTie: true), model, context.CancellationToken) is not { } task)
            return;

        var canAwait = task.CanAwait;
        if (canAwait)
            Register("Await the task", Key, () => task.Await(document, root, keepResult: true));

        if (task.CanObserve)
            Register("Observe the task's exceptions, without waiting for it", canAwait ? ObserveKey : Key, () => task.Observe(document, root));

        void Register(string title, string key, Func<Document> edit) =>
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, key, _ => Task.FromResult(edit())), context.Diagnostics);
    }
}
