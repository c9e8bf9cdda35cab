using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

public class GatherFirstTests
{
    [Fact]
    public async Task The_first_success_wins_and_the_losers_are_cancelled_and_awaited()
    {
        var cleanup = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var won = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Gather.FirstAsync(
            async ct =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, ct);
                }
                catch (OperationCanceledException)
                {
                    canceled.SetResult();
                }

                await cleanup.Task;
                throw new BoomException("a loser's fault is observed and no more");
            },
            async ct =>
            {
                await won.Task;
                return 2;
            },
            ct => Task.FromException<int>(new BoomException("a loser before the winner")));
        won.SetResult();
        await canceled.Task.Bounded();
        Assert.False(first.IsCompleted);
        cleanup.SetResult();
        Assert.Equal(2, await first.Bounded());
    }

    [Fact]
    public async Task When_all_fail_the_await_throws_all()
    {
        var e = await Assert.ThrowsAsync<AggregateException>(() => Gather.FirstAsync(
            ct => Task.FromException<int>(new BoomException("a")),
            ct => throw new OperationCanceledException("b")));
        Assert.Equal(["a", "b"], e.InnerExceptions.Select(x => x.Message));
    }

    [Fact]
    public async Task A_further_contender_starts_only_when_one_has_failed()
    {
        var started = new List<int>();
        var result = await Gather.FirstAsync([1, 2, 3, 4], maxConcurrency: 1, async (i, ct) =>
        {
            started.Add(i);
            await Task.Yield();
            return i == 3 ? i : throw new BoomException();
        }).Bounded();
        Assert.Equal(3, result);
        Assert.Equal([1, 2, 3], started);
    }

    [Fact]
    public async Task All_eight_shapes_take_the_first_success()
    {
        Assert.Equal(1, await Gather.FirstAsync([1, 2], 1, (i, ct) => Task.FromResult(i)));
        Assert.Equal(1, await Gather.FirstAsync([1, 2], 1, i => Task.FromResult(i)));
        await Gather.FirstAsync([1, 2], 1, (_, ct) => Task.CompletedTask);
        await Gather.FirstAsync([1, 2], 1, _ => Task.CompletedTask);
        Assert.Equal(1, await Gather.FirstAsync(GatherAllTests.Stream(1, 2), 1, (i, ct) => Task.FromResult(i)));
        Assert.Equal(1, await Gather.FirstAsync(GatherAllTests.Stream(1, 2), 1, i => Task.FromResult(i)));
        await Gather.FirstAsync(GatherAllTests.Stream(1, 2), 1, (_, ct) => Task.CompletedTask);
        await Gather.FirstAsync(GatherAllTests.Stream(1, 2), 1, _ => Task.CompletedTask);
    }

    [Fact]
    public async Task No_contender_is_an_error() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Gather.FirstAsync(Array.Empty<Func<CancellationToken, Task<int>>>()));

    [Fact]
    public async Task An_infinite_source_of_contenders_ends_with_the_first_success() =>
        Assert.Equal(500, await Gather.FirstAsync(GatherAllTests.Forever(), 4, (i, ct) => i == 500 ? Task.FromResult(i) : Task.FromException<int>(new BoomException())).Bounded());

    [Fact]
    public async Task The_callers_cancellation_surfaces_with_the_own_token()
    {
        using var cts = new CancellationTokenSource();
        var first = Gather.FirstAsync<int>([async ct => { await Task.Delay(Timeout.Infinite, ct); return 1; }], cts.Token);
        await cts.CancelAsync();
        Assert.Equal(cts.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Bounded())).CancellationToken);
    }

    [Fact]
    public async Task Started_tasks_race_without_being_awaited()
    {
        var never = new TaskCompletionSource<int>();
        Assert.Equal(1, await Gather.FirstAsync([never.Task, Task.FromException<int>(new BoomException()), Task.FromResult(1)]).Bounded());
        var e = await Assert.ThrowsAsync<AggregateException>(() => Gather.FirstAsync([Task.FromException<int>(new BoomException()), Task.FromCanceled<int>(new CancellationToken(true))]));
        Assert.Equal(2, e.InnerExceptions.Count);
    }

    [Fact]
    public async Task Failures_before_the_callers_cancellation_are_reported()
    {
        using var faults = new UnhandledFaults();
        using var caller = new CancellationTokenSource();
        var first = Gather.FirstAsync(
            [ct => Task.FromException<int>(new BoomException("lost before a cancellation")),
             async ct =>
             {
                 await Task.Delay(Timeout.Infinite, ct);
                 return 1;
             }],
            caller.Token);
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Bounded())).CancellationToken);
        await faults.WaitForAsync("lost before a cancellation");
    }
}
