using System.Collections.Concurrent;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConcurrencyAnalyzers.Rules.Time;

/// <summary>Elapsed time, a deadline or pacing measured with a clock that people and servers set.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CONC601WallClockElapsedAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = RuleDescriptor.Create(
        RuleIds.WallClockElapsed,
        title: "Time measured with the wall clock",
        messageFormat: "'{0}' measures time here, and {1}; measure it with {2}",
        DiagnosticSeverity.Info,
        description: "The wall clock is set: by people, by time servers, and local time by summer time, too. What is measured with it is then wrong, a timeout that never comes or comes at once. A timestamp of Stopwatch or TimeProvider only ever goes forward.");

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            var known = KnownSymbols.Of(start.Compilation);
            var flows = new ConcurrentDictionary<ISymbol, ClockFlow>(SymbolEqualityComparer.Default);
            start.RegisterOperationAction(operation => Analyze(operation, flows, known), OperationKind.PropertyReference);
        });
    }

    private static void Analyze(OperationAnalysisContext context, ConcurrentDictionary<ISymbol, ClockFlow> flows, KnownSymbols known)
    {
        var read = (IPropertyReferenceOperation)context.Operation;
        if (!ClockReading.IsClock(read, known))
            return;

        var flow = FlowOf(read, flows, known, context.CancellationToken);
        if (!flow.IsPure || flow.Variables.Count == 0 || flow.Measures.Count == 0)
            return;

        // One finding for what a body measures, whichever of its readings comes first.
        var body = AssignedValues.Root(read).Syntax;
        if (First(flow.Reads, body) != read.Syntax || First(flow.Measures, body) is not { } measure)
            return;

        var counts = read.Property.Name == "TickCount";
        if (counts && IsUnchecked(measure))
            return;

        context.Report(
            Rule,
            measure,
            $"{read.Property.ContainingType.Name}.{read.Property.Name}",
            counts ? "it wraps around after 25 days" : "it jumps when the clock is set",
            counts ? "Environment.TickCount64" : "Stopwatch.GetTimestamp and GetElapsedTime");
    }

    // Whatever variable of a flow one comes from, the flow is the same.
    private static ClockFlow FlowOf(IOperation read, ConcurrentDictionary<ISymbol, ClockFlow> flows, KnownSymbols known, CancellationToken cancellationToken)
    {
        if (ClockReading.VariableOf(read) is { } variable && flows.TryGetValue(variable, out var found))
            return found;

        var flow = ClockFlow.OfRead(read, known, cancellationToken);
        foreach (var one in flow.Variables)
            flows.TryAdd(one, flow);

        return flow;
    }

    private static SyntaxNode? First(IReadOnlyCollection<IOperation> operations, SyntaxNode body)
    {
        SyntaxNode? first = null;
        foreach (var operation in operations)
        {
            var syntax = operation.Syntax;
            if (syntax.SyntaxTree == body.SyntaxTree && body.Span.Contains(syntax.Span) && (first is null || syntax.SpanStart < first.SpanStart))
                first = syntax;
        }

        return first;
    }

    // Who subtracts unchecked knows of the wrap.
    private static bool IsUnchecked(SyntaxNode measure) =>
        measure.Ancestors().TakeWhile(static node => node is not MemberDeclarationSyntax).Any(static node => node.IsKind(SyntaxKind.UncheckedExpression) || node.IsKind(SyntaxKind.UncheckedStatement));
}
