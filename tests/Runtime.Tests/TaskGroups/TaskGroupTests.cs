using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;
using static ConcurrencyAnalyzers.Runtime.Tests.Conformance.TaskGroupConformanceTests;

namespace ConcurrencyAnalyzers.Runtime.Tests.TaskGroups;

public sealed class TaskGroupTests
{
    [Fact]
    public async Task Disposal_waits_for_a_child_that_ignores_its_token()
    {
        var gate = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var group = new TaskGroup();
        group.Run(_ => { started.SetResult(); return gate.Task; });
        await started.Task.Bounded();
        group.Cancel();
        var disposal = group.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        gate.SetResult();

        await disposal.Bounded();
    }

    [Fact]
    public async Task Faults_come_in_the_order_in_which_the_children_were_started()
    {
        var gates = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource()).ToArray();
        var group = new TaskGroup();
        var started = new Countdown(3);
        var children = gates.Select(gate => group.Start(_ => { started.Signal(); return gate.Task; })).ToArray();
        await started.ReachedAsync();
        foreach (var i in new[] { 2, 0, 1 })
        {
            gates[i].SetException(new BoomException($"child {i}"));
            await children[i].EndedAsync();
        }

        await FaultsAsync(() => group.DisposeAsync().AsTask(), "child 0", "child 1", "child 2");
    }

    [Fact]
    public async Task A_fault_that_the_body_awaits_is_reported_once() =>
        await FaultsAsync(
            () => TaskGroup.RunAsync((group, _) => group.Start(_ => throw new BoomException("child"))),
            "child");

    [Fact]
    public async Task A_fault_that_a_sibling_awaits_is_reported_once()
    {
        var group = new TaskGroup();
        var first = new TaskCompletionSource<Task>();
        var bothRun = new Countdown(2);
        group.Run(async _ => { bothRun.Signal(); await await first.Task; });
        first.SetResult(group.Start(async _ => { bothRun.Signal(); await bothRun.ReachedAsync(); throw new BoomException("child"); }));

        await FaultsAsync(() => group.DisposeAsync().AsTask(), "child");
    }

    [Fact]
    public async Task Every_fault_of_a_child_that_is_itself_a_WhenAll_is_reported() =>
        await FaultsAsync(
            () => TaskGroup.RunAsync((group, _) =>
            {
                group.Run(_ => Task.WhenAll(Task.FromException(new BoomException("one")), Task.FromException(new BoomException("two"))));
                return Task.CompletedTask;
            }),
            "one",
            "two");

    [Fact]
    public async Task A_foreign_cancellation_is_a_fault_while_nothing_was_cancelled()
    {
        var foreign = new CancellationToken(canceled: true);
        var group = new TaskGroup();
        var child = group.Start(_ => Task.FromCanceled(foreign));
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => group.DisposeAsync().AsTask().Bounded());

        Assert.Equal(foreign, Assert.IsType<TaskCanceledException>(Assert.Single(thrown.InnerExceptions)).CancellationToken);
        Assert.True(child.IsCanceled);
        Assert.True(group.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_foreign_cancellation_is_no_fault_once_the_group_is_cancelled()
    {
        var started = new TaskCompletionSource();
        var group = new TaskGroup();
        group.Run(async token =>
        {
            started.SetResult();
            await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new OperationCanceledException("mine");
        });
        await started.Task.Bounded();
        group.Cancel();

        await group.DisposeAsync();
    }

    [Fact]
    public async Task A_foreign_cancellation_of_the_body_is_a_fault_while_nothing_was_cancelled()
    {
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.RunAsync((_, _) => throw new OperationCanceledException("mine")).Bounded());

        Assert.Equal("mine", Assert.IsType<OperationCanceledException>(Assert.Single(thrown.InnerExceptions)).Message);
    }

    [Fact]
    public async Task A_child_that_sees_the_callers_cancellation_before_the_group_does_is_no_fault()
    {
        using var caller = new CancellationTokenSource();
        var group = new TaskGroup(caller.Token);
        var started = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var child = group.Start(async _ =>
        {
            started.SetResult();
            await ended.Task;
            caller.Token.ThrowIfCancellationRequested();
        });
        await started.Task.Bounded();

        // Callbacks run from the last registered to the first: the group's, registered first, waits for this one.
        caller.Token.Register(() => { ended.SetResult(); _ = Task.WaitAny([child], TimeSpan.FromMinutes(1)); });
        await Task.Run(caller.Cancel).Bounded();

        await CanceledByAsync(group.DisposeAsync().AsTask(), caller.Token);
    }

    [Fact]
    public async Task Cancel_ends_the_group_without_throwing()
    {
        var body = TaskGroup.RunAsync(async (group, token) =>
        {
            group.Run(ForeverAsync);
            group.Cancel();
            await ForeverAsync(token);
        });

        await body.Bounded();
    }

    [Fact]
    public async Task Cancel_does_not_hide_a_fault() =>
        await FaultsAsync(
            () => TaskGroup.RunAsync(async (group, token) =>
            {
                group.Cancel();
                await CrashWhenCanceledAsync("body", token);
            }),
            "body");

    [Fact]
    public async Task A_body_returns_its_result_when_all_children_have_ended()
    {
        var gate = new TaskCompletionSource();
        var run = TaskGroup.RunAsync((group, _) =>
        {
            group.Run(_ => gate.Task);
            return Task.FromResult(42);
        });
        Assert.False(run.IsCompleted);
        gate.SetResult();

        Assert.Equal(42, await run.Bounded());
    }

    [Fact]
    public async Task A_body_that_Cancel_leaves_without_a_result_is_cancelled()
    {
        var token = CancellationToken.None;
        var run = TaskGroup.RunAsync<int>(async (group, groupToken) =>
        {
            token = groupToken;
            group.Cancel();
            await ForeverAsync(groupToken);
            return 42;
        });

        await CanceledByAsync(run, token);
    }

    [Fact]
    public async Task A_body_that_Cancel_stops_before_it_has_a_task_is_cancelled()
    {
        var run = TaskGroup.RunAsync<int>((group, token) =>
        {
            group.Cancel();
            token.ThrowIfCancellationRequested();
            return Task.FromResult(42);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Bounded());
    }

    [Fact]
    public async Task A_body_that_returns_a_result_in_spite_of_Cancel_keeps_it() =>
        Assert.Equal(42, await TaskGroup.RunAsync((group, _) => { group.Cancel(); return Task.FromResult(42); }).Bounded());

    [Fact]
    public async Task At_most_maxConcurrency_children_run_and_the_others_follow_in_order()
    {
        var gates = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource()).ToArray();
        var started = Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource()).ToArray();
        await using var group = new TaskGroup(maxConcurrency: 2);
        for (var i = 0; i < 4; i++)
        {
            var child = i;
            group.Run(_ => { started[child].SetResult(); return gates[child].Task; });
        }

        await Task.WhenAll(started[0].Task, started[1].Task).Bounded();
        Assert.False(started[2].Task.IsCompleted);
        Assert.Equal(4, group.Count);
        gates[1].SetResult();
        await started[2].Task.Bounded();
        Assert.False(started[3].Task.IsCompleted);
        gates[0].SetResult();
        await started[3].Task.Bounded();
        gates[2].SetResult();
        gates[3].SetResult();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Never_more_than_maxConcurrency_children_run(int maxConcurrency)
    {
        var (running, most) = (0, 0);
        var sync = new object();
        await using (var group = new TaskGroup(maxConcurrency))
        {
            for (var i = 0; i < 500; i++)
            {
                group.Run(async _ =>
                {
                    lock (sync)
                        most = Math.Max(most, ++running);
                    await Task.Yield();
                    lock (sync)
                        running--;
                });
            }
        }

        Assert.InRange(most, 1, maxConcurrency);
    }

    [Fact]
    public async Task A_group_that_has_ended_is_not_kept_by_its_callers_token()
    {
        using var caller = new CancellationTokenSource();
        var group = await EndAsync(caller.Token);
        await Task.Yield(); // Off the stack of the method that made it.
        for (var i = 0; i < 20 && group.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(group.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static async Task<WeakReference> EndAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            var group = new TaskGroup(cancellationToken);
            group.Run(static _ => Task.CompletedTask);
            await group.DisposeAsync();
            return new WeakReference(group);
        }
    }

    [Fact]
    public async Task A_child_runs_on_the_pool_without_the_callers_SynchronizationContext()
    {
        var previous = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        try
        {
            var group = new TaskGroup();
            var child = group.Run(_ => Task.FromResult((SynchronizationContext.Current, Thread.CurrentThread.IsThreadPoolThread)));

            Assert.Equal((null, true), await child.Bounded());
            await group.DisposeAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(previous);
        }
    }

    [Fact]
    public async Task A_waiting_child_gets_the_context_of_the_one_who_started_it_not_of_the_one_who_made_room()
    {
        var local = new AsyncLocal<string>();
        var gate = new TaskCompletionSource();
        await using var group = new TaskGroup(maxConcurrency: 1);
        local.Value = "first";
        group.Run(_ => gate.Task);
        local.Value = "second";
        var saw = group.Run(_ => Task.FromResult(local.Value));
        local.Value = "third";
        gate.SetResult();

        Assert.Equal("second", await saw.Bounded());
    }

    [Fact]
    public async Task A_child_started_while_the_flow_is_suppressed_sees_no_context()
    {
        var local = new AsyncLocal<string> { Value = "outer" };
        await using var group = new TaskGroup();
        Task<string?> saw;
        using (ExecutionContext.SuppressFlow())
            saw = group.Run(_ => Task.FromResult<string?>(local.Value));

        Assert.Null(await saw.Bounded());
    }

    [Fact]
    public async Task A_delegate_that_returns_null_faults_its_child()
    {
        var group = new TaskGroup();
        group.Run(_ => null!);
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => group.DisposeAsync().AsTask().Bounded());

        Assert.Contains("null", Assert.IsType<InvalidOperationException>(Assert.Single(thrown.InnerExceptions)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throwing_callback_of_the_token_is_reported_after_the_members()
    {
        var group = new TaskGroup();
        group.Token.Register(() => throw new BoomException("callback"));
        var child = group.Start(_ => throw new BoomException("child"));
        await child.EndedAsync();

        await FaultsAsync(() => group.DisposeAsync().AsTask(), "child", "callback");
    }

    [Fact]
    public async Task A_callback_of_the_token_may_use_the_group()
    {
        var group = new TaskGroup();
        var refusal = new TaskCompletionSource<Exception?>();
        group.Token.Register(() =>
        {
            group.Cancel();
            refusal.SetResult(Record.Exception(() => group.Run(_ => Task.CompletedTask)));
        });
        group.Cancel();

        Assert.IsType<OperationCanceledException>(await refusal.Task.Bounded());
        await group.DisposeAsync();
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_lets_neither_body_nor_child_begin()
    {
        var canceled = new CancellationToken(canceled: true);
        var called = false;
        var run = TaskGroup.RunAsync((_, _) => { called = true; return Task.CompletedTask; }, canceled);
        var withResult = TaskGroup.RunAsync((_, _) => { called = true; return Task.FromResult(1); }, canceled);
        await CanceledByAsync(run, canceled);
        await CanceledByAsync(withResult, canceled);
        var group = new TaskGroup(canceled);
        Assert.Throws<OperationCanceledException>(() => group.Run(_ => { called = true; return Task.CompletedTask; }));

        await CanceledByAsync(group.DisposeAsync().AsTask(), canceled);
        Assert.False(called);
    }

    [Fact]
    public async Task After_its_end_a_group_no_longer_hears_its_caller()
    {
        using var caller = new CancellationTokenSource();
        var group = new TaskGroup(caller.Token);
        await group.DisposeAsync();
        await caller.CancelAsync();
        group.Cancel();

        Assert.False(group.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Cancelling_ends_ten_thousand_waiting_children()
    {
        var group = new TaskGroup(maxConcurrency: 1);
        var gate = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        group.Run(_ => { started.SetResult(); return gate.Task; });
        await started.Task.Bounded();
        var waiting = Enumerable.Range(0, 10_000).Select(_ => group.Start(_ => throw new BoomException())).ToList();
        group.Cancel();
        gate.SetResult();
        await group.DisposeAsync().AsTask().Bounded();

        Assert.All(waiting, child => Assert.True(child.IsCanceled));
        Assert.Equal(0, group.Count);
    }

    [Fact]
    public void Arguments_are_checked_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => new TaskGroup(maxConcurrency: 0));
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => new TaskGroup(maxConcurrency: -1));
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => { _ = TaskGroup.RunAsync(0, (_, _) => Task.CompletedTask); });
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => { _ = TaskGroup.RunAsync(0, (_, _) => Task.FromResult(1)); });
        var canceled = new CancellationToken(canceled: true);
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => { _ = TaskGroup.RunAsync(0, (_, _) => Task.CompletedTask, canceled); });
        Assert.Throws<ArgumentOutOfRangeException>("maxConcurrency", () => { _ = TaskGroup.RunAsync(0, (_, _) => Task.FromResult(1), canceled); });
        Assert.Throws<ArgumentNullException>("body", () => { _ = TaskGroup.RunAsync(null!); });
        Assert.Throws<ArgumentNullException>("body", () => { _ = TaskGroup.RunAsync<int>(null!); });
        var group = new TaskGroup();
        Assert.Throws<ArgumentNullException>("work", () => group.Run(null!));
        Assert.Throws<ArgumentNullException>("work", () => { _ = group.Run<int>(null!); });
        Assert.Throws<ArgumentNullException>("work", () => { _ = group.Start(null!); });
    }
}
