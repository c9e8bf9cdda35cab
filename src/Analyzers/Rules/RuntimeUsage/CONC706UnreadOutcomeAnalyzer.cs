using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>Outcomes of which nobody asks whether they are failures: then these are lost.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("What to do about a failure is the author's decision.")]
public sealed class CONC706UnreadOutcomeAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnreadOutcome,
        title: "Failures in outcomes that nothing reads",
        messageFormat: "'{0}' returns failures instead of throwing them, and nothing reads them here; look at IsSuccess or Exception{1}",
        DiagnosticSeverity.Warning,
        description: "Work that is settled never throws: its exceptions are in the outcomes, and where nothing looks at them they are lost without a word.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.OutcomeOfT is { } outcome)
                start.RegisterOperationAction(operation => Analyze(operation, outcome, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol outcome, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("SettleAsync" or "TryExecuteAsync") || !IsOutcome(call.Type.TaskResult(known), outcome, known))
            return;

        if (AwaitedValue.Of(call) is not { } value || !IsUnread(value, known) || ExpressionTrees.Contain(call, known))
            return;

        context.Report(Rule, call.Syntax, call.TargetMethod.Name, call.TargetMethod.Name == "SettleAsync" ? ", or call ThrowIfAnyFailed" : "");
    }

    private static bool IsOutcome(ITypeSymbol? result, INamedTypeSymbol outcome, KnownSymbols known)
    {
        var type = result is IArrayTypeSymbol { ElementType: var element } ? element.OriginalDefinition : result?.OriginalDefinition;
        return type is not null && (SymbolEqualityComparer.Default.Equals(type, outcome) || SymbolEqualityComparer.Default.Equals(type, known.CircuitOutcomeOfT));
    }

    private static bool IsUnread(IOperation value, KnownSymbols known)
    {
        if (AwaitedValue.IsDropped(value))
            return true;

        if (AwaitedValue.LocalOf(value) is { } local)
            return AreUnread(local, value, known);

        var whole = AwaitedValue.Whole(value);
        return whole.Parent is not IVariableInitializerOperation && IgnoresFailures(whole, known);
    }

    private static bool AreUnread(ILocalSymbol local, IOperation within, KnownSymbols known) =>
        VariableMentions.Of(local, within).All(mention =>
            mention is not ILocalReferenceOperation
            || (mention.Parent is ISimpleAssignmentOperation assignment && assignment.Target == mention)
            || IgnoresFailures(AwaitedValue.Whole(mention), known));

    // What is done with outcomes, or with one, that tells nothing of a failure.
    private static bool IgnoresFailures(IOperation outcomes, KnownSymbols known)
    {
        switch (outcomes.Parent)
        {
            case IPropertyReferenceOperation { Property.Name: "Length" or "Count" or "LongLength" or "Source" or "Duration" or "RetryAfter" }:
            case IInvocationOperation { TargetMethod.Name: "GetValueOrDefault" }:
            case INameOfOperation:
                return true;
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "Successes", ContainingType: var type } } }:
                return SymbolEqualityComparer.Default.Equals(type, known.Outcomes);
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "Select" or "Count" or "Any", ContainingType: var type }, Arguments: var arguments } } when known.IsLinq(type):
                return arguments.Length == 1 || (arguments.Length == 2 && LambdaOf(arguments[1].Value) is { Symbol.Parameters: [var parameter] } lambda
                    && lambda.Body.Descendants().All(operation => operation is not IParameterReferenceOperation reference || !SymbolEqualityComparer.Default.Equals(reference.Parameter, parameter) || IgnoresFailures(AwaitedValue.Whole(reference), known)));
            case IArrayElementReferenceOperation element when element.ArrayReference == outcomes:
                return IgnoresFailures(AwaitedValue.Whole(element), known);
            case IForEachLoopOperation { Locals: [var element] } loop when loop.Collection == outcomes:
                return AreUnread(element, loop, known);
            default:
                return false;
        }
    }

    private static IAnonymousFunctionOperation? LambdaOf(IOperation argument) =>
        (AssignedValues.Unwrap(argument) is IDelegateCreationOperation creation ? creation.Target : argument) as IAnonymousFunctionOperation;
}
