using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>A plain write of a field that other code updates through Interlocked.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC508MixedInterlockedAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.MixedInterlocked,
        title: "Plain write of a field that Interlocked updates elsewhere",
        messageFormat: "'{0}' is updated by Interlocked.{1} elsewhere; this plain write and such an update can undo each other, so use Interlocked here, too",
        DiagnosticSeverity.Warning,
        description: "Interlocked makes an update one step only against other Interlocked calls. A plain ++ or assignment between its read and its write wipes the other update out, and it does so rarely enough to be found in production alone.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.Interlocked is not { } interlocked)
                return;

            var updates = new InterlockedFields(start.Compilation, interlocked);
            start.RegisterOperationAction(operation => Analyze(operation, updates, known), OperationKind.Increment, OperationKind.Decrement, OperationKind.CompoundAssignment, OperationKind.SimpleAssignment);
        });
    }

    private static void Analyze(OperationAnalysisContext context, InterlockedFields updates, KnownSymbols known)
    {
        var write = context.Operation;
        var target = write switch
        {
            IIncrementOrDecrementOperation increment => increment.Target,
            IAssignmentOperation assignment => assignment.Target,
            _ => null,
        };
        if (target is not IFieldReferenceOperation { Field: { IsReadOnly: false, IsConst: false, DeclaringSyntaxReferences.IsEmpty: false } field, Instance: var instance }
            || !CanBeInterlocked(field.Type))
        {
            return;
        }

        var definition = field.OriginalDefinition;
        if (updates.UpdateOf(definition, context.CancellationToken) is not { } update)
            return;

        var reads = write is not ISimpleAssignmentOperation simple || OwnOperations.Of(simple.Value).Any(operation => operation is IFieldReferenceOperation read && SymbolEqualityComparer.Default.Equals(read.Field, field));
        if (!reads && (!InterlockedFields.IsArithmetic(update) || field.IsVolatile || IsSetUp(context.ContainingSymbol)))
            return;

        if (IsOfFreshObject(instance, context.ContainingSymbol, write)
            || MutualExclusion.IsSaidOf(context.ContainingSymbol)
            || MutualExclusion.IsHeldAt(write, AssignedValues.Root(write), known)
            || (reads && MemberRegions.Of(AssignedValues.Root(write), known).IsReported(write, context.CancellationToken)))
        {
            return;
        }

        context.Report(Rule, write.Syntax, field.Name, update);
    }

    private static bool CanBeInterlocked(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_UInt32 or SpecialType.System_UInt64 => true,
        SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_IntPtr or SpecialType.System_UIntPtr => true,
        _ => type.IsReferenceType,
    };

    // Nobody else has seen the object: it is being constructed, or was made here.
    private static bool IsOfFreshObject(IOperation? instance, ISymbol containingSymbol, IOperation write)
    {
        switch (AssignedValues.UnwrapOrNull(instance))
        {
            case null:
                return containingSymbol is IMethodSymbol { MethodKind: MethodKind.StaticConstructor };
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ImplicitReceiver }:
                return true;
            case IInstanceReferenceOperation:
                return containingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.Destructor } or IMethodSymbol { IsInitOnly: true }
                    && SymbolEqualityComparer.Default.Equals(AsyncContext.InnermostFunction(write, containingSymbol), containingSymbol);
            case ILocalReferenceOperation local:
                return AssignedValues.Single(local.Local, AssignedValues.Root(local)) is IObjectCreationOperation or IInvocationOperation { TargetMethod.Name: "MemberwiseClone" };
            default:
                return false;
        }
    }

    // Before anything runs, or when everything has ended.
    private static bool IsSetUp(ISymbol containingSymbol)
    {
        var name = containingSymbol.Name;
        return name.StartsWith("Init", StringComparison.Ordinal) || name.StartsWith("Set", StringComparison.Ordinal) || name.StartsWith("Start", StringComparison.Ordinal)
            || name.StartsWith("Dispose", StringComparison.Ordinal) || name.StartsWith("Open", StringComparison.Ordinal) || TestMethods.IsTestCode(containingSymbol);
    }
}
