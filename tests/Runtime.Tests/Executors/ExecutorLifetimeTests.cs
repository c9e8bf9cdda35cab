using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>What must not be kept, and what must not be lost.</summary>
public class ExecutorLifetimeTests
{
    public static TheoryData<ExecutorKind> Kinds => [ExecutorKind.Async, ExecutorKind.Thread];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Nothing_keeps_an_argument_a_result_or_a_closure_after_its_item(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        using var longLived = new CancellationTokenSource();
        var dead = await RunAsync(executor, longLived.Token);
        await AssertCollectedAsync(dead);
        GC.KeepAlive(longLived);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> RunAsync(IExecutor executor, CancellationToken cancellationToken)
        {
            var captured = new object();
            var task = executor.RunAsync(_ => Task.FromResult(new[] { captured }), cancellationToken);
            var result = await task.Bounded();
            return [new WeakReference(captured), new WeakReference(result), new WeakReference(task)];
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_withdrawn_item_is_dropped_before_its_turn(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var running = executor.Gate();
        await running.StartedAsync();
        var dead = await WithdrawAsync(executor);
        try
        {
            await AssertCollectedAsync(dead);
        }
        finally
        {
            running.End();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> WithdrawAsync(IExecutor executor)
        {
            using var cts = new CancellationTokenSource();
            var captured = new object();
            var task = executor.RunAsync(_ => Task.FromResult(captured), cts.Token);
            await cts.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Bounded());
            return [new WeakReference(captured)];
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_withdrawn_items_leave_nothing_in_the_queue(ExecutorKind kind)
    {
        await using var executor = kind.Create(1);
        var running = executor.Gate();
        await running.StartedAsync();
        for (var i = 0; i < 10_000; i++)
        {
            using var cts = new CancellationTokenSource();
            var item = executor.RunAsync(_ => Task.FromResult(0), cts.Token);
            cts.Cancel();
            await item.EndedAsync();
        }

        Assert.Equal((0, 10_000), (executor.GetSnapshot().Queued, executor.GetSnapshot().Canceled));
        running.End();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task No_unobserved_fault_comes_from_maps_that_fail_or_are_left(ExecutorKind kind)
    {
        var unobserved = new List<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> handler = (_, e) =>
        {
            lock (unobserved)
                unobserved.AddRange(e.Exception.Flatten().InnerExceptions.Where(x => x.Message == $"unobserved {kind}"));
        };
        TaskScheduler.UnobservedTaskException += handler;
        using var faults = new Gathering.UnhandledFaults();
        await FailAsync(kind);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= handler;
        Assert.Empty(unobserved);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task FailAsync(ExecutorKind kind)
        {
            await using var executor = kind.Create(4);
            for (var round = 0; round < 20; round++)
            {
                var map = executor.MapAsync(Enumerable.Range(0, 20), Task<int> (i, _) => i > 3 ? throw new BoomException($"unobserved {kind}") : Task.FromResult(i));
                try
                {
                    await foreach (var i in map)
                    {
                        if (i == 3 && round % 2 == 0)
                            break;
                    }
                }
                catch (BoomException)
                {
                }

                try
                {
                    await Gather.AllAsync(Enumerable.Range(0, 8), 4, async i =>
                    {
                        await Task.Yield();
                        throw new BoomException($"unobserved {kind}");
                    });
                }
                catch (BoomException)
                {
                }

                await Gather.FirstAsync(ct => Task.FromException<int>(new BoomException($"unobserved {kind}")), ct => Task.FromResult(1));
            }
        }
    }

    [Fact]
    public async Task A_thread_that_goes_on_to_the_next_item_keeps_nothing_of_the_last()
    {
        await using var executor = new ThreadExecutor(1);
        using var first = new SemaphoreSlim(0);
        using var second = new SemaphoreSlim(0);
        var dead = await RunAsync(executor, first, second);
        try
        {
            await AssertCollectedAsync(dead);
        }
        finally
        {
            second.Release();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> RunAsync(ThreadExecutor executor, SemaphoreSlim first, SemaphoreSlim second)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = executor.RunAsync(() =>
            {
                first.Wait();
                return new object();
            });
            executor.Post(token =>
            {
                started.SetResult();
                second.Wait(token);
            });
            first.Release();
            var result = await task.Bounded();
            await started.Task.Bounded();
            return [new WeakReference(result), new WeakReference(task)];
        }
    }

    [Fact]
    public async Task A_forgotten_AsyncExecutor_is_collected()
    {
        await AssertCollectedAsync(await UseAsync());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> UseAsync()
        {
            var executor = new AsyncExecutor(1);
            await executor.RunAsync(async () => await Task.Yield()).Bounded();
            return [new WeakReference(executor)];
        }
    }

    [Fact]
    public async Task A_thread_does_not_keep_the_execution_context_of_who_had_it_started()
    {
        await using var executor = new ThreadExecutor(1);
        await AssertCollectedAsync(await StartAsync(executor));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> StartAsync(ThreadExecutor executor)
        {
            var local = new AsyncLocal<object?> { Value = new object() };
            var dead = new WeakReference(local.Value);
            await executor.RunAsync(() => { }).Bounded();
            local.Value = null;
            return [dead];
        }
    }

    private static async Task AssertCollectedAsync(WeakReference[] references)
    {
        await Task.Yield(); // Off the stack of the method that made them.
        for (var i = 0; i < 20 && references.Any(reference => reference.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.All(references, reference => Assert.False(reference.IsAlive));
    }
}
