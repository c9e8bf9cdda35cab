using System.Text.Json.Nodes;

namespace ConcurrencyAnalyzers.Findings;

/// <summary>The findings of a build: our results in all the SARIF files that its compilations wrote.</summary>
public sealed class FindingsLog
{
    private readonly SortedDictionary<string, JsonNode> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<Finding, JsonNode> _results = [];

    /// <summary>Ordered by place. A finding that several target frameworks share is there once.</summary>
    public IReadOnlyList<Finding> Findings =>
        [.. _results.Keys.OrderBy(finding => finding.File, StringComparer.Ordinal).ThenBy(finding => finding.Line).ThenBy(finding => finding.Column).ThenBy(finding => finding.Rule, StringComparer.Ordinal)];

    /// <summary>How many compilations were logged.</summary>
    public int Compilations { get; private set; }

    /// <summary>Reads every SARIF file (2.1) in the folder and below.</summary>
    public static FindingsLog Read(string folder)
    {
        var log = new FindingsLog();
        foreach (var file in Directory.EnumerateFiles(folder, "*.sarif", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            log.Add(JsonNode.Parse(File.ReadAllText(file))!);

        return log;
    }

    /// <summary>All findings as one SARIF file, with the rules that they break.</summary>
    public void Write(string file)
    {
        var broken = Findings.Select(finding => finding.Rule).ToHashSet(StringComparer.Ordinal);
        var sarif = new JsonObject
        {
            ["$schema"] = "http://json.schemastore.org/sarif-2.1.0",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject
                {
                    ["driver"] = new JsonObject
                    {
                        ["name"] = "ConcurrencyAnalyzers",
                        ["rules"] = new JsonArray([.. _rules.Where(rule => broken.Contains(rule.Key)).Select(rule => rule.Value.DeepClone())]),
                    },
                },
                ["results"] = new JsonArray([.. Findings.Select(finding => _results[finding].DeepClone())]),
                ["columnKind"] = "utf16CodeUnits",
            }),
        };
        File.WriteAllText(file, sarif.ToJsonString(new() { WriteIndented = true }) + "\n");
    }

    private void Add(JsonNode sarif)
    {
        foreach (var run in sarif["runs"]?.AsArray() ?? [])
        {
            Compilations++;
            foreach (var rule in run?["tool"]?["driver"]?["rules"]?.AsArray() ?? [])
            {
                if ((string?)rule?["id"] is { } id && IsOurs(id))
                    _rules.TryAdd(id, rule!);
            }

            foreach (var result in run?["results"]?.AsArray() ?? [])
            {
                if (result is not null && ToFinding(result) is { } finding && _results.TryAdd(finding, result))
                    result.AsObject().Remove("ruleIndex");
            }
        }
    }

    private static bool IsOurs(string rule) => rule.Length == 7 && rule.StartsWith("CONC", StringComparison.Ordinal);

    private static Finding? ToFinding(JsonNode result)
    {
        if ((string?)result["ruleId"] is not { } rule || !IsOurs(rule) || result["suppressions"] is JsonArray { Count: > 0 })
            return null;

        var place = result["locations"]?.AsArray().FirstOrDefault()?["physicalLocation"];
        if ((string?)place?["artifactLocation"]?["uri"] is not { } uri || place["region"] is not { } region)
            return null;

        var file = Uri.TryCreate(uri, UriKind.Absolute, out var absolute) ? absolute.LocalPath : Uri.UnescapeDataString(uri);
        return new(rule, (string?)result["level"] ?? "warning", file, (int)region["startLine"]!, (int?)region["startColumn"] ?? 1, (string?)result["message"]?["text"] ?? "");
    }
}
