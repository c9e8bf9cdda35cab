using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A captured variable or field that is written by code which runs concurrently, with no lock or Interlocked.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC501UnsynchronizedWriteAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnsynchronizedWrite,
        title: "Shared variable written concurrently without synchronization",
        messageFormat: "'{0}' is written without a lock, and {1}; use Interlocked or a lock, or return the value instead",
        DiagnosticSeverity.Warning,
        description: "Reading a variable, changing the value and writing it back are three steps. Two threads that take them at once both start from the same value, and one of the updates is lost: counts come out too low, now and then, and only under load.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        ConcurrentChanges.Register(
            context,
            static (operation, change, reason) => RuleReporting.Report(
                operation.ReportDiagnostic, operation.Options, operation.ContainingSymbol, Rule, change.Place.Syntax.GetLocation(),
                change.Through is null ? [] : [change.Effect.Target.Syntax.GetLocation()], null, ConcurrentChanges.NameOf(change), reason),
            static kind => kind != EffectKind.Collection);
    }
}
