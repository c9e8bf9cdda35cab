namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>A program that a test writes to a folder of its own and builds there.</summary>
internal sealed class WrittenApp : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("written-app-").FullName;

    public WrittenApp(string project, string program)
    {
        File.WriteAllText(PathOf("App.csproj"), project);
        File.WriteAllText(PathOf("Program.cs"), program);
    }

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Runs a command of the SDK, which must succeed; the test is skipped where the registry doesn't serve what it needs.</summary>
    public async Task<string> DotnetAsync(string command, params string[] arguments)
    {
        var (exitCode, output, errors) = await StartedApp.RunAsync("dotnet", [command, PathOf("App.csproj"), "-v", "q", "-nologo", .. arguments], _folder);
        output += errors;
        if (exitCode != 0 && (output.Contains("NU1101", StringComparison.Ordinal) || output.Contains("NU1102", StringComparison.Ordinal) || output.Contains("NU1301", StringComparison.Ordinal)))
            Assert.Skip($"The registry doesn't serve what the program needs: {output}");
        Assert.True(exitCode == 0, output);
        return output;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
