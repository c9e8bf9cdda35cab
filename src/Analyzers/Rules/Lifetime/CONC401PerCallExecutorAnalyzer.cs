using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>An executor, limiter, breaker, scheduler or resilience pipeline that each call makes anew.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC401PerCallExecutorAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.PerCallExecutor,
        title: "Executor, limiter, breaker, scheduler or pipeline made anew by each call",
        messageFormat: "'{0}' is made anew by each call, so {1}; make it once and share it",
        DiagnosticSeverity.Warning,
        description: "What limits, schedules or breaks for many callers has to be one object that they share. Made by each call, ten calls at once have ten limits, a breaker never counts to its threshold, and each call pays for the set-up.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            var shared = new SharedObjects(known);
            start.RegisterOperationAction(operation => Analyze(operation, shared, known), OperationKind.ObjectCreation);
            if (shared.HasFactories)
                start.RegisterOperationAction(operation => Analyze(operation, shared, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, SharedObjects shared, KnownSymbols known)
    {
        var creation = context.Operation;
        if (shared.Consequence(creation) is not { } consequence || IsPartOfAnother(creation, shared))
            return;

        if (!PerCallCode.Contains(creation, context.ContainingSymbol, known))
            return;

        var reach = Escape.Of(creation);
        if (reach == Reach.Stays || (reach == Reach.PassedOn && Disposal.IsDisposedInCall(creation)))
            context.Report(Rule, creation.Syntax, creation.Type!.Name, consequence);
    }

    // The limiter that is made in an executor's options is shared once the executor is: one mistake, one finding.
    private static bool IsPartOfAnother(IOperation creation, SharedObjects shared)
    {
        for (var current = creation.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation or IBlockOperation); current = current.Parent)
        {
            if (shared.Consequence(current) is not null)
                return true;
        }

        return false;
    }
}
