using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>Tasks or threads that a loop starts, turn after turn, with nothing that bounds how many run together.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC202UnboundedStartAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnboundedStart,
        title: "Work started in a loop with nothing that bounds it",
        messageFormat: "'{0}' is started for each {1}, however many there are; bound how many run together, with Gather or an executor",
        DiagnosticSeverity.Warning,
        description: "Each turn of the loop starts work and goes on to the next. With ten turns that is fine, with ten thousand it exhausts threads, sockets and memory, and the service at the other end. Nothing in the code bounds the number.");

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

            start.RegisterOperationAction(operation => AnalyzeInvocation(operation, task, known), OperationKind.Invocation);
            if (known.Thread is { } thread)
                start.RegisterOperationAction(operation => AnalyzeCreation(operation, thread, known), OperationKind.ObjectCreation);
        });
    }

    private static void AnalyzeInvocation(OperationAnalysisContext context, INamedTypeSymbol task, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is { Name: "WaitAll", IsStatic: true } waitAll)
        {
            if (SymbolEqualityComparer.Default.Equals(waitAll.ContainingType, task) && !call.Arguments.IsEmpty)
                AnalyzeTasks(context, call.Arguments[0].Value, "Task.WaitAll", known);
        }
        else if (call.TargetMethod.Name is "ToArray" or "ToList" or "ToHashSet")
        {
            if (SequenceType.ElementOf(call.Type).IsTaskOrValueTask(known) && (AwaitedValue.IsDropped(call) || (AwaitedValue.LocalOf(call) is { } local && UnreadTasks.AreIn(local, call))))
                AnalyzeTasks(context, call, call.TargetMethod.Name, known);
        }
        else if (UnboundedStart.IsQueueing(call, known)
            || (call.Parent is not (IAwaitOperation or IReturnOperation) && call.Type.IsTaskOrValueTask(known) && StartedTask.Of(call, known) == call && StartedTask.ReceiverOf(call)?.Type.IsTaskOrValueTask(known) != true))
        {
            AnalyzeStart(context, call, StartedTask.NameOf(call), known);
        }
    }

    private static void AnalyzeCreation(OperationAnalysisContext context, INamedTypeSymbol thread, KnownSymbols known)
    {
        if (SymbolEqualityComparer.Default.Equals(context.Operation.Type, thread))
            AnalyzeStart(context, context.Operation, "new Thread", known);
    }

    private static void AnalyzeStart(OperationAnalysisContext context, IOperation start, string name, KnownSymbols known)
    {
        if (UnboundedStart.LoopOf(start, context, known) is { } loop)
            context.Report(Rule, start.Syntax, name, Elements(UnboundedStart.SourceOf(loop)));
    }

    // Tasks that a loop puts into a collection, or a projection makes, and that a thread then waits for, or nobody.
    private static void AnalyzeTasks(OperationAnalysisContext context, IOperation tasks, string consumer, KnownSymbols known)
    {
        foreach (var fanOut in TaskFanOut.Of(tasks, context.Operation, known))
        {
            var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(tasks.Syntax.SyntaxTree);
            var call = StartIn(fanOut.Work, known);
            var method = call?.TargetMethod ?? (AssignedValues.Unwrap(fanOut.Work) is IDelegateCreationOperation { Target: IMethodReferenceOperation reference } ? reference.Method : null);
            if (fanOut.Bound.IsAtMost(ConcurrencyOptions.UnboundedThreshold.In(options))
                || !fanOut.StartsUngatedWork(known, context.CancellationToken)
                || (method is not null && HandledFaults.IsSignal(method))
                || (call is not null && SafeToForget.Includes(call, context.Options, known))
                || (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(options)))
            {
                continue;
            }

            context.Report(Rule, fanOut.Syntax, call is null ? method?.Name ?? consumer : StartedTask.NameOf(call), Elements(fanOut.Source));
            return;
        }
    }

    // F(x), or x => F(x)
    private static IInvocationOperation? StartIn(IOperation work, KnownSymbols known) =>
        AssignedValues.Unwrap(work) is IDelegateCreationOperation creation
            ? creation.Target is IAnonymousFunctionOperation lambda && TaskStart.Results(lambda).ToList() is [var result] ? StartedTask.Of(result, known) : null
            : StartedTask.Of(AssignedValues.Unwrap(work), known);

    private static string Elements(IOperation? source)
    {
        if (source is null)
            return "turn of a loop";

        var text = AssignedValues.Unwrap(source).Syntax.ToString();
        return text.Length <= 40 && text.IndexOf('\n') < 0 ? $"element of '{text}'" : "element of a sequence";
    }
}
