using System.Diagnostics.Metrics;
using static ConcurrencyAnalyzers.Runtime.RuntimeDiagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The measurements of deadlines.</summary>
internal static class DeadlineInstruments
{
    public const string RunActivity = "deadline.run";

    private static readonly Counter<long> Expirations = RuntimeMeter.CreateCounter<long>(
        Prefix + "deadline.expirations", "{expiration}", "Deadlines that expired before their work ended.");

    public static void Expired()
    {
        if (!Expirations.Enabled)
            return;

        try
        {
            Expirations.Add(1);
        }
        catch (Exception)
        {
            // A listener that throws must not change how a deadline ends.
        }
    }
}
