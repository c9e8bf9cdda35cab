using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Result, Wait, GetResult, WaitAll, WaitAny and RunSynchronously in async code, on a task that may not be complete.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC102BlockingOnTaskInAsyncAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.BlockingOnTaskInAsync,
        title: "Blocking on a task in async code",
        messageFormat: "'{0}' blocks the thread that runs this async code until the task is complete; await it instead",
        DiagnosticSeverity.Warning,
        description: "A thread that waits for a task can't run the continuation that would complete it. With a synchronization context that is a deadlock; without one the thread pool starves under load.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null)
                return;

            start.RegisterOperationAction(operation => Report(operation, BlockingTaskAccess.Of((IPropertyReferenceOperation)operation.Operation, known), known), OperationKind.PropertyReference);
            start.RegisterOperationAction(operation => Report(operation, BlockingTaskAccess.Of((IInvocationOperation)operation.Operation, known), known), OperationKind.Invocation);
        });
    }

    private static void Report(OperationAnalysisContext context, BlockingTaskAccess? found, KnownSymbols known)
    {
        if (found is not { } access)
            return;

        var operation = context.Operation;
        if (!AsyncContext.IsInAsyncCode(operation, context.ContainingSymbol, known)
            || ExpressionTrees.Contain(operation, known)
            || IsNamed(operation)
            || CompletedTasks.AreKnownComplete(operation, access.Task, () => Graph(context), known))
        {
            return;
        }

        context.Report(Rule, operation.Syntax, access.Name);
    }

    private static ControlFlowGraph Graph(OperationAnalysisContext context) => context.GetControlFlowGraph();

    private static bool IsNamed(IOperation operation)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            if (current is INameOfOperation)
                return true;
        }

        return false;
    }
}
