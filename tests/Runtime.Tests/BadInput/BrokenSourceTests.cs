using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>Sources that throw, at each of their members, under everything that takes a source.</summary>
public sealed class BrokenSourceTests
{
    private static readonly string[] Members = ["Count", "GetEnumerator", "MoveNext", "Current", "Dispose"];

    private static readonly string[] Operations =
    [
        "AsyncExecutor.MapAsync", "AsyncExecutor.MapAsCompletedAsync", "AsyncExecutor.SettleAsync",
        "ThreadExecutor.MapAsync", "ThreadExecutor.MapAsCompletedAsync", "ThreadExecutor.SettleAsync",
        "Gather.AllAsync", "Gather.SettleAsync",
    ];

    public static MatrixTheoryData<string, string> Cases => new(Operations, Members);

    public static MatrixTheoryData<string, string> AsyncCases => new(Operations, Members[1..]);

    [Theory, MemberData(nameof(Cases))]
    public async Task A_source_that_throws_ends_the_whole_and_is_disposed_once(string operation, string member)
    {
        var source = new BrokenSource(member, operation + member);
        var run = operation switch
        {
            "Gather.AllAsync" => Gather.AllAsync(source, 2, static i => Task.FromResult(i)),
            "Gather.SettleAsync" => Gather.SettleAsync(source, 2, static i => Task.FromResult(i)),
            _ => OnExecutorAsync(operation, source, null),
        };
        Assert.Equal(operation + member, (await Assert.ThrowsAsync<BoomException>(() => run.Bounded())).Message);
        Assert.Equal(source.Enumerations == 0 || member == "GetEnumerator" ? 0 : 1, source.Disposals);
    }

    [Theory, MemberData(nameof(AsyncCases))]
    public async Task An_asynchronous_source_that_throws_ends_the_whole_and_is_disposed_once(string operation, string member)
    {
        var source = new BrokenAsyncSource(member, operation + member);
        var run = operation switch
        {
            "Gather.AllAsync" => Gather.AllAsync(source, 2, static i => Task.FromResult(i)),
            "Gather.SettleAsync" => Gather.SettleAsync(source, 2, static i => Task.FromResult(i)),
            _ => OnExecutorAsync(operation, null, source),
        };
        Assert.Equal(operation + member, (await Assert.ThrowsAsync<BoomException>(() => run.Bounded())).Message);
        Assert.Equal(member == "GetEnumerator" ? 0 : 1, source.Disposals);
    }

    [Theory]
    [InlineData("GetEnumerator")]
    [InlineData("MoveNext")]
    [InlineData("Current")]
    public async Task A_source_of_contenders_that_throws_fails_the_race(string member)
    {
        var race = Gather.FirstAsync(new BrokenSource(member, member), 2, static async (i, _) =>
        {
            await Task.Yield();
            return i;
        });
        Assert.Equal(member, (await Assert.ThrowsAsync<BoomException>(() => race.Bounded())).Message);
    }

    [Fact]
    public async Task A_source_of_contenders_that_throws_in_Dispose_leaves_the_winner_and_is_reported()
    {
        using var faults = new UnhandledFaults();
        Assert.Equal(1, await Gather.FirstAsync(new BrokenSource("Dispose", "dispose of contenders"), 2, static (i, _) => Task.FromResult(i)).Bounded());
        await faults.WaitForAsync("dispose of contenders");
    }

    [Fact]
    public async Task A_source_that_throws_in_Dispose_after_a_failure_does_not_take_its_place()
    {
        using var faults = new UnhandledFaults();
        await using var executor = new AsyncExecutor(1);
        var e = await Assert.ThrowsAsync<BoomException>(() => ReadAsync(
            executor.MapAsync(new BrokenSource("Dispose", "dispose after failure"), static Task<int> (_, _) => throw new BoomException("work"))).Bounded());
        Assert.Equal("work", e.Message);
        await faults.WaitForAsync("dispose after failure");
    }

    [Fact]
    public void A_sequence_of_tasks_that_throws_does_so_in_the_call_itself()
    {
        Assert.Throws<BoomException>(() => { _ = Gather.AsCompletedAsync(Broken()); });
        Assert.Throws<BoomException>(() => { _ = Gather.SettleAsync(Broken()); });

        static IEnumerable<Task<int>> Broken()
        {
            yield return Task.FromResult(1);
            throw new BoomException();
        }
    }

    private static async Task OnExecutorAsync(string operation, IEnumerable<int>? source, IAsyncEnumerable<int>? asyncSource)
    {
        await using var async = new AsyncExecutor(2);
        await using var thread = new ThreadExecutor(2);
        Task run = (operation, source) switch
        {
            ("AsyncExecutor.MapAsync", not null) => ReadAsync(async.MapAsync(source, WorkAsync)),
            ("AsyncExecutor.MapAsync", _) => ReadAsync(async.MapAsync(asyncSource!, WorkAsync)),
            ("AsyncExecutor.MapAsCompletedAsync", not null) => ReadAsync(async.MapAsCompletedAsync(source, WorkAsync)),
            ("AsyncExecutor.MapAsCompletedAsync", _) => ReadAsync(async.MapAsCompletedAsync(asyncSource!, WorkAsync)),
            ("AsyncExecutor.SettleAsync", not null) => async.SettleAsync(source, WorkAsync),
            ("AsyncExecutor.SettleAsync", _) => async.SettleAsync(asyncSource!, WorkAsync),
            ("ThreadExecutor.MapAsync", not null) => ReadAsync(thread.MapAsync(source, static i => i)),
            ("ThreadExecutor.MapAsync", _) => ReadAsync(thread.MapAsync(asyncSource!, static i => i)),
            ("ThreadExecutor.MapAsCompletedAsync", not null) => ReadAsync(thread.MapAsCompletedAsync(source, static i => i)),
            ("ThreadExecutor.MapAsCompletedAsync", _) => ReadAsync(thread.MapAsCompletedAsync(asyncSource!, static i => i)),
            (_, not null) => thread.SettleAsync(source, static i => i),
            _ => thread.SettleAsync(asyncSource!, static i => i),
        };
        await run;

        static Task<int> WorkAsync(int item, CancellationToken cancellationToken) => Task.FromResult(item);
    }

    private static async Task ReadAsync(IAsyncEnumerable<int> results)
    {
        await foreach (var _ in results)
        {
        }
    }
}
