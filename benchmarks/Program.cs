using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ConcurrencyAnalyzers.Benchmarks;

// --models FILE runs the models alone, for the decision guide; --worker-memory prints what worker processes hold. Else BenchmarkDotNet's arguments and two of ours: --short
// measures briefly, --report FILE writes the tables there.
if (args is ["--models", var models])
{
    await Models.WriteAsync(models);
    return 0;
}

if (args is ["--worker-memory"])
{
    await WorkerMemory.WriteAsync(Console.Out);
    return 0;
}

var arguments = args.ToList();
var isShort = arguments.Remove("--short");
string? report = null;
if (arguments.IndexOf("--report") is var at and >= 0)
{
    report = arguments[at + 1];
    arguments.RemoveRange(at, 2);
}

// In process: this BenchmarkDotNet can't generate projects for SDKs newer than itself.
var config = DefaultConfig.Instance
    .AddJob((isShort ? Job.Default.WithLaunchCount(1).WithWarmupCount(4).WithIterationCount(6).WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(200)) : Job.Default).WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .HideColumns(Column.Error, Column.StdDev, Column.Median, Column.RatioSD, Column.Gen0, Column.Gen1, Column.Gen2, Column.Job, "Toolchain", "IterationCount", "LaunchCount", "WarmupCount", "Completed Work Items", "Lock Contentions");
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Report).Assembly).Run([.. arguments], config).ToList();
if (report is not null)
{
    Report.Write(report, summaries, isShort
        ? "Short jobs: one launch, 4 iterations to warm up, 6 measured ones of 200 ms each; good for a factor, not for a few percent."
        : "Jobs of BenchmarkDotNet's default length.");
}

return summaries.Count > 0 && summaries.All(static summary => summary.Reports.All(static one => one.Success)) ? 0 : 1;
