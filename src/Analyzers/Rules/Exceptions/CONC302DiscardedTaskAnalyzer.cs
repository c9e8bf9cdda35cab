using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A task discarded on purpose, with <c>_ =</c>, and its exceptions with it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC302DiscardedTaskAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.DiscardedTask,
        title: "A discarded task",
        messageFormat: "The task of '{0}' is discarded, and its exceptions with it; handle them with Observe, or await it",
        DiagnosticSeverity.Info,
        description: "A discard says that nobody waits for the work, and that may be meant. But its exceptions are discarded, too: when the work fails, no log has a word of it. Observe hands them to a handler.");

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

            start.RegisterOperationAction(operation => AnalyzeAssignment(operation, known), OperationKind.SimpleAssignment);
            start.RegisterOperationAction(operation => AnalyzeDeconstruction(operation, known), OperationKind.DeconstructionAssignment);
            start.RegisterOperationAction(operation => AnalyzeDeclarator(operation, known), OperationKind.VariableDeclarator);
        });
    }

    private static void AnalyzeAssignment(OperationAnalysisContext context, KnownSymbols known)
    {
        // As part of an expression, the value of the assignment is used.
        if (context.Operation is ISimpleAssignmentOperation { Target: IDiscardOperation, Parent: IExpressionStatementOperation, Value: var value })
            Analyze(context, known, value);
    }

    // (_, var x) = (FooAsync(), 1);
    private static void AnalyzeDeconstruction(OperationAnalysisContext context, KnownSymbols known)
    {
        if (context.Operation is not IDeconstructionAssignmentOperation { Target: var target, Value: var value, Parent: IExpressionStatementOperation }
            || TargetsOf(target) is not { } targets || AssignedValues.Unwrap(value) is not ITupleOperation { Elements: var values } || targets.Length != values.Length)
        {
            return;
        }

        for (var i = 0; i < targets.Length; i++)
        {
            if (targets[i] is IDiscardOperation)
                Analyze(context, known, values[i]);
        }
    }

    private static ImmutableArray<IOperation>? TargetsOf(IOperation target) => target switch
    {
        ITupleOperation tuple => tuple.Elements,
        IDeclarationExpressionOperation declaration => TargetsOf(declaration.Expression),
        _ => null,
    };

    private static void AnalyzeDeclarator(OperationAnalysisContext context, KnownSymbols known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        if (DiscardName.Is(declarator.Symbol)
            && declarator.Initializer is { Value: var value }
            && declarator.Parent?.Parent?.Parent is not (IUsingDeclarationOperation or IUsingOperation)
            && TaskTypes.MayHoldTask(declarator.Symbol.Type, known)
            && LocalUses.IsNeverRead(declarator.Symbol, declarator, context))
        {
            Analyze(context, known, value);
        }
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known, IOperation value)
    {
        if (LostTask.In(StartOf(value), context.Options, known) is { } call && !IsOutlived(call, context) && UnboundedStart.LoopOf(call, context, known) is null)
            context.Report(Rule, value.Syntax, StartedTask.NameOf(call));
    }

    // var _ = file.CopyToAsync(stream); at the end of the file's using is CONC307's.
    private static bool IsOutlived(IInvocationOperation call, OperationAnalysisContext context) =>
        LocalUses.KeepsUnread(call, context) && DisposedResource.OfDropped(call) is not null;

    // `var task = FooAsync(); _ = task;` is the same with a detour, unless the local has another use.
    private static IOperation? StartOf(IOperation value) =>
        value is ILocalReferenceOperation { Local: var local } reference
            ? LocalUses.IsReadElsewhere(reference) ? null : LocalUses.InitialValueOf(local, reference)
            : value;
}
