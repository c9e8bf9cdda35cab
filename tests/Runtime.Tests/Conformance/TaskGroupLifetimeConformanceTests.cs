using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.TestKit;
using static ConcurrencyAnalyzers.Runtime.Tests.Conformance.TaskGroupConformanceTests;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of CPython's test_taskgroups about nested groups, and about a group's beginning and end.</summary>
public sealed class TaskGroupLifetimeConformanceTests
{
    [Fact]
    public async Task Taskgroup_11_a_group_inside_a_group_keeps_its_faults_together()
    {
        using var caller = new CancellationTokenSource();
        var run = TaskGroup.RunAsync((_, token) => CrashingGroupAsync(caller, token), caller.Token);

        await NestedFaultsAsync(run, "inner", "inner", "inner");
    }

    [Fact]
    public async Task Taskgroup_12_the_same_with_a_child_of_the_outer_group()
    {
        using var caller = new CancellationTokenSource();
        Task? outerChild = null;
        var run = TaskGroup.RunAsync(
            (group, token) =>
            {
                outerChild = group.Start(ForeverAsync);
                return CrashingGroupAsync(caller, token);
            },
            caller.Token);

        await NestedFaultsAsync(run, "inner", "inner", "inner");
        Assert.True(outerChild!.IsCanceled);
    }

    [Fact]
    public async Task Taskgroup_13_a_fault_of_the_outer_group_cancels_the_inner_one() =>
        await FaultsAsync(
            () => TaskGroup.RunAsync(async (outer, token) =>
            {
                outer.Run(_ => throw new BoomException("outer"));
                await TaskGroup.RunAsync(
                    (inner, innerToken) =>
                    {
                        inner.Run(ForeverAsync);
                        return Task.CompletedTask;
                    },
                    token);
            }),
            "outer");

    [Fact]
    public async Task Taskgroup_14_a_fault_of_the_inner_group_cancels_the_outer_one()
    {
        Task? outerChild = null;
        var run = TaskGroup.RunAsync(async (outer, token) =>
        {
            outerChild = outer.Start(ForeverAsync);
            await using var inner = new TaskGroup(token);
            inner.Run(_ => throw new BoomException("inner"));
        });

        await NestedFaultsAsync(run, "inner");
        Assert.True(outerChild!.IsCanceled);
    }

    [Fact]
    public async Task Nested_groups_both_cancelled_each_reports_its_own_fault()
    {
        var innerFaulted = false;
        var bothRun = new Countdown(2);

        async Task FaultTogetherAsync(string name)
        {
            bothRun.Signal();
            await bothRun.ReachedAsync();
            throw new BoomException(name);
        }

        await FaultsAsync(
            () => TaskGroup.RunAsync(async (outer, token) =>
            {
                try
                {
                    await TaskGroup.RunAsync(
                        (inner, _) =>
                        {
                            inner.Run(_ => FaultTogetherAsync("inner"));
                            outer.Run(_ => FaultTogetherAsync("outer"));
                            return Task.CompletedTask;
                        },
                        token);
                }
                catch (AggregateException)
                {
                    innerFaulted = true;
                }
            }),
            "outer");
        Assert.True(innerFaulted);
    }

    [Fact]
    public async Task Taskgroup_23_a_child_that_has_ended_is_not_kept()
    {
        await using var group = new TaskGroup();
        var argument = await RunAndForgetAsync(group);
        Assert.Equal(0, group.Count);

        await CollectedAsync(argument);
    }

    [Fact]
    public async Task Taskgroup_24_a_child_may_start_children_while_the_group_waits()
    {
        var gate = new TaskCompletionSource();
        var ended = 0;
        var group = new TaskGroup();
        group.Run(async _ =>
        {
            await gate.Task;
            for (var i = 0; i < 2; i++)
            {
                group.Run(async _ => { await Task.Yield(); Interlocked.Increment(ref ended); });
            }
        });
        var disposal = group.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        gate.SetResult();
        await disposal.Bounded();

        Assert.Equal(2, ended);
    }

    [Fact]
    public async Task Taskgroup_25_a_hydra_of_children_ends_with_the_first_fault()
    {
        var heads = 0;
        var enough = new TaskCompletionSource();

        async Task HydraAsync(TaskGroup group)
        {
            if (Interlocked.Increment(ref heads) == 10)
                enough.SetResult();
            await Task.Yield();
            group.Run(_ => HydraAsync(group));
            group.Run(_ => HydraAsync(group));
        }

        await FaultsAsync(
            () => TaskGroup.RunAsync((group, _) =>
            {
                group.Run(_ => HydraAsync(group));
                group.Run(async _ => { await enough.Task; throw new BoomException("hercules"); });
                return Task.CompletedTask;
            }),
            "hercules");
        Assert.True(heads >= 10);
    }

