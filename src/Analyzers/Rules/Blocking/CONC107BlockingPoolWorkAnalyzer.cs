using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Work for the thread pool that blocks, at any depth: Task.Run, StartNew and QueueUserWorkItem.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC107BlockingPoolWorkAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.BlockingPoolWork,
        title: "Blocking work on the thread pool",
        messageFormat: "The work of '{0}' blocks a thread of the pool ({1}); run it on a ThreadExecutor",
        DiagnosticSeverity.Info,
        description: "The thread pool has about as many threads as the machine has processors, and adds others slowly. Work that waits there keeps a thread from everybody else's; enough of it, and nothing runs. Threads of their own, a bounded number of them, may wait as long as they like.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownSymbols.Of(start.Compilation).Task is null)
                return;

            var summary = BlockingSummary.Of(start.Compilation, start.Options, start.CancellationToken);
            start.RegisterOperationAction(operation => Analyze(operation, summary), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, BlockingSummary summary)
    {
        var call = (IInvocationOperation)context.Operation;
        if (PoolWork.Of(call, summary.Known) is not { } work
            || ChainOf(work, summary, context.CancellationToken) is not { IsParallelLoop: false } chain
            || EntryPoint.IsFunctionOf(call, context.ContainingSymbol)
            || UnboundedStart.LoopOf(call, context, summary.Known) is not null
            || MockSetup.ContainsDescription(call, summary.Known)
            || (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree))))
        {
            return;
        }

        RuleReporting.Report(
            context.ReportDiagnostic, context.Options, context.ContainingSymbol, Rule, call.Syntax.GetLocation(), chain.Links, null,
            call.TargetMethod.ContainingType.Name + "." + call.TargetMethod.Name, chain.Text);
    }

    private static BlockingChain? ChainOf(IDelegateCreationOperation work, BlockingSummary summary, CancellationToken cancellationToken)
    {
        switch (work.Target)
        {
            case IAnonymousFunctionOperation lambda when summary.Links.IsSynchronous(lambda.Symbol):
                return summary.Of(lambda, cancellationToken)?.Chain ?? Endless(lambda);
            case IMethodReferenceOperation { Method: var wait } when BlockingPrimitive.Of(wait, summary.Known) is { } primitive:
                return new(primitive.Name, [work.Target.Syntax.GetLocation()]);
            case IMethodReferenceOperation { Method: var method, SemanticModel: { } model } reference when summary.Links.IsSynchronous(method):
                return summary.Links.Are(method, reference.Instance) && summary.Of(method) is { } chain
                    ? chain
                    : MethodBodies.Of(method, model, cancellationToken) is { } body ? Endless(body) : null;
            default:
                return null;
        }
    }

    private static BlockingChain? Endless(IOperation function) => EndlessWait.In(function) is { } wait
        ? new BlockingChain(wait.TargetMethod.ContainingType.Name + "." + wait.TargetMethod.Name, [wait.Syntax.GetLocation()])
        : null;
}
