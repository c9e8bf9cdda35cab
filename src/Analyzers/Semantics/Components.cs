namespace ConcurrencyAnalyzers.Semantics;

/// <summary>
/// Parts that a program is composed of (providers, handlers, listeners): abstractions named for what they do. There
/// are as many as were registered, whatever data comes.
/// </summary>
internal static class Components
{
    private static readonly string[] Roles =
        ["Provider", "Service", "Handler", "Listener", "Observer", "Adapter", "Plugin", "Module", "Filter", "Interceptor", "Initializer", "Sink", "Middleware", "Behavior", "HealthCheck",
         "Validator", "Enricher", "Publisher", "Subscriber", "Notifier", "Processor", "Strategy", "Contributor", "Seeder"];

    /// <summary>Whether the sequence is one of components.</summary>
    public static bool AreElementsOf(ITypeSymbol? sequence) =>
        SequenceType.ElementOf(sequence) is { IsAbstract: true } element && Array.Exists(Roles, role => element.Name.EndsWith(role, StringComparison.Ordinal));
}
