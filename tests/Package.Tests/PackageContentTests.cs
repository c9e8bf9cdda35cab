using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using ConcurrencyAnalyzers.Package.Tests.Infrastructure;

namespace ConcurrencyAnalyzers.Package.Tests;

public sealed class PackageContentTests(PackedPackage package)
{
    private static readonly string[] Bookkeeping = ["_rels/", "package/", "[Content_Types].xml"];

    [Fact]
    public void Package_holds_these_files_and_no_others()
    {
        using var archive = ZipFile.OpenRead(package.File);
        Assert.Equal(
            [
                "ConcurrencyAnalyzers.nuspec",
                "README.md",
                "analyzers/dotnet/cs/ConcurrencyAnalyzers.CodeFixes.dll",
                "analyzers/dotnet/cs/ConcurrencyAnalyzers.dll",
                "buildTransitive/ConcurrencyAnalyzers.props",
                "buildTransitive/ConcurrencyAnalyzers.targets",
                "buildTransitive/all.globalconfig",
                "buildTransitive/minimum.globalconfig",
                "buildTransitive/none.globalconfig",
                "icon.png",
                "lib/net10.0/ConcurrencyAnalyzers.Runtime.dll",
                "lib/net10.0/ConcurrencyAnalyzers.Runtime.xml",
                "lib/net8.0/ConcurrencyAnalyzers.Runtime.dll",
                "lib/net8.0/ConcurrencyAnalyzers.Runtime.xml",
                "lib/netstandard2.0/_._",
            ],
            archive.Entries.Select(entry => entry.FullName).Where(name => !Bookkeeping.Any(start => name.StartsWith(start, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nuspec_says_what_a_feed_shows()
    {
        var metadata = Nuspec().Root!.Elements().Single();
        var ns = metadata.Name.Namespace;
        Assert.Equal("ConcurrencyAnalyzers", metadata.Element(ns + "id")?.Value);
        Assert.Equal(package.Version, metadata.Element(ns + "version")?.Value);
        Assert.Equal("expression MIT", $"{metadata.Element(ns + "license")?.Attribute("type")?.Value} {metadata.Element(ns + "license")?.Value}");
        Assert.Equal("icon.png", metadata.Element(ns + "icon")?.Value);
        Assert.Equal("README.md", metadata.Element(ns + "readme")?.Value);
        Assert.StartsWith("https://", metadata.Element(ns + "projectUrl")?.Value, StringComparison.Ordinal);
        Assert.StartsWith("https://", metadata.Element(ns + "repository")?.Attribute("url")?.Value, StringComparison.Ordinal);
        Assert.Equal("git", metadata.Element(ns + "repository")?.Attribute("type")?.Value);
        Assert.NotEmpty(metadata.Element(ns + "description")?.Value ?? "");
        Assert.NotEmpty(metadata.Element(ns + "tags")?.Value ?? "");
    }

    [Fact]
    public void Release_notes_are_the_newest_section_of_the_change_log()
    {
        var sections = File.ReadAllText(Path.Combine(TestFolder.Repository, "CHANGELOG.md")).ReplaceLineEndings("\n").Split("\n## ");
        var notes = Nuspec().Descendants().Single(element => element.Name.LocalName == "releaseNotes").Value.ReplaceLineEndings("\n");
        Assert.Equal("## " + sections[1].Trim(), notes);
    }

    /// <summary>As a development dependency its runtime would not reach who depends on the consumer.</summary>
    [Fact]
    public void Package_is_no_development_dependency() =>
        Assert.DoesNotContain(Nuspec().Descendants(), element => element.Name.LocalName == "developmentDependency");

    [Fact]
    public void Targets_with_the_runtime_depend_on_rate_limiting_and_old_ones_on_nothing()
    {
        var groups = Nuspec().Descendants().Where(element => element.Name.LocalName == "group").Select(group =>
            $"{group.Attribute("targetFramework")?.Value}: {string.Join(", ", group.Elements().Select(dependency => $"{dependency.Attribute("id")?.Value} {dependency.Attribute("version")?.Value}"))}");
        Assert.Equal(
            [".NETStandard2.0: ", "net10.0: System.Threading.RateLimiting 8.0.0", "net8.0: System.Threading.RateLimiting 8.0.0"],
            groups.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("analyzers/dotnet/cs/ConcurrencyAnalyzers.dll", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp", "System.Collections.Immutable", "System.Memory", "netstandard")]
    [InlineData("analyzers/dotnet/cs/ConcurrencyAnalyzers.CodeFixes.dll", "ConcurrencyAnalyzers", "Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp", "Microsoft.CodeAnalysis.CSharp.Workspaces", "Microsoft.CodeAnalysis.Workspaces", "System.Collections.Immutable", "System.Memory", "System.Composition.AttributedModel", "netstandard")]
    public void Analyzers_need_nothing_that_a_compiler_host_lacks(string entry, params string[] allowed)
    {
        using var image = new PEReader(Read(entry));
        var reader = image.GetMetadataReader();
        var references = reader.AssemblyReferences.Select(reference => reader.GetAssemblyReference(reference)).ToList();
        Assert.All(references, reference => Assert.Contains(reader.GetString(reference.Name), allowed));

        // Roslyn 4.14 is the floor: a later reference would load nowhere below.
        Assert.All(references.Where(reference => reader.GetString(reference.Name).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)), reference => Assert.Equal(new Version(4, 14, 0, 0), reference.Version));
    }

    [Theory]
    [InlineData("analyzers/dotnet/cs/ConcurrencyAnalyzers.dll")]
    [InlineData("analyzers/dotnet/cs/ConcurrencyAnalyzers.CodeFixes.dll")]
    [InlineData("lib/net8.0/ConcurrencyAnalyzers.Runtime.dll")]
    [InlineData("lib/net10.0/ConcurrencyAnalyzers.Runtime.dll")]
    public void Assemblies_carry_their_symbols(string entry)
    {
        using var image = new PEReader(Read(entry));
        var kinds = image.ReadDebugDirectory().Select(debug => debug.Type).ToList();
        Assert.Contains(DebugDirectoryEntryType.EmbeddedPortablePdb, kinds);
        Assert.Contains(DebugDirectoryEntryType.Reproducible, kinds);
    }

    [Theory]
    [InlineData("net8.0")]
    [InlineData("net10.0")]
    public void Runtime_documents_its_public_types(string target)
    {
        var documentation = XDocument.Load(Read($"lib/{target}/ConcurrencyAnalyzers.Runtime.xml"));
        var documented = documentation.Descendants("member").Select(member => member.Attribute("name")!.Value).ToHashSet(StringComparer.Ordinal);
        using var image = new PEReader(Read($"lib/{target}/ConcurrencyAnalyzers.Runtime.dll"));
        var reader = image.GetMetadataReader();
        var types = reader.TypeDefinitions.Select(type => reader.GetTypeDefinition(type))
            .Where(type => (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
            .Select(type => $"T:{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}")
            .ToList();
        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Contains(type, documented));
    }

    [Fact]
    public async Task Packing_again_gives_the_same_bytes()
    {
        var folder = TestFolder.CreateTemporary("again");
        try
        {
            await package.PackAsync(folder);
            Assert.Equal(File.ReadAllBytes(package.File), File.ReadAllBytes(Path.Combine(folder, Path.GetFileName(package.File))));
        }
        finally
        {
            TestFolder.Delete(folder);
        }
    }

    private XDocument Nuspec() => XDocument.Load(Read("ConcurrencyAnalyzers.nuspec"));

    private MemoryStream Read(string entry)
    {
        using var archive = ZipFile.OpenRead(package.File);
        using var stream = archive.GetEntry(entry)!.Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }
}
