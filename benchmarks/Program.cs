using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;
using ConcurrencyAnalyzers.Benchmarks;

// BenchmarkDotNet's arguments, and --report FILE, which writes the tables there.
var report = Array.IndexOf(args, "--report") is var at and >= 0 ? args[at + 1] : null;
var arguments = report is null ? args : [.. args[..at], .. args[(at + 2)..]];
var config = DefaultConfig.Instance
    .AddDiagnoser(MemoryDiagnoser.Default)
    .HideColumns(Column.Error, Column.StdDev, Column.Median, Column.RatioSD, Column.Gen0, Column.Gen1, Column.Gen2, Column.Job);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Report).Assembly).Run(arguments, config).ToList();
if (report is not null)
    Report.Write(report, summaries);
return summaries.Count > 0 && summaries.All(static summary => summary.Reports.All(static one => one.Success)) ? 0 : 1;
