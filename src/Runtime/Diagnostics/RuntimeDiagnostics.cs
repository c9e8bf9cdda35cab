using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>The names under which this library publishes metrics and activities.</summary>
/// <remarks>
/// Nothing is measured, and nothing allocated, while no listener is subscribed. The instruments, their units and
/// their tags are listed in docs/runtime/diagnostics.md. All members are safe for concurrent use.
/// </remarks>
public static class RuntimeDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>; hand it to <c>AddMeter</c> or a <see cref="MeterListener"/>.</summary>
    public const string MeterName = "ConcurrencyAnalyzers.Runtime";

    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>; hand it to <c>AddSource</c> or an <see cref="ActivityListener"/>.</summary>
    public const string ActivitySourceName = "ConcurrencyAnalyzers.Runtime";

    internal const string Prefix = "concurrency_analyzers.";

    internal static Meter RuntimeMeter { get; } = new(MeterName, Version);

    internal static ActivitySource ActivitySource { get; } = new(ActivitySourceName, Version);

    private static string? Version => typeof(RuntimeDiagnostics).Assembly.GetName().Version?.ToString(3);

    internal static Histogram<double> CreateDuration(string name, string description)
    {
#if NET9_0_OR_GREATER
        // The collectors' default boundaries are made for milliseconds; ours count seconds.
        return RuntimeMeter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300],
        });
#else
        return RuntimeMeter.CreateHistogram<double>(name, "s", description);
#endif
    }

    /// <summary>Starts an activity as a child of the current one; null, at no cost, when nobody listens.</summary>
    /// <remarks>Call it inside the ExecutionContext of the work, and <see cref="Stop"/> before that work is left.</remarks>
    internal static Activity? Start(string activity)
    {
        if (!ActivitySource.HasListeners())
            return null;

        try
        {
            return ActivitySource.StartActivity(activity);
        }
        catch (Exception)
        {
            // A listener that throws must not change what the work does.
            return null;
        }
    }

    /// <summary>Ends what <see cref="Start"/> began; an error that is no cancellation marks the activity as failed.</summary>
    internal static void Stop(Activity? activity, Exception? error = null)
    {
        if (activity is null)
            return;

        try
        {
            if (error is not (null or OperationCanceledException))
            {
                activity.SetTag(Tags.ErrorType, error.GetType().FullName);
                activity.SetStatus(ActivityStatusCode.Error);
            }

            activity.Dispose();
        }
        catch (Exception)
        {
            // As in Start.
        }
    }

    /// <summary>Tag keys and values.</summary>
    internal static class Tags
    {
        public const string Kind = Prefix + "kind";
        public const string Name = Prefix + "name";
        public const string Outcome = Prefix + "outcome";
        public const string State = Prefix + "state";
        public const string ErrorType = "error.type";

        public const string Succeeded = "succeeded";
        public const string Failed = "failed";
        public const string Canceled = "canceled";
        public const string Rejected = "rejected";

        public static string Of(OutcomeStatus status) => status switch
        {
            OutcomeStatus.Succeeded => Succeeded,
            OutcomeStatus.Failed => Failed,
            _ => Canceled,
        };

        /// <summary>The tags that say which instance was measured; an instance without a name has its kind alone.</summary>
        public static TagList For(string kind, string? name)
        {
            var tags = new TagList { { Kind, kind } };
            if (name is not null)
                tags.Add(Name, name);
            return tags;
        }
    }
}
