using System.Runtime.InteropServices;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>
/// Publishes an app that is trimmed with the whole runtime as a root, so that every member is analysed, and runs it.
/// PUBLISH_AOT=1 compiles it ahead of time instead, where the toolchain and its packages are at hand.
/// </summary>
public sealed class TrimmedAppTests
{
    private const string Program = """
        using ConcurrencyAnalyzers.Runtime;

        var squares = await Gather.AllAsync(Enumerable.Range(0, 4), 2, async (i, token) => { await Task.Yield(); return i * i; });
        await using var threads = new ThreadExecutor(2);
        await using var tasks = new AsyncExecutor(2);
        using var limiter = new IntervalRateLimiter(new IntervalRateLimiterOptions { Interval = TimeSpan.FromTicks(1) });
        var breaker = new CircuitBreaker();
        var policy = new ResiliencePolicy(new ResiliencePolicyOptions { TotalTimeout = TimeSpan.FromMinutes(1), CircuitBreaker = breaker, RateLimiter = limiter });
        int[] others =
        [
            await threads.RunAsync(() => 1),
            await tasks.RunAsync(() => Task.FromResult(2)),
            await TaskGroup.RunAsync(async (group, _) => await group.Run(_ => Task.FromResult(3))),
            await Deadline.RunAsync(_ => Task.FromResult(4), TimeSpan.FromMinutes(1)),
            await breaker.ExecuteAsync(_ => ValueTask.FromResult(5)),
            await policy.ExecuteAsync(_ => ValueTask.FromResult(6)),
        ];
        Console.WriteLine(string.Join(' ', squares.Concat(others)));
        """;

    [Fact]
    public async Task An_app_that_is_trimmed_with_the_whole_runtime_has_no_warning_and_runs()
    {
        using var app = new WrittenApp(Project(), Program);
        var output = await app.DotnetAsync("publish", "-o", "out");
        Assert.DoesNotContain("warning IL", output, StringComparison.Ordinal);

        var run = await StartedApp.RunAsync(app.PathOf("out/App"));
        Assert.Equal((0, "0 1 4 9 1 2 3 4 5 6"), (run.ExitCode, run.Output.Trim()));
    }

    private static string Project() => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
            <SelfContained>true</SelfContained>
            <{(Environment.GetEnvironmentVariable("PUBLISH_AOT") == "1" ? "PublishAot>true</PublishAot" : "PublishTrimmed>true</PublishTrimmed")}>
            <TrimmerSingleWarn>false</TrimmerSingleWarn>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <InvariantGlobalization>true</InvariantGlobalization>
            <NuGetAudit>false</NuGetAudit>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="System.Threading.RateLimiting" Version="8.0.0" />
            <Reference Include="{typeof(TaskGroup).Assembly.Location}" />
            <TrimmerRootAssembly Include="ConcurrencyAnalyzers.Runtime" />
          </ItemGroup>
        </Project>
        """;
}
