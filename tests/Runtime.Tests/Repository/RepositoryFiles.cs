namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>The files of the repository that holds the running tests.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static bool UpdatesDocs => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    public static string Read(string path) =>
        File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Compares a generated file with what stands in the repository; with UPDATE_DOCS=1, writes it.</summary>
    public static void AssertUpToDate(string path, string expected)
    {
        var file = Path.Combine(Root, path);
        if (UpdatesDocs)
            File.WriteAllText(file, expected);

        var actual = File.Exists(file) ? Read(path) : "";
        var (before, after) = (actual.Split('\n'), expected.Split('\n'));
        var changes = before.Except(after).Select(static line => $"- {line}").Concat(after.Except(before).Select(static line => $"+ {line}")).ToList();
        Assert.True(actual == expected, $"{path} is out of date; UPDATE_DOCS=1 dotnet test writes it.\n{string.Join('\n', changes)}");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ConcurrencyAnalyzers.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository: ConcurrencyAnalyzers.sln is in no folder above them.");
    }
}
