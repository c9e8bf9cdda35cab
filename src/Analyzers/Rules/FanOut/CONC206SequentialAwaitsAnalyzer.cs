using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>A loop that awaits one call after the other, though none needs what the others did.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC206SequentialAwaitsAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.SequentialAwaits,
        title: "Independent awaits one after another",
        messageFormat: "The calls of '{0}' don't depend on each other; so many at a time, they would be done sooner",
        DiagnosticSeverity.Hidden,
        description: "A loop that awaits each call before it makes the next takes as long as all of them together. Where they are independent, some of them at a time take a fraction of that, as long as what they call can bear it.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Loop);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var loop = (ILoopOperation)context.Operation;
        if (Keyword(loop) is not { } keyword
            || AsyncContext.InnermostFunction(loop, context.ContainingSymbol) is { IsAsync: false } function && !EntryPoint.Is(function)
            || (loop is IForEachLoopOperation { Collection: var collection } && IsArrival(collection))
            || IndependentTurns.Of(loop, known, context.CancellationToken) is not { Awaited: { } awaited }
            || ExpectsOrder(loop))
        {
            return;
        }

        var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(loop.Syntax.SyntaxTree);
        if (ConcurrencyOptions.AnalyzeTests.In(options) || !TestMethods.IsTestCode(context.ContainingSymbol))
            context.Report(Rule, keyword.GetLocation(), StartedTask.NameOf(awaited));
    }

    private static SyntaxToken? Keyword(ILoopOperation loop) => loop switch
    {
        IForEachLoopOperation { IsAsynchronous: false, Syntax: ForEachStatementSyntax syntax } => syntax.ForEachKeyword,
        IForLoopOperation { Syntax: ForStatementSyntax syntax } => syntax.ForKeyword,
        _ => null,
    };

    private static bool IsArrival(IOperation collection) =>
        AssignedValues.Unwrap(collection) is IInvocationOperation { TargetMethod.Name: "GetConsumingEnumerable" or "OrderBy" or "OrderByDescending" or "ThenBy" or "Reverse" } or { Type.Name: "BlockingCollection" };

    // In a transaction or a lock, and in the turns of another loop that waits.
    private static bool ExpectsOrder(IOperation loop)
    {
        for (var current = loop.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILockOperation or IUsingOperation { Resources.Type.Name: "TransactionScope" })
                return true;
        }

        return false;
    }
}
