using System.Diagnostics.CodeAnalysis;
using ConcurrencyAnalyzers.Runtime;

/// <summary>The runtime calls this before Main where DOTNET_STARTUP_HOOKS names this assembly; name and place are the runtime's choice.</summary>
#pragma warning disable CA1050 // The runtime looks for the type outside of any namespace.
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>Makes the process a worker, if its parent started it as one, and then never returns.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A trimmed program has no start-up hooks.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "A program compiled ahead of time has no start-up hooks.")]
    internal static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(WorkerLaunch.WorkerVariable) is not null)
            WorkerHost.Run();
    }
}
