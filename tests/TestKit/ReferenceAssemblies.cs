using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.TestKit;

/// <summary>The framework that the code under test compiles against, as copied into the test's output folder.</summary>
public sealed class ReferenceAssemblies
{
    private static readonly ConcurrentDictionary<string, ImmutableArray<MetadataReference>> Cache = new();

    private readonly string _folder;

    private ReferenceAssemblies(string folder) => _folder = folder;

    public static ReferenceAssemblies Net80 { get; } = new("net8.0");

    public static ReferenceAssemblies Net100 { get; } = new("net10.0");

    public static ReferenceAssemblies NetStandard20 { get; } = new("netstandard2.0");

    /// <summary>Our own runtime and the System.Threading.RateLimiting that it stands on.</summary>
    internal static ImmutableArray<MetadataReference> Runtime => Load("runtime");

    internal ImmutableArray<MetadataReference> References => Load(_folder);

    /// <summary>Whether our runtime can be referenced beside this framework: its oldest target is net8.0.</summary>
    internal bool CanReferenceRuntime => this != NetStandard20;

    private static ImmutableArray<MetadataReference> Load(string folder) => Cache.GetOrAdd(folder, static name =>
    {
        var path = Path.Combine(AppContext.BaseDirectory, "refs", name);
        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*.dll") : [];
        return files.Length > 0
            ? [.. files.Select(file => (MetadataReference)MetadataReference.CreateFromFile(file))]
            : throw new RuleVerificationException($"There are no reference assemblies in '{path}'; build the test project again.");
    });
}
