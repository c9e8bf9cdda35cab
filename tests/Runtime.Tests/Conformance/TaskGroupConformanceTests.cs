using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Conformance;

/// <summary>The cases of CPython's test_taskgroups about children, faults and cancellation.</summary>
public sealed class TaskGroupConformanceTests
{
    [Fact]
    public async Task Taskgroup_01_children_succeed_and_their_results_are_kept()
    {
        var gate = new TaskCompletionSource();
        Task<int> first, second;
        await using (var group = new TaskGroup())
        {
            first = group.Run(async _ => { await gate.Task; return 42; });
            second = group.Run(_ => Task.FromResult(11));
            gate.SetResult();
        }

        Assert.Equal((42, 11), (Value(first), Value(second)));
    }

    [Fact]
    public async Task Taskgroup_02_a_child_may_be_started_after_another_has_ended()
    {
        Task<int> first, second;
        await using (var group = new TaskGroup())
        {
            first = group.Run(_ => Task.FromResult(42));
            await first.Bounded();
            second = group.Run(_ => Task.FromResult(11));
        }

        Assert.Equal((42, 11), (Value(first), Value(second)));
    }

    [Fact]
    public async Task Taskgroup_03_a_child_that_handles_a_cancellation_of_its_own_disturbs_nobody()
    {
        using var own = new CancellationTokenSource();
        Task<string> first;
        Task<int> second;
        await using (var group = new TaskGroup())
        {
            first = group.Run(async token =>
            {
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(token, own.Token);
                try
                {
                    await ForeverAsync(linked.Token);
                }
                catch (OperationCanceledException) when (own.IsCancellationRequested)
                {
                    return "cancelled";
                }

                return "ended";
            });
            await own.CancelAsync();
            second = group.Run(_ => Task.FromResult(11));
        }

        Assert.Equal(("cancelled", 11), (Value(first), Value(second)));
    }

    [Fact]
    public async Task Taskgroup_04_a_faulted_child_cancels_its_siblings()
    {
        var siblingRuns = new TaskCompletionSource();
        var reached = false;
        Task? sibling = null;

        async Task RunAsync()
        {
            await using (var group = new TaskGroup())
            {
                sibling = group.Start(token => { siblingRuns.SetResult(); return ForeverAsync(token); });
                await siblingRuns.Task.Bounded();
                group.Run(_ => throw new BoomException());
            }

            reached = true;
        }

        await FaultsAsync(RunAsync, "boom");
        Assert.False(reached);
        Assert.True(sibling!.IsCanceled);
    }

