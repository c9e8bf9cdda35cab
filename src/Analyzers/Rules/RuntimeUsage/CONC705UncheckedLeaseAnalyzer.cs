using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>A lease of a rate limiter of which nobody asks whether it was granted, or that nobody gives back.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC705UncheckedLeaseAnalyzer : DiagnosticAnalyzer
{
    /// <summary>What of it is missing, for the fix.</summary>
    internal const string Missing = "Missing";
    internal const string Check = "Check";
    internal const string Disposal = "Disposal";
    internal const string Both = "Both";

    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UncheckedLease,
        title: "Lease never checked or never disposed",
        messageFormat: "The lease of '{0}' is {1}; {2}",
        DiagnosticSeverity.Warning,
        description: "A rate limiter refuses with a lease, not with an exception: who doesn't look at IsAcquired goes on without a permit, and nothing is limited. A lease that isn't disposed keeps its permit, and when all are gone everybody waits for ever.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.RateLimitLease is { } lease)
                start.RegisterOperationAction(operation => Analyze(operation, lease, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, INamedTypeSymbol lease, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is not ("AttemptAcquire" or "AcquireAsync") || ValueOf(call, lease, known) is not { } value || Use(value) is not var (isChecked, isDisposed))
            return;

        var limiter = LimiterOfLease.Of(call, known, context.CancellationToken);
        isDisposed |= !limiter.KeepsPermits;
        isChecked |= limiter.NeverRefuses && value != call;
        if ((isChecked && isDisposed) || ExpressionTrees.Contain(call, known))
            return;

        var (missing, state, advice) = (isChecked, isDisposed) switch
        {
            (false, false) => (Both, "neither checked nor disposed", "put it into a using, and look at IsAcquired"),
            (false, true) => (Check, "never checked", "look at IsAcquired, since a refused permit is no exception"),
            _ => (Disposal, "never disposed", "put it into a using, or its permits never come back"),
        };
        RuleReporting.Report(
            context.ReportDiagnostic, context.Options, context.ContainingSymbol, Rule, call.Syntax.GetLocation(), [],
            ImmutableDictionary<string, string?>.Empty.Add(Missing, missing), call.TargetMethod.Name, state, advice);
    }

    private static IOperation? ValueOf(IInvocationOperation call, INamedTypeSymbol lease, KnownSymbols known)
    {
        if (SymbolEqualityComparer.Default.Equals(call.Type, lease))
            return call;

        return SymbolEqualityComparer.Default.Equals(call.Type.TaskResult(known), lease) ? AwaitedValue.Of(call) : null;
    }

    // Null where somebody else may check and dispose it.
    private static (bool IsChecked, bool IsDisposed)? Use(IOperation value)
    {
        if (AwaitedValue.IsDropped(value))
            return (false, false);

        var whole = AwaitedValue.Whole(value);
        switch (whole.Parent)
        {
            case IUsingOperation:
                return (false, true);
            case IPropertyReferenceOperation { Property.Name: "IsAcquired" } property when property.Instance == whole:
                return (true, false);
            case IIsPatternOperation { Pattern: IRecursivePatternOperation { DeclaredSymbol: null } }:
                return (true, false);
        }

        if (AwaitedValue.LocalOf(value) is not { } local)
            return null;

        var isChecked = false;
        foreach (var mention in VariableMentions.Of(local, value))
        {
            if (mention is not ILocalReferenceOperation)
                continue;

            switch (mention.Parent)
            {
                case IPropertyReferenceOperation { Property.Name: "IsAcquired" } or IIsPatternOperation or IConditionalAccessOperation:
                    isChecked = true;
                    break;
                case ISimpleAssignmentOperation assignment when assignment.Target == mention:
                case IPropertyReferenceOperation or IInvocationOperation or IUsingOperation or INameOfOperation or IBinaryOperation:
                case IConversionOperation { Parent: IUsingOperation }:
                    break;
                default:
                    return null;
            }
        }

        return (isChecked, Semantics.Disposal.IsDisposedInCall(value));
    }
}
