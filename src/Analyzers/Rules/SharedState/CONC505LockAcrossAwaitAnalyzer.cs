using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A lock that belongs to a thread, held across an await.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("Which lock takes its place, and whether the await can move out of it, is for the author to decide.")]
public sealed class CONC505LockAcrossAwaitAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.LockAcrossAwait,
        title: "Lock of a thread held across an await",
        messageFormat: "'{0}' belongs to the thread that takes it, and the await in line {1} may go on in another; release it before, or use a SemaphoreSlim",
        DiagnosticSeverity.Warning,
        description: "A monitor, mutex, spin lock or reader-writer lock belongs to the thread that took it. Behind an await the code may run on another thread, which can't give the lock back: it throws, or the lock stays taken for ever, while the first thread may enter it a second time.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Monitor is not null && known.Task is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        if (LockCall.Of(context.Operation, known) is not { Step: not LockStep.Release, IsThreadAffine: true } taken
            || AsyncContext.InnermostFunction(taken.Call, context.ContainingSymbol) is not { IsAsync: true }
            || LockFlow.Around(taken.Call, context, known)?.FirstUnder(taken, static operation => operation is IAwaitOperation) is not { } await)
        {
            return;
        }

        var place = await.Syntax.GetLocation();
        RuleReporting.Report(
            context.ReportDiagnostic,
            context.Options,
            context.ContainingSymbol,
            Rule,
            taken.Call.Syntax.GetLocation(),
            [place],
            null,
            taken.Lock.Syntax.ToString(),
            place.GetLineSpan().StartLinePosition.Line + 1);
    }
}
