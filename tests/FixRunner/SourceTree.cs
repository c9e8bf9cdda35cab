using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Text;

namespace ConcurrencyAnalyzers.FixRunner;

/// <summary>
/// A folder of projects as a solution, read without MSBuild: a project is the .cs files beside and below its .csproj, with
/// the references to other projects that the file names. Good enough to compare compilations before and after a fix.
/// </summary>
internal static class SourceTree
{
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly string[] Skipped = ["bin", "obj", "node_modules", ".git"];

    public static Solution Load(string folder, IReadOnlyList<MetadataReference> references)
    {
        var root = Path.GetFullPath(folder);
        var files = Files(root).ToList();
        var projects = files.Where(file => file.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase))
            .GroupBy(file => Path.GetDirectoryName(file)!)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var ids = projects.Values.ToDictionary(file => file, file => ProjectId.CreateNewId(file), StringComparer.OrdinalIgnoreCase);
        var sources = files.Where(file => file.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)).ToLookup(file => OwnerOf(file, projects));

        using var workspace = new AdhocWorkspace(MefHostServices.DefaultHost);
        var solution = workspace.CurrentSolution;
        foreach (var project in projects.Values)
            solution = AddProject(solution, ids[project], project, references, sources[project]);

        foreach (var project in projects.Values)
        {
            foreach (var target in ProjectReferences(project).Where(ids.ContainsKey))
            {
                if (target != project && !Reaches(solution, ids[target], ids[project]))
                    solution = solution.AddProjectReference(ids[project], new ProjectReference(ids[target]));
            }
        }

        return solution;
    }

    private static Solution AddProject(Solution solution, ProjectId id, string project, IReadOnlyList<MetadataReference> references, IEnumerable<string> files)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var text = File.ReadAllText(project);
        var isProgram = text.Contains("<OutputType>Exe", StringComparison.OrdinalIgnoreCase) || text.Contains("Sdk.Web", StringComparison.Ordinal);
        var options = new CSharpCompilationOptions(
            isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: text.Contains("<Nullable>enable", StringComparison.OrdinalIgnoreCase) ? NullableContextOptions.Enable : NullableContextOptions.Disable);
        string[] symbols = ["NET", "NET5_0_OR_GREATER", "NET6_0_OR_GREATER", "NET7_0_OR_GREATER", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER", "NETCOREAPP", "RELEASE", "TRACE"];
        solution = solution
            .AddProject(ProjectInfo.Create(id, VersionStamp.Default, name, name, LanguageNames.CSharp, project, compilationOptions: options, parseOptions: new CSharpParseOptions(LanguageVersion.Preview, preprocessorSymbols: symbols)))
            .AddMetadataReferences(id, references);
        foreach (var file in files)
            solution = solution.AddDocument(DocumentId.CreateNewId(id), Path.GetFileName(file), SourceText.From(File.ReadAllText(file)), filePath: file);

        return solution.AddDocument(DocumentId.CreateNewId(id), "GlobalUsings.g.cs", SourceText.From(ImplicitUsings), filePath: Path.Combine(Path.GetDirectoryName(project)!, "GlobalUsings.g.cs"));
    }

    private static IEnumerable<string> ProjectReferences(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        return from reference in XDocument.Load(project).Descendants()
               where reference.Name.LocalName == "ProjectReference" && (string?)reference.Attribute("ReferenceOutputAssembly") != "false"
               let include = (string?)reference.Attribute("Include")
               where include is not null && !include.Contains('$', StringComparison.Ordinal)
               select Path.GetFullPath(Path.Combine(folder, include.Replace('\\', '/')));
    }

    private static bool Reaches(Solution solution, ProjectId from, ProjectId to) =>
        from == to || solution.GetProject(from)!.ProjectReferences.Any(reference => Reaches(solution, reference.ProjectId, to));

    private static string? OwnerOf(string file, Dictionary<string, string> projects)
    {
        for (var folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (projects.TryGetValue(folder, out var project))
                return project;
        }

        return null;
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Concat(Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
                .Where(one => !Skipped.Contains(Path.GetFileName(one)))
                .SelectMany(Files));
}
