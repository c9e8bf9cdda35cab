using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;
using static ConcurrencyAnalyzers.Runtime.Tests.Conformance.TaskGroupConformanceTests;

namespace ConcurrencyAnalyzers.Runtime.Tests.Timeouts;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    private DeadlineOptions Await => new() { TimeProvider = _time };

    private DeadlineOptions Abandon => new() { TimeProvider = _time, OnExpiry = DeadlineExpiry.Abandon };

    [Fact]
    public async Task Nothing_expires_a_tick_before_its_time()
    {
        var run = Deadline.RunAsync(ForeverAsync, Second, Await);
        _time.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Equal(1, _time.ArmedTimers);
        _time.Advance(TimeSpan.FromTicks(1));

        await run.EndedAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => run);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task A_wall_clock_set_forward_or_back_changes_nothing()
    {
        var gate = new TaskCompletionSource();
        Deadline? deadline = null;
        var run = Deadline.RunAsync((self, _) => { deadline = self; return gate.Task; }, Second, Await);
        _time.SetUtcNow(_time.GetUtcNow().AddDays(1));
        Assert.Equal((false, Second), (deadline!.HasExpired, deadline.Remaining));
        _time.SetUtcNow(_time.GetUtcNow().AddDays(-2));
        _time.Advance(Second);
        Assert.Equal((true, TimeSpan.Zero), (deadline.HasExpired, deadline.Remaining));
        gate.SetResult();

        await run.Bounded();
    }

    [Fact]
    public async Task A_timer_that_fires_early_is_set_again()
    {
        var early = new EarlyTimeProvider();
        Deadline? deadline = null;
        var gate = new TaskCompletionSource();
        var run = Deadline.RunAsync((self, _) => { deadline = self; return gate.Task; }, Second, new DeadlineOptions { TimeProvider = early });
        early.Fire(at: TimeSpan.FromMilliseconds(999.5));
        Assert.False(deadline!.HasExpired);
        Assert.Equal(TimeSpan.FromMilliseconds(1), early.Due);
        early.Fire(at: Second);
        Assert.True(deadline.HasExpired);
        gate.SetResult();

        await run.Bounded();
    }

    /// <summary>The clock's last use comes after the expiry and before the deadline looks whether the work has ended; here it ends in between.</summary>
    [Fact]
    public async Task Abandon_waits_for_no_callback_of_the_token()
    {
        using var gate = new SemaphoreSlim(0);
        var work = new TaskCompletionSource();
        var time = new EarlyTimeProvider { OnDispose = () => work.TrySetCanceled() };
        var run = Deadline.RunAsync(
            token =>
            {
                token.Register(() => gate.Wait(TimeSpan.FromMinutes(2)));
                return work.Task;
            },
            Second,
            new DeadlineOptions { TimeProvider = time, OnExpiry = DeadlineExpiry.Abandon });
        time.Fire(at: Second);
        await run.EndedAsync();
        gate.Release();
        await Assert.ThrowsAsync<TimeoutException>(() => run);
    }

    /// <summary>A clock with a lock of its own, held while it answers and while its timer fires, as a fake of somebody's may do.</summary>
    [Fact]
    public async Task Whoever_holds_the_clock_may_use_the_deadline()
    {
        var time = new LockingTimeProvider();
        Deadline? deadline = null;
        var gate = new TaskCompletionSource();
        var run = Deadline.RunAsync((self, _) => { deadline = self; return gate.Task; }, Second, new DeadlineOptions { TimeProvider = time });
        var moving = Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                deadline!.Reschedule(Second + TimeSpan.FromTicks(i));
                _ = deadline.Remaining;
            }
        }, TestContext.Current.CancellationToken);
        var firing = Task.Run(() =>
        {
            while (!moving.IsCompleted)
                time.Fire();
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(moving, firing).Bounded();
        Assert.InRange(time.Due, Second + TimeSpan.FromTicks(1_999), Second + TimeSpan.FromMilliseconds(1)); // A timer that fired early is set to whole milliseconds.
        gate.SetResult();
        await run.Bounded();
        Assert.True(time.IsDisposed);
    }

    [Fact]
    public async Task Expiry_then_cancellation_by_the_caller_surfaces_as_the_callers()
    {
        using var caller = new CancellationTokenSource();
        var run = StubbornlyCanceledAsync(caller, out var gate);
        _time.Advance(Second);
        await caller.CancelAsync();
        gate.SetResult();

        await CanceledByAsync(run, caller.Token);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_then_expiry_surfaces_as_the_callers()
    {
        using var caller = new CancellationTokenSource();
        var run = StubbornlyCanceledAsync(caller, out var gate);
        await caller.CancelAsync();
        _time.Advance(Second);
        gate.SetResult();

        await CanceledByAsync(run, caller.Token);
    }

    [Fact]
    public async Task A_fault_wins_over_the_callers_cancellation()
    {
        using var caller = new CancellationTokenSource();
        var run = Deadline.RunAsync(token => CrashWhenCanceledAsync("mine", token), Second, Await, caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAsync<BoomException>(() => run.Bounded());
    }

    [Fact]
    public async Task Work_that_heeds_the_callers_token_directly_surfaces_with_it()
    {
        using var caller = new CancellationTokenSource();
        var run = Deadline.RunAsync(_ => ForeverAsync(caller.Token), Second, Await, caller.Token);
        await caller.CancelAsync();

        await CanceledByAsync(run, caller.Token);
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_goes_before_a_timeout_of_zero()
    {
        var canceled = new CancellationToken(canceled: true);
        var started = false;
        var run = Deadline.RunAsync(_ => { started = true; return Task.CompletedTask; }, TimeSpan.Zero, Await, canceled);

        await CanceledByAsync(run, canceled);
        Assert.False(started);
    }

    [Fact]
    public async Task A_timeout_of_the_works_own_is_a_fault_like_any_other()
    {
        var own = new TimeoutException("database");
        var run = Deadline.RunAsync(
            async token =>
            {
                await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw own;
            },
            Second,
            Await);
        _time.Advance(Second);
        await run.EndedAsync();

        Assert.Same(own, await Assert.ThrowsAsync<TimeoutException>(() => run));
    }

    [Fact]
    public async Task Every_fault_of_work_that_is_itself_a_WhenAll_is_kept()
    {
        var run = Deadline.RunAsync(
            _ => Task.WhenAll(Task.FromException<int>(new BoomException("one")), Task.FromException<int>(new BoomException("two"))),
            Second,
            Await);
        await run.EndedAsync();

        Assert.Equal(["one", "two"], run.Exception!.InnerExceptions.Select(error => error.Message));
    }

    [Fact]
    public async Task A_throwing_callback_of_the_token_surfaces_with_the_works_fault()
    {
        var gate = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            async token =>
            {
                token.Register(() => throw new BoomException("callback"));
                await gate.Task;
            },
            Second,
            Await);
        _time.Advance(Second);
        gate.SetException(new BoomException("work"));

        await FaultsAsync(() => run, "work", "callback");
    }

    [Fact]
    public async Task Abandon_returns_at_expiry_and_observes_what_comes_late()
    {
        var name = Guid.NewGuid().ToString();
        var unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            if (args.Exception.Flatten().InnerExceptions.Any(error => error.Message == name))
                Interlocked.Increment(ref unobserved);
        }

        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            await AbandonAsync(name);
            for (var i = 0; i < 5; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }

        Assert.Equal(0, unobserved);
    }

    [Fact]
    public async Task Abandon_cancels_the_work_all_the_same()
    {
        var canceled = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            token =>
            {
                token.Register(canceled.SetResult);
                return new TaskCompletionSource().Task;
            },
            Second,
            Abandon);
        _time.Advance(Second);
        await run.EndedAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => run);
        await canceled.Task.Bounded();
    }

    [Fact]
    public async Task Abandon_returns_at_the_callers_cancellation_too()
    {
        using var caller = new CancellationTokenSource();
        var run = Deadline.RunAsync(_ => new TaskCompletionSource<int>().Task, Second, Abandon, caller.Token);
        await caller.CancelAsync();

        await CanceledByAsync(run, caller.Token);
    }

    [Fact]
    public async Task Abandon_returns_a_result_that_comes_in_time()
    {
        var gate = new TaskCompletionSource<int>();
        var run = Deadline.RunAsync(_ => gate.Task, Second, Abandon);
        gate.SetResult(42);

        Assert.Equal(42, await run.Bounded());
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Work_sees_its_callers_context_and_the_timer_does_not_keep_it()
    {
        var local = new AsyncLocal<string> { Value = "caller" };
        var time = new ContextTimeProvider(local);
        var saw = await Deadline.RunAsync(_ => Task.FromResult(local.Value), Second, new DeadlineOptions { TimeProvider = time }).Bounded();

        Assert.Equal("caller", saw);
        Assert.Equal(["none"], time.ContextsOfTimers);
    }

    [Fact]
    public async Task A_delegate_that_returns_null_is_a_fault()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Deadline.RunAsync(_ => null!, Second, Await).Bounded());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Deadline.RunAsync<int>(_ => null!, Second, Await).Bounded());
    }

    [Fact]
    public async Task A_timeout_longer_than_a_timer_can_wait_is_refused()
    {
        var longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
        await Deadline.RunAsync(_ => Task.CompletedTask, longest, DeadlineOptions.Default).Bounded();

        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => { _ = Deadline.RunAsync(_ => Task.CompletedTask, longest + TimeSpan.FromTicks(1)); });
        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => { _ = Deadline.RunAsync(_ => Task.FromResult(1), TimeSpan.MaxValue); });
    }

    [Fact]
    public void Arguments_and_options_are_checked_at_once()
    {
        Assert.Throws<ArgumentNullException>("work", () => { _ = Deadline.RunAsync((Func<CancellationToken, Task>)null!, Second); });
        Assert.Throws<ArgumentNullException>("work", () => { _ = Deadline.RunAsync((Func<CancellationToken, Task<int>>)null!, Second); });
        Assert.Throws<ArgumentNullException>("work", () => { _ = Deadline.RunAsync((Func<Deadline, CancellationToken, Task>)null!, Second); });
        Assert.Throws<ArgumentNullException>("work", () => { _ = Deadline.RunAsync((Func<Deadline, CancellationToken, Task<int>>)null!, Second); });
        Assert.Throws<ArgumentOutOfRangeException>("OnExpiry", () => new DeadlineOptions { OnExpiry = (DeadlineExpiry)2 });
        Assert.Throws<ArgumentNullException>("TimeProvider", () => new DeadlineOptions { TimeProvider = null! });
    }

    [Fact]
    public async Task Expiry_racing_the_end_of_the_work_gives_its_result_or_a_timeout()
    {
        for (var round = 0; round < 500; round++)
        {
            var time = new ManualTimeProvider();
            var gate = new TaskCompletionSource<int>();
            var run = Deadline.RunAsync(token => gate.Task.WaitAsync(token), Second, new DeadlineOptions { TimeProvider = time });
            await Task.WhenAll(Task.Run(() => time.Advance(Second)), Task.Run(() => gate.SetResult(round))).Bounded();
            await run.EndedAsync();

            if (!run.IsCompletedSuccessfully)
                await Assert.ThrowsAsync<TimeoutException>(() => run);
            else
                Assert.Equal(round, await run);
            Assert.Equal(0, time.ArmedTimers);
        }
    }

    private Task StubbornlyCanceledAsync(CancellationTokenSource caller, out TaskCompletionSource gate)
    {
        var end = gate = new TaskCompletionSource();
        return Deadline.RunAsync(
            async token =>
            {
                await end.Task;
                token.ThrowIfCancellationRequested();
            },
            Second,
            Await,
            caller.Token);
    }

    private async Task AbandonAsync(string name)
    {
        var gate = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            async token =>
            {
                token.Register(() => throw new BoomException(name));
                await gate.Task;
                throw new BoomException(name);
            },
            Second,
            Abandon);
        _time.Advance(Second);
        await run.EndedAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => run);
        gate.SetResult();
    }

    /// <summary>Fires its one timer when told to, whatever the timer was set to.</summary>
    private sealed class EarlyTimeProvider : TimeProvider, ITimer
    {
        private Action? _fire;
        private long _now;

        public TimeSpan Due { get; private set; }

        public Action OnDispose { get; init; } = static () => { };

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            Due = dueTime;
            return this;
        }

        public void Fire(TimeSpan at)
        {
            _now = at.Ticks;
            _fire!();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose() => OnDispose();

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>Notes the context in which timers are created.</summary>
    private sealed class ContextTimeProvider(AsyncLocal<string> local) : TimeProvider
    {
        public List<string> ContextsOfTimers { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ContextsOfTimers.Add(ExecutionContext.Capture() is null ? "none" : local.Value!);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class LockingTimeProvider : TimeProvider, ITimer
    {
        private readonly object _lock = new();
        private TimerCallback? _callback;
        private object? _state;

        public TimeSpan Due { get; private set; }

        public bool IsDisposed { get; private set; }

        public override long GetTimestamp()
        {
            lock (_lock)
                return 1;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                (_callback, _state, Due) = (callback, state, dueTime);
                return this;
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
                Due = dueTime;
            return true;
        }

        public void Fire()
        {
            lock (_lock)
                _callback!(_state);
        }

        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
