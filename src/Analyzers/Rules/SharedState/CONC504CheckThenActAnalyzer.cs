using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A question to a concurrent collection and an act that relies on the answer, with nothing that keeps others out between.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC504CheckThenActAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.CheckThenAct,
        title: "Check, then act, on a concurrent collection",
        messageFormat: "{0}; {1}",
        DiagnosticSeverity.Warning,
        description: "Each call on a concurrent collection is safe for itself, but between two calls other threads change it: what was asked holds no longer when the answer is acted upon. The collections have methods that do both in one step.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.ConcurrentDictionary is null)
                return;

            start.RegisterOperationAction(operation => AnalyzeCall(operation, known), OperationKind.Invocation);
            start.RegisterOperationAction(operation => AnalyzeCount(operation, known), OperationKind.Conditional);
            start.RegisterOperationAction(operation => AnalyzeUpdate(operation, known), OperationKind.Increment, OperationKind.Decrement, OperationKind.CompoundAssignment, OperationKind.SimpleAssignment);
        });
    }

    private static void AnalyzeCall(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        switch (call.TargetMethod.Name)
        {
            case "ContainsKey" or "TryGetValue" or "TryPeek" or "Contains":
                AnalyzeCheck(context, call, call.Instance ?? call.Arguments.FirstOrDefault()?.Value, known);
                break;
            case "ToList" or "OrderBy" or "OrderByDescending" or "Order" or "OrderDescending" or "Reverse" when known.IsLinq(call.TargetMethod.ContainingType):
                if (call.Arguments is [{ Value: var argument }, ..]
                    && AssignedValues.Unwrap(argument) is var source
                    && source.Type is INamedTypeSymbol type && Is(type, known.ConcurrentDictionary)
                    && IsSharedAndFree(context, source, call))
                {
                    context.Report(Rule, call.Syntax, $"'{call.TargetMethod.Name}' copies '{NameOf(source)}' in two steps, and throws or yields empty entries where others change it between", "call its own 'ToArray' first, which is one step");
                }

                break;
        }
    }

    // if (queue.IsEmpty), if (!queue.IsEmpty), if (queue.Count > 0): there are far fewer conditions than properties.
    private static void AnalyzeCount(OperationAnalysisContext context, KnownSymbols known)
    {
        var condition = ((IConditionalOperation)context.Operation).Condition;
        while (true)
        {
            switch (condition)
            {
                case IPropertyReferenceOperation { Property.Name: "Count" or "IsEmpty" } property:
                    AnalyzeCheck(context, property, property.Instance, known);
                    return;
                case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var operand }:
                    condition = operand;
                    break;
                case IParenthesizedOperation { Operand: var operand }:
                    condition = operand;
                    break;
                case IBinaryOperation { LeftOperand: var left, RightOperand: var right }:
                    condition = AssignedValues.Unwrap(left) is IPropertyReferenceOperation ? AssignedValues.Unwrap(left) : AssignedValues.Unwrap(right);
                    if (condition is not IPropertyReferenceOperation)
                        return;
                    break;
                default:
                    return;
            }
        }
    }

    private static void AnalyzeCheck(OperationAnalysisContext context, IOperation check, IOperation? instance, KnownSymbols known)
    {
        if (AssignedValues.UnwrapOrNull(instance) is { Type: INamedTypeSymbol type } collection && IsConcurrent(type, known)
            && (LostUpdate.Of(check, collection, known) ?? CheckedActs.Find(check, collection, known)) is { } act
            && IsSharedAndFree(context, collection, check))
        {
            context.Report(Rule, act.Syntax, $"'{NameOf(collection)}' may have changed since '{QuestionOf(check)}' was asked", act.Advice);
        }
    }

    // d[k]++, d[k] += v, d[k] = d[k] + v
    private static void AnalyzeUpdate(OperationAnalysisContext context, KnownSymbols known)
    {
        var target = context.Operation is IIncrementOrDecrementOperation increment ? increment.Target : ((IAssignmentOperation)context.Operation).Target;
        if (target is IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } instance } element
            && (context.Operation is not ISimpleAssignmentOperation assignment || LostUpdate.IsIn(assignment, element))
            && AssignedValues.Unwrap(instance) is { Type: INamedTypeSymbol type } collection && Is(type, known.ConcurrentDictionary)
            && IsSharedAndFree(context, collection, context.Operation))
        {
            context.Report(Rule, context.Operation.Syntax, $"This reads an element of '{NameOf(collection)}' and writes it back in two steps, and loses what others write between", "use AddOrUpdate");
        }
    }

    // A local that no delegate captures is seen by no other thread; under a lock, others wait.
    private static bool IsSharedAndFree(OperationAnalysisContext context, IOperation collection, IOperation place)
    {
        switch (collection)
        {
            case ILocalReferenceOperation local:
                if (SymbolEqualityComparer.Default.Equals(local.Local.ContainingSymbol, AsyncContext.InnermostFunction(place, context.ContainingSymbol)))
                    return false;
                break;
            case IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } or IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation }:
                if (context.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor
                    && SymbolEqualityComparer.Default.Equals(AsyncContext.InnermostFunction(place, constructor), constructor))
                {
                    return false;
                }

                break;
            case IFieldReferenceOperation or IPropertyReferenceOperation or IParameterReferenceOperation:
                break;
            default:
                return false;
        }

        return !MutualExclusion.IsHeldAt(place, AssignedValues.Root(place), KnownSymbols.Of(context.Compilation)) && !MutualExclusion.IsSaidOf(context.ContainingSymbol);
    }

    private static string NameOf(IOperation collection) => collection switch
    {
        ILocalReferenceOperation local => local.Local.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        IMemberReferenceOperation member => member.Member.Name,
        _ => "the collection",
    };

    private static string QuestionOf(IOperation check) => check switch
    {
        IInvocationOperation call => call.TargetMethod.Name,
        IPropertyReferenceOperation property => property.Property.Name,
        _ => "",
    };

    private static bool IsConcurrent(INamedTypeSymbol type, KnownSymbols known) =>
        type.ContainingNamespace?.Name == "Concurrent"
        && (Is(type, known.ConcurrentDictionary) || Is(type, known.ConcurrentQueue) || Is(type, known.ConcurrentBag) || Is(type, known.ConcurrentStack) || Is(type, known.BlockingCollection));

    private static bool Is(INamedTypeSymbol type, INamedTypeSymbol? known) =>
        known is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known);
}
