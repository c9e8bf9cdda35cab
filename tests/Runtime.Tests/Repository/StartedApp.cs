using System.Diagnostics;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

/// <summary>A program that a test starts, with its output; killed with all its children if it is still there at the end.</summary>
internal sealed class StartedApp : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly Task<string> _errors;

    public StartedApp(string command, IEnumerable<string> arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (folder is not null)
            start.WorkingDirectory = folder;

        // A test host started by MSBuild hands its MSBuild on; the app's build must find its own.
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string command, IEnumerable<string>? arguments = null, string? folder = null)
    {
        using var app = new StartedApp(command, arguments ?? [], folder);
        return await app.EndAsync();
    }

    /// <summary>The next line of the output.</summary>
    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit)
            ?? throw new InvalidOperationException($"The program ended: {await _errors}");

    /// <summary>Waits for the program's own end, and gives the rest of its output.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return (_process.ExitCode, output, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
