using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>An async delegate given to Parallel.For, ForEach or Invoke, ParallelQuery.ForAll or List.ForEach, none of which can await it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC204AsyncDelegateInParallelAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.AsyncDelegateInParallel,
        title: "An async delegate given to a method that can't await it",
        messageFormat: "'{0}' doesn't wait for the async work that it is given; {1}",
        DiagnosticSeverity.Warning,
        description: "The method takes a delegate that returns nothing, so it goes on at the delegate's first await. It returns before the work is done, its degree of parallelism bounds nothing, and an exception in the work ends the process or is lost.");

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
        if (!UnawaitedDelegate.IsRunner(call, known)
            || !UnawaitedDelegate.In(call, known).Any()
            || MockSetup.ContainsDescription(call, known))
        {
            return;
        }

        var method = call.TargetMethod;
        context.Report(Rule, call.Syntax, $"{method.ContainingType.Name}.{method.Name}", Advice(method, known));
    }

    private static string Advice(IMethodSymbol method, KnownSymbols known)
    {
        if (SymbolEqualityComparer.Default.Equals(method.ContainingType, known.Parallel) && method.Name != "Invoke")
            return $"await 'Parallel.{method.Name}Async' instead";

        return method.Name switch
        {
            "Invoke" => "await 'Task.WhenAll' instead",
            "ForAll" => "await 'Parallel.ForEachAsync' instead",
            _ => "write a 'foreach' that awaits it",
        };
    }
}
