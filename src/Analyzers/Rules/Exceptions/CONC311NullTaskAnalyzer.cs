using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>Null where a task is returned or awaited.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC311NullTaskAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.NullTask,
        title: "Null where a task is awaited or returned",
        messageFormat: "'{0}' can be null where a task is {1}, and to await null throws a NullReferenceException; use '{2}' instead",
        DiagnosticSeverity.Warning,
        description: "A null task is no task that is complete: to await it throws a NullReferenceException. Nobody who calls a method that returns a task expects that, and behind `?.` the very case that it is there for fails.");

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

            start.RegisterOperationAction(operation => AnalyzeReturn(operation, known), OperationKind.Return);
            start.RegisterOperationAction(operation => AnalyzeAwait(operation, known), OperationKind.Await);
        });
    }

    private static void AnalyzeReturn(OperationAnalysisContext context, KnownSymbols known)
    {
        if (context.Operation is IReturnOperation { ReturnedValue: { } value }
            && NullIn(value, known) is { } found
            && MayNotReturnNull(context.Operation, context.ContainingSymbol)
            && !ExpressionTrees.Contain(value, known))
        {
            Report(context, found, value.Type, "returned", known);
        }
    }

    private static void AnalyzeAwait(OperationAnalysisContext context, KnownSymbols known)
    {
        var operand = ((IAwaitOperation)context.Operation).Operation;
        if (NullIn(operand, known) is { } found)
            Report(context, found, operand.Type, "awaited", known);
    }

    private static void Report(OperationAnalysisContext context, IOperation found, ITypeSymbol? type, string use, KnownSymbols known) =>
        context.Report(Rule, found.Syntax, NameOf(found), use, type.TaskResult(known) is null ? "Task.CompletedTask" : "Task.FromResult");

    private static string NameOf(IOperation found) =>
        found is IConditionalAccessOperation access && StartedTask.Of(access, KnownSymbols.Of(access.SemanticModel!.Compilation)) is { } call ? "?." + StartedTask.NameOf(call) : found is IConditionalAccessOperation ? "?." : found.Syntax.ToString();

    /// <summary>The null, or the conditional access, that the value is or may be.</summary>
    private static IOperation? NullIn(IOperation value, KnownSymbols known)
    {
        var inner = AssignedValues.Unwrap(value);
        switch (inner)
        {
            case ILiteralOperation { ConstantValue: { HasValue: true, Value: null } } or IDefaultValueOperation:
                return IsTaskClass(value.Type, known) && !IsSuppressed(inner.Syntax) ? inner : null;
            // With `!` the compiler is silent, and the await of it throws all the same.
            case IConditionalAccessOperation access:
                return IsTaskClass(access.Type, known) && (access.Parent is IAwaitOperation || !IsSuppressed(inner.Syntax)) && !IsNeverNull(access.Operation) && !IsProvedNotNull(access) ? inner : null;
            // Task task = null; return task;
            case ILocalReferenceOperation { Local: var local } when IsTaskClass(value.Type, known) && AssignedValues.Single(local, AssignedValues.Root(inner)) is { } only and (ILiteralOperation or IDefaultValueOperation):
                return NullIn(only.Parent is IConversionOperation converted ? converted : only, known);
            case IConditionalOperation { WhenFalse: { } whenFalse } conditional:
                return NullIn(conditional.WhenTrue, known) ?? NullIn(whenFalse, known);
            case ISwitchExpressionOperation choice:
                return choice.Arms.Select(arm => NullIn(arm.Value, known)).FirstOrDefault(static found => found is not null);
            default:
                return null;
        }
    }

    private static bool IsTaskClass(ITypeSymbol? type, KnownSymbols known) =>
        SymbolEqualityComparer.Default.Equals(type, known.Task) || SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, known.TaskOfT);

    // `null!`: whoever writes that means it.
    private static bool IsSuppressed(SyntaxNode node)
    {
        while (node.Parent is ParenthesizedExpressionSyntax)
            node = node.Parent;

        return node.Parent.IsKind(SyntaxKind.SuppressNullableWarningExpression);
    }

    // After a check. An await of the same before proves nothing, though the flow says so: it would have thrown.
    private static bool IsProvedNotNull(IConditionalAccessOperation access) =>
        access.SemanticModel!.GetTypeInfo(access.Operation.Syntax).Nullability.FlowState == NullableFlowState.NotNull
        && !OwnOperations.Of(OwnOperations.BodyAround(access)).Any(operation =>
            operation is IAwaitOperation { Operation: var awaited }
            && operation.Syntax.SpanStart < access.Syntax.SpanStart
            && AssignedValues.Unwrap(awaited) is IConditionalAccessOperation earlier && earlier != access
            && SyntaxFactory.AreEquivalent(earlier.Operation.Syntax, access.Operation.Syntax));

    // As it is declared.
    private static bool IsNeverNull(IOperation receiver) => receiver switch
    {
        ILocalReferenceOperation { Local.Type.NullableAnnotation: NullableAnnotation.NotAnnotated } => true,
        IParameterReferenceOperation { Parameter.Type.NullableAnnotation: NullableAnnotation.NotAnnotated } => true,
        IFieldReferenceOperation { Field.Type.NullableAnnotation: NullableAnnotation.NotAnnotated } => true,
        IPropertyReferenceOperation { Property.Type.NullableAnnotation: NullableAnnotation.NotAnnotated } => true,
        _ => false,
    };

    private static bool MayNotReturnNull(IOperation operation, ISymbol containingSymbol)
    {
        for (var current = operation.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case ILocalFunctionOperation { Symbol: var function }:
                    return Promises(function);
                case IAnonymousFunctionOperation lambda:
                    return Promises(lambda);
            }
        }

        // A property may have no task yet.
        return containingSymbol is IMethodSymbol { MethodKind: MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation } method && Promises(method);
    }

    private static bool Promises(IMethodSymbol method) => !method.IsAsync && method.ReturnNullableAnnotation != NullableAnnotation.Annotated;

    // Where the delegate returns any T, null is a value like others.
    private static bool Promises(IAnonymousFunctionOperation lambda)
    {
        if (lambda.Symbol.IsAsync || lambda.Parent is not IDelegateCreationOperation { Type: INamedTypeSymbol { DelegateInvokeMethod: { ReturnNullableAnnotation: not NullableAnnotation.Annotated } } } creation)
            return false;

        var use = creation.Parent is IConversionOperation conversion ? conversion.Parent : creation.Parent;
        return use is not IArgumentOperation { Parameter.OriginalDefinition.Type: var type }
            || type is not INamedTypeSymbol { DelegateInvokeMethod.ReturnType: ITypeParameterSymbol };
    }
}
