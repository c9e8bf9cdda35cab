using System.Composition;
using ConcurrencyAnalyzers.Editing;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Operations;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary><c>foreach (var x in xs) _ = F(x);</c> → <c>await Gather.AllAsync(xs, maxConcurrency: 32, x => F(x));</c>, or Parallel.ForEachAsync.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CONC202UnboundedStartCodeFix)), Shared]
public sealed class CONC202UnboundedStartCodeFix : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds => [RuleIds.UnboundedStart];

    public override FixAllProvider GetFixAllProvider() => OrderedFixAllProvider.Instance;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var cancellationToken = context.CancellationToken;
        var root = await context.Document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not { } reported || model is null)
            return;

        var known = KnownSymbols.Of(model.Compilation);
        if (DroppedIn(model.GetOperation(reported, cancellationToken), known) is not { Loop.Syntax: StatementSyntax loop } fanOut
            || !fanOut.Work.Type.IsTaskOrValueTask(known)
            || FannedOutWork.From(fanOut, model, cancellationToken) is not { } work)
        {
            return;
        }

        await new BoundedRun(context, root, model, loop, work).RegisterAsync(RuleIds.UnboundedStart, ", and wait for them; the first failure cancels the rest").ConfigureAwait(false);
    }

    // The loop does nothing but start the task, as a statement or by a discard.
    private static TaskFanOut? DroppedIn(IOperation? task, KnownSymbols known)
    {
        if (task is not IInvocationOperation || task.Type is null)
            return null;

        var start = task.Parent is ISimpleAssignmentOperation { Target: IDiscardOperation } discard ? discard : task.Parent is IConversionOperation { Parent: ISimpleAssignmentOperation { Target: IDiscardOperation } converted } ? converted : task;
        for (var current = start.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop)
                return TaskFanOut.OfDropped(start, task, loop, known);
        }

        return null;
    }
}
