using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A ValueTask consumed twice, blocked on before it is complete, or kept in a field.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC310ValueTaskMisuseAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.ValueTaskMisuse,
        title: "A ValueTask consumed twice, blocked on or kept",
        messageFormat: "'{0}' {1}",
        DiagnosticSeverity.Warning,
        description: "The object behind a ValueTask may be used again for another operation as soon as it has been consumed. It may be awaited, or turned into a Task, once, and its result may only be read when it is complete: anything else gives an exception, or the result of another operation.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null || (known.ValueTask is null && known.ValueTaskOfT is null))
                return;

            start.RegisterOperationAction(operation => AnalyzeLocal(operation, known), OperationKind.VariableDeclarator);
            start.RegisterOperationAction(operation => AnalyzeParameter(operation, known), OperationKind.ParameterReference);
            start.RegisterOperationAction(operation => AnalyzeBlocking(operation, BlockingTaskAccess.Of((IPropertyReferenceOperation)operation.Operation, known), known), OperationKind.PropertyReference);
            start.RegisterOperationAction(operation => AnalyzeBlocking(operation, BlockingTaskAccess.Of((IInvocationOperation)operation.Operation, known), known), OperationKind.Invocation);
            start.RegisterOperationAction(operation => AnalyzeStore(operation, known), OperationKind.SimpleAssignment);
        });
    }

    private static void AnalyzeLocal(OperationAnalysisContext context, KnownSymbols known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        if (!declarator.Symbol.Type.IsValueTask(known) || declarator.Symbol.IsRef)
            return;

        var mentions = VariableMentions.Of(declarator.Symbol, declarator);
        if (mentions.Count < 2 || ConsumedValueTask.IsCopy(declarator.Symbol, declarator))
            return;

        var values = AssignedValues.Of(declarator.Symbol, AssignedValues.Root(declarator));
        if (values is not null && (values.TrueForAll(value => ConsumedValueTask.IsRepeatable(value, known)) || values.Exists(static value => AssignedValues.Unwrap(value) is IInvocationOperation { TargetMethod.Name: "Preserve" })))
            return;

        ReportAgain(context, declarator.Symbol, mentions, declarator);
    }

    // Looked at once, from the first mention in its own function.
    private static void AnalyzeParameter(OperationAnalysisContext context, KnownSymbols known)
    {
        var reference = (IParameterReferenceOperation)context.Operation;
        var parameter = reference.Parameter;
        if (parameter.RefKind != RefKind.None || !parameter.Type.IsValueTask(known))
            return;

        var mentions = ConsumedValueTask.MentionsOf(parameter, reference);
        if (mentions.Count > 0 && mentions[0] == reference)
            ReportAgain(context, parameter, mentions, reference);
    }

    private static void ReportAgain(OperationAnalysisContext context, ISymbol variable, IReadOnlyList<IOperation> mentions, IOperation place)
    {
        if (ConsumedValueTask.Again(variable, mentions, place, context) is { } again)
            context.Report(Rule, again, variable.Name, "is a ValueTask that has been consumed before, and may belong to another operation by now; call AsTask at the start, and use that");
    }

    // In async code, it is CONC102's.
    private static void AnalyzeBlocking(OperationAnalysisContext context, BlockingTaskAccess? found, KnownSymbols known)
    {
        if (found is not { } access || !access.Task.Type.IsValueTask(known) || AsyncContext.IsInAsyncCode(context.Operation, context.ContainingSymbol, known))
            return;

        if (!IsMadeHere(access.Task, known)
            || MockSetup.ContainsDescription(context.Operation, known)
            || IsLeftAloneAsTest(context)
            || CompletedTasks.AreKnownComplete(context.Operation, access.Task, context.GetControlFlowGraph, known))
        {
            return;
        }

        context.Report(Rule, context.Operation.Syntax, NameOf(access.Task), "gives a ValueTask, whose result can't be had before it is complete; block on its AsTask(), or await it");
    }

    // By a call, also through a local: who passes a ValueTask or keeps one has seen to it. new ValueTask(task) waits as the task does.
    private static bool IsMadeHere(IOperation task, KnownSymbols known)
    {
        task = CompletionValues.Strip(task, known);
        if (task is ILocalReferenceOperation local)
            task = AssignedValues.Single(local.Local, AssignedValues.Root(local)) ?? task;

        return StartedTask.Of(task, known) is not null && !ConsumedValueTask.IsRepeatable(task, known);
    }

    private static bool IsLeftAloneAsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));

    private static string NameOf(IOperation task) => AssignedValues.Unwrap(task) switch
    {
        IInvocationOperation call => StartedTask.NameOf(call),
        ILocalReferenceOperation local => local.Local.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        IMemberReferenceOperation member => member.Member.Name,
        _ => "This",
    };

    private static void AnalyzeStore(OperationAnalysisContext context, KnownSymbols known)
    {
        var store = (ISimpleAssignmentOperation)context.Operation;
        if (store.Target is not (IFieldReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: false })
            || !store.Target.Type.IsValueTask(known)
            || AssignedValues.Unwrap(store.Value) is IInvocationOperation { TargetMethod.Name: "Preserve" }
            || StartedTask.Of(store.Value, known) is null
            || !((IMemberReferenceOperation)store.Target).Member.Locations.Any(static location => location.IsInSource))
        {
            return;
        }

        // Whoever sets the field back knows that it is used up.
        if (store.Target is IFieldReferenceOperation { Field: var field, SemanticModel: { } model }
            && VariableMentions.Of(field, model, context.CancellationToken) is { } mentions
            && mentions.Any(mention => mention.Parent is ISimpleAssignmentOperation reset && reset.Target == mention && ConsumedValueTask.IsRepeatable(reset.Value, known)))
        {
            return;
        }

        context.Report(Rule, store.Value.Syntax, ((IMemberReferenceOperation)store.Target).Member.Name, "keeps a ValueTask, which may be consumed once, and by nobody knows whom; keep its AsTask() instead");
    }
}
