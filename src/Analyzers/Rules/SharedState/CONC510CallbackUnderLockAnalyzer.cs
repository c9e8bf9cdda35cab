using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>Others' code run while a lock is held: an event's handlers, a callback, or what awaits a task that is completed there.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC510CallbackUnderLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.CallbackUnderLock,
        title: "Others' code run while a lock is held",
        messageFormat: "{0} while the lock on '{1}' is held; do it after the lock",
        DiagnosticSeverity.Info,
        description: "Nobody who holds a lock knows what an event's handlers, a callback or the continuations of a task do: they may take long, take another lock, or wait for a thread that wants this one. Decide under the lock, and call others after it.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Monitor is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), HeldCode.Kinds);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        if (HeldCode.TakenBy(context.Operation, known) is not { } taken)
            return;

        foreach (var operation in HeldCode.Of(context.Operation, taken, known))
        {
            if (operation is IInvocationOperation call && WhatRuns(call, known, context.CancellationToken) is { } what && !IsTest(context))
                context.Report(Rule, call.Syntax, what, taken.Name);
        }
    }

    private static string? WhatRuns(IInvocationOperation call, KnownSymbols known, CancellationToken cancellationToken)
    {
        var method = call.TargetMethod;
        if (method.MethodKind == MethodKind.DelegateInvoke)
            return Receiver(call) is { } target ? WhatRuns(target, method, known, cancellationToken) : null;

        if (call.Instance is IInstanceReferenceOperation && method.ReturnsVoid && RaisedEvent.Of(method, cancellationToken) is { } indirect)
            return $"'{method.Name}' raises the event '{indirect.Name}'";

        return CompletionSources.IsCompletion(method.Name) && Receiver(call) is { } source && CompletionSources.Is(source.Type, known) && IsMadeInline(source, known, cancellationToken)
            ? $"'{source.Syntax}.{method.Name}' runs what awaits the task"
            : null;
    }

    private static string? WhatRuns(IOperation target, IMethodSymbol invoke, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (target is ILocalReferenceOperation { Local: var local } && AssignedValues.Single(local, AssignedValues.Root(target)) is { } single)
            target = single;

        switch (target)
        {
            case IEventReferenceOperation { Event: var raised }:
                return $"The event '{raised.Name}' is raised";

            // What gives a value back is part of what the lock protects: a factory, a comparison, a condition.
            case IFieldReferenceOperation or IPropertyReferenceOperation or ILocalReferenceOperation when !invoke.ReturnsVoid && !invoke.ReturnType.IsTaskOrValueTask(known):
                return null;
            case IFieldReferenceOperation { Field: var field } reference:
                return IsPrivatelyMade(field, reference, cancellationToken) ? null : $"The callback '{field.Name}' runs";
            case IPropertyReferenceOperation { Property: { SetMethod: { DeclaredAccessibility: not Accessibility.Private } } property }:
                return $"The callback '{property.Name}' runs";
            case ILocalReferenceOperation { Local: var callback } reference when IsElement(reference):
                return $"The callback '{callback.Name}' runs";
            default:
                return null;
        }
    }

    // A delegate that the type itself makes does what its author wrote.
    private static bool IsPrivatelyMade(IFieldSymbol field, IOperation reference, CancellationToken cancellationToken)
    {
        if (reference.SemanticModel is not { } model || VariableMentions.Of(field, model, cancellationToken) is not { } mentions)
            return false;

        foreach (var mention in mentions)
        {
            var value = mention switch
            {
                IFieldInitializerOperation initializer => initializer.Value,
                IFieldReferenceOperation { Parent: IAssignmentOperation assignment } when assignment.Target == mention => assignment.Value,
                _ => null,
            };
            if (value is not null && AssignedValues.Unwrap(value) is not (IDelegateCreationOperation or ILiteralOperation or IDefaultValueOperation))
                return false;
        }

        return true;
    }

    // foreach (var callback in _callbacks) callback();
    private static bool IsElement(ILocalReferenceOperation reference)
    {
        for (var current = reference.Parent; current is not null; current = current.Parent)
        {
            if (current is IForEachLoopOperation loop && loop.Locals.Contains(reference.Local, SymbolEqualityComparer.Default))
                return AssignedValues.Unwrap(loop.Collection) is IFieldReferenceOperation or IPropertyReferenceOperation or IInvocationOperation { Instance: IFieldReferenceOperation };
        }

        return false;
    }

    private static bool IsMadeInline(IOperation source, KnownSymbols known, CancellationToken cancellationToken)
    {
        switch (source)
        {
            case ILocalReferenceOperation { Local: var local }:
                return AssignedValues.Single(local, AssignedValues.Root(source)) switch
                {
                    IObjectCreationOperation creation => CompletionSources.RunsInline(creation, known),
                    IFieldReferenceOperation field => IsMadeInline(field, known, cancellationToken),
                    _ => false,
                };
            case IFieldReferenceOperation { Field: var field } when source.SemanticModel is { } model && VariableMentions.Of(field, model, cancellationToken) is { } mentions:
                return mentions.Any(mention => (mention switch
                {
                    IFieldInitializerOperation initializer => initializer.Value,
                    IFieldReferenceOperation { Parent: IAssignmentOperation assignment } when assignment.Target == mention => assignment.Value,
                    _ => null,
                }) is { } value && AssignedValues.Unwrap(value) is IObjectCreationOperation creation && CompletionSources.RunsInline(creation, known));
            default:
                return false;
        }
    }

    // Of `x?.Invoke()`, too.
    private static IOperation? Receiver(IInvocationOperation call)
    {
        if (call.Instance is not IConditionalAccessInstanceOperation)
            return AssignedValues.UnwrapOrNull(call.Instance);

        for (var current = call.Parent; current is not null; current = current.Parent)
        {
            if (current is IConditionalAccessOperation access)
                return AssignedValues.Unwrap(access.Operation);
        }

        return null;
    }

    private static bool IsTest(OperationAnalysisContext context) =>
        TestMethods.IsTestCode(context.ContainingSymbol)
        && !ConcurrencyOptions.AnalyzeTests.In(context.Options.AnalyzerConfigOptionsProvider.GetOptions(context.Operation.Syntax.SyntaxTree));
}
