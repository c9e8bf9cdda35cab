using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Work for a worker process that needs variables or an object of this one; the executor would refuse it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("What the work needs has to become its argument, and what of it can be sent is the author's to decide.")]
public sealed class CONC701CapturingProcessWorkAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.CapturingProcessWork,
        title: "Work for a worker process captures state",
        messageFormat: "The work runs in another process, where {0} doesn't exist; hand '{1}' a static method or a static lambda, and what it needs as its argument",
        DiagnosticSeverity.Error,
        description: "A worker process is this program started again: it has the methods, but none of the variables and objects. ProcessExecutor throws an ArgumentException for work that captures variables or belongs to an object.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.ProcessExecutor is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!ProcessWork.IsOfExecutor(call.TargetMethod, known))
            return;

        foreach (var argument in call.Arguments)
        {
            if (ProcessWork.Is(argument, call.TargetMethod, known) && ProcessWork.StateOf(argument.Value, context.CancellationToken) is var (place, what))
            {
                if (!ExpressionTrees.Contain(call, known))
                    context.Report(Rule, place, what, call.TargetMethod.Name);
                return;
            }
        }
    }
}
