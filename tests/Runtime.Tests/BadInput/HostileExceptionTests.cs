using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.BadInput;

/// <summary>
/// Exceptions and tasks whose own members throw: whoever waits gets the very instance, and nothing of the runtime asks it for
/// its message, or compares it with anything but by reference.
/// </summary>
[Collection(RunsAlone.Name)]
public sealed class HostileExceptionTests
{
    private readonly HostileException _hostile = new();

    public static TheoryData<string> Operations => ["Async", "Thread", "Settled map", "Gather", "Deadline", "Breaker", "Policy"];

    [Theory, MemberData(nameof(Operations))]
    public async Task It_comes_back_as_it_was_thrown(string operation)
    {
        await using var async = new AsyncExecutor(2);
        await using var thread = new ThreadExecutor(2);
        Task run = operation switch
        {
            "Async" => async.RunAsync(ThrowAsync),
            "Thread" => thread.RunAsync(() => throw _hostile),
            "Settled map" => SettleAsync(async),
            "Gather" => Gather.AllAsync([1, 2], 2, _ => ThrowAsync()),
            "Deadline" => Deadline.RunAsync(_ => ThrowAsync(), TimeSpan.FromMinutes(1)),
            "Breaker" => new CircuitBreaker().ExecuteAsync(_ => new ValueTask(ThrowAsync())).AsTask(),
            _ => new ResiliencePolicy(new ResiliencePolicyOptions { CircuitBreaker = new CircuitBreaker(), TotalTimeout = TimeSpan.FromMinutes(1) })
                .ExecuteAsync(_ => new ValueTask(ThrowAsync())).AsTask(),
        };
        await run.EndedAsync();
        Assert.Same(_hostile, run.Exception!.InnerExceptions[0]);
    }

    [Fact]
    public async Task A_group_reports_it_once_although_two_await_it()
    {
        var group = new TaskGroup();
        var child = group.Start(_ => ThrowAsync());
        group.Run(_ => child);
        var disposal = group.DisposeAsync().AsTask();
        await disposal.EndedAsync();
        Assert.Same(_hostile, Assert.Single(Assert.IsType<AggregateException>(disposal.Exception!.InnerException).InnerExceptions));
    }

    [Fact]
    public async Task An_initializer_that_throws_it_breaks_the_executor_and_leaves_nobody_waiting()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 1,
            Initializer = () =>
            {
                gate.Task.Wait();
                throw _hostile;
            },
        });
        Task[] items = [executor.RunAsync(() => 1), executor.RunAsync(() => 2)];
        gate.SetResult();
        foreach (var item in items)
        {
            var broken = await Assert.ThrowsAsync<BrokenExecutorException>(() => item.Bounded());
            Assert.Same(_hostile, broken.InnerException);
            Assert.Contains(nameof(HostileException), broken.Message, StringComparison.Ordinal);
        }

        Assert.Throws<BrokenExecutorException>(() => { _ = executor.RunAsync(() => 3); });
    }

    [Fact]
    public async Task Observed_by_nobody_it_changes_nothing()
    {
        var after = new TaskCompletionSource();
        Task.FromException(_hostile).Observe();
        Task.FromException(new BoomException()).Observe(_ => after.SetResult());
        await after.Task.Bounded();
    }

    [Fact]
    public async Task Tasks_are_told_apart_by_reference_and_not_by_their_own_comparison()
    {
        var (first, second) = (new HostileTask(), new HostileTask());
        first.RunSynchronously();
        second.RunSynchronously();
        var count = 0;
        await foreach (var task in Gather.AsCompletedAsync(Enumerable.Repeat<Task<int>[]>([first, second], 10).SelectMany(static two => two)))
            count += await task;
        Assert.Equal(2, count);
    }

    private async Task SettleAsync(AsyncExecutor executor)
    {
        var outcomes = await executor.SettleAsync([1, 2], async (_, _) =>
        {
            await ThrowAsync();
            return 0;
        });
        outcomes[0].GetValueOrThrow();
    }

    private async Task ThrowAsync()
    {
        await Task.Yield();
        throw _hostile;
    }

#pragma warning disable CA1032, CA1065 // They throw where no exception should: that is what is tested.
    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException();

        public override bool Equals(object? obj) => throw new InvalidOperationException();

        public override int GetHashCode() => throw new InvalidOperationException();

        public override string ToString() => throw new InvalidOperationException();
    }

    private sealed class HostileTask() : Task<int>(static () => 1)
    {
        public override bool Equals(object? obj) => throw new InvalidOperationException();

        public override int GetHashCode() => throw new InvalidOperationException();
    }
#pragma warning restore CA1032, CA1065
}
