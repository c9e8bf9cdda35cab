using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Thread.Sleep in async code: a pool thread does nothing for the while.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC101ThreadSleepInAsyncAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.ThreadSleepInAsync,
        title: "Thread.Sleep in async code",
        messageFormat: "'{0}' holds a thread-pool thread while it sleeps; await Task.Delay instead",
        DiagnosticSeverity.Warning,
        description: "Async code shares the thread pool's few threads. One that sleeps is missing for all the others, and under load the pool starves. Task.Delay needs no thread while it waits.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Thread is not { } thread || known.Task is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, thread, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol thread, KnownSymbols known)
    {
        var invocation = (IInvocationOperation)context.Operation;
        var method = invocation.TargetMethod;
        if (method is not { Name: "Sleep", IsStatic: true } || !SymbolEqualityComparer.Default.Equals(method.ContainingType, thread))
            return;

        if (AsyncContext.IsInAsyncCode(invocation, context.ContainingSymbol, known))
            context.Report(Rule, invocation.Syntax, "Thread.Sleep");
    }
}
