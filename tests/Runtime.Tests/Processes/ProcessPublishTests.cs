using ConcurrencyAnalyzers.Runtime.Tests.Repository;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>Workers of programs that are published, or run by another program: built here, which takes its time.</summary>
public sealed class ProcessPublishTests
{
    private const string Program = """
        using ConcurrencyAnalyzers.Runtime;

        if (args is not ["unguarded"] && ProcessWorker.RunIfWorker(args))
            return;
        Console.WriteLine("Main");
        try
        {
            await using var executor = new ProcessExecutor(1);
            Console.WriteLine(await executor.RunAsync(static number => number * number, 7));
            Console.WriteLine(await executor.RunAsync(static () => Environment.ProcessId) != Environment.ProcessId);
        }
        catch (PlatformNotSupportedException e)
        {
            Console.WriteLine(e.Message);
        }
        """;

    private const string Tests = """
        using ConcurrencyAnalyzers.Runtime;
        using Xunit;

        public class Tests
        {
            [Fact]
            public async Task Work_runs_in_another_process()
            {
                await using var executor = new ProcessExecutor(1);
                Assert.Equal(49, await executor.RunAsync(static number => number * number, 7));
                Assert.NotEqual(Environment.ProcessId, await executor.RunAsync(static () => Environment.ProcessId));
            }
        }
        """;

    [Fact]
    public async Task A_single_file_starts_workers_by_its_hook_or_by_the_guard_and_says_when_it_has_neither()
    {
        using var app = new WrittenApp(
            Project("<OutputType>Exe</OutputType><PublishSingleFile>true</PublishSingleFile><SelfContained>false</SelfContained><UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>", ""),
            Program);
        await app.DotnetAsync("publish", "-o", "out");
        await app.DotnetAsync("publish", "-o", "hookless", "--no-restore", "-p:StartupHookSupport=false");
        Assert.False(File.Exists(app.PathOf("out/App.dll")));

        var (_, output, errors) = await StartedApp.RunAsync(app.PathOf("out/App"), ["unguarded"]);
        Assert.Equal(["Main", "49", "True"], LinesOf(output + errors));

        (_, output, errors) = await StartedApp.RunAsync(app.PathOf("hookless/App"));
        Assert.Equal(["Main", "49", "True"], LinesOf(output + errors));

        (_, output, errors) = await StartedApp.RunAsync(app.PathOf("hookless/App"), ["unguarded"]);
        var lines = LinesOf(output + errors);
        Assert.Equal((2, "Main"), (lines.Length, lines[0]));
        Assert.Contains("Begin Main with: if (ProcessWorker.RunIfWorker(args)) return;", lines[1], StringComparison.Ordinal);
    }

    /// <summary>These very tests have a host of their own; here it is Visual Studio's, whose own assembly is the one that is started.</summary>
    [Fact]
    public async Task Tests_start_workers_under_the_test_platforms_host()
    {
        using var app = new WrittenApp(
            Project(
                "<IsTestProject>true</IsTestProject>",
                """
                <PackageReference Include="Microsoft.NET.Test.Sdk" Version="18.11.0" />
                <PackageReference Include="xunit" Version="2.9.3" />
                <PackageReference Include="xunit.runner.visualstudio" Version="3.1.5" />
                """),
            Tests);

        var output = await app.DotnetAsync("test", "--logger", "console;verbosity=normal");

        Assert.Contains("Passed Tests.Work_runs_in_another_process", output, StringComparison.Ordinal);
    }

    private static string Project(string properties, string items) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <NuGetAudit>false</NuGetAudit>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="System.Threading.RateLimiting" Version="8.0.0" />
            <Reference Include="{typeof(ProcessExecutor).Assembly.Location}" />
            {items}
          </ItemGroup>
        </Project>
        """;

    private static string[] LinesOf(string output) => output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
