using System.Collections.Concurrent;
using System.Diagnostics;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>What the executors say of their items through the meter and the activity source.</summary>
[Collection(ListensToDiagnostics.Name)]
public sealed class ExecutorDiagnosticsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Each_item_is_counted_and_timed_by_how_it_ended(ExecutorKind kind)
    {
        var name = $"{nameof(Each_item_is_counted_and_timed_by_how_it_ended)} {kind}";
        var tag = kind == ExecutorKind.Async ? "kind=async" : "kind=thread";
        var error = $"error.type={typeof(BoomException).FullName} {tag} outcome=failed";
        using var recorder = new MeterRecorder(name);
        using var cancellation = new CancellationTokenSource();
        await using var executor = kind.Create(1, options =>
        {
            (options.Name, options.TimeProvider) = (name, _time);
            (options.QueueCapacity, options.QueueFullMode) = (2, QueueFullMode.Reject);
        });
        var running = executor.Gate();
        await running.StartedAsync();
        var canceled = executor.Gate(cancellation.Token);
        var queued = executor.Gate();
        Assert.Throws<QueueFullException>(() => { executor.Gate(); });
        AssertMeasured(
            recorder,
            new("executor.active_items", 1, tag),
            new("executor.items", 1, $"{tag} outcome=rejected"),
            new("executor.queued_items", 2, tag),
            new("executor.wait.duration", 0, tag));

        _time.Advance(Second);
        await cancellation.CancelAsync();
        await canceled.Task.EndedAsync();
        AssertMeasured(
            recorder,
            new("executor.active_items", 1, tag),
            new("executor.items", 1, $"{tag} outcome=canceled"),
            new("executor.queued_items", 1, tag));

        _time.Advance(2 * Second);
        running.Fail(new BoomException());
        await running.Task.EndedAsync();
        await queued.StartedAsync();
        AssertMeasured(
            recorder,
            new("executor.active_items", 1, tag),
            new("executor.items", 1, error),
            new("executor.queued_items", 0, tag),
            new("executor.run.duration", 3, error),
            new("executor.wait.duration", 3, tag));

        _time.Advance(Second);
        queued.End();
        await queued.Task.Bounded();
        AssertMeasured(
            recorder,
            new("executor.active_items", 0, tag),
            new("executor.items", 1, $"{tag} outcome=succeeded"),
            new("executor.queued_items", 0, tag),
            new("executor.run.duration", 1, $"{tag} outcome=succeeded"));

        await executor.ShutdownAsync().Bounded();
        AssertMeasured(recorder);
    }

    [Fact]
    public async Task An_item_whose_thread_could_not_be_initialized_is_counted_as_failed()
    {
        using var recorder = new MeterRecorder(nameof(An_item_whose_thread_could_not_be_initialized_is_counted_as_failed));
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 1,
            Name = nameof(An_item_whose_thread_could_not_be_initialized_is_counted_as_failed),
            Initializer = () => throw new BoomException(),
        });
        await Assert.ThrowsAsync<BrokenExecutorException>(() => executor.RunAsync(() => { }).Bounded());
        Assert.Contains(new Measured("executor.items", 1, $"error.type={typeof(BoomException).FullName} kind=thread outcome=failed"), recorder.Take());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Each_item_has_an_activity_under_that_of_its_submitter(ExecutorKind kind)
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RuntimeDiagnostics.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var executor = kind.Create(1);
        var (first, firstStarter) = await SubmitAsync();
        var (second, secondStarter) = await SubmitAsync();
        first.End();
        second.Fail(new BoomException());
        await second.Task.EndedAsync();
        await executor.ShutdownAsync().Bounded();

        var activities = ended.Where(static activity => activity.OperationName == "executor.run").ToArray();
        Assert.Equal([firstStarter, secondStarter], activities.Select(static activity => activity.ParentSpanId));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], activities.Select(static activity => activity.Status));
        Assert.Equal([null, typeof(BoomException).FullName], activities.Select(static activity => activity.GetTagItem("error.type")));

        async Task<(Gated Item, ActivitySpanId Starter)> SubmitAsync()
        {
            using var starter = new Activity("starter").Start();
            var item = executor.Gate();
            if (executor.GetSnapshot().Queued == 0)
                await item.StartedAsync();
            Assert.Same(starter, Activity.Current);
            return (item, starter.SpanId);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Work_sees_its_own_activity_and_leaves_none_to_the_next(ExecutorKind kind)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RuntimeDiagnostics.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var executor = kind.Create(1);
        var seen = new List<Activity?>();
        await foreach (var activity in executor.MapAsync(Enumerable.Range(0, 3), static (_, _) => Task.FromResult(Activity.Current)))
            seen.Add(activity);

        Assert.Equal(3, seen.Distinct().Count());
        Assert.All(seen, static activity => Assert.Equal(("executor.run", default), (activity!.OperationName, activity.ParentSpanId)));
        Assert.Null(Activity.Current);
    }

    private static void AssertMeasured(MeterRecorder recorder, params Measured[] expected) =>
        Assert.Equal(expected, recorder.Take().OrderBy(static measured => measured.Instrument, StringComparer.Ordinal).ThenBy(static measured => measured.Value));
}
