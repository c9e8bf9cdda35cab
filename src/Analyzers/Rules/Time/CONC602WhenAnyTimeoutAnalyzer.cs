using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>A timeout made of WhenAny and Delay: the timer runs on when the task wins.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC602WhenAnyTimeoutAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WhenAnyTimeout,
        title: "A timeout made of WhenAny and Delay",
        messageFormat: "The timer of 'Task.Delay' runs on when '{0}' is faster; {1}",
        DiagnosticSeverity.Warning,
        description: "Of the two tasks that race, the loser is left: each call that is fast enough leaves a timer behind for the whole timeout, and of each that isn't, the task runs on with nobody to see how it ends. WaitAsync takes its timer back.");

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

            var advice = task.GetMembers("WaitAsync").IsEmpty
                ? "give the delay a token, and cancel it"
                : "use 'WaitAsync', which stops its timer and throws a TimeoutException";
            start.RegisterOperationAction(operation => Analyze(operation, advice, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, string advice, KnownSymbols known)
    {
        var invocation = (IInvocationOperation)context.Operation;
        if (invocation.TargetMethod is { Name: "WhenAny", IsStatic: true } && TimeoutRace.Of(invocation, known) is { } race)
            context.Report(Rule, invocation.Syntax, NameOf(race.Task), advice);
    }

    private static string NameOf(IOperation task) => AssignedValues.Unwrap(task) switch
    {
        ILocalReferenceOperation local => local.Local.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        IMemberReferenceOperation member => member.Member.Name,
        IInvocationOperation call => StartedTask.NameOf(call),
        _ => "the task",
    };
}
