using System.Globalization;

namespace ConcurrencyAnalyzers.Options;

/// <summary>The keys that users write into .editorconfig, their defaults and what they mean.</summary>
internal static class ConcurrencyOptions
{
    public static readonly IntOption DefaultMaxConcurrency = new("concurrency.default_max_concurrency", 32, minimum: 1,
        "The number of concurrent operations that fixes write.");

    public static readonly IntOption DefaultQueueCapacity = new("concurrency.default_queue_capacity", 1024, minimum: 1,
        "The capacity of queues that fixes write.");

    public static readonly IntOption UnboundedThreshold = new("concurrency.unbounded_threshold", 16, minimum: 0,
        "Up to this constant count, tasks started together are few enough.");

    public static readonly BoolOption AnalyzeTests = new("concurrency.analyze_tests", false,
        "Rules that leave test methods alone look at them, too.");

    public static readonly BoolOption ExemptEventHandlers = new("concurrency.exempt_event_handlers", true,
        "Methods with the shape of an event handler may be async void.");

    public static readonly NamesOption AdditionalBlockingMethods = new("concurrency.additional_blocking_methods",
        "Further methods that block, as `Namespace.Type.Method`, separated by commas.");

    public static readonly NamesOption SafeToForgetMethods = new("concurrency.safe_to_forget_methods",
        "Methods whose task needs nobody to observe it, as `Method`, `Type.Method` or `Namespace.Type.Method`, separated by commas.");

    public static readonly NamesOption ExcludeNamespaces = new("concurrency.exclude_namespaces",
        "Namespaces in which no rule reports, separated by commas; those within them are excluded, too.");

    /// <summary>Every option, in the order in which the documentation lists them.</summary>
    public static readonly ImmutableArray<ConcurrencyOption> All =
    [
        DefaultMaxConcurrency, DefaultQueueCapacity, UnboundedThreshold, AnalyzeTests, ExemptEventHandlers,
        AdditionalBlockingMethods, SafeToForgetMethods, ExcludeNamespaces,
    ];
}

/// <summary>An .editorconfig key.</summary>
internal abstract class ConcurrencyOption(string key, string description)
{
    public string Key { get; } = key;

    public string Description { get; } = description;

    /// <summary>The default as a user would write it.</summary>
    public abstract string DefaultText { get; }

    protected string? Read(AnalyzerConfigOptions options) =>
        options.TryGetValue(Key, out var text) && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
}

/// <summary>A whole number. What is no number, or is too small, counts as unset.</summary>
internal sealed class IntOption(string key, int defaultValue, int minimum, string description) : ConcurrencyOption(key, description)
{
    public override string DefaultText => defaultValue.ToString(CultureInfo.InvariantCulture);

    public int In(AnalyzerConfigOptions options) =>
        int.TryParse(Read(options), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= minimum ? value : defaultValue;
}

/// <summary><c>true</c> or <c>false</c>. Anything else counts as unset.</summary>
internal sealed class BoolOption(string key, bool defaultValue, string description) : ConcurrencyOption(key, description)
{
    public override string DefaultText => defaultValue ? "true" : "false";

    public bool In(AnalyzerConfigOptions options) => bool.TryParse(Read(options), out var value) ? value : defaultValue;
}

/// <summary>Names separated by commas or semicolons.</summary>
internal sealed class NamesOption(string key, string description) : ConcurrencyOption(key, description)
{
    private static readonly char[] Separators = [',', ';'];

    public override string DefaultText => "";

    public ImmutableArray<string> In(AnalyzerConfigOptions options) => Read(options) is { } text
        ? [.. text.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim()).Where(name => name.Length > 0)]
        : [];
}
