using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>
/// <c>using (…) return FAsync();</c> → <c>using (…) return await FAsync();</c> in a function made async; a dropped task
/// is awaited where it stands, one that is awaited too late at the end of its scope.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC307OutlivedScopeCodeFix)), Shared]
public sealed class CONC307OutlivedScopeCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.OutlivedScope];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var cancellationToken = context.CancellationToken;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax task || model is null)
            return;

        if (task.FirstAncestorOrSelf<ReturnStatementSyntax>() is { Expression: { } returned } && returned.Span == task.Span)
        {
            if (await ReturnAwaitedAsync(document, root, model, task, cancellationToken).ConfigureAwait(false) is { } changed)
                Register("Make the function async, and await the task: all its exceptions go into the task", changed);
        }
        else if (IsDropped(task)
            && DroppedTask.At(task, model, cancellationToken) is { CanAwait: true } dropped)
        {
            Register("Await the task", dropped.Await(document, root, keepResult: true));
        }

        else if (LateAwait.Of(task, model, cancellationToken) is { } late)
        {
            var mark = new SyntaxAnnotation();
            if (await EditProof.ApplyAsync(document, model, late.Apply(root, document, mark), mark, late.Type, task, cancellationToken).ConfigureAwait(false) is { } changed)
                Register("Await the task before the scope ends", changed);
        }

        void Register(string title, Document changed) =>
            context.RegisterCodeFix(RuleCodeAction.Create(document, title, RuleIds.OutlivedScope, _ => Task.FromResult(changed)), context.Diagnostics);
    }

    // A statement of its own, a discard, or a local that nothing names again.
    private static bool IsDropped(ExpressionSyntax task) => task.Parent switch
    {
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Identifier.ValueText: var name } } =>
            EnclosingFunction.Of(task)?.DescendantNodes().OfType<IdentifierNameSyntax>().Any(one => one.Identifier.ValueText == name) == false,
        AssignmentExpressionSyntax assignment => assignment.Left is IdentifierNameSyntax { Identifier.ValueText: "_" },
        _ => true,
    };

    private static async Task<Document?> ReturnAwaitedAsync(Document document, SyntaxNode root, SemanticModel model, ExpressionSyntax task, CancellationToken cancellationToken)
    {
        if (!AwaitPlacement.CanAwait(task, model, cancellationToken) || model.GetTypeInfo(task, cancellationToken).Type is not { } type)
            return null;

        // What else the function returns is awaited as well, and that must be possible there.
        var function = EnclosingFunction.Of(task)!;
        if (EnclosingFunction.IsAsync(function)
            || !EnclosingFunction.OwnNodes(function).OfType<ReturnStatementSyntax>().All(other => other.Expression is not { } value || AwaitPlacement.CanAwait(value, model, cancellationToken)))
        {
            return null;
        }

        var mark = new SyntaxAnnotation();
        var changed = AsyncFunction.Replace(function, new Dictionary<SyntaxNode, SyntaxNode> { [task] = task.WithAdditionalAnnotations(mark) }, model, cancellationToken);
        return await EditProof.ApplyAsync(document, model, root.ReplaceNode(function, changed), mark, type, task, cancellationToken).ConfigureAwait(false);
    }
}
