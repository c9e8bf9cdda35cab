using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Result, Wait, GetResult, WaitAll and WaitAny in synchronous code, on a task that may not be complete.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC106SyncOverAsyncAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.SyncOverAsync,
        title: "Sync over async",
        messageFormat: "'{0}' blocks until the task is complete, and with it everybody who calls '{1}'; make that async, and await",
        DiagnosticSeverity.Info,
        description: "A synchronous method that waits for a task holds two threads where none is needed, and deadlocks where the task's continuations need the thread that waits. Async code is async all the way up.");

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
        // To block on a ValueTask is a mistake of its own, CONC310's.
        if (found is not { } access || access.Name == "Task.RunSynchronously" || access.Task.Type.IsValueTask(known))
            return;

        var operation = context.Operation;
        var function = AsyncContext.InnermostFunction(operation, context.ContainingSymbol);
        if ((function is not null && (AsyncContext.IsAsyncCode(function, known) || IsExempt(function)))
            || IsElsewhere(operation, context.ContainingSymbol, known)
            || HeldCode.Contains(operation, known)
            || SynchronousPath.IsTaken(access.Task)
            || CompletedTasks.AreKnownComplete(operation, access.Task, () => context.GetControlFlowGraph(), known)
            || (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(operation.Syntax.SyntaxTree))))
        {
            return;
        }

        context.Report(Rule, operation.Syntax, access.Name, NameOf(context.ContainingSymbol));
    }

    // Main's thread has nothing else to do, and Dispose has no other way where there is no DisposeAsync.
    private static bool IsExempt(IMethodSymbol function) =>
        EntryPoint.Is(function) || function.MethodKind == MethodKind.Destructor || function.Name is "Dispose"
        || function.ExplicitInterfaceImplementations.Any(static implemented => implemented.Name == "Dispose");

    // A wait under a lock is CONC506's, a lambda of async code that runs on the spot CONC105's, one that the pool runs
    // CONC107's; nameof and expression trees wait for nothing.
    private static bool IsElsewhere(IOperation operation, ISymbol containingSymbol, KnownSymbols known)
    {
        for (var current = operation; current is not null; current = current.Parent)
        {
            if (current is INameOfOperation or ILockOperation)
                return true;

            if (current is not IAnonymousFunctionOperation lambda)
                continue;

            if (MockSetup.ContainsDescription(lambda, known))
                return true;

            if (lambda.Parent is not IDelegateCreationOperation creation)
                continue;

            if (InPlaceDelegate.Is(creation, known) && AsyncContext.IsInAsyncCode(lambda, containingSymbol, known))
                return true;

            if (PoolWork.Is(creation, known))
                return true;
        }

        return false;
    }

    private static string NameOf(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { AssociatedSymbol: { } property } => property.Name,
        IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor => "new " + constructor.ContainingType.Name,
        _ => symbol.Name,
    };
}
