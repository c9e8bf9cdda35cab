using System.Composition;
using ConcurrencyAnalyzers.Editing;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary><c>var group = new TaskGroup();</c> → <c>await using var group = new TaskGroup();</c></summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC707UndisposedExecutorCodeFix)), Shared]
public sealed class CONC707UndisposedExecutorCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UndisposedExecutor];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax } } creation
            || UsingDeclaration.StatementFor(creation) is not LocalDeclarationStatementSyntax statement
            || !UsingDeclaration.CanBecome(statement)
            || EnclosingFunction.Of(creation) is not { } function
            || !EnclosingFunction.IsAsync(function))
        {
            return;
        }

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (!AwaitPlacement.CanAwait(creation, model, context.CancellationToken) || AwaitInsertion.UsesConfigureAwaitFalse(root))
            return;

        context.RegisterCodeFix(
            RuleCodeAction.Create(document, "Dispose it with 'await using', which waits for its work", RuleIds.UndisposedExecutor, _ => Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(statement, UsingDeclaration.From(statement, isAsync: true))))),
            context.Diagnostics);
    }
}
