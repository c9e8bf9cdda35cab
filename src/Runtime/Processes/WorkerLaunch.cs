using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How this program is started again as a worker: the same file, run-time configuration and dependencies, another entry.</summary>
internal sealed class WorkerLaunch
{
    /// <summary>Tells a process that it is a worker, if the start-up hook brings it there.</summary>
    public const string WorkerVariable = "CONCURRENCY_ANALYZERS_WORKER";

    /// <summary>Tells a program's Main that it is a worker.</summary>
    public const string WorkerArgument = "--concurrency-analyzers-worker";

    private const string HookVariable = "DOTNET_STARTUP_HOOKS";

    private readonly string _fileName;
    private readonly string[] _arguments;
    private readonly Dictionary<string, string?> _environment = [];

    private WorkerLaunch(string fileName, string[] arguments, bool byHook)
    {
        _fileName = fileName;
        _arguments = byHook ? arguments : [.. arguments, WorkerArgument];
        if (byHook)
        {
            Set(WorkerVariable, "1");
            Set(HookVariable, LocationOf(typeof(WorkerLaunch).Assembly) is { Length: > 0 } path ? path : typeof(WorkerLaunch).Assembly.GetName().Name!);
        }
    }

    /// <summary>The variables that a worker gets other than its parent has them, with the parent's values.</summary>
    public Dictionary<string, string?> ParentEnvironment { get; } = [];

    /// <summary>Finds out how this process was started.</summary>
    /// <exception cref="PlatformNotSupportedException">This program can't be started again as a worker; the message says what to do.</exception>
    public static WorkerLaunch Discover(ProcessExecutorOptions options)
    {
        if (Environment.GetEnvironmentVariable(WorkerVariable) is not null)
        {
            throw new PlatformNotSupportedException(
                "This process was started as a worker, but its start-up hook was not run, and Main was. Begin Main with: if (ProcessWorker.RunIfWorker(args)) return;");
        }

        if (!RuntimeFeature.IsDynamicCodeSupported)
            throw new PlatformNotSupportedException("Worker processes need metadata tokens, which a program compiled ahead of time doesn't keep.");
        var launch = Discover();
        if (options.MemoryLimit is { } limit)
            launch.Set("DOTNET_GCHeapHardLimit", (limit / 5 * 4).ToString("x"));
        launch.Set("DOTNET_gcServer", "0");
        if (!options.AllowDiagnostics)
            launch.Set("DOTNET_EnableDiagnostics", "0");
        return launch;
    }

    public ProcessStartInfo ToStartInfo()
    {
        var start = new ProcessStartInfo(_fileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var argument in _arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        return start;
    }

    private static WorkerLaunch Discover()
    {
        var byHook = !AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out var supported) || supported;
        if (!byHook && !ProcessWorker.IsGuarded)
        {
            throw new PlatformNotSupportedException(
                "This program is published without start-up hooks (trimmed, or StartupHookSupport is false), so it can't be started as a worker around its Main. "
                + "Begin Main with: if (ProcessWorker.RunIfWorker(args)) return;");
        }

        var host = Environment.ProcessPath;
        var entry = Assembly.GetEntryAssembly();
        var entryPath = entry is null ? "" : LocationOf(entry);
        if (host is not null && entry is not null && entryPath.Length == 0)
            return new WorkerLaunch(host, [], byHook); // A single file.

        // The first of these is the program's, under a test host too, where the entry assembly is the host's.
        var dependencies = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string)?.Split(';')[0];
        var main = dependencies is null ? null : Path.ChangeExtension(Path.ChangeExtension(dependencies, null), ".dll");
        if (main is null || !File.Exists(main))
            main = entryPath;
        if (host is not null && main.Length > 0 && Path.GetFileNameWithoutExtension(host) == Path.GetFileNameWithoutExtension(main) && !IsMuxer(host))
            return new WorkerLaunch(host, [], byHook);

        var muxer = IsMuxer(host) ? host : FindMuxer();
        if (muxer is null || main.Length == 0)
            throw new PlatformNotSupportedException($"A worker is this program started again, and how this one was started can't be found out ({host ?? "no path"}).");
        List<string> arguments = ["exec"];
        if (Path.ChangeExtension(main, ".runtimeconfig.json") is var configuration && File.Exists(configuration))
            arguments.AddRange(["--runtimeconfig", configuration]);
        if (File.Exists(dependencies))
            arguments.AddRange(["--depsfile", dependencies!]);
        return new WorkerLaunch(muxer, [.. arguments, main], byHook);
    }

    private static bool IsMuxer([NotNullWhen(true)] string? path) => Path.GetFileNameWithoutExtension(path) == "dotnet";

    // <root>/shared/Microsoft.NETCore.App/<version>/
    private static string? FindMuxer()
    {
        var path = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(path) ? path : null;
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "An empty location is how a single file is told apart.")]
    private static string LocationOf(Assembly assembly) => assembly.Location;

    private void Set(string name, string value)
    {
        _environment[name] = value;
        ParentEnvironment[name] = Environment.GetEnvironmentVariable(name);
    }
}
