using System.Globalization;
using System.Text.Json;

namespace ConcurrencyAnalyzers.Findings;

/// <summary>What a program measured of itself, in the line <c>measurements: {"name": number, ...}</c> of its output.</summary>
internal static class Measurements
{
    private const string Prefix = "measurements: ";

    public static void WriteComparison(TextWriter output, string beforeFile, string afterFile)
    {
        var before = Read(beforeFile);
        var after = Read(afterFile);
        FindingsReport.WriteRows(output, ["measurement", "before", "after"], before.Keys.Union(after.Keys).Select(name => new[]
        {
            name, Text(before, name), Text(after, name),
        }));
    }

    private static string Text(Dictionary<string, double> values, string name) =>
        values.TryGetValue(name, out var value) ? value.ToString("#,0.##", CultureInfo.InvariantCulture) : "-";

    private static Dictionary<string, double> Read(string file)
    {
        var line = File.ReadLines(file).LastOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            ?? throw new InvalidDataException($"{file} has no line that starts with '{Prefix}'.");
        return JsonSerializer.Deserialize<Dictionary<string, double>>(line[Prefix.Length..])!;
    }
}
