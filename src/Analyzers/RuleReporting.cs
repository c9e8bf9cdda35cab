using ConcurrencyAnalyzers.Options;

namespace ConcurrencyAnalyzers;

/// <summary>How rules report: one place that knows what holds for all of them, such as excluded namespaces.</summary>
internal static class RuleReporting
{
    public static void Report(this OperationAnalysisContext context, DiagnosticDescriptor rule, SyntaxNode node, params object?[] arguments) =>
        Report(context.ReportDiagnostic, context.Options, context.ContainingSymbol, rule, node.GetLocation(), [], null, arguments);

    public static void Report(this OperationAnalysisContext context, DiagnosticDescriptor rule, Location location, params object?[] arguments) =>
        Report(context.ReportDiagnostic, context.Options, context.ContainingSymbol, rule, location, [], null, arguments);

    public static void Report(this OperationBlockAnalysisContext context, DiagnosticDescriptor rule, SyntaxNode node, params object?[] arguments) =>
        Report(context.ReportDiagnostic, context.Options, context.OwningSymbol, rule, node.GetLocation(), [], null, arguments);

    /// <summary>With further places that the message speaks of, and properties that the fix reads.</summary>
    public static void Report(
        Action<Diagnostic> report,
        AnalyzerOptions options,
        ISymbol containingSymbol,
        DiagnosticDescriptor rule,
        Location location,
        ImmutableArray<Location> additionalLocations,
        ImmutableDictionary<string, string?>? properties,
        params object?[] arguments)
    {
        if (!IsExcluded(options, containingSymbol, location))
            report(Diagnostic.Create(rule, location, additionalLocations, properties, arguments));
    }

    private static bool IsExcluded(AnalyzerOptions options, ISymbol containingSymbol, Location location)
    {
        if (location.SourceTree is not { } tree)
            return false;

        var excluded = ConcurrencyOptions.ExcludeNamespaces.In(options.AnalyzerConfigOptionsProvider.GetOptions(tree));
        if (excluded.IsEmpty || containingSymbol.ContainingNamespace is not { IsGlobalNamespace: false } space)
            return false;

        var name = space.ToDisplayString();
        return excluded.Any(one => name.StartsWith(one, StringComparison.Ordinal) && (name.Length == one.Length || name[one.Length] == '.'));
    }
}
