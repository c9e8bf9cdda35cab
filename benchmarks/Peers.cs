namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>The packages that ours is measured against, each with those of its rules that are about concurrency.</summary>
internal static class Peers
{
    public static Lazy<AnalyzerSet> AsyncFixer { get; } = new(static () => AnalyzerSet.Peer("AsyncFixer", "AsyncFixer*"));

    public static Lazy<AnalyzerSet> Meziantou { get; } = new(static () => AnalyzerSet.Peer(
        "Meziantou",
        "MA0004", "MA0022", "MA0032", "MA0040", "MA0042", "MA0045", "MA0064", "MA0079", "MA0080", "MA0100",
        "MA0105", "MA0106", "MA0129", "MA0134", "MA0137", "MA0138", "MA0147", "MA0155", "MA0158", "MA0167"));

    public static Lazy<AnalyzerSet> VisualStudioThreading { get; } = new(static () => AnalyzerSet.Peer("VSThreading", "VSTHRD*"));

    public static Lazy<AnalyzerSet> Roslynator { get; } = new(static () => AnalyzerSet.Peer(
        "Roslynator", "RCS1046", "RCS1047", "RCS1090", "RCS1174", "RCS1210", "RCS1229", "RCS1261"));

    public static Lazy<AnalyzerSet> NetAnalyzers { get; } = new(static () => AnalyzerSet.Peer(
        "NetAnalyzers",
        "CA1835", "CA1839", "CA1842", "CA1843", "CA1844", "CA1849", "CA2002", "CA2007", "CA2008", "CA2012",
        "CA2016", "CA2019", "CA2024", "CA2025", "CA2026", "CA2027", "CA2247", "CA2250"));

    public static Lazy<AnalyzerSet> Sonar { get; } = new(static () => AnalyzerSet.Peer(
        "Sonar",
        "S2222", "S2445", "S2551", "S2696", "S2743", "S2930", "S2952", "S2953", "S3005", "S3168", "S3216", "S3889",
        "S3998", "S4462", "S4586", "S5034", "S6419", "S6422", "S6507", "S6962", "S6966"));
}
