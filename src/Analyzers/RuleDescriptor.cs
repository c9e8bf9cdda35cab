namespace ConcurrencyAnalyzers;

/// <summary>Makes the descriptors of the rules, so that id, category and help link always agree.</summary>
internal static class RuleDescriptor
{
    private const string HelpLinkBase = "https://github.com/concurrency-analyzers/concurrency-analyzers/blob/main/docs/rules/";

    public static DiagnosticDescriptor Create(
        string id,
        string title,
        string messageFormat,
        DiagnosticSeverity defaultSeverity,
        string description,
        bool isEnabledByDefault = true,
        params string[] customTags) =>
        new(id, title, messageFormat, CategoryOf(id), defaultSeverity, isEnabledByDefault, description, $"{HelpLinkBase}{id}.md", customTags);

    /// <summary>The area is the hundreds digit of the id; the folder of the rule's files has the same name.</summary>
    internal static string AreaOf(string id) => id[4] switch
    {
        '1' => "Blocking",
        '2' => "FanOut",
        '3' => "Exceptions",
        '4' => "Lifetime",
        '5' => "SharedState",
        '6' => "Time",
        '7' => "RuntimeUsage",
        _ => throw new ArgumentException($"'{id}' is in no area; ids are CONC101 to CONC799.", nameof(id)),
    };

    private static string CategoryOf(string id) => "Concurrency." + AreaOf(id);
}
