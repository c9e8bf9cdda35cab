using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A lock on an object that code elsewhere can lock on, or that isn't the same object each time.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC507UnsafeLockObjectAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnsafeLockObject,
        title: "Lock on an object that others can lock on, or that isn't always the same",
        messageFormat: "The lock on '{0}' is on {1}; lock on a private readonly object made for it",
        DiagnosticSeverity.Warning,
        description: "A lock protects what everybody guards with the same object, and nobody else uses. Code elsewhere that locks on the same instance, type or string can block this code, or make a deadlock of two locks that each are right; and where the object is another one each time, nobody waits for anybody.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Monitor is not { } monitor)
                return;

            var fields = new ReassignedFields();
            start.RegisterOperationAction(operation => AnalyzeLock(operation, fields, known), OperationKind.Lock);
            start.RegisterOperationAction(operation => AnalyzeCall(operation, monitor, fields, known), OperationKind.Invocation);
        });
    }

    private static void AnalyzeLock(OperationAnalysisContext context, ReassignedFields fields, KnownSymbols known)
    {
        var locked = ((ILockOperation)context.Operation).LockedValue;
        if (LockObject.FlawOf(locked, fields, known, context.CancellationToken) is { } flaw)
            context.Report(Rule, context.Operation.Syntax.GetFirstToken().GetLocation(), locked.Syntax.ToString(), flaw);
    }

    private static void AnalyzeCall(OperationAnalysisContext context, INamedTypeSymbol monitor, ReassignedFields fields, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name is "Enter" or "TryEnter"
            && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, monitor)
            && call.Arguments.FirstOrDefault(static argument => argument.Parameter?.Ordinal == 0)?.Value is { } locked
            && LockObject.FlawOf(locked, fields, known, context.CancellationToken) is { } flaw)
        {
            context.Report(Rule, call.Syntax, locked.Syntax.ToString(), flaw);
        }
    }
}
