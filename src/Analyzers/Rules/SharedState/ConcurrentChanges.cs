using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>The changes of shared state that a call starts to make concurrently, for the rules that report them.</summary>
internal static class ConcurrentChanges
{
    public static void Register(AnalysisContext context, Action<OperationAnalysisContext, SharedChange, string> report, Func<EffectKind, bool> isOfRule)
    {
        context.RegisterCompilationStartAction(start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null && known.Thread is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known, report, isOfRule), OperationKind.Invocation, OperationKind.ObjectCreation);
        });
    }

    /// <summary>The variable's name, and the method it is changed in where that isn't the code itself.</summary>
    public static string NameOf(SharedChange change) =>
        change.Through is { } method ? $"{change.Effect.Variable.Name}' in '{method.Name}" : change.Effect.Variable.Name;

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known, Action<OperationAnalysisContext, SharedChange, string> report, Func<EffectKind, bool> isOfRule)
    {
        var regions = ConcurrentRegion.Of(context.Operation, known);
        if (regions.IsEmpty)
            return;

        // Both rules ask, and each region asks what those before it report: the member's regions are read once.
        var all = MemberRegions.Of(AssignedValues.Root(context.Operation), known);
        foreach (var region in all.StartedBy(context.Operation))
        {
            if (ExpressionTrees.Contain(region.Start, known) || (region.BeginsInOrder && SingleThreadedTypes.Contain(context.ContainingSymbol)))
                continue;

            HashSet<SyntaxNode>? places = null;
            foreach (var change in all.ChangesIn(region, context.CancellationToken))
            {
                if (!isOfRule(change.Effect.Kind) || all.ReasonToReport(region, change, context.CancellationToken) is not { } reason)
                    continue;

                if ((places ??= []).Add(change.Place.Syntax))
                    report(context, change, reason);
            }
        }
    }
}
