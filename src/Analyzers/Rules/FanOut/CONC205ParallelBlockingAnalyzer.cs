using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>Parallel loops and parallel queries whose body blocks or does I/O, with no MaxDegreeOfParallelism.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC205ParallelBlockingAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.ParallelBlocking,
        title: "Blocking work in a parallel loop without a limit",
        messageFormat: "'{0}' runs code that blocks ('{1}') on as many threads as the pool will give; set the degree of parallelism",
        DiagnosticSeverity.Info,
        description: "Parallel loops are made for computing, and take as many threads as keep the processors busy. Where threads wait instead, the pool adds more and more of them, and the rest of the program finds no thread to run on. How many calls a disk or a service takes at once is for you to say.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Parallel is null && known.ParallelLinq is null)
                return;

            var siblings = new SiblingNames();
            start.RegisterOperationAction(operation => Analyze(operation, siblings, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, SiblingNames siblings, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        switch (call.TargetMethod)
        {
            case { Name: "For" or "ForEach", ContainingType: var type } when SymbolEqualityComparer.Default.Equals(type, known.Parallel):
                AnalyzeLoop(context, call, siblings, known);
                break;
            case { Name: "AsParallel", ContainingType: var type } when SymbolEqualityComparer.Default.Equals(type, known.ParallelLinq):
                AnalyzeQuery(context, call, siblings, known);
                break;
        }
    }

    private static void AnalyzeLoop(OperationAnalysisContext context, IInvocationOperation call, SiblingNames siblings, KnownSymbols known)
    {
        // In async code, the loop itself is what blocks, and CONC103's.
        if (IsLimited(call) || AsyncContext.IsInAsyncCode(call, context.ContainingSymbol, known) || IsSmall(context, call, known))
            return;

        foreach (var argument in call.Arguments)
        {
            if (argument.Value is IDelegateCreationOperation work && ReportIfBlocking(context, call, $"Parallel.{call.TargetMethod.Name}", work, siblings, known))
                return;
        }
    }

    // The operators that follow, up to what ends the query.
    private static void AnalyzeQuery(OperationAnalysisContext context, IInvocationOperation start, SiblingNames siblings, KnownSymbols known)
    {
        var works = new List<IDelegateCreationOperation>();
        for (IOperation? current = start.Parent; current is IArgumentOperation or IConversionOperation or IParenthesizedOperation or ITranslatedQueryOperation or IInvocationOperation; current = current.Parent)
        {
            if (current is not IInvocationOperation call)
                continue;

            if (!SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, known.ParallelLinq) || call.TargetMethod.Name is "AsSequential")
                break;

            if (call.TargetMethod.Name == "WithDegreeOfParallelism")
                return;

            works.AddRange(call.Arguments.Select(static argument => argument.Value).OfType<IDelegateCreationOperation>());
        }

        if (works.Count == 0 || IsSmall(context, start, known))
            return;

        foreach (var work in works)
        {
            if (ReportIfBlocking(context, start, "AsParallel", work, siblings, known))
                return;
        }
    }

    private static bool ReportIfBlocking(OperationAnalysisContext context, IInvocationOperation call, string name, IDelegateCreationOperation work, SiblingNames siblings, KnownSymbols known)
    {
        if (new BlockingWork(siblings, known, context.CancellationToken).In(work) is not { } blocking
            || Gating.IsGated(work, known, context.CancellationToken)
            || IsLeftAloneAsTest(context))
        {
            return false;
        }

        context.Report(Rule, call.Syntax, name, blocking);
        return true;
    }

    private static bool IsSmall(OperationAnalysisContext context, IInvocationOperation call, KnownSymbols known) =>
        BoundOf(call, known).IsAtMost(ConcurrencyOptions.UnboundedThreshold.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(call.Syntax.SyntaxTree)));

    /// <summary>How many elements the loop or query goes through.</summary>
    internal static SequenceBound BoundOf(IInvocationOperation call, KnownSymbols known)
    {
        var source = call.Arguments[call.TargetMethod.Name == "For" ? 1 : 0].Value;
        return source.Type is { SpecialType: SpecialType.System_Int32 or SpecialType.System_Int64 } ? SequenceBounds.OfNumber(source, known) : SequenceBounds.Of(source, known);
    }

    // Options that come from elsewhere are trusted to say it.
    private static bool IsLimited(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter?.Type.Name != "ParallelOptions")
                continue;

            var options = AssignedValues.Unwrap(argument.Value);
            if (options is ILocalReferenceOperation { Local: var local })
            {
                if (AssignedValues.Single(local, AssignedValues.Root(options)) is not { } made
                    || VariableMentions.Of(local, options).Any(static mention => mention.Parent is IPropertyReferenceOperation { Property.Name: "MaxDegreeOfParallelism" or "TaskScheduler" }))
                {
                    return true;
                }

                options = made;
            }

            return options is not IObjectCreationOperation creation || creation.Initializer?.Initializers.Any(IsLimit) == true;
        }

        return false;
    }

    // -1 stands for no limit.
    private static bool IsLimit(IOperation setting) =>
        setting is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: var name }, Value: var value }
        && (name == "TaskScheduler" || (name == "MaxDegreeOfParallelism" && value.ConstantValue is not { HasValue: true, Value: -1 }));

    private static bool IsLeftAloneAsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));
}
