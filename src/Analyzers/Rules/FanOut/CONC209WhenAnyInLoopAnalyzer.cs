using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>WhenAny over the tasks that are left, turn after turn: quadratic in their number.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC209WhenAnyInLoopAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WhenAnyInLoop,
        title: "WhenAny over the remaining tasks in a loop",
        messageFormat: "Each turn, 'WhenAny' goes through all that is left of '{0}', which is quadratic; enumerate the tasks as they complete, with {1}",
        DiagnosticSeverity.Info,
        description: "Each call of WhenAny puts a continuation on every task that is left, and Remove searches the list. For n tasks that is n² of work. Task.WhenEach and Gather.AsCompletedAsync hand out the tasks as they complete, for one continuation each.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is not { } task)
                return;

            var advice = task.GetMembers("WhenEach").IsEmpty ? "'Gather.AsCompletedAsync'" : "'Task.WhenEach'";
            start.RegisterOperationAction(operation => Analyze(operation, task, advice, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol task, string advice, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is not { Name: "WhenAny", IsStatic: true } || call.Arguments is not [{ Value: var argument }] || !SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, task)
            || LoopAround(call) is not { } loop || TaskDrain.Of(TaskDrain.Collection(argument, known), loop, context, known) is not { } drain)
        {
            return;
        }

        var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree);
        if (SequenceBounds.Of(drain.Tasks, known).IsAtMost(ConcurrencyOptions.UnboundedThreshold.In(options)) || (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(options)))
            return;

        context.Report(Rule, call.Syntax, drain.Name, advice);
    }

    private static ILoopOperation? LoopAround(IOperation operation)
    {
        for (var current = operation.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation loop)
                return loop;
        }

        return null;
    }
}
