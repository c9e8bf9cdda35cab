using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Lifetime;

/// <summary>A semaphore or lock object that each call makes anew and that only this call uses: it keeps nobody out.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC402PerCallLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.PerCallLock,
        title: "A semaphore or lock that only one call uses",
        messageFormat: "'{0}' is made by each call and used by nobody else, so it keeps nobody out; make it once, in a field",
        DiagnosticSeverity.Warning,
        description: "A lock protects what several threads do only if they take the same one. One that a call makes, takes and gives back by itself is always free: ten calls at once have ten of them.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.ObjectCreation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (creation.Type is not INamedTypeSymbol type || !IsLock(type, known) || !IsOwn(creation, type, known))
            return;

        if (OnlyLocks(creation, known) && PerCallCode.Contains(creation, context.ContainingSymbol, known))
            context.Report(Rule, creation.Syntax, NameOf(creation));
    }

    private static bool IsLock(INamedTypeSymbol type, KnownSymbols known) =>
        type.SpecialType == SpecialType.System_Object
        || SymbolEqualityComparer.Default.Equals(type, known.SemaphoreSlim)
        || SymbolEqualityComparer.Default.Equals(type, known.Semaphore)
        || known.IsThreadAffineLock(type);

    // One with a name is shared with other processes; one that begins with no place is a signal.
    private static bool IsOwn(IObjectCreationOperation creation, INamedTypeSymbol type, KnownSymbols known)
    {
        if (SymbolEqualityComparer.Default.Equals(type, known.SemaphoreSlim) || SymbolEqualityComparer.Default.Equals(type, known.Semaphore))
        {
            if (creation.Arguments.FirstOrDefault(static argument => argument.Parameter?.Name == "initialCount") is not { Value.ConstantValue: { HasValue: true, Value: > 0 } })
                return false;
        }

        return creation.Arguments.All(static argument => argument.Parameter?.Type.SpecialType != SpecialType.System_String || argument.Value.ConstantValue is { HasValue: true, Value: null });
    }

    // lock (new object()), and a local that is taken, given back and disposed, and nothing else.
    private static bool OnlyLocks(IObjectCreationOperation creation, KnownSymbols known)
    {
        IOperation value = creation;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        switch (value.Parent)
        {
            case ILockOperation:
                return true;
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { RefKind: RefKind.None } local } }:
                var isTaken = false;
                var function = FunctionGraph.FunctionAround(creation);
                foreach (var mention in VariableMentions.Of(local, creation))
                {
                    if (mention is not ILocalReferenceOperation)
                        continue;

                    if (FunctionGraph.FunctionAround(mention) != function || UseOf(mention, known) is not { } isTake)
                        return false;

                    isTaken |= isTake;
                }

                return isTaken;
            default:
                return false;
        }
    }

    /// <summary>Whether the use takes the lock; null where it is none of a lock.</summary>
    private static bool? UseOf(IOperation mention, KnownSymbols known)
    {
        var value = mention;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        IInvocationOperation call;
        switch (value.Parent)
        {
            case ILockOperation:
                return true;
            case IUsingOperation:
                return false;
            case IInvocationOperation invocation when invocation.Instance == value:
                call = invocation;
                break;
            case IConditionalAccessOperation { WhenNotNull: IInvocationOperation invocation } access when access.Operation == value:
                call = invocation;
                break;
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { IsStatic: true, ContainingType: var type } } invocation } when SymbolEqualityComparer.Default.Equals(type, known.Monitor):
                call = invocation;
                break;
            default:
                return null;
        }

        if (LockCall.Of(call, known) is { } step)
            return step.Step != LockStep.Release;

        return call.TargetMethod.Name switch
        {
            "EnterScope" => true,
            "Dispose" or "Close" => false,
            _ => null,
        };
    }

    private static string NameOf(IObjectCreationOperation creation)
    {
        IOperation value = creation;
        while (value.Parent is IConversionOperation)
            value = value.Parent;

        return value.Parent is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.Name: var name } } ? name : "new " + creation.Type!.Name;
    }
}
