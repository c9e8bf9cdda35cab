using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>A callback registered on a token that lives longer than what it calls, and no way kept to take it back.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC607DroppedTokenRegistrationAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.DroppedTokenRegistration,
        title: "Registration on a CancellationToken dropped",
        messageFormat: "The registration on '{0}' is dropped: the callback, and all it holds, stays with the token when this work is over; keep the registration and dispose it",
        DiagnosticSeverity.Info,
        description: "Register keeps the callback, and what it captures, until the token's source is disposed or the registration is. On a token that outlives the work each call leaves one more behind, and when the token is cancelled all of them run, long after their work is over.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.CancellationToken is { } token)
                start.RegisterOperationAction(operation => Analyze(operation, token, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol token, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("Register" or "UnsafeRegister")
            || !SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, token)
            || call.Instance is not { } registeredOn
            || !IsDropped(call, context)
            || !Outlives(registeredOn, call, context))
        {
            return;
        }

        if (!IsRunOnce(call, context.ContainingSymbol, known) && !ExpressionTrees.Contain(call, known))
            context.Report(Rule, call.Syntax, registeredOn.Syntax.ToString());
    }

    private static bool IsDropped(IInvocationOperation call, OperationAnalysisContext context) => call.Parent switch
    {
        IExpressionStatementOperation => true,
        ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation } => true,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } =>
            declarator.Parent?.Parent?.Parent is not (IUsingDeclarationOperation or IUsingOperation) && LocalUses.IsNeverRead(declarator.Symbol, declarator, context),
        _ => false,
    };

    // A parameter's token is the caller's, and so is one that a constructor was given and put into a field. What is made
    // here, or owned by this object, ends with it; of a token behind somebody's property nothing is known.
    private static bool Outlives(IOperation token, IOperation call, OperationAnalysisContext context)
    {
        switch (AssignedValues.Unwrap(token))
        {
            case IParameterReferenceOperation { Parameter: var parameter }:
                return !IsAnEvents(parameter);
            case ILocalReferenceOperation { Local: var local }:
                return AssignedValues.Single(local, AssignedValues.Root(call)) is IParameterReferenceOperation { Parameter: var origin } && !IsAnEvents(origin);
            case IFieldReferenceOperation { Instance: IInstanceReferenceOperation, Field: var field } when AssignedValues.Root(call).SemanticModel is { } model && !IsInConstructor(call, context):
                return VariableMentions.Of(field.OriginalDefinition, model, context.CancellationToken) is { Count: > 0 } mentions
                    && mentions.Where(static mention => mention is ISymbolInitializerOperation || mention.Parent is IAssignmentOperation assignment && assignment.Target == mention)
                        .All(static write => write.Parent is ISimpleAssignmentOperation { Value: var value } && AssignedValues.Unwrap(value) is IParameterReferenceOperation)
                    && mentions.Any(static mention => mention.Parent is ISimpleAssignmentOperation);
            default:
                return false;
        }
    }

    // A lambda's token is that of the call which runs it, and often ends with it; a local function's or method's is the caller's.
    private static bool IsAnEvents(IParameterSymbol parameter) =>
        parameter.RefKind != RefKind.None || parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction };

    private static bool IsInConstructor(IOperation call, OperationAnalysisContext context) =>
        AsyncContext.InnermostFunction(call, context.ContainingSymbol) is { MethodKind: MethodKind.Constructor };

    // What runs once registers once; but objects of whatever life are made by constructors.
    private static bool IsRunOnce(IOperation call, ISymbol containingSymbol, KnownSymbols known) =>
        containingSymbol is not IMethodSymbol { MethodKind: MethodKind.Constructor } && !PerCallCode.Contains(call, containingSymbol, known);
}
