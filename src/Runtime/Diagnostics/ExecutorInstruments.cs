using System.Diagnostics;
using System.Diagnostics.Metrics;
using static ConcurrencyAnalyzers.Runtime.RuntimeDiagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What an executor lets the observable instruments read; called at any time, on any thread.</summary>
internal interface IObservedExecutor
{
    /// <summary>Items that wait to start.</summary>
    long QueuedItems { get; }

    /// <summary>Items that run.</summary>
    long ActiveItems { get; }
}

/// <summary>The measurements of one executor. Listeners run inside these calls: never make them under a lock.</summary>
/// <example><code>
/// long queuedAt = instruments.Queued();             // at submission
/// long startedAt = instruments.Started(queuedAt);   // where the work begins
/// var activity = RuntimeDiagnostics.Start(ExecutorInstruments.RunActivity);
/// RuntimeDiagnostics.Stop(activity, error);
/// instruments.Ended(startedAt, status, error);
/// </code></example>
internal sealed class ExecutorInstruments
{
    public const string Thread = "thread";
    public const string Async = "async";
    public const string Process = "process";

    /// <summary>The activity around one item's work.</summary>
    public const string RunActivity = "executor.run";

    private static readonly ObservedInstances<IObservedExecutor, ExecutorInstruments> Executors = new();

    private static readonly Counter<long> Items = RuntimeMeter.CreateCounter<long>(
        Prefix + "executor.items", "{item}", "Items that ended or were rejected, by outcome.");

    private static readonly Histogram<double> WaitDuration = CreateDuration(
        Prefix + "executor.wait.duration", "Time from an item's submission to its start.");

    private static readonly Histogram<double> RunDuration = CreateDuration(
        Prefix + "executor.run.duration", "Time that an item's work ran.");

    private readonly string _kind;
    private readonly string? _name;
    private readonly TimeProvider _time;

    static ExecutorInstruments()
    {
        RuntimeMeter.CreateObservableUpDownCounter(
            Prefix + "executor.queued_items",
            static () => Executors.Sum(static (_, it) => (it._kind, it._name, null), static executor => executor.QueuedItems),
            "{item}",
            "Items that wait to start.");
        RuntimeMeter.CreateObservableUpDownCounter(
            Prefix + "executor.active_items",
            static () => Executors.Sum(static (_, it) => (it._kind, it._name, null), static executor => executor.ActiveItems),
            "{item}",
            "Items that run.");
    }

    private ExecutorInstruments(string kind, string? name, TimeProvider time)
    {
        _kind = kind;
        _name = name;
        _time = time;
    }

    /// <summary>Makes an executor visible; it is held weakly.</summary>
    public static ExecutorInstruments Attach(IObservedExecutor executor, string kind, string? name, TimeProvider time)
    {
        var instruments = new ExecutorInstruments(kind, name, time);
        Executors.Add(executor, instruments);
        return instruments;
    }

    /// <summary>Takes an executor out of the observable instruments, when its shutdown has ended.</summary>
    public static void Detach(IObservedExecutor executor) => Executors.Remove(executor);

    /// <summary>An item was submitted; hand the result to <see cref="Started"/>.</summary>
    public long Queued() => WaitDuration.Enabled ? _time.GetTimestamp() : DurationClock.NotMeasured;

    /// <summary>An item begins to run; hand the result to <see cref="Ended"/>.</summary>
    public long Started(long queuedAt)
    {
        if (WaitDuration.Enabled && DurationClock.TryGetSeconds(_time, queuedAt, out var seconds))
            Record(WaitDuration, seconds, outcome: null, error: null);
        return RunDuration.Enabled ? _time.GetTimestamp() : DurationClock.NotMeasured;
    }

    /// <summary>An item ended; one that was cancelled before it started has no start (<see cref="DurationClock.NotMeasured"/>).</summary>
    public void Ended(long startedAt, OutcomeStatus status, Exception? error = null)
    {
        if (RunDuration.Enabled && DurationClock.TryGetSeconds(_time, startedAt, out var seconds))
            Record(RunDuration, seconds, Tags.Of(status), error);
        if (Items.Enabled)
            Count(Tags.Of(status), error);
    }

    /// <summary>An item was refused: the queue was full, or the executor's limiter or breaker said no.</summary>
    public void Rejected()
    {
        if (Items.Enabled)
            Count(Tags.Rejected, error: null);
    }

    private void Count(string outcome, Exception? error)
    {
        var tags = TagsOf(outcome, error);
        try
        {
            Items.Add(1, in tags);
        }
        catch (Exception)
        {
            // A listener that throws must not change how an item ends.
        }
    }

    private void Record(Histogram<double> duration, double seconds, string? outcome, Exception? error)
    {
        var tags = TagsOf(outcome, error);
        try
        {
            duration.Record(seconds, in tags);
        }
        catch (Exception)
        {
            // As in Count.
        }
    }

    private TagList TagsOf(string? outcome, Exception? error)
    {
        var tags = Tags.For(_kind, _name);
        if (outcome is not null)
            tags.Add(Tags.Outcome, outcome);
        if (outcome == Tags.Failed && error is not null)
            tags.Add(Tags.ErrorType, error.GetType().FullName);
        return tags;
    }
}
