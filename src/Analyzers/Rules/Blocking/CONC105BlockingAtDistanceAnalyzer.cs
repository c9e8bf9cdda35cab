using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Blocking;

/// <summary>Async code that calls a synchronous function of this compilation which blocks, at any depth.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC105BlockingAtDistanceAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.BlockingAtDistance,
        title: "Async code calls a method that blocks",
        messageFormat: "'{0}' blocks the thread that runs this async code ({1}); make it async, or run it on a ThreadExecutor",
        DiagnosticSeverity.Warning,
        description: "A wait blocks the thread of all who call it, however many methods lie between. Async code shares the thread pool's few threads, and one that waits in a method far down is missing as much as one that waits here.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownSymbols.Of(start.Compilation).Task is null)
                return;

            var summary = BlockingSummary.Of(start.Compilation, start.Options, start.CancellationToken);
            if (summary.IsEmpty)
                return;

            start.RegisterOperationAction(operation => AnalyzeLambda(operation, summary), OperationKind.AnonymousFunction);
            start.RegisterOperationAction(operation => AnalyzeHeld(operation, summary), OperationKind.Invocation);
            if (summary.IsEmptyButForLambdas)
                return;

            start.RegisterOperationAction(operation => AnalyzeCalls(operation, summary), OperationKind.Invocation, OperationKind.PropertyReference, OperationKind.ObjectCreation, OperationKind.MethodReference);
            if (summary.HasOperators)
                start.RegisterOperationAction(operation => AnalyzeCalls(operation, summary), OperationKind.Binary, OperationKind.Unary, OperationKind.Conversion, OperationKind.CompoundAssignment, OperationKind.Increment, OperationKind.Decrement);
        });
    }

    private static void AnalyzeCalls(OperationAnalysisContext context, BlockingSummary summary)
    {
        var operation = context.Operation;
        if (operation is IInvocationOperation call && summary.IsSaidToBlock(call) && IsInAsyncCode(operation, context, summary) && IsWorthAWord(operation, context, summary))
        {
            context.Report(Rule, operation.Syntax, call.TargetMethod.Name, BlockingFunction.WaitOf(call, summary));
            return;
        }

        foreach (var callee in summary.BlockingCallees(operation))
        {
            if (callee.Name is not "Dispose"
                && IsInAsyncCode(operation, context, summary)
                && summary.Of(callee) is { } chain
                && IsWorthAWord(operation, context, summary)
                && !HasSibling(operation, context, summary))
            {
                Report(context, operation.Syntax, BlockingSummary.NameOf(callee), chain);
                return;
            }
        }
    }

    // A lambda that async code runs on the spot is a part of it.
    private static void AnalyzeLambda(OperationAnalysisContext context, BlockingSummary summary)
    {
        var lambda = (IAnonymousFunctionOperation)context.Operation;
        if (summary.Links.IsRunInPlace(lambda)
            && IsInAsyncCode(lambda, context, summary)
            && summary.Of(lambda, context.CancellationToken) is var (chain, place)
            && IsWorthAWord(lambda, context, summary))
        {
            var end = chain.Text.IndexOf(' ');
            Report(context, place, end < 0 ? chain.Text : chain.Text.Substring(0, end), chain);
        }
    }

    // Action wait = …; wait();
    private static void AnalyzeHeld(OperationAnalysisContext context, BlockingSummary summary)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.MethodKind == MethodKind.DelegateInvoke
            && IsInAsyncCode(call, context, summary)
            && HeldDelegate.Of(call) is { } held
            && ChainOf(held, summary, context.CancellationToken) is { } chain
            && IsWorthAWord(call, context, summary))
        {
            Report(context, call.Syntax, ((ILocalReferenceOperation)call.Instance!).Local.Name, chain);
        }
    }

    private static BlockingChain? ChainOf(IDelegateCreationOperation held, BlockingSummary summary, CancellationToken cancellationToken) => held.Target switch
    {
        IAnonymousFunctionOperation lambda => summary.Of(lambda, cancellationToken)?.Chain,
        IMethodReferenceOperation reference when summary.Links.Are(reference.Method, reference.Instance) => summary.Of(reference.Method),
        _ => null,
    };

    private static void Report(OperationAnalysisContext context, SyntaxNode place, string name, BlockingChain chain) =>
        RuleReporting.Report(context.ReportDiagnostic, context.Options, context.ContainingSymbol, Rule, place.GetLocation(), chain.Links, null, name, chain.Text);

    private static bool IsInAsyncCode(IOperation operation, OperationAnalysisContext context, BlockingSummary summary) =>
        AsyncContext.InnermostFunction(operation, context.ContainingSymbol) is { } function
        && AsyncContext.IsAsyncCode(function, summary.Known)
        && !EntryPoint.Is(function);

    // The entry point's thread has nothing else to do, and a test waits on purpose.
    private static bool IsWorthAWord(IOperation operation, OperationAnalysisContext context, BlockingSummary summary) =>
        !MockSetup.ContainsDescription(operation, summary.Known)
        && !IsNamed(operation)
        && !(TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(operation.Syntax.SyntaxTree)));

    // What can be awaited in its place, CONC104 names.
    private static bool HasSibling(IOperation operation, OperationAnalysisContext context, BlockingSummary summary) =>
        operation is IInvocationOperation call && AwaitableCall.SiblingOf(call, context.ContainingSymbol, summary.Siblings, summary.Known, context.CancellationToken) is not null;

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
