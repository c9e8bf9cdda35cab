namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

/// <summary>How many times as much the stresses of this folder do: PROCESS_STRESS, 1 where it isn't set.</summary>
internal static class StressScale
{
    public static int Factor { get; } = int.TryParse(Environment.GetEnvironmentVariable("PROCESS_STRESS"), out var factor) ? factor : 1;
}
