using System.Reflection;

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>Where the tests find the repository, and where they may write.</summary>
internal static class TestFolder
{
    public static string Repository { get; } = FindRepository();

    /// <summary>The sample that try.sh shows.</summary>
    public static string Gallery { get; } = Path.Combine(Repository, "samples", "Gallery");

    public static string Configuration { get; } = Metadata("Configuration");

    /// <summary>The packages that the repository's own build has restored.</summary>
    public static string MachinePackages { get; } = Metadata("NuGetPackageRoot");

    public static string CreateTemporary(string name) => Directory.CreateTempSubdirectory($"ConcurrencyAnalyzers {name} ").FullName;

    public static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // What a compiler server still holds is left to the system's own clean-up.
        }
    }

    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (file.EndsWith(".crlf.cs", StringComparison.Ordinal))
                File.WriteAllText(target, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
            else
                File.Copy(file, target);
        }
    }

    private static string Metadata(string name) =>
        typeof(TestFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == name).Value!;

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ConcurrencyAnalyzers.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above '{AppContext.BaseDirectory}' holds ConcurrencyAnalyzers.sln.");
    }
}
