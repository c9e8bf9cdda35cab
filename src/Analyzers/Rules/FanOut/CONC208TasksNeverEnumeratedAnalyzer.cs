using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>A lazy sequence of tasks, or an executor's Map, that nothing enumerates: its work never runs.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC208TasksNeverEnumeratedAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.TasksNeverEnumerated,
        title: "A lazy sequence of tasks that nothing enumerates",
        messageFormat: "Nothing enumerates what '{0}' returns, so its work never runs; await it, with Gather for example",
        DiagnosticSeverity.Warning,
        description: "A LINQ projection does nothing until it is enumerated, and neither does an executor's Map. Dropped, or kept in a local that nothing reads, its delegate never runs, and nothing tells.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null || known.Enumerable is null)
                return;

            start.RegisterOperationAction(operation => AnalyzeStatement(operation, known), OperationKind.ExpressionStatement);
            start.RegisterOperationAction(operation => AnalyzeDeclarator(operation, known), OperationKind.VariableDeclarator);
        });
    }

    private static void AnalyzeStatement(OperationAnalysisContext context, KnownSymbols known)
    {
        switch (((IExpressionStatementOperation)context.Operation).Operation)
        {
            case (IInvocationOperation or IConditionalAccessOperation) and var call:
                Report(context, call, known);
                break;
            case ISimpleAssignmentOperation { Target: IDiscardOperation, Value: var value }:
                Report(context, value, known);
                break;
        }
    }

    private static void AnalyzeDeclarator(OperationAnalysisContext context, KnownSymbols known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        if (declarator.Initializer is { Value: var value }
            && NameOf(value, known) is not null
            && LocalUses.IsNeverRead(declarator.Symbol, declarator, context))
        {
            Report(context, value, known);
        }
    }

    private static void Report(OperationAnalysisContext context, IOperation value, KnownSymbols known)
    {
        value = CallIn(value);
        if (NameOf(value, known) is { } name && !MockSetup.ContainsDescription(value, known))
            context.Report(Rule, LazyTasks.Of(value, known) is { } fanOut && fanOut.Start == AssignedValues.Unwrap(value) ? fanOut.Syntax : AssignedValues.Unwrap(value).Syntax, name);
    }

    // What is lazy, by the name of the call.
    private static string? NameOf(IOperation value, KnownSymbols known)
    {
        if (AssignedValues.Unwrap(CallIn(value)) is not IInvocationOperation call)
            return null;

        var method = call.TargetMethod;
        if (method.Name is "MapAsync" or "MapAsCompletedAsync")
            return IsExecutor(method.ContainingType, known) ? method.Name : null;

        return LazyTasks.Of(call, known) is not null ? method.Name : null;
    }

    // xs?.Select(…)
    private static IOperation CallIn(IOperation value)
    {
        while (AssignedValues.Unwrap(value) is IConditionalAccessOperation { WhenNotNull: var access })
            value = access;

        return value;
    }

    private static bool IsExecutor(INamedTypeSymbol type, KnownSymbols known) =>
        SymbolEqualityComparer.Default.Equals(type, known.AsyncExecutor) || SymbolEqualityComparer.Default.Equals(type, known.ThreadExecutor) || SymbolEqualityComparer.Default.Equals(type, known.ProcessExecutor);
}
