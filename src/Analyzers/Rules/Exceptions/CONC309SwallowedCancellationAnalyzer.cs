using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A catch of every exception that also takes the cancellation of what its try awaits, and does nothing about it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC309SwallowedCancellationAnalyzer : DiagnosticAnalyzer
{
    private static readonly ImmutableArray<string> BestEffort = ["Close", "Cleanup", "CleanUp", "Dispose", "Shutdown", "Stop", "Try"];

    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.SwallowedCancellation,
        title: "A catch that swallows cancellation",
        messageFormat: "This catch takes the cancellation through '{0}' for a failure, and swallows it; let it through with a clause of its own",
        DiagnosticSeverity.Info,
        description: "A cancelled await throws OperationCanceledException. A catch of every exception takes that, too: what was cancelled is logged as a failure, and the caller, who cancelled, is told that all is well, or the loop goes on.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Task is null || known.CancellationToken is null || known.OperationCanceledException is null)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.CatchClause);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var clause = (ICatchClauseOperation)context.Operation;
        if (clause.Filter is not null
            || !CaughtExceptions.IsGeneral(clause, known)
            || clause.Parent is not ITryOperation attempt
            || attempt.Catches.TakeWhile(earlier => earlier != clause).Any(earlier => CaughtExceptions.IsCancellation(earlier.ExceptionType, known)))
        {
            return;
        }

        if (AsyncContext.InnermostFunction(clause, context.ContainingSymbol) is not { IsAsync: true, Parameters.IsEmpty: false } function
            || BestEffort.Any(prefix => function.Name.StartsWith(prefix, StringComparison.Ordinal))
            || !CaughtExceptions.AreSwallowed(clause, known)
            || PassedToken.AwaitedWith(attempt.Body, function, known) is not { } token
            || IsCleanUp(attempt)
            || IsSeenLater(attempt, clause, known)
            || TestMethods.IsTestCode(context.ContainingSymbol))
        {
            return;
        }

        context.Report(Rule, ((CatchClauseSyntax)clause.Syntax).CatchKeyword.GetLocation(), token.Name);
    }

    // In a finally, or on the way out after another failure: what that one was matters more than what goes wrong here.
    private static bool IsCleanUp(IOperation operation)
    {
        for (IOperation child = operation, parent = operation.Parent!; parent is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); child = parent, parent = parent.Parent!)
        {
            if ((parent is ITryOperation { Finally: { } last } && last == child) || parent is ICatchClauseOperation)
                return true;
        }

        return false;
    }

    // The code that follows, or the loop around it, looks at a token or waits with one: cancellation is noticed there.
    private static bool IsSeenLater(ITryOperation attempt, ICatchClauseOperation clause, KnownSymbols known)
    {
        if (clause.Handler.Operations.LastOrDefault() is IReturnOperation)
            return false;

        var own = attempt.Syntax.Span;
        var from = own.End;
        for (var current = attempt.Parent; current is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); current = current.Parent)
        {
            if (current is ILoopOperation)
                from = Math.Min(from, current.Syntax.SpanStart);
        }

        return OwnOperations.Of(OwnOperations.BodyAround(attempt)).Any(mention =>
            mention is IParameterReferenceOperation or ILocalReferenceOperation or IMemberReferenceOperation
            && mention.Syntax.SpanStart >= from
            && !own.Contains(mention.Syntax.Span)
            && (SymbolEqualityComparer.Default.Equals(mention.Type, known.CancellationToken) || SymbolEqualityComparer.Default.Equals(mention.Type, known.CancellationTokenSource)));
    }
}
