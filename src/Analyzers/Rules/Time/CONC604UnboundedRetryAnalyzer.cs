using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>A loop that tries again for ever, at once, whenever an exception is thrown.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("How often to try, and how long to wait in between, depends on what is tried.")]
public sealed class CONC604UnboundedRetryAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnboundedRetry,
        title: "Retry without bound or delay",
        messageFormat: "The loop tries again at once, and for ever, when '{0}' is thrown; bound the attempts and wait between them",
        DiagnosticSeverity.Info,
        description: "While what is tried keeps failing, the loop runs a processor at full load, floods the log, and hits a service that is down as fast as it can, so that it stays down.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(Analyze, OperationKind.Loop);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        // Most loops are no retries: the statements tell at once.
        if (context.Operation.Syntax is not (WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax) || RetryLoop.Of(context.Operation) is not { } retry)
            return;

        context.Report(Rule, context.Operation.Syntax.GetFirstToken().GetLocation(), retry.Caught);
    }
}
