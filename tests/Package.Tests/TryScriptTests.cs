using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConcurrencyAnalyzers.Findings;
using ConcurrencyAnalyzers.Package.Tests.Infrastructure;

namespace ConcurrencyAnalyzers.Package.Tests;

public sealed partial class TryScriptTests : IDisposable
{
    private const string Mistake = """
        namespace Shop;

        public static class Worker
        {
            public static async Task WorkAsync()
            {
                Thread.Sleep(10);
                await Task.Yield();
            }
        }
        """;

    // A space in each path, as people have them.
    private readonly string _folder = TestFolder.CreateTemporary("try");

    public void Dispose() => TestFolder.Delete(_folder);

    [Theory]
    [InlineData("there is no file 'nowhere.csproj'", "nowhere.csproj")]
    [InlineData("there is no option '--fast'", "--fast")]
    [InlineData("--fix and --sarif need a project", "--fix")]
    [InlineData("--sarif needs a file", "a.csproj", "--sarif")]
    [InlineData("one project or solution at a time", "a.csproj", "b.csproj")]
    public async Task What_it_cannot_take_ends_with_2_and_the_reason(string reason, params string[] arguments) =>
        Expect(2, reason, await TryAsync(arguments));

    [Fact]
    public async Task A_file_that_is_no_project_ends_with_2()
    {
        Write("notes.txt", "");
        Expect(2, "is no .csproj, .sln, .slnx or .slnf", await TryAsync("notes.txt"));
    }

    [Fact]
    public async Task Help_says_how_to_use_it() => Expect(0, "./try.sh PATH", await TryAsync("--help"));

    [Fact]
    public async Task Without_an_sdk_it_says_what_is_missing()
    {
        // A PATH with what a system always has, and no dotnet.
        var path = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(path, "bash"), "/bin/bash");
        File.CreateSymbolicLink(Path.Combine(path, "dirname"), "/usr/bin/dirname");

