using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.SharedState;

/// <summary>State of one thread where threads change, or where only one of them gets it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC509ThreadBoundStateAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.ThreadBoundState,
        title: "Thread-bound state where threads change",
        messageFormat: "'{0}' {1}",
        DiagnosticSeverity.Warning,
        description: "A [ThreadStatic] field or a ThreadLocal has a value for each thread. An instance field can't be thread-static, an initializer runs on the first thread alone, and after an await the code may go on at another thread, which has another value.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.ThreadStaticAttribute is { } attribute)
            {
                start.RegisterSymbolAction(symbol => AnalyzeDeclaration(symbol, attribute), SymbolKind.Field, SymbolKind.Property);
                start.RegisterOperationAction(operation => AnalyzeUse(operation, known), OperationKind.FieldReference);
            }

            if (known.ThreadStaticAttribute is not null || known.ThreadLocal is not null)
                start.RegisterOperationAction(operation => AnalyzeUse(operation, known), OperationKind.PropertyReference);
        });
    }

    private static void AnalyzeDeclaration(SymbolAnalysisContext context, INamedTypeSymbol attribute)
    {
        var declared = context.Symbol;
        if (!IsThreadStatic(declared, attribute))
            return;

        string? problem = null;
        if (!declared.IsStatic)
            problem = "is not static, so [ThreadStatic] does nothing: all threads share it; make it static, or use a ThreadLocal";
        else if (ThreadStaticFields.HasInitializer(declared, context.CancellationToken))
            problem = "is [ThreadStatic], and its initializer runs for one thread alone: all others find the default value; set it where it is first used, or use a ThreadLocal with a factory";

        if (problem is not null)
            RuleReporting.Report(context.ReportDiagnostic, context.Options, declared, Rule, declared.Locations[0], [], null, declared.Name, problem);
    }

    private static void AnalyzeUse(OperationAnalysisContext context, KnownSymbols known)
    {
        if (context.Operation.Parent is INameOfOperation || ThreadBoundVariable(context.Operation, known) is not { } variable)
            return;

        if (AsyncContext.InnermostFunction(context.Operation, context.ContainingSymbol) is not { IsAsync: true })
            return;

        // A ThreadLocal that is only read hands out what its factory made: any thread's will do.
        if (context.Operation is IPropertyReferenceOperation { Property.IsStatic: false }
            && !OwnOperations.BodyAround(context.Operation).Descendants().Any(operation => IsWritten(operation) && SymbolEqualityComparer.Default.Equals(ThreadBoundVariable(operation, known), variable)))
        {
            return;
        }

        if (FunctionGraph.Around(context.Operation, context) is { } graph && ThreadStaticFields.IsReadAcrossAwait(context.Operation.Syntax, graph, operation => SymbolEqualityComparer.Default.Equals(ThreadBoundVariable(operation, known), variable)))
            context.Report(Rule, context.Operation.Syntax, variable.Name, "has a value for each thread, and after the await this may be another thread than the one that used it before; use an AsyncLocal, or keep the value in a local");
    }

    private static bool IsWritten(IOperation operation) =>
        operation.Parent is IIncrementOrDecrementOperation || (operation.Parent is IAssignmentOperation assignment && assignment.Target == operation);

    /// <summary>The thread-static field or property, or the variable whose ThreadLocal is asked for its value.</summary>
    private static ISymbol? ThreadBoundVariable(IOperation operation, KnownSymbols known) => operation switch
    {
        IFieldReferenceOperation { Field: { IsStatic: true, IsConst: false, DeclaringSyntaxReferences.IsEmpty: false } field } when known.ThreadStaticAttribute is { } attribute && IsThreadStatic(field, attribute) => field,
        IPropertyReferenceOperation { Property: { Name: "Value", ContainingType: { } type }, Instance: { } instance } when SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known.ThreadLocal) =>
            AssignedValues.Unwrap(instance) switch
            {
                IFieldReferenceOperation field => field.Field,
                ILocalReferenceOperation local => local.Local,
                _ => null,
            },
        IPropertyReferenceOperation { Property: { IsStatic: true } property } when known.ThreadStaticAttribute is { } attribute && IsThreadStatic(property, attribute) => property,
        _ => null,
    };

    private static bool IsThreadStatic(ISymbol declared, INamedTypeSymbol attribute)
    {
        if (ThreadStaticFields.StorageOf(declared) is not { IsConst: false } field)
            return false;

        foreach (var one in field.GetAttributes())
        {
            if (SymbolEqualityComparer.Default.Equals(one.AttributeClass, attribute))
                return true;
        }

        return false;
    }
}
