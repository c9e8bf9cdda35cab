using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using ConcurrencyAnalyzers.Rules.Blocking;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>Analyzers that are measured together: ours, or the rules of one peer that are about concurrency, all of them on.</summary>
internal sealed class AnalyzerSet
{
    private readonly ImmutableArray<DiagnosticAnalyzer> _analyzers;
    private readonly ImmutableDictionary<string, ReportDiagnostic> _severities;

    private AnalyzerSet(IEnumerable<Assembly> assemblies, string[] ids)
        : this(
            assemblies.SelectMany(TypesOf)
                .Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && type.GetConstructor(Type.EmptyTypes) is not null)
                .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
            ids)
    {
    }

    private AnalyzerSet(IEnumerable<DiagnosticAnalyzer> all, string[] ids)
    {
        _analyzers = [.. all.Where(analyzer => analyzer.SupportedDiagnostics.Any(rule => IsMeant(rule.Id, ids)))];
        _severities = _analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).DistinctBy(static rule => rule.Id)
            .ToImmutableDictionary(static rule => rule.Id, rule => IsMeant(rule.Id, ids) ? ReportDiagnostic.Warn : ReportDiagnostic.Suppress);
        if (_analyzers.IsEmpty)
            throw new InvalidOperationException($"No analyzer for {string.Join(", ", ids)} was found.");
    }

    /// <summary>One that is shown each call and reports none: what the compiler takes for being asked at all, whoever asks.</summary>
    public static AnalyzerSet Idle { get; } = new([new IdleAnalyzer()], ["IDLE"]);

    public static AnalyzerSet Ours { get; } = new([typeof(CONC101ThreadSleepInAsyncAnalyzer).Assembly], ["CONC*"]);

    public static AnalyzerSet OursBut(string id) => new([typeof(CONC101ThreadSleepInAsyncAnalyzer).Assembly], ["CONC*", "-" + id]);

    public static AnalyzerSet Peer(string folder, params string[] ids)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "peers", folder);
        var context = new PeerContext(path);
        return new([.. Directory.GetFiles(path, "*.dll").Where(static file => !file.Contains("CodeFix", StringComparison.Ordinal)).Select(context.LoadFromAssemblyPath)], ids);
    }

    /// <summary>Binds and analyzes the whole compilation, as a build does, on one thread: time is processor time.</summary>
    public async Task<int> AnalyzeAsync(Compilation compilation)
    {
        var diagnostics = await Over(compilation).GetAllDiagnosticsAsync(CancellationToken.None);
        return CountOf(diagnostics);
    }

    /// <summary>What an editor asks for after a key was pressed: the findings in one file.</summary>
    public async Task<int> AnalyzeFileAsync(Compilation compilation, SyntaxTree file)
    {
        var analysis = Over(compilation);
        var syntax = await analysis.GetAnalyzerSyntaxDiagnosticsAsync(file, CancellationToken.None);
        var semantic = await analysis.GetAnalyzerSemanticDiagnosticsAsync(analysis.Compilation.GetSemanticModel(file), filterSpan: null, CancellationToken.None);
        return CountOf(syntax) + CountOf(semantic);
    }

    // A measurement of an analyzer that failed says nothing.
    private static int CountOf(ImmutableArray<Diagnostic> diagnostics) =>
        diagnostics.FirstOrDefault(static one => one.Id == "AD0001") is { } crash ? throw new InvalidOperationException(crash.GetMessage(null)) : diagnostics.Length;

    private static bool IsMeant(string id, string[] ids) =>
        !ids.Contains("-" + id) && ids.Any(one => one.EndsWith('*') ? id.StartsWith(one[..^1], StringComparison.Ordinal) : id == one);

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>();
        }
    }

    private CompilationWithAnalyzers Over(Compilation compilation) => new(
        compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions(_severities).WithSyntaxTreeOptionsProvider(NoTreeOptions.Instance)),
        _analyzers,
        new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: false));

    // A build always has one, and there are analyzers that take it for granted.
    private sealed class NoTreeOptions : SyntaxTreeOptionsProvider
    {
        public static NoTreeOptions Instance { get; } = new();

        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }
    }

    // Each peer brings helpers of its own; the compiler is this program's.
    private sealed class PeerContext(string folder) : AssemblyLoadContext(Path.GetFileName(folder))
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            Path.Combine(folder, assemblyName.Name + ".dll") is var file && File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }
}