        var run = await Tool.RunAsync(_folder, Path.Combine(path, "bash"), [Script], new() { ["PATH"] = path });
        Expect(2, "install the .NET SDK 10.0 or later", run);
    }

    [Fact]
    public async Task Code_without_mistakes_ends_with_0()
    {
        WriteProject("Clean", "");
        Write("Clean/Clean.cs", "namespace Shop;\n\npublic static class Clean;\n");
        Expect(0, "no findings", await TryAsync("Clean/Clean.csproj"));
        Expect(0, "no findings", await TryAsync("Clean/Clean.csproj", "--fix"));
    }

    [Fact]
    public async Task A_project_that_has_a_newer_version_already_is_analysed_with_this_one()
    {
        WriteProject("Newer", "<PropertyGroup><AssemblyName>ConcurrencyAnalyzers</AssemblyName><Version>99.0.0</Version></PropertyGroup>");
        Expect(0, "", await Tool.DotnetAsync(Path.Combine(_folder, "Newer"), "build", "-o", Path.Combine(_folder, "package")));

        WriteProject("Shop", """<ItemGroup><Analyzer Include="../package/ConcurrencyAnalyzers.dll" /></ItemGroup>""");
        Write("Shop/Worker.cs", Mistake);
        Expect(1, "1 finding in 1 files", await TryAsync("Shop/Shop.csproj"));
    }

    [Fact]
    public async Task Code_that_does_not_compile_ends_with_2_and_the_errors()
    {
        WriteProject("Broken", "");
        Write("Broken/Broken.cs", "public class Broken { int Value => missing; }\n");
        var run = await TryAsync("Broken/Broken.csproj");
        Expect(2, "error CS0103", run);
        Assert.Contains("Broken.csproj doesn't build", run.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// With all that could make a build write into the tree, or fail: warnings as errors, output folders of its own, central
    /// versions, a lock file, packages made by each build, documentation beside the sources, rests of earlier builds.
    /// </summary>
    [Fact]
    public async Task A_solution_is_analysed_untouched_and_fixed_when_asked_to()
    {
        Write("Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <WarningsAsErrors>CONC101</WarningsAsErrors>
                <OutputPath>$(MSBuildThisFileDirectory)build output/</OutputPath>
                <BaseIntermediateOutputPath>build/obj/</BaseIntermediateOutputPath>
                <RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>
                <GeneratePackageOnBuild>true</GeneratePackageOnBuild>
                <DocumentationFile>$(MSBuildProjectDirectory)/documentation.xml</DocumentationFile>
                <NoWarn>$(NoWarn);CS1591</NoWarn>
              </PropertyGroup>
            </Project>
            """);
        Write("Directory.Packages.props", """
            <Project>
              <PropertyGroup>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
              </PropertyGroup>
              <ItemGroup>
                <PackageVersion Include="System.Threading.RateLimiting" Version="8.0.0" />
              </ItemGroup>
            </Project>
            """);
        WriteProject("src/Shop", """<ItemGroup><PackageReference Include="System.Threading.RateLimiting" /></ItemGroup>""", "net8.0;net10.0");
        Write("src/Shop/Worker.cs", Mistake);
        Write("src/Shop/obj/Debug/Old.cs", "this was generated once and is no code\n");
        Write("src/Shop/build/obj/Older.cs", "nor is this\n");
        WriteProject("app/Front", """<ItemGroup><ProjectReference Include="../../src/Shop/Shop.csproj" /></ItemGroup>""");
        Write("app/Front/Program.cs", "namespace App;\n\npublic static class Entry\n{\n    public static Task RunAsync() => Shop.Worker.WorkAsync();\n}\n");
        Write("My Shop.slnx", """
            <Solution>
              <Folder Name="/app/">
                <Project Path="app/Front/Front.csproj" />
              </Folder>
              <Folder Name="/src/">
                <Project Path="src/Shop/Shop.csproj" />
              </Folder>
            </Solution>
            """);

        var before = Snapshot();
        var sarif = Path.Combine(TestFolder.CreateTemporary("sarif"), "findings.sarif");
        var run = await TryAsync("My Shop.slnx", "--sarif", sarif);
        Expect(1, "CONC101  warning   src/Shop/Worker.cs:7", run);
        Assert.Contains("1 finding in 1 files", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());

        var log = FindingsLog.Read(Path.GetDirectoryName(sarif)!);
        Assert.Equal(["Worker.cs(7): warning CONC101"], ExpectedFindings.Of(log.Findings));
        Assert.Equal("ConcurrencyAnalyzers", (string?)JsonNode.Parse(File.ReadAllText(sarif))?["runs"]?[0]?["tool"]?["driver"]?["name"]);
        TestFolder.Delete(Path.GetDirectoryName(sarif)!);

        Expect(0, "no findings", await TryAsync("My Shop.slnx", "--fix"));
        var changed = Snapshot().Except(before).Select(file => file.Split('|')[0]);
        Assert.Equal([Path.Combine("src", "Shop", "Worker.cs")], changed);
        Assert.Contains("await Task.Delay(10);", File.ReadAllText(Path.Combine(_folder, "src", "Shop", "Worker.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_is_found_fixed_and_better()
    {
        // Up to four passes of fixes over all rules, each with a build: two minutes alone, and other suites run beside it.
        var run = (await Tool.RunAsync(_folder, "bash", [Script], Environment(), longer: TimeSpan.FromMinutes(15))).Succeeds();
        var values = run.Output.Split('\n')
            .SkipWhile(line => !line.StartsWith("measurement ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 3)
            .ToDictionary(cells => cells[0], cells => (Before: Number(cells[1]), After: Number(cells[2])));

        // What one machine measures another need not: only what the fixes guarantee.
        Assert.Equal((0, 20), (values["exceptions seen in the log"].Before, values["exceptions seen in the log"].After));
        Assert.True(values["peak concurrent requests at the server"] is { Before: > 100, After: <= 60 }, run.Output);
        Assert.True(values["peak concurrent reservations (4 allowed)"] is { Before: > 4, After: <= 4 }, run.Output);

        // Each finding where the sample announces it, and after the fixes those alone that it announces to stay. (Their lines move.)
        var announced = Directory.GetFiles(TestFolder.Gallery, "*.cs");
        Assert.Equal(ExpectedFindings.In(announced, afterFixing: false), Table(run.Output, "Findings in samples/Gallery"));
        Assert.Equal(
            ExpectedFindings.In(announced, afterFixing: true).Select(WithoutLine),
            Table(run.Output, "Findings that are left").Select(WithoutLine));
        Assert.Contains("work by hand", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sample_has_an_instance_of_every_rule()
    {
        var sample = Directory.GetFiles(TestFolder.Gallery, "*.cs");
        Assert.Equal(RuleIds.All, ExpectedFindings.In(sample, afterFixing: false).Select(Rule).Distinct().Order(StringComparer.Ordinal));

        var stay = ExpectedFindings.In(sample, afterFixing: true).Select(Rule).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(RuleIds.WithoutFix, stay);

        static string Rule(string finding) => finding[^7..];
    }

    /// <summary>The rows below a heading, as <see cref="ExpectedFindings"/> writes findings.</summary>
    private static IEnumerable<string> Table(string output, string heading) => output.Split('\n')
        .SkipWhile(line => line != $"== {heading}").Skip(1)
        .TakeWhile(line => !line.StartsWith("== ", StringComparison.Ordinal))
        .Select(line => Row().Match(line)).Where(row => row.Success)
        .Select(row => $"{row.Groups["file"]}({row.Groups["line"]}): {(row.Groups["severity"].Value == "suggestion" ? "note" : row.Groups["severity"].Value)} {row.Groups["rule"]}")
        .Order(StringComparer.Ordinal);

    private static string WithoutLine(string finding) => Line().Replace(finding, "");

    [GeneratedRegex(@"\(\d+\)")]
    private static partial Regex Line();

    [GeneratedRegex(@"^(?<rule>CONC\d{3}) +(?<severity>\w+) +(?<file>[^ ]+\.cs):(?<line>\d+) ")]
    private static partial Regex Row();

    private static string Script => Path.Combine(TestFolder.Repository, "try.sh");

    private static double Number(string text) => double.Parse(text.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);

    private static void Expect(int exitCode, string text, ToolRun run)
    {
        Assert.True(run.ExitCode == exitCode, $"exit code {run.ExitCode}, expected {exitCode}\n{run.Output}");
        Assert.Contains(text, run.Output, StringComparison.Ordinal);
    }

    private Task<ToolRun> TryAsync(params string[] arguments) =>
        Tool.RunAsync(_folder, "bash", [Script, .. arguments], Environment());

    private static Dictionary<string, string> Environment() => new() { ["CONFIGURATION"] = TestFolder.Configuration };

    private void WriteProject(string folder, string items, string targets = "net10.0") => Write($"{folder}/{Path.GetFileName(folder)}.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFrameworks>{targets}</TargetFrameworks>
            <ImplicitUsings>enable</ImplicitUsings>
          </PropertyGroup>
          {items}
        </Project>
        """);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Every file with its content and every folder, as text.</summary>
    private List<string> Snapshot() =>
    [
        .. from path in Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)
           orderby path
           select $"{Path.GetRelativePath(_folder, path)}|{(File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "folder")}",
    ];
}
