using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>xs.Select(x => FAsync(x));</c> → <c>await Gather.AllAsync(xs, maxConcurrency: 32, x => FAsync(x));</c></summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC208TasksNeverEnumeratedCodeFix)), Shared]
public sealed class CONC208TasksNeverEnumeratedCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.TasksNeverEnumerated];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var cancellationToken = context.CancellationToken;
        var root = await context.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax reported || model is null
            || StatementOf(reported) is not { } statement
            || model.GetOperation(reported, cancellationToken) is not { } operation
            || LazyTasks.Of(operation, KnownSymbols.Of(model.Compilation)) is not { } fanOut || fanOut.Syntax != reported
            || FannedOutWork.From(fanOut, model, cancellationToken) is not { } work)
        {
            return;
        }

        await new BoundedRun(context, root, model, statement, work).RegisterAsync(RuleIds.TasksNeverEnumerated, ": the work runs from now on, and is awaited").ConfigureAwait(false);
    }

    private static StatementSyntax? StatementOf(ExpressionSyntax reported) => reported.Parent switch
    {
        ExpressionStatementSyntax statement => statement,
        AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: "_" }, Parent: ExpressionStatementSyntax statement } => statement,
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Variables.Count: 1, Parent: LocalDeclarationStatementSyntax statement } } } => statement,
        _ => null,
    };
}
