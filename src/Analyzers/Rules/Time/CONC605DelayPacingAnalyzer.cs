using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>Calls for the elements of a sequence, with a constant delay between one and the next.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("Which callers share a rate, and what happens to those it refuses, is not in the loop.")]
public sealed class CONC605DelayPacingAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.DelayPacing,
        title: "Calls paced by a constant delay",
        messageFormat: "'{0}' is called once for each element, and a delay of '{1}' spaces the calls; a rate limiter keeps the rate whoever else calls, and doesn't wait longer than it must",
        DiagnosticSeverity.Hidden,
        description: "The delay comes on top of the time that the call takes, waits after the last one, too, and knows nothing of other loops that call the same service. A rate limiter that the callers share keeps the rate exactly.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is { } task)
                start.RegisterOperationAction(operation => Analyze(operation, task, known), OperationKind.Await);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol task, KnownSymbols known)
    {
        var wait = (IAwaitOperation)context.Operation;
        if (wait.Parent is not IExpressionStatementOperation { Parent: IBlockOperation { Parent: ILoopOperation loop } body }
            || DelayOf(wait.Operation, task) is not { } delay
            || !IsConstant(delay.Arguments[0].Value, known)
            || ElementsOf(loop) is not { } elements
            || CallIn(body, wait, elements) is not { } call
            || IsLeftEarly(body)
            || TestMethods.IsTestCode(context.ContainingSymbol))
        {
            return;
        }

        context.Report(Rule, delay.Syntax, call.TargetMethod.Name, delay.Arguments[0].Value.Syntax.ToString());
    }

    private static IInvocationOperation? DelayOf(IOperation awaited, INamedTypeSymbol task)
    {
        if (awaited is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured })
            awaited = configured;

        return awaited is IInvocationOperation { TargetMethod: { Name: "Delay", IsStatic: true, ContainingType: var type } } delay && SymbolEqualityComparer.Default.Equals(type, task) ? delay : null;
    }

    // A number, a TimeSpan made of numbers, or a field that stays what it is. One millisecond is there to yield, not to pace.
    private static bool IsConstant(IOperation duration, KnownSymbols known) => AssignedValues.Unwrap(duration) switch
    {
        { ConstantValue: { HasValue: true, Value: int milliseconds } } => milliseconds > 1,
        IInvocationOperation { TargetMethod: { IsStatic: true, ContainingType: var type }, Arguments: var arguments } =>
            SymbolEqualityComparer.Default.Equals(type, known.TimeSpan) && arguments.All(static argument => argument.Value.ConstantValue.HasValue),
        IObjectCreationOperation { Type: var type, Arguments: var arguments } =>
            SymbolEqualityComparer.Default.Equals(type, known.TimeSpan) && arguments.All(static argument => argument.Value.ConstantValue.HasValue),
        IFieldReferenceOperation { Field: { IsStatic: true, IsReadOnly: true, Name: not ("InfiniteTimeSpan" or "Zero" or "MaxValue") } field } => SymbolEqualityComparer.Default.Equals(field.Type, known.TimeSpan),
        _ => false,
    };

    // Loops over data end with it; a while loop polls or retries.
    private static ImmutableArray<ILocalSymbol>? ElementsOf(ILoopOperation loop) => loop switch
    {
        IForEachLoopOperation { IsAsynchronous: false, Locals: var locals } => locals,
        IForLoopOperation { Locals: [var index], Condition: IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan, RightOperand: IPropertyReferenceOperation { Property.Name: "Count" or "Length" } } } => [index],
        _ => null,
    };

    private static IInvocationOperation? CallIn(IBlockOperation body, IAwaitOperation wait, ImmutableArray<ILocalSymbol> elements)
    {
        foreach (var operation in body.Descendants())
        {
            if (operation is not IAwaitOperation { Operation: var awaited } || operation == wait)
                continue;

            if (awaited is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured })
                awaited = configured;

            if (awaited is IInvocationOperation { TargetMethod.Name: not ("Delay" or "Yield") } call
                && call.Descendants().Any(part => part is ILocalReferenceOperation { Local: var local } && elements.Contains(local, SymbolEqualityComparer.Default)))
            {
                return call;
            }
        }

        return null;
    }

    // What is left as soon as something is found or succeeds is a search or a retry.
    private static bool IsLeftEarly(IBlockOperation body) =>
        body.Syntax.DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .Any(static node => node is ReturnStatementSyntax or BreakStatementSyntax { Parent: not SwitchSectionSyntax });
}
