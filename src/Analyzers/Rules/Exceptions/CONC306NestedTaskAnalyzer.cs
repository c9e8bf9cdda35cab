using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>StartNew or ContinueWith with an async delegate, whose task is taken for the work's.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC306NestedTaskAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.NestedTask,
        title: "A task of a task, taken for the work",
        messageFormat: "The task of '{0}' is complete once its delegate has returned a task, and that one is lost; use Task.Run, or Unwrap it",
        DiagnosticSeverity.Warning,
        description: "StartNew and ContinueWith don't know async delegates: they return a task of a task, and the outer one is complete at the delegate's first await. Who waits for it doesn't wait for the work, and never sees its exceptions. LongRunning gives such a delegate a thread until its first await, and no longer.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null || known.TaskOfT is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
            start.RegisterOperationAction(operation => AnalyzeCreation(operation, known), OperationKind.ObjectCreation);
        });
    }

    private static void AnalyzeCreation(OperationAnalysisContext context, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (NestedTasks.AreStartedFrom(creation, known))
            context.Report(Rule, creation.Syntax, "new Task");
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (NestedTasks.AreStartedBy(call, known)
            && NestedTasks.LosesInner(call, known)
            && !(NestedTasks.IsDropped(call) && IsSafeToDrop(call, context.Options, known))
            && !MockSetup.Contains(call, known))
        {
            context.Report(Rule, call.Syntax, call.TargetMethod.Name);
        }
    }

    // Nobody waits for it, it handles its exceptions, and no thread of its own is wasted on it.
    private static bool IsSafeToDrop(IInvocationOperation call, AnalyzerOptions options, KnownSymbols known) =>
        (HandledFaults.Covers(call, known) && !call.Arguments.Any(IsLongRunning))
        || SafeToForget.Includes(call, options, known);

    private static bool IsLongRunning(IArgumentOperation argument) =>
        argument.Parameter?.Type.Name == nameof(TaskCreationOptions)
        && argument.Value.ConstantValue is { HasValue: true, Value: int options }
        && ((TaskCreationOptions)options).HasFlag(TaskCreationOptions.LongRunning);
}
