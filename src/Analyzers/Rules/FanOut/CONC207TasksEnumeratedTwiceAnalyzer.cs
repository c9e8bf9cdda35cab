using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.FanOut;

/// <summary>A lazy sequence of tasks enumerated more than once: each enumeration starts the work again.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC207TasksEnumeratedTwiceAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.TasksEnumeratedTwice,
        title: "A lazy sequence of tasks enumerated more than once",
        messageFormat: "'{0}' is enumerated a second time, which starts all its tasks again; put them into an array where they are started",
        DiagnosticSeverity.Warning,
        description: "A LINQ projection runs anew each time it is enumerated. Of a sequence of tasks, each enumeration starts the work again, and hands out other tasks than the one before: those that were awaited are not those that are read.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is not null && known.Enumerable is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.VariableDeclarator);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        if (declarator is not { Initializer.Value: var value, Symbol: { Type: INamedTypeSymbol { IsGenericType: true, TypeArguments: [var element] } } local }
            || !element.IsTaskOrValueTask(known)
            || LazyTasks.Of(value, known) is null)
        {
            return;
        }

        var root = AssignedValues.Root(declarator);
        if (AssignedValues.Single(local, root) is null)
            return;

        IOperation? first = null;
        foreach (var mention in AssignedValues.References(local, root))
        {
            if (LazyTasks.EnumerationOf(mention, known) is not { } enumeration || FunctionAround(mention) != FunctionAround(declarator))
                continue;

            if (IsRepeated(enumeration, declarator) || (first is not null && !AreExclusive(first, enumeration)))
            {
                context.Report(Rule, mention.Syntax, local.Name);
                return;
            }

            first ??= enumeration;
        }
    }

    // In a loop that the declaration is outside of.
    private static bool IsRepeated(IOperation enumeration, IOperation declarator)
    {
        for (IOperation child = enumeration, parent = enumeration.Parent!; parent is not null; child = parent, parent = parent.Parent!)
        {
            if (parent is ILoopOperation loop && !loop.Syntax.Span.Contains(declarator.Syntax.Span)
                && !(loop is IForEachLoopOperation forEach && forEach.Collection == child) && !(loop is IForLoopOperation { Before: var before } && before.Contains(child)))
            {
                return !Leaves(enumeration, loop);
            }
        }

        return false;
    }

    // In two branches of one choice, or the first in a branch that ends with a return.
    private static bool AreExclusive(IOperation first, IOperation second)
    {
        for (IOperation child = first, parent = first.Parent!; parent is not null; child = parent, parent = parent.Parent!)
        {
            if (!parent.Syntax.Span.Contains(second.Syntax.Span))
            {
                if (parent is IReturnOperation or IThrowOperation || (parent is IBlockOperation && Leaves(child, parent)))
                    return true;

                continue;
            }

            return parent is IConditionalOperation or ISwitchOperation or ISwitchExpressionOperation or ICoalesceOperation && child != Condition(parent);
        }

        return false;
    }

    private static IOperation? Condition(IOperation choice) => choice switch
    {
        IConditionalOperation conditional => conditional.Condition,
        ISwitchOperation switched => switched.Value,
        ISwitchExpressionOperation switched => switched.Value,
        ICoalesceOperation coalesce => coalesce.Value,
        _ => null,
    };

    private static bool Leaves(IOperation operation, IOperation within)
    {
        for (IOperation child = operation, parent = operation; parent is not null; child = parent, parent = parent.Parent!)
        {
            if (parent is IReturnOperation || (parent is IBlockOperation { Operations: var statements } && statements.Any(one => one.Syntax.SpanStart > child.Syntax.SpanStart
                && one is IReturnOperation or IThrowOperation or IBranchOperation { BranchKind: BranchKind.Break or BranchKind.GoTo } or IExpressionStatementOperation { Operation: IThrowOperation })))
            {
                return true;
            }

            if (parent == within)
                return false;
        }

        return false;
    }

    private static IOperation? FunctionAround(IOperation operation)
    {
        var current = operation.Parent;
        while (current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            current = current.Parent;

        return current;
    }
}
