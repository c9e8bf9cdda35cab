using System.Collections;
using System.Diagnostics;
using System.Text;

namespace ConcurrencyAnalyzers.Package.Tests.Infrastructure;

/// <summary>Runs a program to its end, or for five minutes at most, unless it is given longer.</summary>
internal static class Tool
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(5);

    public static Task<ToolRun> DotnetAsync(string folder, params IEnumerable<string> arguments) =>
        RunAsync(folder, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments, []);

    public static async Task<ToolRun> RunAsync(string folder, string program, IEnumerable<string> arguments, Dictionary<string, string> environment, TimeSpan? longer = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        MakeIndependent(start);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        var time = longer ?? DefaultLimit;
        using var limit = new CancellationTokenSource(time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{program} {string.Join(' ', arguments)}' ran longer than {time}.\n{Text()}");
        }

        return new($"{program} {string.Join(' ', arguments)}", process.ExitCode, Text());

        void Append(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
            {
                lock (output)
                    output.Append(line.Data).Append('\n');
            }
        }

        string Text()
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>What the build that runs these tests has in its environment is not for the builds under test.</summary>
    private static void MakeIndependent(ProcessStartInfo start)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (((string)variable.Key).StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
                start.Environment.Remove((string)variable.Key);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
    }
}

/// <summary>What a program printed, to both streams, and its exit code.</summary>
internal sealed record ToolRun(string Command, int ExitCode, string Output)
{
    public ToolRun Succeeds()
    {
        Assert.True(ExitCode == 0, $"'{Command}' ended with {ExitCode}.\n{Output}");
        return this;
    }
}
