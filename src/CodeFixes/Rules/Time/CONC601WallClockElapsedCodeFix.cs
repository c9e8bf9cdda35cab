using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>Measures with timestamps of Stopwatch, or of the TimeProvider in scope, wherever the readings go.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC601WallClockElapsedCodeFix)), Shared]
public sealed class CONC601WallClockElapsedCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.WallClockElapsed];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        var root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax measure)
            return;

        var model = (await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false))!;
        if (model.GetOperation(measure, context.CancellationToken) is not { } operation
            || ClockFlow.OfMeasure(operation, KnownSymbols.Of(model.Compilation), context.CancellationToken) is not { } flow
            || ClockReplacement.Of(flow, model, SyntaxGenerator.GetGenerator(document), context.CancellationToken) is not { } replacement)
        {
            return;
        }

        var title = replacement switch
        {
            { Counts: true } => "Use 'Environment.TickCount64', which doesn't wrap around",
            { Provider: { } provider } => $"Measure with the timestamps of '{provider}'",
            _ => "Measure with 'Stopwatch.GetTimestamp' and 'GetElapsedTime'",
        };
        context.RegisterCodeFix(
            RuleCodeAction.Create(document, title, RuleIds.WallClockElapsed, _ => Task.FromResult(document.WithSyntaxRoot(replacement.Apply(root)))),
            context.Diagnostics);
    }
}
