using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Semaphores, events, threads, processes, blocking collections and parallel loops waited for in async code.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC103BlockingSynchronizationInAsyncAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.BlockingSynchronizationInAsync,
        title: "Blocking synchronization in async code",
        messageFormat: "'{0}' blocks the thread that runs this async code; {1}",
        DiagnosticSeverity.Warning,
        description: "A thread that waits for a signal, a thread or a process does nothing else meanwhile, and in async code that thread is one of the pool's few. If what would send the signal needs a thread of the pool, too, the wait may never end.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (BlockingPrimitive.Of(call, known) is not { } primitive
            || AsyncContext.InnermostFunction(call, context.ContainingSymbol) is not { } function
            || !AsyncContext.IsAsyncCode(function, known)
            || IsHarmless(primitive, function, context)
            || ExpressionTrees.Contain(call, known)
            // Tasks that nothing awaits come first: CONC204.
            || (UnawaitedDelegate.IsRunner(call, known) && UnawaitedDelegate.In(call, known).Any()))
        {
            return;
        }

        context.Report(Rule, call.Syntax, primitive.Name, primitive.Advice);
    }

    // The entry point's thread has nothing else to do, and a test waits on purpose; only what is easily awaited is worth a word there.
    private static bool IsHarmless(BlockingPrimitive primitive, IMethodSymbol function, OperationAnalysisContext context) =>
        primitive.AsyncName is not ("WaitAsync" or "WaitForExitAsync")
        && (EntryPoint.Is(function)
            || (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree))));
}
