using ConcurrencyAnalyzers.Options;
using ConcurrencyAnalyzers.Semantics;
using Microsoft.CodeAnalysis.Diagnostics;

namespace ConcurrencyAnalyzers.Editing;

/// <summary>How many elements a fix lets run together.</summary>
internal static class FanOutLimit
{
    /// <summary>
    /// The default; of fewer elements than that, but too many to start together, as many as may start together. Null
    /// where no number would hold anything back.
    /// </summary>
    public static int? Of(SequenceBound bound, AnalyzerConfigOptions options)
    {
        var limit = ConcurrencyOptions.DefaultMaxConcurrency.In(options);
        var threshold = ConcurrencyOptions.UnboundedThreshold.In(options);
        if (bound.Count is not { } count || count > limit || count <= threshold)
            return limit;

        return threshold > 0 ? threshold : null;
    }
}