    [Fact]
    public async Task Task_context_each_child_sees_its_starters_context_and_keeps_its_writes()
    {
        var local = new AsyncLocal<string>();
        string? firstSaw, secondSaw, after;
        await using (var group = new TaskGroup())
        {
            local.Value = "first";
            firstSaw = await group.Run(async _ =>
            {
                var saw = local.Value;
                local.Value = "leaked";
                await Task.Yield();
                return saw;
            }).Bounded();
            after = local.Value;
            local.Value = "second";
            secondSaw = await group.Run(_ => Task.FromResult(local.Value)).Bounded();
        }

        Assert.Equal(("first", "first", "second"), (firstSaw, after, secondSaw));
    }

    [Fact]
    public async Task No_create_task_after_failure_a_child_of_a_failed_group_cannot_start_another()
    {
        var called = false;
        var refused = false;
        await FaultsAsync(
            async () =>
            {
                await using var group = new TaskGroup();
                var runs = new TaskCompletionSource();
                group.Run(async token =>
                {
                    runs.SetResult();
                    await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    refused = Record.Exception(() => { group.Run(_ => { called = true; return Task.CompletedTask; }); }) is OperationCanceledException;
                });
                await runs.Task;
                group.Run(_ => throw new BoomException());
            },
            "boom");
        Assert.True(refused);
        Assert.False(called);
    }

    [Fact]
    public async Task Context_manager_exit_raises_inside_the_body_and_a_child_faults_too()
    {
        await FaultsAsync(
            () => TaskGroup.RunAsync(async (group, token) =>
            {
                await using var database = new ThrowingResource();
                group.Run(_ => throw new BoomException("child"));
                await ForeverAsync(token);
            }),
            "resource",
            "child");
    }

    [Fact]
    public async Task Already_entered_and_double_enter_a_second_disposal_waits_but_reports_nothing_again()
    {
        var group = new TaskGroup();
        group.Run(_ => throw new BoomException());

        await FaultsAsync(() => group.DisposeAsync().AsTask(), "boom");
        await group.DisposeAsync();
    }

    [Fact]
    public async Task Taskgroup_finished_and_coro_closed_when_tg_closed_run_after_the_end_throws_without_calling()
    {
        var group = new TaskGroup();
        await group.DisposeAsync();
        var called = false;

        Assert.Throws<ObjectDisposedException>(() => { group.Run(_ => { called = true; return Task.CompletedTask; }); });
        Assert.False(called);
    }

    [Fact]
    public async Task Cancelling_level_preserved_a_faulted_group_does_not_cancel_its_caller()
    {
        using var caller = new CancellationTokenSource();
        await FaultsAsync(
            () => TaskGroup.RunAsync(
                (group, _) =>
                {
                    group.Run(_ => throw new BoomException());
                    return Task.CompletedTask;
                },
                caller.Token),
            "boom");

        Assert.False(caller.IsCancellationRequested);
    }

    [Fact]
    public async Task Cancellation_does_not_leak_out_of_tg_what_follows_the_group_is_not_cancelled()
    {
        var token = CancellationToken.None;
        try
        {
            await TaskGroup.RunAsync(async (group, groupToken) =>
            {
                token = groupToken;
                await group.Start(_ => throw new BoomException());
            }).Bounded();
        }
        catch (AggregateException)
        {
            // As expected; what counts is what comes after.
        }

        Assert.True(token.IsCancellationRequested);
        await using var next = new TaskGroup();
        Assert.Equal(1, await next.Run(_ => Task.FromResult(1)).Bounded());
    }

    [Fact]
    public async Task Cancels_task_if_created_during_creation_a_child_whose_group_is_cancelled_first_never_begins()
    {
        var called = false;
        await using var group = new TaskGroup(maxConcurrency: 1);
        var gate = new TaskCompletionSource();
        group.Run(_ => gate.Task);
        var waiting = group.Start(_ => { called = true; return Task.CompletedTask; });
        group.Cancel();
        await waiting.EndedAsync();
        gate.SetResult();

        Assert.True(waiting.IsCanceled);
        Assert.False(called);
    }

    private static async Task CrashingGroupAsync(CancellationTokenSource caller, CancellationToken token)
    {
        var started = new Countdown(3);
        await using var inner = new TaskGroup(token);
        for (var i = 0; i < 3; i++)
        {
            inner.Run(innerToken => { started.Signal(); return CrashWhenCanceledAsync("inner", innerToken); });
        }

        await started.ReachedAsync();
        await caller.CancelAsync();
    }

    private static async Task NestedFaultsAsync(Task run, params string[] names)
    {
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => run.Bounded());
        var inner = Assert.IsType<AggregateException>(Assert.Single(thrown.InnerExceptions));
        Assert.Equal(names, inner.InnerExceptions.Select(error => Assert.IsType<BoomException>(error).Message));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> RunAndForgetAsync(TaskGroup group)
    {
        var argument = new object();
        await group.Run(_ => Task.FromResult(argument)).Bounded();
        return new WeakReference(argument);
    }

    private static async Task CollectedAsync(WeakReference reference)
    {
        for (var i = 0; i < 100 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.False(reference.IsAlive);
    }

    private sealed class ThrowingResource : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => throw new BoomException("resource");
    }
}
