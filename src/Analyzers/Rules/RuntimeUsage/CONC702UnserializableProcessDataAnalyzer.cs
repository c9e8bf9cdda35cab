using System.Collections.Concurrent;
using ConcurrencyAnalyzers.Semantics;

namespace ConcurrencyAnalyzers.Rules.RuntimeUsage;

/// <summary>An argument or result of a worker process's work that wouldn't arrive as what it is.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
[NoCodeFix("What to send instead is the author's decision.")]
public sealed class CONC702UnserializableProcessDataAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.UnserializableProcessData,
        title: "Argument or result can't be sent to a worker process",
        messageFormat: "The {0} '{1}' can't be sent between processes: {2}",
        DiagnosticSeverity.Warning,
        description: "Arguments and results go through System.Text.Json. What it can't write, or can't make again on the other side, ProcessExecutor refuses with a WorkSerializationException when the call is made.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            if (known.ProcessExecutor is null)
                return;

            var refusals = new ConcurrentDictionary<ITypeSymbol, string>(SymbolEqualityComparer.Default);
            start.RegisterOperationAction(operation => Analyze(operation, refusals, known), OperationKind.Invocation);
        });
    }

    private static void Analyze(OperationAnalysisContext context, ConcurrentDictionary<ITypeSymbol, string> refusals, KnownSymbols known)
    {
        var call = (IInvocationOperation)context.Operation;
        var method = call.TargetMethod;
        if (method.TypeArguments.IsEmpty || !ProcessWork.IsOfExecutor(method, known) || ExpressionTrees.Contain(call, known))
            return;

        for (var i = 0; i < method.TypeArguments.Length; i++)
        {
            var type = method.TypeArguments[i];
            var isResult = method.TypeParameters[i].Name == "TResult";
            var refusal = refusals.GetOrAdd(type, one => new SendableType(known).Refuse(one) ?? "");
            if (refusal.Length > 0)
                context.Report(Rule, PlaceOf(call, isResult), isResult ? "result" : "argument", type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), refusal);
        }
    }

    // The argument itself; the work for what it returns.
    private static SyntaxNode PlaceOf(IInvocationOperation call, bool isResult)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument is { ArgumentKind: ArgumentKind.Explicit, Parameter.Name: var name } && (isResult ? name == "work" : name is "argument" or "source"))
                return argument.Value.Syntax;
        }

        return call.Syntax;
    }
}
