using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>An async delegate on a ThreadExecutor, or work that never awaits on an AsyncExecutor.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC704WrongExecutorAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WrongExecutor,
        title: "Work on an executor made for another kind of work",
        messageFormat: "'{0}' {1}",
        DiagnosticSeverity.Warning,
        description: "A ThreadExecutor gives blocking work a thread, and is done when the delegate returns: of an async delegate it runs the part before the first await alone, and bounds nothing of the rest. An AsyncExecutor lends places to work that awaits: work that blocks or computes holds a pool thread all the while.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.AsyncExecutor is null && known.ThreadExecutor is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!ExecutorWork.IsSubmission(call, known) || ExecutorWork.CodeOf(call) is not { } code || !IsMisplaced(call, code, known))
            return;

        if (ExecutorWork.IsThread(call.Instance?.Type, known))
            context.Report(Rule, code.Syntax, "ThreadExecutor", "is done with an async delegate at its first await, so neither its bound nor its shutdown covers the rest; give async work to an AsyncExecutor");
        else
            context.Report(Rule, code.Syntax, "AsyncExecutor", "runs this work on a thread of the pool, and it awaits nothing: it blocks or computes all the while; give it to a ThreadExecutor, or to a ProcessExecutor where it must be isolated");
    }

    /// <summary>Whether the work is of the other executor's kind.</summary>
    internal static bool IsMisplaced(IInvocationOperation submission, IOperation code, KnownSymbols known) =>
        ExecutorWork.IsThread(submission.Instance?.Type, known) ? IsAsync(code, known) : NeverAwaits(code, known);

    private static bool IsAsync(IOperation code, KnownSymbols known) => code switch
    {
        IAnonymousFunctionOperation lambda => AsyncContext.IsAsyncCode(lambda.Symbol, known),
        IMethodReferenceOperation reference => AsyncContext.IsAsyncCode(reference.Method, known),
        _ => false,
    };

    // A lambda that does something, and hands out nothing but tasks that are complete already.
    private static bool NeverAwaits(IOperation code, KnownSymbols known)
    {
        if (code is not IAnonymousFunctionOperation lambda)
            return false;

        var works = false;
        foreach (var operation in OwnOperations.Of(lambda.Body))
        {
            switch (operation)
            {
                case IAwaitOperation:
                case IForEachLoopOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true }:
                    return false;
                case IReturnOperation { ReturnedValue: { } value } when !lambda.Symbol.IsAsync && !IsComplete(value, known):
                    return false;
                case IInvocationOperation call:
                    works |= !call.TargetMethod.ContainingType.IsTaskOrValueTask(known);
                    break;
                case ILoopOperation:
                    works = true;
                    break;
            }
        }

        return works;
    }

    private static bool IsComplete(IOperation value, KnownSymbols known) => AssignedValues.Unwrap(value) switch
    {
        IInvocationOperation { TargetMethod: { Name: "FromResult" or "FromException" or "FromCanceled" } method } => method.ContainingType.IsTaskOrValueTask(known),
        IPropertyReferenceOperation { Property: { Name: "CompletedTask", ContainingType: { } type } } => type.IsTaskOrValueTask(known),
        _ => false,
    };
}
