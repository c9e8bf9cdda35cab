namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Work that waits for other work of its own executor: when all places are taken by such work, none can ever end.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("Whether the inner work should run in place, on another executor or before the outer one is a question of design.")]
public sealed class CONC703WorkWaitsForItsExecutorAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WorkWaitsForItsExecutor,
        title: "Work that waits for other work of its own executor",
        messageFormat: "This waits for '{0}' and runs there itself: once such work holds all its places, none of it can end; run the inner work in place, or on another executor",
        DiagnosticSeverity.Warning,
        description: "An executor runs so much work at a time. Work that holds a place and waits for other work of the same executor waits for a place; once every place is held that way, nothing can move any more, and it takes load to see it.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.AsyncExecutor is null && known.ThreadExecutor is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!ExecutorWork.IsSubmission(call, known) || ExecutorWork.VariableOf(call.Instance) is not { } executor || ExecutorWork.CodeOf(call) is not { } code)
            return;

        foreach (var wait in new ExecutorWaits(executor, known, context.CancellationToken).In(code))
            context.Report(Rule, wait.Syntax, executor.Name);
    }
}
