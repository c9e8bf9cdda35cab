using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConcurrencyAnalyzers.Runtime.Tests.Repository;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Programs as they are built, started in every way: their workers start without a change to Main.</summary>
public sealed partial class ProcessLaunchTests
{
    public enum Host
    {
        Own,
        Dotnet,
    }

    /// <summary>The sample that docs and try.sh speak of: some of its files hurt their worker.</summary>
    [Fact]
    public async Task A_console_program_starts_workers_by_either_host()
    {
        foreach (var (exitCode, output, errors) in await Task.WhenAll(RunAsync(Host.Own), RunAsync(Host.Dotnet)))
        {
            Assert.True(exitCode == 0, errors);
            Assert.Equal(6, PhotoLine().Count(output));
            Assert.Matches(@"corrupt.ppm\s+crashed its worker \(signal (6|11)\)", output);
            Assert.Matches(@"bomb.ppm\s+took too much memory", output);
            Assert.Matches(@"endless.ppm\s+took too long", output);
            Assert.Matches(@"text.ppm\s+refused: no portable pixmap", output);
            Assert.Contains("6 of 10 files done", output, StringComparison.Ordinal);
        }

        static Task<(int ExitCode, string Output, string Errors)> RunAsync(Host host)
        {
            var (command, arguments) = CommandOf("samples/Thumbnails", host);
            return StartedApp.RunAsync(command, arguments);
        }
    }

    [Theory]
    [InlineData(Host.Own)]
    [InlineData(Host.Dotnet)]
    public async Task An_ASP_NET_Core_program_starts_workers_and_ends_them_when_it_stops(Host host)
    {
        var (command, arguments) = CommandOf("tests/WebApp", host);
        using var app = new StartedApp(command, arguments);
        var line = await app.ReadLineAsync();
        while (!line.Contains("http://", StringComparison.Ordinal))
            line = await app.ReadLineAsync();
        using var client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]) };

        Assert.Equal("49", await client.GetStringAsync("/square/7").Bounded());
        Assert.Equal("Exited, signal 6", await client.GetStringAsync("/crash").Bounded());
        Assert.Equal("64", await client.GetStringAsync("/square/8").Bounded());
        var worker = int.Parse(await client.GetStringAsync("/worker").Bounded(), provider: null);
        Assert.True(LinuxProcesses.IsRunning(worker));

        _ = Jobs.Kill(app.Id, 15);
        Assert.Equal(0, (await app.EndAsync()).ExitCode);
        Assert.False(LinuxProcesses.IsRunning(worker));
    }

    /// <summary>A program compiled ahead of time says so of itself by this switch; it compiles here only where its packages are served.</summary>
    [Fact]
    public async Task A_program_that_can_not_have_workers_says_why()
    {
        var program = ProgramOf("samples/Thumbnails");
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(program, ".runtimeconfig.json"), TestContext.Current.CancellationToken))!;
        configuration["runtimeOptions"]!["configProperties"]!["System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported"] = false;
        var folder = Directory.CreateTempSubdirectory("written-app-").FullName;
        try
        {
            var file = Path.Combine(folder, "App.runtimeconfig.json");
            await File.WriteAllTextAsync(file, configuration.ToJsonString(), TestContext.Current.CancellationToken);

            var (exitCode, _, errors) = await StartedApp.RunAsync("dotnet", ["exec", "--runtimeconfig", file, program]);

            Assert.NotEqual(0, exitCode);
            Assert.Contains("PlatformNotSupportedException: Worker processes need metadata tokens, which a program compiled ahead of time doesn't keep.", errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Command, string[] Arguments) CommandOf(string project, Host host)
    {
        var program = ProgramOf(project);
        return host == Host.Own ? (Path.ChangeExtension(program, OperatingSystem.IsWindows() ? ".exe" : null), []) : ("dotnet", [program]);
    }

    // Built with these tests, and so in the same configuration: bin/<configuration>/<framework>/.
    private static string ProgramOf(string project)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(RepositoryFiles.Root, project, "bin", configuration, "net10.0", Path.GetFileName(project) + ".dll");
    }

    [GeneratedRegex(@"photo-\d.ppm\s+16 x 12")]
    private static partial Regex PhotoLine();
}
