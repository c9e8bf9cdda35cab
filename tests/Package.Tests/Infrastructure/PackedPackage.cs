using System.Security.Cryptography;
using ConcurrencyAnalyzers.Package.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(PackedPackage))]

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>The package, packed once for all tests from what is built, in a feed of its own.</summary>
public sealed class PackedPackage : IAsyncLifetime
{
    private static readonly string[] PackedProjects = ["Analyzers", "CodeFixes", "Runtime"];

    private readonly string _feed = TestFolder.CreateTemporary("feed");

    /// <summary>Unique to the content, so that no cache can serve another one.</summary>
    public string Version { get; } = $"0.1.0-test.{ContentHash()}";

    public string File => Path.Combine(_feed, $"ConcurrencyAnalyzers.{Version}.nupkg");

    public async ValueTask InitializeAsync() => await PackAsync(_feed);

    public async Task PackAsync(string folder)
    {
        var run = await Tool.DotnetAsync(TestFolder.Repository,
            "pack", "src/Package", "--no-build", "-c", TestFolder.Configuration, "-o", folder, $"-p:PackageVersion={Version}", "-v", "quiet");
        run.Succeeds();
        Assert.True(System.IO.File.Exists(Path.Combine(folder, Path.GetFileName(File))), run.Output);
    }

    public ValueTask DisposeAsync()
    {
        TestFolder.Delete(_feed);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Makes a folder whose projects restore this package, and the versions that the repository itself uses, from this
    /// machine alone. Our package lands in the folder, never in the machine's cache. Nothing above the folder has a say.
    /// </summary>
    public void Prepare(string folder)
    {
        Write(folder, "nuget.config", $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="packages" />
              </config>
              <fallbackPackageFolders>
                <add key="machine" value="{TestFolder.MachinePackages}" />
              </fallbackPackageFolders>
              <packageSources>
                <clear />
                <add key="packed" value="{_feed}" />
              </packageSources>
            </configuration>
            """);
        Write(folder, "Directory.Packages.props", $"""
            <Project>
              <Import Project="{Path.Combine(TestFolder.Repository, "Directory.Packages.props")}" />
              <ItemGroup>
                <PackageVersion Include="ConcurrencyAnalyzers" Version="{Version}" />
              </ItemGroup>
            </Project>
            """);
        Write(folder, "Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <NuGetAudit>false</NuGetAudit>
                <InvariantGlobalization>true</InvariantGlobalization>
                <ErrorLog>$(MSBuildProjectDirectory)/$(MSBuildProjectName).sarif,version=2.1</ErrorLog>
              </PropertyGroup>
            </Project>
            """);
        Write(folder, "Directory.Build.targets", "<Project />");
        Write(folder, ".editorconfig", "root = true");
    }

    private static void Write(string folder, string name, string text) => System.IO.File.WriteAllText(Path.Combine(folder, name), text + "\n");

    private static string ContentHash()
    {
        var source = Path.Combine(TestFolder.Repository, "src");
        var content = from project in PackedProjects
                      from file in Directory.EnumerateFiles(Path.Combine(source, project, "bin", TestFolder.Configuration), "ConcurrencyAnalyzers*.dll", SearchOption.AllDirectories)
                      orderby file
                      select SHA256.HashData(System.IO.File.ReadAllBytes(file));
        return Convert.ToHexStringLower(SHA256.HashData([.. content.SelectMany(hash => hash)]))[..12];
    }
}
