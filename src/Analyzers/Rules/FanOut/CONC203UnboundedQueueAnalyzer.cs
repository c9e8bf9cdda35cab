using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>Channels, BlockingCollections and Dataflow blocks that take whatever comes, however slow their readers are.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC203UnboundedQueueAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnboundedQueue,
        title: "A queue with no bound",
        messageFormat: "'{0}' has no bound: when its readers fall behind, it grows until the memory is gone; give it a capacity",
        DiagnosticSeverity.Info,
        description: "A queue between a fast writer and a slow reader grows for as long as that lasts. The delay grows with it, and in the end the process dies, with all that was in the queue. A bounded queue makes the writer wait, which is what is wanted nearly always.");

    private static readonly ImmutableHashSet<string> Blocks = ["ActionBlock", "BufferBlock", "TransformBlock", "TransformManyBlock", "BatchBlock", "JoinBlock"];

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Channel is not null)
                start.RegisterOperationAction(operation => AnalyzeInvocation(operation, known), OperationKind.Invocation);
            if (known.BlockingCollection is not null || known.DataflowBlockOptions is not null)
                start.RegisterOperationAction(operation => AnalyzeCreation(operation, known), OperationKind.ObjectCreation);
        });
    }

    private static void AnalyzeInvocation(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod is { Name: "CreateUnbounded" or "CreateUnboundedPrioritized", ContainingType: var type } && SymbolEqualityComparer.Default.Equals(type, known.Channel))
            Report(context, "Channel." + call.TargetMethod.Name, known);
    }

    private static void AnalyzeCreation(OperationAnalysisContext context, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (creation.Type is not INamedTypeSymbol { IsGenericType: true } type)
            return;

        if (SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known.BlockingCollection))
        {
            if (creation.Constructor?.Parameters.Any(static parameter => parameter.Name == "boundedCapacity") == false)
                Report(context, "BlockingCollection", known);
        }
        else if (Blocks.Contains(type.Name)
            && known.DataflowBlockOptions is { } options
            && SymbolEqualityComparer.Default.Equals(type.ContainingNamespace, options.ContainingNamespace)
            && !SetsCapacity(creation))
        {
            Report(context, type.Name, known);
        }
    }

    // Options that come from elsewhere are trusted to say it.
    private static bool SetsCapacity(IObjectCreationOperation creation)
    {
        foreach (var argument in creation.Arguments)
        {
            if (argument.Parameter?.Type.Name.EndsWith("DataflowBlockOptions", StringComparison.Ordinal) != true)
                continue;

            return AssignedValues.Unwrap(argument.Value) is not IObjectCreationOperation options
                || options.Initializer?.Initializers.Any(static one => one is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "BoundedCapacity" } }) == true;
        }

        return false;
    }

    private static void Report(OperationAnalysisContext context, string name, KnownSymbols known)
    {
        var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree);
        if ((ConcurrencyOptions.AnalyzeTests.In(options) || !TestMethods.IsTestCode(context.ContainingSymbol))
            && new QueueGrowth(known, ConcurrencyOptions.UnboundedThreshold.In(options), context.CancellationToken).Of(context.Operation))
        {
            context.Report(Rule, context.Operation.Syntax, name);
        }
    }
}
