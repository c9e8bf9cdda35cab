using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A lock that stays taken when something throws, or that is given back without having been taken.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC503UnreleasedLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnreleasedLock,
        title: "Lock, semaphore or lease that an exception leaves taken",
        messageFormat: "'{0}' {1}",
        DiagnosticSeverity.Warning,
        description: "A semaphore or a lock that is taken and not given back blocks everybody who comes after, and one that is given back without having been taken lets two in. Take it directly before a try, and give it back in the finally of that try.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Monitor is not null)
                start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is "AcquireAsync" or "AttemptAcquire")
        {
            if (LeaseLeak.IsLeaked(call, known))
                context.Report(Rule, call.Syntax, call.Instance?.Syntax.ToString() ?? call.TargetMethod.Name, "gives a lease that isn't disposed when what follows throws; declare the lease with 'using'");
            return;
        }

        if (LockCall.Of(call, known) is not { Step: not LockStep.Release } taken || IsTakenBeforeItsTry(taken, known) || !IsGivenBackHere(taken, known))
            return;

        if (taken.Kind == LockKind.Semaphore && SemaphorePlaces.InitialCount(taken.Lock, context.CancellationToken) == 0)
            return;

        var name = taken.Lock.Syntax.ToString();
        if (PrematureTry.Around(taken, known) is { } reason)
        {
            context.Report(Rule, call.Syntax, name, reason);
            return;
        }

        if (LockFlow.Around(call, context, known) is { } flow && LockLeak.Find(flow, taken, () => LockHandOver.IsReleasedElsewhere(taken, context.ContainingSymbol, context.CancellationToken), out var way) is { } leak)
        {
            var line = leak.Syntax.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            context.Report(Rule, call.Syntax, name, way switch
            {
                LeakWay.Left => $"is still taken when the method is left in line {line}; release it in a finally",
                LeakWay.NextTurn => $"is still taken when the loop goes on in line {line}, and is taken again; release it in a finally",
                _ => $"stays taken when line {line} throws; release it in a finally",
            });
        }
    }

    // Taken in the statement before a try whose finally gives it back, as it should be: no need to look at the flow.
    private static bool IsTakenBeforeItsTry(LockCall taken, KnownSymbols known)
    {
        if (taken.Step != LockStep.Take || taken.Whole.Parent is not IExpressionStatementOperation statement)
            return false;

        var statements = statement.Parent switch
        {
            IBlockOperation block => block.Operations,
            ISwitchCaseOperation section => section.Body,
            _ => [],
        };
        var next = statements.IndexOf(statement) + 1;
        if (next == 0 || next >= statements.Length || statements[next] is not ITryOperation { Finally: { } final })
            return false;

        foreach (var last in final.Operations)
        {
            if (last is IExpressionStatementOperation { Operation: var operation })
            {
                if (LockCall.Of(operation, known) is { Step: LockStep.Release } release && release.Kind == taken.Kind && SyntaxFactory.AreEquivalent(release.Lock.Syntax, taken.Lock.Syntax))
                    return true;
                if (ThrowingOperations.CanThrow(operation))
                    return false;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    // Elsewhere: a signal, a releaser, or the delegate that does the work. All of those hand the lock on.
    private static bool IsGivenBackHere(LockCall taken, KnownSymbols known)
    {
        var function = FunctionGraph.FunctionAround(taken.Call);
        var paths = new TaskPath(known);
        var name = paths.Of(taken.Lock) ?? taken.Lock.Syntax.ToString();
        var isHere = false;
        foreach (var operation in (function ?? AssignedValues.Root(taken.Call)).Descendants())
        {
            if (LockCall.Of(operation, known) is not { Step: LockStep.Release } release || release.Kind != taken.Kind || (paths.Of(release.Lock) ?? release.Lock.Syntax.ToString()) != name)
                continue;

            if (FunctionGraph.FunctionAround(operation) != function)
                return false;

            isHere = true;
        }

        return isHere;
    }
}
