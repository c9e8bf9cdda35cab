using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>A CancellationTokenSource with a timeout, or linked to other tokens, that nobody disposes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC606UndisposedTokenSourceAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UndisposedTokenSource,
        title: "CancellationTokenSource never disposed",
        messageFormat: "'{0}' is never disposed, so {1}; dispose it with using",
        DiagnosticSeverity.Info,
        description: "A linked source is registered with the tokens that it is linked to until it is disposed: on a token that lives as long as the service, each call leaves one more registration behind. A source with a timeout has a timer, which runs on after the work is done.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.CancellationTokenSource is not { } source)
                return;

            start.RegisterOperationAction(operation => AnalyzeCreation(operation, source, known), OperationKind.ObjectCreation);
            start.RegisterOperationAction(operation => AnalyzeCall(operation, source, known), OperationKind.Invocation);
        });
    }

    private static void AnalyzeCreation(OperationAnalysisContext context, INamedTypeSymbol source, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (creation.Arguments is [var timeout, ..] && Is(creation.Type, source) && !IsEndless(timeout.Value))
            Analyze(context, known, "new CancellationTokenSource", "its timer runs on after the work is done");
    }

    private static void AnalyzeCall(OperationAnalysisContext context, INamedTypeSymbol source, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        switch (call.TargetMethod.Name)
        {
            case "CreateLinkedTokenSource" when Is(call.TargetMethod.ContainingType, source) && IsLinked(call):
                Analyze(context, known, "CreateLinkedTokenSource", "it stays registered with the tokens that it is linked to");
                break;
            case "CreateCancellationTokenSource" when Is(call.TargetMethod.ContainingType, known.TimeProviderTasks) && !IsEndless(call.Arguments[call.Arguments.Length - 1].Value):
                Analyze(context, known, "CreateCancellationTokenSource", "its timer runs on after the work is done");
                break;
        }
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known, string name, string consequence)
    {
        var creation = context.Operation;
        if (Escape.Of(creation) != Reach.Stays || !IsLost(creation) || Disposal.IsDisposedInCall(creation) || EntryPoint.IsFunctionOf(creation, context.ContainingSymbol))
            return;

        if (TestMethods.IsTestCode(context.ContainingSymbol) && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(creation.Syntax.SyntaxTree)))
            return;

        if (!ExpressionTrees.Contain(creation, known))
            context.Report(Rule, creation.Syntax, name, consequence);
    }

    // Only its members are used; what owns it, or is one with it, may dispose it.
    private static bool IsLost(IOperation creation)
    {
        var value = creation;
        while (value.Parent is IParenthesizedOperation or IConversionOperation or ICoalesceOperation or IConditionalOperation)
            value = value.Parent;

        var local = value.Parent switch
        {
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var symbol } } => symbol,
            ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var symbol } } => symbol,
            _ => null,
        };
        if (local is null)
            return value.Parent is IPropertyReferenceOperation or IInvocationOperation or IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };

        foreach (var mention in VariableMentions.Of(local, creation))
        {
            if (mention is ILocalReferenceOperation && mention.Parent is not (IPropertyReferenceOperation or IInvocationOperation or IConditionalAccessOperation or ISimpleAssignmentOperation or INameOfOperation or IBinaryOperation or IIsPatternOperation))
                return false;
        }

        return true;
    }

    // Timeout.Infinite and Timeout.InfiniteTimeSpan start no timer.
    private static bool IsEndless(IOperation timeout) => AssignedValues.Unwrap(timeout) switch
    {
        { ConstantValue: { HasValue: true, Value: -1 } } => true,
        IFieldReferenceOperation { Field.Name: "InfiniteTimeSpan" } => true,
        _ => false,
    };

    // CancellationToken.None and default are never cancelled, and keep nothing.
    private static bool IsLinked(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            var values = argument.Value is IArrayCreationOperation { Initializer.ElementValues: var elements } ? elements : [argument.Value];
            if (values.Any(static value => AssignedValues.Unwrap(value) is not (IDefaultValueOperation or IPropertyReferenceOperation { Property: { Name: "None", IsStatic: true } })))
                return true;
        }

        return false;
    }

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) => known is not null && SymbolEqualityComparer.Default.Equals(type, known);
}
