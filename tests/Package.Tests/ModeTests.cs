using ConcurrencyAnalyzers.Findings;
using ConcurrencyAnalyzers.Package.Tests.Infrastructure;

namespace ConcurrencyAnalyzers.Package.Tests;

/// <summary>ConcurrencyAnalyzersMode, in one build of a project for each value.</summary>
public sealed class ModeTests(PackedPackage package) : IAsyncLifetime
{
    /// <summary>One warning (CONC101) and one suggestion (CONC302) by default.</summary>
    private const string Source = """
        using System.Threading;
        using System.Threading.Tasks;

        public static class Modes
        {
            public static async Task WorkAsync()
            {
                Thread.Sleep(10);
                _ = LaterAsync();
                await Task.Yield();
            }

            private static async Task LaterAsync()
            {
                await Task.Yield();
            }
        }
        """;

    private readonly string _folder = TestFolder.CreateTemporary("modes");

    public ValueTask InitializeAsync()
    {
        package.Prepare(_folder);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        TestFolder.Delete(_folder);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_mode_sets_the_severities_that_it_names()
    {
        var modes = new Dictionary<string, string[]>
        {
            ["Default"] = ["Modes.cs(8): warning CONC101", "Modes.cs(9): note CONC302"],
            ["All"] = ["Modes.cs(8): warning CONC101", "Modes.cs(9): warning CONC302"],
            ["minimum"] = ["Modes.cs(8): warning CONC101"],
            ["None"] = [],
        };
        foreach (var mode in modes.Keys)
            WriteProject(mode, mode);

        // What a .globalconfig says goes before the mode; .editorconfig does in any case.
        WriteProject("Own", "None");
        File.WriteAllText(Path.Combine(_folder, "Own", ".globalconfig"), "is_global = true\ndotnet_diagnostic.CONC302.severity = warning\n");
        modes["Own"] = ["Modes.cs(9): warning CONC302"];

        File.WriteAllText(Path.Combine(_folder, "Modes.slnx"), $"""
            <Solution>
            {string.Join('\n', modes.Keys.Select(mode => $"""  <Project Path="{mode}/{mode}.csproj" />"""))}
            </Solution>
            """);
        (await Tool.DotnetAsync(_folder, "build", "Modes.slnx", "-v", "quiet")).Succeeds();

        foreach (var (mode, expected) in modes)
            Assert.Equal((mode, string.Join('\n', expected)), (mode, string.Join('\n', ExpectedFindings.Of(FindingsLog.Read(Path.Combine(_folder, mode)).Findings))));
    }

    [Fact]
    public async Task A_mode_that_does_not_exist_fails_the_build_and_names_those_that_do()
    {
        WriteProject("Wrong", "Recommended");
        var run = await Tool.DotnetAsync(_folder, "build", Path.Combine("Wrong", "Wrong.csproj"), "-v", "quiet");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("error CONC001: ConcurrencyAnalyzersMode is 'Recommended'; it must be Default, All, Minimum or None.", run.Output, StringComparison.Ordinal);
    }

    private void WriteProject(string name, string mode)
    {
        Directory.CreateDirectory(Path.Combine(_folder, name));
        File.WriteAllText(Path.Combine(_folder, name, "Modes.cs"), Source);
        File.WriteAllText(Path.Combine(_folder, name, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>netstandard2.0</TargetFramework>
                <ConcurrencyAnalyzersMode>{mode}</ConcurrencyAnalyzersMode>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ConcurrencyAnalyzers" />
              </ItemGroup>
            </Project>
            """);
    }
}
