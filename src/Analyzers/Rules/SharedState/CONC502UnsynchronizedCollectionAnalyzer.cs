using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A collection that isn't safe for several threads, changed by code which runs concurrently.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC502UnsynchronizedCollectionAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnsynchronizedCollection,
        title: "Collection that isn't thread-safe changed concurrently",
        messageFormat: "'{0}' is a {2}, which isn't safe for several threads, and {1}; return the results instead, or use a lock or a concurrent collection",
        DiagnosticSeverity.Warning,
        description: "List, Dictionary, HashSet, Queue and the like keep several fields in step while they change. Two threads in there at once lose elements, throw from the middle of an Add, or leave a dictionary that never returns from a look-up.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        ConcurrentChanges.Register(
            context,
            static (operation, change, reason) => RuleReporting.Report(
                operation.ReportDiagnostic, operation.Options, operation.ContainingSymbol, Rule, change.Place.Syntax.GetLocation(),
                change.Through is null ? [] : [change.Effect.Target.Syntax.GetLocation()], null, ConcurrentChanges.NameOf(change), reason, change.Effect.Target.Type?.Name),
            static kind => kind == EffectKind.Collection);
    }
}
