using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>ContinueWith that runs on whatever scheduler is current, or that never asks how its antecedent ended.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC308ContinuationAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.Continuation,
        title: "A continuation that ignores faults or takes the ambient scheduler",
        messageFormat: "This continuation {0}; await the task, or {1}",
        DiagnosticSeverity.Info,
        description: "ContinueWith runs its delegate on TaskScheduler.Current: inside a task of a UI scheduler that is the UI thread, elsewhere the pool. And it runs the delegate also when the task has failed, and nobody sees the exception that it doesn't ask for. An await has neither trap.");

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

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is not { Name: "ContinueWith", IsStatic: false } method || call.Instance is not { } antecedent || !method.ContainingType.IsTask(known) || OnlyOnFailure(call, known))
            return;

        var isAmbient = !method.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, known.TaskScheduler));
        var ignores = IgnoresAntecedent(call, known) && StartedTask.Of(antecedent, known) is { } start && !IsDelay(start) && !HandledFaults.Covers(start, known);
        if ((!isAmbient && !ignores)
            || (NestedTasks.AreStartedBy(call, known) && NestedTasks.LosesInner(call, known))
            || MockSetup.Contains(call, known))
        {
            return;
        }

        var (what, mend) = (isAmbient, ignores) switch
        {
            (true, true) => ("runs on whatever scheduler is current, and never asks whether the task before it failed", "name the scheduler and look at the task"),
            (true, false) => ("runs on whatever scheduler is current", "name the scheduler"),
            _ => ("never asks whether the task before it failed", "look at the task"),
        };
        var place = (call.Syntax as InvocationExpressionSyntax)?.Expression switch
        {
            MemberAccessExpressionSyntax member => member.Name,
            MemberBindingExpressionSyntax member => member.Name,
            _ => call.Syntax,
        };
        context.Report(Rule, place, what, mend);
    }

    // A handler of failures.
    private static bool OnlyOnFailure(IInvocationOperation call, KnownSymbols known) => call.Arguments.Any(argument =>
        SymbolEqualityComparer.Default.Equals(argument.Parameter?.Type, known.TaskContinuationOptions)
        && argument.Value.ConstantValue is { HasValue: true, Value: int options }
        && ((TaskContinuationOptions)options).HasFlag(TaskContinuationOptions.NotOnRanToCompletion));

    private static bool IgnoresAntecedent(IInvocationOperation call, KnownSymbols known)
    {
        if (call.Arguments.FirstOrDefault()?.Value is not IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters: [var antecedent, ..] } lambda })
            return false;

        return antecedent.Type.IsTask(known)
            && !lambda.Body.Descendants().Any(operation => operation is IParameterReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Parameter, antecedent));
    }

    private static bool IsDelay(IInvocationOperation start) => start.TargetMethod is { Name: "Delay" or "WhenAny", IsStatic: true };
}
