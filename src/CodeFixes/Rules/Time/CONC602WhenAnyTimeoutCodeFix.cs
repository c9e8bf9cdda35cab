using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>
/// <c>if (await Task.WhenAny(task, Task.Delay(t)) != task) throw …;</c> → <c>await task.WaitAsync(t);</c>, with a
/// handler of the TimeoutException where something else than that is done on a timeout.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC602WhenAnyTimeoutCodeFix)), Shared]
public sealed class CONC602WhenAnyTimeoutCodeFix : CodeFixProvider
{
    private const string Key = RuleIds.WhenAnyTimeout;

    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.WhenAnyTimeout];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        var known = KnownSymbols.Of(model.Compilation);
        if (model.GetOperation(call, context.CancellationToken) is not Microsoft.CodeAnalysis.Operations.IInvocationOperation operation
            || TimeoutRace.Of(operation, known) is not { } race
            || known.Task!.GetMembers("WaitAsync").IsEmpty
            || TimeoutRaceEdit.Of(call, race, model, SyntaxGenerator.GetGenerator(document), context.CancellationToken) is not { } edit
            || model.GetTypeInfo(edit.Task, context.CancellationToken).Type is not { } type
            || await EditProof.ApplyAsync(document, model, edit.Apply(root), edit.Replacement, type, call, context.CancellationToken).ConfigureAwait(false) is not { } changed)
        {
            return;
        }

        context.RegisterCodeFix(RuleCodeAction.Create(document, edit.Title, Key, _ => Task.FromResult(changed)), context.Diagnostics);
    }
}
