using System.Reflection;
using Microsoft.CodeAnalysis;

namespace ConcurrencyAnalyzers.FixRunner;

/// <summary>The assemblies that loaded code is compiled against: the frameworks of this SDK, our runtime, and what is asked for.</summary>
internal static class References
{
    private static readonly string[] Frameworks = ["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"];

    public static IReadOnlyList<MetadataReference> Load(IEnumerable<string> folders)
    {
        var shared = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location)))!;
        string[] frameworks = [.. Frameworks
            .Select(name => Path.Combine(shared, name))
            .Where(Directory.Exists)
            .Select(folder => Directory.GetDirectories(folder).OrderBy(one => one, StringComparer.Ordinal).Last())];

        // The framework's own version of an assembly wins over a package's.
        var byName = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in frameworks.Concat(folders).SelectMany(folder => Directory.GetFiles(folder, "*.dll")).Append(typeof(Runtime.Gather).Assembly.Location).Append(typeof(System.Threading.RateLimiting.RateLimiter).Assembly.Location))
        {
            if (ManagedName(file) is { } name)
                byName.TryAdd(name, file);
        }

        return [.. byName.Values.Select(file => MetadataReference.CreateFromFile(file))];
    }

    private static string? ManagedName(string file)
    {
        try
        {
            return AssemblyName.GetAssemblyName(file).Name;
        }
        catch (BadImageFormatException)
        {
            return null; // A native library.
        }
    }
}
