using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.Exceptions;

/// <summary>A TaskCompletionSource without RunContinuationsAsynchronously.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC312InlineContinuationsAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.InlineContinuations,
        title: "A TaskCompletionSource that runs continuations inline",
        messageFormat: "Who completes this '{0}' runs all that awaits its task before SetResult returns; pass TaskCreationOptions.RunContinuationsAsynchronously",
        DiagnosticSeverity.Info,
        description: "Without RunContinuationsAsynchronously, SetResult, SetException and SetCanceled run the code behind the awaits of the task there and then, on the thread of whoever completes it: under the locks that this one holds, and for as long as that code likes.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.TaskCompletionSourceOfT is null || known.TaskCreationOptions?.GetMembers("RunContinuationsAsynchronously").IsEmpty != false)
                return;

            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.ObjectCreation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownSymbols known)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (!CompletionSources.Is(creation.Type, known)
            || !CompletionSources.RunsInline(creation, known)
            || IsCompletedByCreator(creation))
        {
            return;
        }

        // A test awaits its own signals, and nobody waits for the test.
        var options = context.Options.AnalyzerConfigOptionsProvider.GetOptions(creation.Syntax.SyntaxTree);
        if (ConcurrencyOptions.AnalyzeTests.In(options) || !TestMethods.IsTestCode(context.ContainingSymbol))
            context.Report(Rule, creation.Syntax, creation.Type!.Name);
    }

    // Nobody can await a task before he has it: what is completed first has no continuations, and neither has what never completes.
    private static bool IsCompletedByCreator(IObjectCreationOperation creation)
    {
        IOperation value = creation;
        while (value.Parent is IConversionOperation or IParenthesizedOperation)
            value = value.Parent;

        // new TaskCompletionSource().Task: nobody can complete it.
        if (value.Parent is IPropertyReferenceOperation { Property.Name: "Task" })
            return true;

        if (value.Parent is ISimpleAssignmentOperation { Target: IFieldReferenceOperation { Field: var field }, Parent: IExpressionStatementOperation statement })
        {
            return Following(statement) is IExpressionStatementOperation { Operation: IInvocationOperation { Instance: IFieldReferenceOperation completed } completion }
                && SymbolEqualityComparer.Default.Equals(completed.Field, field) && IsCompletion(completion.TargetMethod.Name);
        }

        if (value.Parent is not IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } })
            return false;

        int lastCompletion = -1, firstUse = int.MaxValue;
        var escapes = false;
        foreach (var reference in AssignedValues.References(local, AssignedValues.Root(creation)))
        {
            var isHere = FunctionAround(reference) == FunctionAround(creation);
            var use = reference.Parent;
            if (use is IInvocationOperation { TargetMethod.Name: var name } && IsCompletion(name) && isHere)
            {
                lastCompletion = Math.Max(lastCompletion, reference.Syntax.SpanStart);
                continue;
            }

            escapes |= use is not IPropertyReferenceOperation { Property.Name: "Task" };
            firstUse = Math.Min(firstUse, reference.Syntax.SpanStart);
        }

        return lastCompletion < 0 ? !escapes : lastCompletion < firstUse;
    }

    private static bool IsCompletion(string method) =>
        method.StartsWith("Set", StringComparison.Ordinal) || method.StartsWith("TrySet", StringComparison.Ordinal);

    // The next statement, also behind the if that the statement is all of.
    private static IOperation? Following(IOperation statement)
    {
        while (statement.Parent is IConditionalOperation { WhenFalse: null } or IBlockOperation { Operations.Length: 1, Parent: IConditionalOperation { WhenFalse: null } })
            statement = statement.Parent is IBlockOperation block ? block.Parent! : statement.Parent;

        return statement.Parent is IBlockOperation { Operations: var all } && all.IndexOf(statement) + 1 is var next && next < all.Length ? all[next] : null;
    }

    private static IOperation? FunctionAround(IOperation operation)
    {
        var current = operation.Parent;
        while (current is not null and not IAnonymousFunctionOperation and not ILocalFunctionOperation)
            current = current.Parent;

        return current;
    }
}
