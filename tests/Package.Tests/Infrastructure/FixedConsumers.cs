using ConcurrencyAnalyzers.Findings;

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>
/// The projects of the folder Consumers, as somebody has them who installs the package: built, run, fixed by one
/// <c>dotnet format analyzers</c>, built and run again. All together, since the tools take longer to start than to work.
/// </summary>
public sealed class FixedConsumers(PackedPackage package) : IAsyncLifetime
{
    public static readonly string[] Projects = ["BclOnly", "Console", "Library", "Styles", "Tests", "Web"];

    /// <summary>The files of the sample that the console program has as well.</summary>
    private static readonly string[] Shared = ["CashDesk.cs", "Catalogue.cs", "Deliveries.cs", "Model.cs", "Receipts.cs", "Reports.cs", "StockIndex.cs", "Warehouse.cs"];

    private readonly Dictionary<string, string> _outputsBefore = [];

    public string Folder { get; } = TestFolder.CreateTemporary("consumers");

    /// <summary>The findings of the first build, by project.</summary>
    public Dictionary<string, IReadOnlyList<Finding>> Before { get; } = [];

    /// <summary>The findings of the build after the fixes.</summary>
    public Dictionary<string, IReadOnlyList<Finding>> After { get; } = [];

    public string BuildOutput { get; private set; } = "";

    public string FormatOutput { get; private set; } = "";

    public string OutputBefore(string project) => _outputsBefore[project];

    public static string Source(string project) => Path.Combine(TestFolder.Repository, "tests", "Package.Tests", "Consumers", project);

    /// <summary>The files of a project as they are before the fixes.</summary>
    public static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Source(project), "*.cs").Concat(project == "Console" ? Shared.Select(file => Path.Combine(TestFolder.Gallery, file)) : []);

    public string Copy(string project) => Path.Combine(Folder, project);

    public async ValueTask InitializeAsync()
    {
        package.Prepare(Folder);
        foreach (var project in Projects)
            TestFolder.Copy(Source(project), Copy(project));
        foreach (var file in Shared)
            File.Copy(Path.Combine(TestFolder.Gallery, file), Path.Combine(Copy("Console"), file));

        File.WriteAllText(Path.Combine(Folder, "Consumers.slnx"), $"""
            <Solution>
            {string.Join('\n', Projects.Select(project => $"""  <Project Path="{project}/{project}.csproj" />"""))}
            </Solution>
            """);

        BuildOutput = (await Tool.DotnetAsync(Folder, "build", "Consumers.slnx", "-v", "minimal")).Succeeds().Output;
        TakeFindings(Before);
        foreach (var project in Projects.Where(HasOutput))
            _outputsBefore[project] = await RunAsync(project);

        FormatOutput = (await Tool.DotnetAsync(Folder, "format", "analyzers", "Consumers.slnx", "--no-restore", "--severity", "info")).Succeeds().Output;
        (await Tool.DotnetAsync(Folder, "build", "Consumers.slnx", "--no-restore", "-v", "quiet")).Succeeds();
        TakeFindings(After);
    }

    public ValueTask DisposeAsync()
    {
        TestFolder.Delete(Folder);
        return ValueTask.CompletedTask;
    }

    public async Task<string> RunAsync(string project) =>
        (await Tool.DotnetAsync(Folder, Path.Combine(Copy(project), "bin", "Debug", "net10.0", $"{project}.dll"))).Succeeds().Output;

    public static bool HasOutput(string project) => File.Exists(Path.Combine(Source(project), "expected-output.txt"));

    /// <summary>And removes the logs: a project that isn't compiled again has none afterwards.</summary>
    private void TakeFindings(Dictionary<string, IReadOnlyList<Finding>> findings)
    {
        foreach (var project in Projects)
        {
            var log = FindingsLog.Read(Copy(project));
            Assert.True(log.Compilations == 1, $"{project} was compiled {log.Compilations} times, not once.\n{FormatOutput}");
            findings[project] = log.Findings;
            File.Delete(Path.Combine(Copy(project), $"{project}.sarif"));
        }
    }
}
