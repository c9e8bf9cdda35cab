using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>An awaited WhenAll in a try whose catch handles the one exception that the await throws, and none of the others.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC304LostFailuresAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.LostFailures,
        title: "A WhenAll of which a catch sees one failure",
        messageFormat: "The catch around this '{0}' sees the first failure alone, the others are lost; handle each task's outcome, or the Exception of the task of WhenAll",
        DiagnosticSeverity.Info,
        description: "An await of Task.WhenAll throws the first exception of however many there are. A catch that goes on with that one never learns what else failed, nor how much.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null || known.OperationCanceledException is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var whenAll = (IInvocationOperation)context.Operation;
        if (whenAll.TargetMethod.Name != "WhenAll" || !CompletionValues.IsWhenAll(whenAll, known))
            return;

        if (AwaitOf(whenAll) is { } awaited
            && AwaitedFailures.CatchAround(awaited, known) is { } clause
            && !OwnOperations.Of(clause.Handler).Any(static operation => operation is IThrowOperation)
            && CanManyFail(whenAll, known, context.CancellationToken)
            && !AwaitedFailures.TasksAreKept(whenAll, awaited))
        {
            context.Report(Rule, whenAll.Syntax, "Task.WhenAll");
        }
    }

    // await Task.WhenAll(…), or of a local that has no other use.
    private static IAwaitOperation? AwaitOf(IOperation task)
    {
        switch (task.Parent)
        {
            case IAwaitOperation awaited:
                return awaited;
            case IParenthesizedOperation or IConversionOperation { OperatorMethod: null }:
                return AwaitOf(task.Parent);
            case IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "WaitAsync" } call when call.Instance == task:
                return AwaitOf(call);
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } }:
                ILocalReferenceOperation? only = null;
                foreach (var mention in AssignedValues.References(local, AssignedValues.Root(task)))
                {
                    if (only is not null)
                        return null;
                    only = mention;
                }

                return only is null ? null : AwaitOf(only);
            default:
                return null;
        }
    }

    private static bool CanManyFail(IInvocationOperation whenAll, KnownSymbols known, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (tasks, collection) = CompletionValues.Arguments(whenAll);
        if (collection is null)
            return tasks.Count(task => CanFail(CompletionValues.Strip(task, known), known)) > 1;

        return !TaskFanOut.Of(collection, whenAll, known).Any(fanOut => HandledFaults.CoverWork(fanOut.Work));
    }

    private static bool CanFail(IOperation task, KnownSymbols known)
    {
        if (task is ILocalReferenceOperation { Local: var local })
            task = AssignedValues.Single(local, AssignedValues.Root(task)) is { } value ? CompletionValues.Strip(value, known) : task;

        return !CompletionValues.IsMadeComplete(task, known)
            && !(task is IInvocationOperation call && (call.TargetMethod is { Name: "Delay", IsStatic: true } || HandledFaults.Covers(call, known)));
    }
}
