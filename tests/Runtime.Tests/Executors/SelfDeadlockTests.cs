using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

public class SelfDeadlockTests
{
    public static TheoryData<ExecutorKind, int> Sizes => new() { { ExecutorKind.Async, 1 }, { ExecutorKind.Async, 3 }, { ExecutorKind.Thread, 1 }, { ExecutorKind.Thread, 3 } };

    [Theory, MemberData(nameof(Sizes))]
    public async Task Work_that_waits_for_work_of_its_own_full_executor_throws_and_explains(ExecutorKind kind, int places)
    {
        await using var executor = kind.Create(places);
        var all = new Countdown(places);
        var outer = Enumerable.Range(0, places).Select(_ => executor.RunAsync(async _ =>
        {
            all.Signal();
            if (kind == ExecutorKind.Async)
                await all.ReachedAsync().ConfigureAwait(false);
            else
                all.ReachedAsync().GetAwaiter().GetResult(); // A ThreadExecutor knows its work by its threads.
            return await executor.RunAsync(_ => Task.FromResult(1), CancellationToken.None).ConfigureAwait(false);
        })).ToArray();

        // One of them is told; its place goes to what the others wait for.
        var outcomes = await Gather.SettleAsync(outer).Bounded();
        var e = Assert.IsType<InvalidOperationException>(Assert.Single(outcomes.Failures()).Exception);
        Assert.StartsWith("Deadlock", e.Message, StringComparison.Ordinal);
        Assert.Contains("Post", e.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task A_chain_of_work_that_waits_is_found_where_it_would_stop(ExecutorKind kind, int places)
    {
        await using var executor = kind.Create(places);
        await Assert.ThrowsAsync<InvalidOperationException>(() => DescendAsync().Bounded());

        Task<int> DescendAsync() => executor.RunAsync(_ => DescendAsync());
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Work_that_waits_while_another_place_can_go_on_is_left_alone(ExecutorKind kind, int places)
    {
        await using var executor = kind.Create(places + 1);
        var result = await executor.RunAsync(token => executor.RunAsync(_ => Task.FromResult(5), token)).Bounded();
        Assert.Equal(5, result);
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task Posted_work_is_not_waited_for_and_always_accepted(ExecutorKind kind, int places)
    {
        await using var executor = kind.Create(places);
        var ran = new Countdown(100);
        void Crawl(int left)
        {
            executor.Post(_ =>
            {
                ran.Signal();
                if (left > 0)
                {
                    Crawl((left - 1) / 2);
                    Crawl(left - 1 - ((left - 1) / 2));
                }

                return Task.CompletedTask;
            });
        }

        Crawl(99);
        await ran.ReachedAsync();
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task What_outlives_its_item_submits_like_anybody(ExecutorKind kind, int places)
    {
        await using var executor = kind.Create(places);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> left = null!;
        await executor.RunAsync(_ =>
        {
            left = Task.Run(async () =>
            {
                await ended.Task.ConfigureAwait(false);
                return await executor.RunAsync(_ => Task.FromResult(1)).ConfigureAwait(false);
            });
            return Task.FromResult(0);
        }).Bounded();
        var others = Enumerable.Range(0, places).Select(_ => executor.Gate()).ToArray();
        ended.SetResult();
        foreach (var other in others)
            other.End();
        Assert.Equal(1, await left.Bounded());
    }
}
