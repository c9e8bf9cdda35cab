using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;

[Collection(ListensToDiagnostics.Name)]
public sealed class InstrumentTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void An_executors_items_are_counted_and_timed()
    {
        var name = nameof(An_executors_items_are_counted_and_timed);
        using var recorder = new MeterRecorder(name);
        var executor = new Executor { QueuedItems = 3, ActiveItems = 2 };
        var instruments = ExecutorInstruments.Attach(executor, ExecutorInstruments.Async, name, _time);
        var queuedAt = instruments.Queued();
        _time.Advance(2 * Second);
        var startedAt = instruments.Started(queuedAt);
        _time.Advance(3 * Second);
        instruments.Ended(startedAt, OutcomeStatus.Failed, new TimeoutException());
        instruments.Rejected();

        Assert.Equal(
            [
                new("executor.wait.duration", 2, "kind=async"),
                new("executor.run.duration", 3, "error.type=System.TimeoutException kind=async outcome=failed"),
                new("executor.items", 1, "error.type=System.TimeoutException kind=async outcome=failed"),
                new("executor.items", 1, "kind=async outcome=rejected"),
                new("executor.active_items", 2, "kind=async"),
                new("executor.queued_items", 3, "kind=async"),
            ],
            recorder.Take().OrderBy(measured => measured.Instrument.EndsWith("_items", StringComparison.Ordinal) ? measured.Instrument : ""));
        GC.KeepAlive(executor);
    }

    [Fact]
    public void Executors_of_one_name_add_up_until_they_are_detached()
    {
        var name = nameof(Executors_of_one_name_add_up_until_they_are_detached);
        using var recorder = new MeterRecorder(name);
        var first = new Executor { QueuedItems = 3 };
        var second = new Executor { QueuedItems = 4 };
        ExecutorInstruments.Attach(first, ExecutorInstruments.Thread, name, _time);
        ExecutorInstruments.Attach(second, ExecutorInstruments.Thread, name, _time);
        Assert.Contains(new("executor.queued_items", 7, "kind=thread"), recorder.Take());
        ExecutorInstruments.Detach(first);

        Assert.Contains(new("executor.queued_items", 4, "kind=thread"), recorder.Take());
        ExecutorInstruments.Detach(second);
        Assert.Empty(recorder.Take());
    }

    [Fact]
    public void A_forgotten_executor_is_collected_and_no_longer_observed()
    {
        var name = nameof(A_forgotten_executor_is_collected_and_no_longer_observed);
        using var recorder = new MeterRecorder(name);
        var forgotten = AttachAndForget(name);
        for (var i = 0; i < 100 && forgotten.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(forgotten.IsAlive);
        Assert.Empty(recorder.Take());
    }

    [Fact]
    public void A_wait_that_began_unmeasured_has_no_duration()
    {
        var name = nameof(A_wait_that_began_unmeasured_has_no_duration);
        var executor = new Executor();
        var instruments = ExecutorInstruments.Attach(executor, ExecutorInstruments.Thread, name, _time);
        var queuedAt = instruments.Queued();
        using var recorder = new MeterRecorder(name);
        instruments.Ended(instruments.Started(queuedAt), OutcomeStatus.Succeeded);

        Assert.DoesNotContain(recorder.Take(), measured => measured.Instrument == "executor.wait.duration");
        GC.KeepAlive(executor);
    }

    [Fact]
    public void A_limiters_permits_are_counted_and_its_waits_timed()
    {
        var name = nameof(A_limiters_permits_are_counted_and_its_waits_timed);
        using var recorder = new MeterRecorder(name);
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 5, QueueLimit = 2 });
        using var lease = limiter.AttemptAcquire(3);
        var instruments = LimiterInstruments.Attach(limiter, LimiterInstruments.Interval, name, _time);
        instruments.Acquired(3);
        var queuedAt = instruments.Queued();
        _time.Advance(Second);
        instruments.Acquired(2, queuedAt);
        instruments.Rejected(4);
        instruments.Canceled(1);

        Assert.Equal(
            [
                new("limiter.available_permits", 2, "kind=interval"),
                new("limiter.permits", 1, "kind=interval outcome=canceled"),
                new("limiter.permits", 2, "kind=interval outcome=acquired"),
                new("limiter.permits", 3, "kind=interval outcome=acquired"),
                new("limiter.permits", 4, "kind=interval outcome=rejected"),
                new("limiter.queued_permits", 0, "kind=interval"),
                new("limiter.wait.duration", 1, "kind=interval"),
            ],
            recorder.Take().OrderBy(measured => measured.Instrument, StringComparer.Ordinal).ThenBy(measured => measured.Value));
        LimiterInstruments.Detach(limiter);
        Assert.Empty(recorder.Take());
    }

    [Fact]
    public void A_disposed_limiter_hides_no_other()
    {
        var name = nameof(A_disposed_limiter_hides_no_other);
        using var recorder = new MeterRecorder(name);
        var disposed = new ConcurrencyLimiter(new() { PermitLimit = 5 });
        using var other = new ConcurrencyLimiter(new() { PermitLimit = 7 });
        LimiterInstruments.Attach(disposed, LimiterInstruments.Interval, name, _time);
        LimiterInstruments.Attach(other, LimiterInstruments.Interval, name, _time);
        disposed.Dispose();

        Assert.Contains(new("limiter.available_permits", 7, "kind=interval"), recorder.Take());
        GC.KeepAlive(disposed);
    }

    [Fact]
    public void A_breakers_state_calls_and_transitions_are_published()
    {
        var name = nameof(A_breakers_state_calls_and_transitions_are_published);
        using var recorder = new MeterRecorder(name);
        var breaker = new Breaker { StateName = BreakerInstruments.Open };
        var instruments = BreakerInstruments.Attach(breaker, name);
        instruments.Called(OutcomeStatus.Succeeded);
        instruments.Rejected();
        instruments.Transitioned(BreakerInstruments.HalfOpen);

        Assert.Equal(
            [
                new("circuit_breaker.calls", 1, "kind=circuit_breaker outcome=succeeded"),
                new("circuit_breaker.calls", 1, "kind=circuit_breaker outcome=rejected"),
                new("circuit_breaker.transitions", 1, "kind=circuit_breaker state=half_open"),
                new("circuit_breaker.state", 0, "kind=circuit_breaker state=closed"),
                new("circuit_breaker.state", 0, "kind=circuit_breaker state=half_open"),
                new("circuit_breaker.state", 1, "kind=circuit_breaker state=open"),
                new("circuit_breaker.state", 0, "kind=circuit_breaker state=isolated"),
            ],
            recorder.Take());
        GC.KeepAlive(breaker);
    }

    [Fact]
    public void While_nobody_listens_nothing_is_allocated()
    {
        var executor = new Executor();
        var executors = ExecutorInstruments.Attach(executor, ExecutorInstruments.Async, "silent", _time);
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1 });
        var limiters = LimiterInstruments.Attach(limiter, LimiterInstruments.Interval, "silent", _time);
        var breaker = new Breaker { StateName = BreakerInstruments.Closed };
        var breakers = BreakerInstruments.Attach(breaker, "silent");

        void Measure()
        {
            executors.Ended(executors.Started(executors.Queued()), OutcomeStatus.Succeeded);
            executors.Rejected();
            limiters.Acquired(1, limiters.Queued());
            limiters.Rejected(1);
            breakers.Called(OutcomeStatus.Succeeded);
            breakers.Transitioned(BreakerInstruments.Open);
            DeadlineInstruments.Expired();
            RuntimeDiagnostics.Stop(RuntimeDiagnostics.Start("silent"));
        }

        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            Measure();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        GC.KeepAlive((executor, breaker));
    }

    [Fact]
    public void A_listener_that_throws_changes_nothing()
    {
        var executor = new Executor();
        var executors = ExecutorInstruments.Attach(executor, ExecutorInstruments.Async, "throwing", _time);
        var breaker = new Breaker { StateName = BreakerInstruments.Closed };
        var breakers = BreakerInstruments.Attach(breaker, "throwing");
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 1 });
        var limiters = LimiterInstruments.Attach(limiter, LimiterInstruments.Interval, "throwing", _time);
        var heard = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == RuntimeDiagnostics.MeterName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        void Throw() => throw new InvalidOperationException($"listener {++heard}");
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Throw());
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Throw());
        listener.Start();

        executors.Ended(executors.Started(executors.Queued()), OutcomeStatus.Succeeded);
        breakers.Called(OutcomeStatus.Failed);
        limiters.Acquired(1, limiters.Queued());
        DeadlineInstruments.Expired();
        Assert.Equal(7, heard);
        GC.KeepAlive((executor, breaker));
    }

    [Fact]
    public async Task Children_and_deadlines_have_activities_under_that_of_their_starter()
    {
        var ended = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RuntimeDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var starter = new Activity("starter").Start();
        var group = new TaskGroup();
        group.Run(token => Deadline.RunAsync(_ => Task.CompletedTask, Second, token));
        await group.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Deadline.RunAsync(_ => throw new InvalidOperationException(), Second));
        Assert.Same(starter, Activity.Current);

        var child = Assert.Single(ended, activity => activity.OperationName == "task_group.run");
        var deadlines = ended.Where(activity => activity.OperationName == "deadline.run").ToList();
        Assert.Equal(2, deadlines.Count);
        Assert.Equal(starter.SpanId, child.ParentSpanId);
        Assert.Equal(child.SpanId, deadlines[0].ParentSpanId);
        Assert.Equal((ActivityStatusCode.Unset, null), (deadlines[0].Status, deadlines[0].GetTagItem("error.type")));
        Assert.Equal((ActivityStatusCode.Error, "System.InvalidOperationException"), (deadlines[1].Status, deadlines[1].GetTagItem("error.type")));
    }

    [Fact]
    public async Task An_expired_deadline_is_counted()
    {
        var expired = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "concurrency_analyzers.deadline.expirations")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref expired, value));
        listener.Start();
        var run = Deadline.RunAsync(token => Task.Delay(Timeout.Infinite, token), Second, new DeadlineOptions { TimeProvider = _time });
        _time.Advance(Second);
        await run.EndedAsync();
        await Deadline.RunAsync(_ => Task.CompletedTask, TimeSpan.Zero).EndedAsync();

        Assert.Equal(2, expired);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference AttachAndForget(string name)
    {
        var executor = new Executor { QueuedItems = 1 };
        ExecutorInstruments.Attach(executor, ExecutorInstruments.Thread, name, _time);
        return new WeakReference(executor);
    }

    private sealed class Executor : IObservedExecutor
    {
        public long QueuedItems { get; init; }

        public long ActiveItems { get; init; }
    }

    private sealed class Breaker : IObservedBreaker
    {
        public required string StateName { get; init; }
    }
}
