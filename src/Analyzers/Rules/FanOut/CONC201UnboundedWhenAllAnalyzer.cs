using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>One task started for each element of a sequence of unknown size, all of them awaited together.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC201UnboundedWhenAllAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnboundedWhenAll,
        title: "Unbounded Task.WhenAll",
        messageFormat: "'{0}' awaits a task for each {1}, all started at once; bound how many run together, as Gather.AllAsync does",
        DiagnosticSeverity.Warning,
        description: "A task for each element is started before any is awaited. With ten elements that is fine, with ten thousand it exhausts sockets, connections and memory, and the service at the other end. Nothing in the code bounds the number.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is not { } task || known.Enumerable is null)
                return;

            start.RegisterOperationAction(operation => AnalyzeInvocation(operation, task, known), OperationKind.Invocation);
            start.RegisterOperationAction(operation => AnalyzeAwait(operation, known), OperationKind.Await);
        });
    }

    private static void AnalyzeInvocation(OperationAnalysisContext context, INamedTypeSymbol task, KnownSymbols known)
    {
        var invocation = (IInvocationOperation)context.Operation;
        if (!TaskConsumers.IsWhenAllOrEach(invocation, task))
            return;

        var tasks = AssignedValues.Unwrap(invocation.Arguments[0].Value);
        if (tasks is ILocalReferenceOperation local && TaskConsumers.First(local, task) != invocation)
            return;

        Report(context, tasks, invocation, "Task." + invocation.TargetMethod.Name, known);
    }

    // foreach (var t in tasks) await t;  and  for (…) await tasks[i];
    private static void AnalyzeAwait(OperationAnalysisContext context, KnownSymbols known)
    {
        if (TaskConsumers.LoopOver((IAwaitOperation)context.Operation, known) is not var (loop, tasks))
            return;

        if (tasks is ILocalReferenceOperation local && TaskConsumers.First(local, known.Task!) != loop)
            return;

        Report(context, tasks, loop, "await", known);
    }

    private static void Report(OperationAnalysisContext context, IOperation tasks, IOperation consumer, string name, KnownSymbols known)
    {
        var isLoop = consumer is ILoopOperation;
        AnalyzerConfigOptions? options = null;
        foreach (var fanOut in TaskFanOut.Of(tasks, consumer, known))
        {
            options ??= context.Options.AnalyzerConfigOptionsProvider.GetOptions(consumer.Syntax.SyntaxTree);
            if ((isLoop && !fanOut.IsEager)
                || fanOut.Bound.IsAtMost(ConcurrencyOptions.UnboundedThreshold.In(options))
                || !fanOut.StartsUngatedWork(known, context.CancellationToken))
            {
                continue;
            }

            if ((TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(options)) || ExpressionTrees.Contain(consumer, known))
                return;

            context.Report(Rule, isLoop ? fanOut.Syntax : consumer.Syntax, name, Elements(fanOut));
            return;
        }
    }

    private static string Elements(TaskFanOut fanOut)
    {
        if (fanOut.Bound.Count is { } count)
            return $"of {count} elements";

        if (fanOut.Source is not { } source)
            return "turn of a loop";

        var text = AssignedValues.Unwrap(source).Syntax.ToString();
        return text.Length <= 40 && text.IndexOf('\n') < 0 ? $"element of '{text}'" : "element of a sequence";
    }
}
