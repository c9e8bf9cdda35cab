using ConcurrencyAnalyzers.TestKit;
using static ConcurrencyAnalyzers.Runtime.Tests.Conformance.TaskGroupConformanceTests;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of CPython's test_timeouts and test_waitfor.</summary>
public sealed class TimeoutConformanceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    private DeadlineOptions Options => new() { TimeProvider = _time };

    [Fact]
    public async Task Timeout_basic_and_waiter_cancelled_work_that_takes_too_long_is_cancelled_and_times_out()
    {
        var canceled = false;
        var run = Deadline.RunAsync(
            async token =>
            {
                try
                {
                    await ForeverAsync(token);
                }
                catch (OperationCanceledException)
                {
                    canceled = true;
                    throw;
                }
            },
            Second,
            Options);
        _time.Advance(Second);

        await TimesOutAsync(run);
        Assert.True(canceled);
    }

    [Fact]
    public async Task Timeout_not_called_work_that_ends_in_time_returns_and_leaves_no_timer()
    {
        var result = await Deadline.RunAsync(_ => Task.FromResult(42), Second, Options).Bounded();

        Assert.Equal(42, result);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Timeout_disabled_wait_for_blocking_and_none_timeout_no_limit_sets_no_timer()
    {
        var gate = new TaskCompletionSource<string>();
        var run = Deadline.RunAsync(_ => gate.Task, Timeout.InfiniteTimeSpan, Options);
        Assert.Equal(0, _time.CreatedTimers);
        gate.SetResult("done");

        Assert.Equal("done", await run.Bounded());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-11_000)]
    public async Task Timeout_less_then_0_or_0_coroutine_do_not_started(int milliseconds)
    {
        var started = false;
        var run = Deadline.RunAsync(_ => { started = true; return Task.CompletedTask; }, TimeSpan.FromMilliseconds(milliseconds), Options);

        await TimesOutAsync(run);
        Assert.False(started);
    }

    [Fact]
    public async Task Waits_for_task_cancellation_a_timeout_surfaces_after_the_work_has_ended()
    {
        var cleanup = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            async token =>
            {
                await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await cleanup.Task;
                token.ThrowIfCancellationRequested();
            },
            Second,
            Options);
        _time.Advance(Second);
        Assert.False(run.IsCompleted);
        cleanup.SetResult();

        var timeout = await TimesOutAsync(run);
        Assert.IsAssignableFrom<OperationCanceledException>(timeout.InnerException);
    }

    [Fact]
    public async Task Waits_for_task_cancellation_w_timeout_0_work_that_runs_already_is_awaited()
    {
        var cleanup = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            async (deadline, token) =>
            {
                deadline.Reschedule(TimeSpan.Zero);
                await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await cleanup.Task;
                token.ThrowIfCancellationRequested();
            },
            Second,
            Options);
        _time.Advance(TimeSpan.Zero);
        Assert.False(run.IsCompleted);
        cleanup.SetResult();

        await TimesOutAsync(run);
    }

    [Fact]
    public async Task Reraises_exception_during_cancellation_foreign_exception_on_timeout_a_fault_of_the_work_wins()
    {
        var run = Deadline.RunAsync(token => CrashWhenCanceledAsync("mine", token), Second, Options);
        _time.Advance(Second);

        Assert.Equal("mine", (await Assert.ThrowsAsync<BoomException>(() => run.Bounded())).Message);
    }

    [Fact]
    public async Task Foreign_exception_passed_a_fault_before_the_expiry_is_handed_on()
    {
        var run = Deadline.RunAsync(_ => throw new BoomException("mine"), Second, Options);

        Assert.Equal("mine", (await Assert.ThrowsAsync<BoomException>(() => run.Bounded())).Message);
    }

    [Fact]
    public async Task Cancel_suppressed_and_wait_for_cancellation_race_condition_a_late_result_wins()
    {
        var run = Deadline.RunAsync(
            async token =>
            {
                await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return 42;
            },
            Second,
            Options);
        _time.Advance(Second);

        Assert.Equal(42, await run.Bounded());
    }

    [Fact]
    public async Task Asyncio_wait_for_timeout_and_cancelled_work_that_ignores_its_token_is_awaited()
    {
        using var caller = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        var timedOut = Deadline.RunAsync(_ => gate.Task, Second, Options);
        var canceled = Deadline.RunAsync(_ => gate.Task, Second, Options, caller.Token);
        await caller.CancelAsync();
        _time.Advance(Second);
        Assert.False(timedOut.IsCompleted || canceled.IsCompleted);
        gate.SetResult();

        await timedOut.Bounded();
        await canceled.Bounded();
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(Timeout.Infinite)]
    public async Task Cancel_wait_for_and_cancel_blocking_wait_for_the_callers_cancellation_cancels_the_work(int milliseconds)
    {
        using var caller = new CancellationTokenSource();
        var token = CancellationToken.None;
        var run = Deadline.RunAsync(workToken => ForeverAsync(token = workToken), TimeSpan.FromMilliseconds(milliseconds), Options, caller.Token);
        await caller.CancelAsync();

        await CanceledByAsync(run, caller.Token);
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public async Task Wait_for_race_condition_a_result_that_comes_first_is_returned()
    {
        var gate = new TaskCompletionSource<string>();
        var run = Deadline.RunAsync(_ => gate.Task, Second, Options);
        gate.SetResult("ok");
        _time.Advance(Second);

        Assert.Equal("ok", await run.Bounded());
    }

    [Fact]
    public async Task Wait_for_issue86296_a_cancellation_after_the_end_changes_nothing()
    {
        using var caller = new CancellationTokenSource();
        var run = Deadline.RunAsync(_ => Task.FromResult("done"), TimeSpan.FromSeconds(100), Options, caller.Token);
        await run.Bounded();
        await caller.CancelAsync();

        Assert.Equal("done", await run);
    }

    [Fact]
    public async Task Nested_timeouts_only_the_outermost_that_expired_surfaces()
    {
        Task? inner = null;
        var run = Deadline.RunAsync(
            token => inner = Deadline.RunAsync(ForeverAsync, Second, Options, token),
            Second,
            Options);
        _time.Advance(Second);

        await TimesOutAsync(run);
        Assert.True(inner!.IsCanceled);
    }

    [Fact]
    public async Task Nested_timeouts_the_outer_takes_the_place_of_an_inner_expiry_that_is_still_on_its_way()
    {
        var gate = new TaskCompletionSource();
        var innerExpired = new TaskCompletionSource();
        TimeoutException? innerTimeout = null;
        var run = Deadline.RunAsync(
            async token =>
            {
                try
                {
                    await Deadline.RunAsync(ForeverAsync, Second, Options, token);
                }
                catch (TimeoutException timeout)
                {
                    innerTimeout = timeout;
                    innerExpired.SetResult();
                    await gate.Task;
                    throw;
                }
            },
            2 * Second,
            Options);
        _time.Advance(Second);
        await innerExpired.Task.Bounded();
        _time.Advance(Second);
        gate.SetResult();

        var outer = await TimesOutAsync(run);
        Assert.NotSame(innerTimeout, outer);
        Assert.Same(innerTimeout, outer.InnerException);
        Assert.Contains("00:00:02", outer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nested_timeouts_concurrent_the_outer_expires_first_and_the_inner_is_only_cancelled()
    {
        Task? inner = null;
        var run = Deadline.RunAsync(
            token => inner = Deadline.RunAsync(ForeverAsync, 5 * Second, Options, token),
            Second,
            Options);
        _time.Advance(10 * Second);

        await TimesOutAsync(run);
        Assert.True(inner!.IsCanceled);
    }

    [Fact]
    public async Task Nested_timeouts_loop_busy_an_inner_expiry_that_is_handled_leaves_the_outer_in_force()
    {
        var handled = new TaskCompletionSource();
        var run = Deadline.RunAsync(
            async token =>
            {
                await Assert.ThrowsAsync<TimeoutException>(() => Deadline.RunAsync(ForeverAsync, Second, Options, token));
                handled.SetResult();
                await ForeverAsync(token);
            },
            2 * Second,
            Options);
        _time.Advance(Second);
        await handled.Task.Bounded();
        Assert.False(run.IsCompleted);
        _time.Advance(Second);

        await TimesOutAsync(run);
    }

    [Fact]
    public async Task Foreign_cancel_doesnt_timeout_if_not_expired()
    {
        var foreign = new CancellationToken(canceled: true);
        var run = Deadline.RunAsync(_ => Task.FromCanceled(foreign), Second, Options);

        await CanceledByAsync(run, foreign);
    }

    [Fact]
    public async Task Outer_task_is_not_cancelled_a_timeout_that_is_handled_leaves_nothing_cancelled()
    {
        using var caller = new CancellationTokenSource();
        var run = Deadline.RunAsync(ForeverAsync, Second, Options, caller.Token);
        _time.Advance(Second);

        await TimesOutAsync(run);
        Assert.False(caller.IsCancellationRequested);
    }

    [Fact]
    public async Task Reschedule_moves_the_deadline_and_lifts_it()
    {
        var gate = new TaskCompletionSource();
        Deadline? deadline = null;
        var run = Deadline.RunAsync((self, _) => { deadline = self; return gate.Task; }, Second, Options);
        Assert.Equal(Second, deadline!.Remaining);
        deadline.Reschedule(3 * Second);
        _time.Advance(2 * Second);
        Assert.Equal((false, Second), (deadline.HasExpired, deadline.Remaining));
        deadline.Reschedule(Timeout.InfiniteTimeSpan);
        _time.Advance(1_000 * Second);
        Assert.Equal((false, Timeout.InfiniteTimeSpan), (deadline.HasExpired, deadline.Remaining));
        gate.SetResult();

        await run.Bounded();
    }

    [Fact]
    public async Task Timeout_expired_expiring_and_finished_a_deadline_that_is_over_cannot_be_moved()
    {
        var gate = new TaskCompletionSource();
        Deadline? expiring = null, finished = null;
        var run = Deadline.RunAsync((self, _) => { expiring = self; return gate.Task; }, Second, Options);
        _time.Advance(Second);
        Assert.Throws<InvalidOperationException>(() => expiring!.Reschedule(Second));
        gate.SetResult();
        await run.Bounded();
        await Deadline.RunAsync((self, _) => { finished = self; return Task.CompletedTask; }, Second, Options).Bounded();

        Assert.Throws<InvalidOperationException>(() => expiring!.Reschedule(Second));
        Assert.Throws<InvalidOperationException>(() => finished!.Reschedule(Second));
        Assert.Equal((true, false), (expiring!.HasExpired, finished!.HasExpired));
    }

    [Fact]
    public async Task Nested_timeout_in_finally_a_cleanup_may_have_a_deadline_of_its_own()
    {
        var cleaning = new TaskCompletionSource();
        var cleanupTimedOut = false;
        var run = Deadline.RunAsync(
            async token =>
            {
                try
                {
                    await ForeverAsync(token);
                }
                finally
                {
                    var cleanup = Deadline.RunAsync(ForeverAsync, Second, Options, CancellationToken.None);
                    cleaning.SetResult();
                    cleanupTimedOut = await Record.ExceptionAsync(() => cleanup) is TimeoutException;
                }
            },
            Second,
            Options);
        _time.Advance(Second);
        await cleaning.Task.Bounded();
        _time.Advance(Second);

        await TimesOutAsync(run);
        Assert.True(cleanupTimedOut);
    }

    [Fact]
    public async Task Timeout_taskgroup_a_fault_in_a_childs_cleanup_wins()
    {
        var run = Deadline.RunAsync(
            token => TaskGroup.RunAsync(
                async (group, groupToken) =>
                {
                    var runs = new TaskCompletionSource();
                    group.Run(childToken => { runs.SetResult(); return CrashWhenCanceledAsync("cleanup", childToken); });
                    await runs.Task;
                    _ = Task.Run(() => _time.Advance(Second), CancellationToken.None);
                    await ForeverAsync(groupToken);
                },
                token),
            Second,
            Options);

        await FaultsAsync(() => run, "cleanup");
    }

    [Fact]
    public async Task Timeout_taskgroup_a_group_that_only_was_cancelled_times_out()
    {
        var run = Deadline.RunAsync(
            token => TaskGroup.RunAsync((group, _) => { group.Run(ForeverAsync); return Task.CompletedTask; }, token),
            Second,
            Options);
        _time.Advance(Second);

        await TimesOutAsync(run);
    }

    [Fact]
    public async Task Shielded_timeout_abandoned_work_runs_on_and_can_still_be_awaited()
    {
        var gate = new TaskCompletionSource<string>();
        var work = gate.Task;
        var run = Deadline.RunAsync(_ => work, Second, new DeadlineOptions { TimeProvider = _time, OnExpiry = DeadlineExpiry.Abandon });
        _time.Advance(Second);
        await TimesOutAsync(run);
        Assert.False(work.IsCompleted);
        gate.SetResult("done");

        Assert.Equal("done", await work);
    }

    private static async Task<TimeoutException> TimesOutAsync(Task run)
    {
        // Bounded gives up with the same exception: it must not be taken for ours.
        await run.EndedAsync();
        return await Assert.ThrowsAsync<TimeoutException>(() => run);
    }
}
