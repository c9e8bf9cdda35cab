using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>A synchronous call in async code where the type has an asynchronous method that takes the same arguments.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC104AsyncSiblingAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.AsyncSiblingAvailable,
        title: "A synchronous call in async code that has an async sibling",
        messageFormat: "'{0}' holds the thread that runs this async code; await '{1}' instead",
        DiagnosticSeverity.Info,
        description: "Where a type offers a method both ways, the synchronous one holds its thread for as long as the file, the network or the database takes. Async code can await the other one.");

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

            var siblings = new SiblingNames();
            start.RegisterOperationAction(operation => Analyze(operation, siblings, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, SiblingNames siblings, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (AwaitableCall.SiblingOf(call, context.ContainingSymbol, siblings, known, context.CancellationToken) is { } name && !IsTest(context))
            context.Report(Rule, call.Syntax, call.TargetMethod.Name, name);
    }

    private static bool IsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));
}
