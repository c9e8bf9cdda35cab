using System.ComponentModel;
using System.Reflection;
using System.Text;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>Writes the tables of a run as one Markdown page: a heading and a table for each class.</summary>
internal static class Report
{
    public static void Write(string path, IReadOnlyList<Summary> summaries)
    {
        var page = new StringBuilder("""
            # Benchmarks

            Ours and its peer, side by side in one run; the peer is the baseline. The ratios are what counts: the times are
            those of the machine at the end of this page. `eng/benchmarks.sh` measures anew and writes this page.

            """);
        foreach (var summary in summaries.OrderBy(static summary => TitleOf(summary), StringComparer.Ordinal))
            page.Append('\n').Append("## ").Append(TitleOf(summary)).Append("\n\n").Append(TableOf(summary));
        if (summaries.Count > 0)
            page.Append("\n## The machine\n\n```\n").AppendJoin('\n', summaries[0].HostEnvironmentInfo.ToFormattedString()).Append("\n```\n");
        File.WriteAllText(path, page.ToString().ReplaceLineEndings("\n"));
    }

    private static string TitleOf(Summary summary)
    {
        var type = summary.BenchmarksCases[0].Descriptor.Type;
        return type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? type.Name;
    }

    private static string TableOf(Summary summary)
    {
        var logger = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, logger);
        return string.Concat(logger.GetLog().Split('\n').Where(static line => line.StartsWith('|')).Select(static line => line.TrimEnd('\r').Replace("&#39;", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal) + '\n'));
    }
}
