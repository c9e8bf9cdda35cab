using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A race of tasks by WhenAny after which nothing cancels or looks at those that have lost.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC305AbandonedLosersAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableArray<string> Endings =
        ["Abort", "Cancel", "Close", "Complete", "Disconnect", "Dispose", "Kill", "Set", "Shutdown", "Stop", "Try"];

    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.AbandonedLosers,
        title: "The losers of a WhenAny left running",
        messageFormat: "The tasks that lose this '{0}' run on, and nothing sees their exceptions; cancel and observe them, or use Gather.FirstAsync",
        DiagnosticSeverity.Info,
        description: "Task.WhenAny neither stops the tasks that haven't won nor looks at them. They go on with connections and memory that nobody has a use for, and what they throw is lost; and the winner may be the first to fail, not the first to succeed.");

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

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var whenAny = (IInvocationOperation)context.Operation;
        // One that nobody awaits loses its own task in the first place.
        if (whenAny.TargetMethod.Name != "WhenAny" || !CompletionValues.IsWhenAny(whenAny, known) || AwaitedValue.IsDropped(whenAny))
            return;

        if (LeavesLosers(whenAny, known)
            && !IsEndedLater(whenAny)
            && !UsesResource(whenAny)
            && !ExpressionTrees.Contain(whenAny, known)
            && !TestMethods.IsTestCode(context.ContainingSymbol))
        {
            context.Report(Rule, whenAny.Syntax, "Task.WhenAny");
        }
    }

    private static bool LeavesLosers(IInvocationOperation whenAny, KnownSymbols known)
    {
        var (tasks, collection) = CompletionValues.Arguments(whenAny);
        if (collection is not null)
        {
            if (AwaitedFailures.IsKept(collection, whenAny))
                return false;

            if (ListedIn(collection, whenAny) is { } listed)
                return !listed.Any(UsesResource) && LeavesLosers(listed, whenAny, known);

            return TaskFanOut.Of(collection, whenAny, known).Any(fanOut => TaskStart.IsStart(fanOut.Work, known) && !IsDelay(fanOut.Work) && !HandledFaults.CoverWork(fanOut.Work));
        }

        return LeavesLosers(tasks, whenAny, known);
    }

    // A list or array in a local that is for this WhenAny alone: the tasks that its literal lists.
    private static ImmutableArray<IOperation>? ListedIn(IOperation collection, IInvocationOperation whenAny) =>
        AssignedValues.Unwrap(collection) is ILocalReferenceOperation { Local: var local } reference
        && AssignedValues.References(local, AssignedValues.Root(reference)).Count() == 1
        && AssignedValues.Single(local, AssignedValues.Root(reference)) is { } value
        && !IsAwaitedAgain(whenAny, value)
            ? CompletionValues.Elements(value)
            : null;

    // In a loop that doesn't make the list: what loses in one turn may win in the next.
    private static bool IsAwaitedAgain(IOperation whenAny, IOperation list)
    {
        for (var current = whenAny.Parent; current is not null; current = current.Parent)
        {
            if (current is ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation && !current.Syntax.Span.Contains(list.Syntax.Span))
                return true;
        }

        return false;
    }

    private static bool LeavesLosers(ImmutableArray<IOperation> tasks, IInvocationOperation whenAny, KnownSymbols known)
    {
        var losers = 0;
        foreach (var task in tasks)
        {
            var value = CompletionValues.Strip(task, known);
            if (value is ILocalReferenceOperation { Local: var local } reference)
            {
                if (AssignedValues.Single(local, AssignedValues.Root(reference)) is not { } assigned)
                    continue;

                value = CompletionValues.Strip(assigned, known);
                if (!IsDelay(value) && AwaitedFailures.IsKept(reference, whenAny))
                    continue;
            }

            // Against a delay: a timeout, which is another mistake.
            if (IsDelay(value))
                return false;

            if (value is IInvocationOperation call && StartedTask.Of(call, known) is { } start && !HandledFaults.Covers(start, known) && !NestedTasks.AreStartedBy(start, known))
                losers++;
        }

        return losers > 1;
    }

    private static bool IsDelay(IOperation task) => task switch
    {
        IInvocationOperation { TargetMethod: { Name: "Delay", IsStatic: true } } => true,
        IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Body.Operations: [IReturnOperation { ReturnedValue: { } returned }] } } => IsDelay(AssignedValues.Unwrap(returned)),
        _ => false,
    };

    // Cancelled, stopped or told to end further down; or in a finally, which comes further down as well.
    private static bool IsEndedLater(IInvocationOperation whenAny)
    {
        var end = whenAny.Syntax.Span.End;
        return OwnOperations.Of(OwnOperations.BodyAround(whenAny)).Any(operation =>
            operation is IInvocationOperation { TargetMethod.Name: var name }
            && operation.Syntax.Span.End > end
            && Endings.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }

    // What a using disposes ends with it, well or not: a question of its own.
    private static bool UsesResource(IOperation tasks)
    {
        foreach (var operation in tasks.DescendantsAndSelf())
        {
            if (operation is ILocalReferenceOperation { Local: var local } && (local.IsUsing || IsResource(local)))
                return true;
        }

        return false;
    }

    private static bool IsResource(ILocalSymbol local) =>
        local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is { Parent.Parent: Microsoft.CodeAnalysis.CSharp.Syntax.UsingStatementSyntax };
}
