namespace ConcurrencyAnalyzers.Rules.Blocking;

[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC101ThreadSleepInAsyncAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.ThreadSleepInAsync,
        title: "Thread.Sleep in async code",
        messageFormat: "'{0}' blocks the thread that runs this async code; await Task.Delay instead",
        DiagnosticSeverity.Warning,
        description: "Thread.Sleep keeps a thread-pool thread from doing other work.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
    }
}
