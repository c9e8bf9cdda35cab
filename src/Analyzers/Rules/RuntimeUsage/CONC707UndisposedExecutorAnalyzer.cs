using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>A task group or an executor in a local that nobody disposes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC707UndisposedExecutorAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UndisposedExecutor,
        title: "Task group or executor never disposed",
        messageFormat: "'{0}' is never disposed, so {1}; put it into an 'await using'",
        DiagnosticSeverity.Warning,
        description: "The disposal of a task group waits for its children and throws what they threw. The disposal of an executor waits for its work, and ends its threads or processes.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.TaskGroup is not null || known.AsyncExecutor is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.ObjectCreation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var creation = context.Operation;
        if (Consequence(creation.Type, known) is not { } consequence)
            return;

        // An executor that each call makes anew is CONC401's, and then nobody need dispose it.
        var isGroup = Is(creation.Type, known.TaskGroup);
        if (!isGroup && PerCallCode.Contains(creation, context.ContainingSymbol, known))
            return;

        if (Escape.Of(creation) == Reach.Stays && !IsEnded(creation))
            context.Report(Rule, creation.Syntax, creation.Type!.Name, consequence);
    }

    private static string? Consequence(ITypeSymbol? type, KnownSymbols known)
    {
        if (Is(type, known.TaskGroup))
            return "nobody waits for its children, and what they throw is lost";

        if (Is(type, known.AsyncExecutor))
            return "nobody waits for the work that it still has";

        return Is(type, known.ThreadExecutor) ? "its threads stay" : Is(type, known.ProcessExecutor) ? "its processes stay" : null;
    }

    private static bool IsEnded(IOperation creation)
    {
        // Who is handed it at once, and nobody else has it, is meant to dispose it.
        if (AwaitedValue.Whole(creation).Parent is IArgumentOperation || Disposal.IsDisposedInCall(creation))
            return true;

        return AwaitedValue.LocalOf(creation) is { } local && VariableMentions.Of(local, creation).Any(static mention =>
            mention.Parent is IInvocationOperation { TargetMethod.Name: "RequestShutdown" or "TerminateAsync" });
    }

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) => known is not null && SymbolEqualityComparer.Default.Equals(type, known);
}
