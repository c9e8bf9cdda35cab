using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A task that nothing observes, where the compiler is silent: a statement of its own, or a local never read.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC301UnobservedTaskAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnobservedTask,
        title: "A task that nothing observes",
        messageFormat: "Nothing observes the task of '{0}'{1}; await it, or handle its exceptions with Observe",
        DiagnosticSeverity.Warning,
        description: "The exception of a task that nothing awaits or observes is never seen: the work fails, and the program goes on as if it hadn't. What needs the work doesn't wait for it, either. The compiler warns of it in async functions only, and only of plain calls.");

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

            start.RegisterOperationAction(operation => AnalyzeStatement(operation, known), OperationKind.ExpressionStatement);
            start.RegisterOperationAction(operation => AnalyzeDeclarator(operation, known), OperationKind.VariableDeclarator);
            start.RegisterOperationAction(operation => AnalyzeResource(operation, ((IUsingOperation)operation.Operation).Resources, known), OperationKind.Using);
        });
    }

    private static void AnalyzeStatement(OperationAnalysisContext context, KnownSymbols known)
    {
        switch (((IExpressionStatementOperation)context.Operation).Operation)
        {
            case IInvocationOperation { TargetMethod.ReturnsVoid: false } invocation
                when LostTask.In(invocation, context.Options, known) is { } call
                    && !UnawaitedCallWarning.IsReported(invocation, context.ContainingSymbol) && UnboundedStart.LoopOf(call, context, known) is null && !IsResultOfDelegate(invocation, known):
                context.Report(Rule, invocation.Syntax, StartedTask.NameOf(call), "");
                break;
            case IConditionalAccessOperation access when LostTask.In(access, context.Options, known) is { } call && UnboundedStart.LoopOf(call, context, known) is null && !IsResultOfDelegate(access, known):
                context.Report(Rule, access.Syntax, StartedTask.NameOf(call), "");
                break;
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } } assignment:
                AnalyzeLocal(context, known, local, assignment, assignment.Value);
                break;
        }
    }

    // list.ForEach(x => FAsync(x)): the mistake is the call that can't await it.
    private static bool IsResultOfDelegate(IOperation result, KnownSymbols known) =>
        result.Parent?.Parent?.Parent is IAnonymousFunctionOperation lambda && UnawaitedDelegate.Is(lambda, known);

    private static void AnalyzeDeclarator(OperationAnalysisContext context, KnownSymbols known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;

        if (declarator.Initializer is not { Value: var value })
            return;

        // At its end a using reads its local.
        if (declarator.Parent?.Parent?.Parent is not (IUsingDeclarationOperation or IUsingOperation))
            AnalyzeLocal(context, known, declarator.Symbol, declarator, value);
        else if (!AssignedValues.References(declarator.Symbol, AssignedValues.Root(declarator)).Any())
            AnalyzeResource(context, value, known);
    }

    // using (OpenAsync()): what is disposed is the task, most likely before it is complete.
    private static void AnalyzeResource(OperationAnalysisContext context, IOperation resource, KnownSymbols known)
    {
        resource = AssignedValues.Unwrap(resource);
        if (resource.Type.IsTask(known) && LostTask.In(resource, context.Options, known) is { } call)
            context.Report(Rule, resource.Syntax, StartedTask.NameOf(call), ", and the using disposes it instead of its result");
    }

    private static void AnalyzeLocal(OperationAnalysisContext context, KnownSymbols known, ILocalSymbol local, IOperation assignment, IOperation value)
    {
        if (TaskTypes.MayHoldTask(local.Type, known)
            && !DiscardName.Is(local)
            && LostTask.In(value, context.Options, known) is { } call
            && LocalUses.IsNeverRead(local, assignment, context)
            && DisposedResource.OfDropped(call) is null
            && UnboundedStart.LoopOf(call, context, known) is null)
        {
            context.Report(Rule, value.Syntax, StartedTask.NameOf(call), $", and nothing reads '{local.Name}' afterwards");
        }
    }
}
