using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;

namespace ConcurrencyAnalyzers.Benchmarks;

/// <summary>Writes the tables of a run as one Markdown page: a heading and a table for each class.</summary>
internal static class Report
{
    public static void Write(string path, IReadOnlyList<Summary> summaries, string length)
    {
        var page = new StringBuilder($"""
            # Benchmarks

            Ours and its peer, side by side in one run; the peer is the baseline. The ratios are what counts: the times are
            those of the machine at the end of this page. `eng/benchmarks.sh` measures anew and writes this page.

            {length}

            """);
        foreach (var summary in summaries.OrderBy(static summary => TitleOf(summary), StringComparer.Ordinal))
        {
            page.Append('\n').Append("## ").Append(TitleOf(summary)).Append("\n\n").Append(TableOf(summary));
            if (TypeOf(summary).GetCustomAttribute<BenchmarkNoteAttribute>() is { } note)
                page.Append('\n').Append(note.Text).Append('\n');
        }

        if (summaries.Count > 0)
        {
            page.Append("\n## The machine\n\n```\n").AppendJoin('\n', summaries[0].HostEnvironmentInfo.ToFormattedString())
                .Append(CultureInfo.InvariantCulture, $"\nload when the run ended: {LoadAverage()}\n```\n");
        }

        File.WriteAllText(path, page.ToString().ReplaceLineEndings("\n"));
    }

    private static string TitleOf(Summary summary) =>
        TypeOf(summary).GetCustomAttribute<DescriptionAttribute>()?.Description ?? TypeOf(summary).Name;

    private static Type TypeOf(Summary summary) => summary.BenchmarksCases[0].Descriptor.Type;

    // What else the machine did, where it says so.
    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    // Names of more than one word come quoted; the columns stay in line.
    private static string WithoutQuotes(string line) =>
        Regex.Replace(line, "&#39;([^|]*)&#39; ", "$1   ").Replace("&#39;", "'", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);

    private static string TableOf(Summary summary)
    {
        var logger = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, logger);
        return string.Concat(logger.GetLog().Split('\n').Where(static line => line.StartsWith('|')).Select(static line => WithoutQuotes(line.TrimEnd('\r')) + '\n'));
    }
}

/// <summary>What stands below the table of a class: why a figure is as it is.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class BenchmarkNoteAttribute(string text) : Attribute
{
    public string Text { get; } = text;
}