    [Fact]
    public async Task Cancel_children_on_child_error_gathers_all_faults_and_cancels_the_body()
    {
        var started = new Countdown(4);
        var bodyCanceled = false;

        await FaultsAsync(
            () => TaskGroup.RunAsync(async (group, token) =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var name = $"child {i}";
                    group.Run(async _ => { started.Signal(); await started.ReachedAsync(); throw new BoomException(name); });
                }

                group.Run(ForeverAsync);
                started.Signal();
                try
                {
                    await ForeverAsync(token);
                }
                catch (OperationCanceledException)
                {
                    bodyCanceled = true;
                    throw;
                }
            }),
            "child 0",
            "child 1",
            "child 2");
        Assert.True(bodyCanceled);
    }

    [Fact]
    public async Task Cancellation_by_the_caller_cancels_the_children_and_is_no_group()
    {
        using var caller = new CancellationTokenSource();
        var canceled = 0;
        var started = new Countdown(5);

        async Task RunAsync()
        {
            await using var group = new TaskGroup(caller.Token);
            for (var i = 0; i < 5; i++)
            {
                group.Run(async token =>
                {
                    started.Signal();
                    try
                    {
                        await ForeverAsync(token);
                    }
                    finally
                    {
                        Interlocked.Increment(ref canceled);
                    }
                });
            }
        }

        var run = RunAsync();
        await started.ReachedAsync();
        await caller.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Bounded());

        Assert.Equal(caller.Token, thrown.CancellationToken);
        Assert.Equal(5, canceled);
    }

    [Fact]
    public async Task Taskgroup_07_cancellation_by_the_caller_reaches_body_and_children()
    {
        using var caller = new CancellationTokenSource();
        var running = new Countdown(2);
        var canceled = 0;

        async Task CountCancellationAsync(CancellationToken token)
        {
            running.Signal();
            try
            {
                await ForeverAsync(token);
            }
            finally
            {
                Interlocked.Increment(ref canceled);
            }
        }

        var run = TaskGroup.RunAsync(
            (group, token) =>
            {
                group.Run(CountCancellationAsync);
                return CountCancellationAsync(token);
            },
            caller.Token);
        await running.ReachedAsync();
        await caller.CancelAsync();

        await CanceledByAsync(run, caller.Token);
        Assert.Equal(2, canceled);
    }

    [Fact]
    public async Task Taskgroup_08_faults_during_cancellation_win_over_it()
    {
        using var caller = new CancellationTokenSource();
        var started = new Countdown(5);
        var run = TaskGroup.RunAsync(
            async (group, token) =>
            {
                for (var i = 0; i < 5; i++)
                {
                    group.Run(token => { started.Signal(); return CrashWhenCanceledAsync("cleanup", token); });
                }

                await ForeverAsync(token);
            },
            caller.Token);
        await started.ReachedAsync();
        await caller.CancelAsync();

        await FaultsAsync(() => run, "cleanup", "cleanup", "cleanup", "cleanup", "cleanup");
    }

    [Fact]
    public async Task Taskgroup_09_a_fault_of_the_body_cancels_the_children()
    {
        Task? first = null, second = null;
        await FaultsAsync(
            () => TaskGroup.RunAsync(async (group, _) =>
            {
                first = group.Start(ForeverAsync);
                second = group.Start(ForeverAsync);
                await Task.Yield();
                throw new BoomException();
            }),
            "boom");

        Assert.True(first!.IsCanceled);
        Assert.True(second!.IsCanceled);
    }

    [Fact]
    public async Task Taskgroup_10_a_fault_of_the_body_before_its_first_await_cancels_the_children()
    {
        Task? child = null;
        await FaultsAsync(
            () => TaskGroup.RunAsync((group, _) =>
            {
                child = group.Start(ForeverAsync);
                throw new BoomException();
            }),
            "boom");

        Assert.True(child!.IsCanceled);
    }

    [Fact]
    public async Task Taskgroup_15_a_child_that_faults_while_the_body_handles_the_cancellation_wins()
    {
        using var caller = new CancellationTokenSource();
        await FaultsAsync(() => SlowlyCanceledAsync(caller), "child");
    }

    [Fact]
    public async Task Taskgroup_16_the_same_holds_for_one_who_awaits_the_group_from_further_out()
    {
        using var caller = new CancellationTokenSource();
        await FaultsAsync(async () => await Task.Run(() => SlowlyCanceledAsync(caller)), "child");
    }

    [Fact]
    public async Task Taskgroup_17_a_cancelled_body_without_children_surfaces_as_cancellation()
    {
        using var caller = new CancellationTokenSource();
        var cleaned = false;
        var run = TaskGroup.RunAsync(
            async (_, token) =>
            {
                try
                {
                    await ForeverAsync(token);
                }
                finally
                {
                    cleaned = true;
                }
            },
            caller.Token);
        await caller.CancelAsync();

        await CanceledByAsync(run, caller.Token);
        Assert.True(cleaned);
    }

    [Fact]
    public async Task Taskgroup_18_a_fault_that_replaces_the_cancellation_surfaces_in_a_group()
    {
        using var caller = new CancellationTokenSource();
        var run = TaskGroup.RunAsync((_, token) => CrashWhenCanceledAsync("body", token), caller.Token);
        await caller.CancelAsync();

        await FaultsAsync(() => run, "body");
    }

    [Fact]
    public async Task Taskgroup_19_faults_of_body_and_child_surface_together_the_bodys_first() =>
        await FaultsAsync(
            () => TaskGroup.RunAsync(async (group, token) =>
            {
                group.Run(_ => throw new BoomException("child"));
                await CrashWhenCanceledAsync("body", token);
            }),
            "body",
            "child");

    [Fact]
    public async Task Taskgroup_20_and_21_no_type_of_exception_bypasses_the_group()
    {
        // Python lets KeyboardInterrupt and SystemExit through bare. .NET has no such branch of exceptions.
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.RunAsync(async (group, token) =>
        {
            group.Run(_ => throw new InvalidProgramException("child"));
            await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new InsufficientExecutionStackException("body");
        }).Bounded());

        Assert.Collection(
            thrown.InnerExceptions,
            body => Assert.IsType<InsufficientExecutionStackException>(body),
            child => Assert.IsType<InvalidProgramException>(child));
    }

    [Fact]
    public async Task Taskgroup_22_cancellation_while_the_group_waits_for_its_children()
    {
        using var caller = new CancellationTokenSource();
        var group = new TaskGroup(caller.Token);
        group.Run(ForeverAsync);
        group.Run(ForeverAsync);
        var disposal = group.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        await caller.CancelAsync();

        await CanceledByAsync(disposal, caller.Token);
    }

    [Fact]
    public async Task Error_and_cancel_the_groups_fault_surfaces_and_the_callers_cancellation_remains()
    {
        using var caller = new CancellationTokenSource();
        var faulted = false;
        var afterwards = false;

        async Task RunAsync()
        {
            try
            {
                await TaskGroup.RunAsync(
                    async (group, token) =>
                    {
                        group.Run(async _ => { await caller.CancelAsync(); throw new BoomException(); });
                        await ForeverAsync(token);
                    },
                    caller.Token);
            }
            catch (AggregateException)
            {
                faulted = true;
            }

            await ForeverAsync(caller.Token);
            afterwards = true;
        }

        await CanceledByAsync(RunAsync(), caller.Token);
        Assert.True(faulted);
        Assert.False(afterwards);
    }

    internal static Task ForeverAsync(CancellationToken token) => Task.Delay(Timeout.Infinite, token);

    internal static async Task CrashWhenCanceledAsync(string name, CancellationToken token)
    {
        await ForeverAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new BoomException(name);
    }

    internal static async Task FaultsAsync(Func<Task> run, params string[] names)
    {
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => run().Bounded());
        Assert.Equal(names, thrown.InnerExceptions.Select(error => Assert.IsType<BoomException>(error).Message));
    }

    internal static async Task CanceledByAsync(Task run, CancellationToken token)
    {
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Bounded());
        Assert.Equal(token, thrown.CancellationToken);
    }

    private static async Task SlowlyCanceledAsync(CancellationTokenSource caller)
    {
        var childRuns = new TaskCompletionSource();
        var bodyCanceled = new TaskCompletionSource();
        var childFaults = new TaskCompletionSource();
        var run = TaskGroup.RunAsync(
            async (group, token) =>
            {
                group.Run(async _ =>
                {
                    childRuns.SetResult();
                    await bodyCanceled.Task;
                    childFaults.SetResult();
                    throw new BoomException("child");
                });
                try
                {
                    await ForeverAsync(token);
                }
                catch (OperationCanceledException)
                {
                    bodyCanceled.SetResult();
                    await childFaults.Task;
                    throw;
                }
            },
            caller.Token);
        await childRuns.Task;
        await caller.CancelAsync();
        await run;
    }

    private static TResult Value<TResult>(Task<TResult> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }
}
