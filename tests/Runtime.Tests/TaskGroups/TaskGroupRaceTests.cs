using System.Collections.Concurrent;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;
using static ConcurrencyAnalyzers.Runtime.Tests.Conformance.TaskGroupConformanceTests;

namespace ConcurrencyAnalyzers.Runtime.Tests.TaskGroups;

/// <summary>Both orders of each race, then the races themselves on real threads.</summary>
public sealed class TaskGroupRaceTests
{
    public enum Happening
    {
        Fault,
        Cancel,
        CancelCaller,
    }

    [Theory]
    [InlineData(Happening.Fault, Happening.Cancel, "fault")]
    [InlineData(Happening.Cancel, Happening.Fault, "fault")]
    [InlineData(Happening.Fault, Happening.CancelCaller, "fault")]
    [InlineData(Happening.CancelCaller, Happening.Fault, "fault")]
    [InlineData(Happening.Cancel, Happening.CancelCaller, "nothing")]
    [InlineData(Happening.CancelCaller, Happening.Cancel, "caller")]
    public async Task A_fault_always_surfaces_and_otherwise_the_first_cause_counts(Happening first, Happening second, string surfaces)
    {
        using var caller = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var group = new TaskGroup(caller.Token);
        var stubborn = group.Start(_ => { started.SetResult(); return gate.Task; });
        await started.Task.Bounded();
        foreach (var next in new[] { first, second })
        {
            if (next == Happening.Fault)
                gate.SetException(new BoomException());
            else if (next == Happening.Cancel)
                group.Cancel();
            else
                await caller.CancelAsync();
            if (next == Happening.Fault)
                await stubborn.EndedAsync();
        }

        gate.TrySetResult();
        var disposal = group.DisposeAsync().AsTask();
        if (surfaces == "fault")
            await FaultsAsync(() => disposal, "boom");
        else if (surfaces == "caller")
            await CanceledByAsync(disposal, caller.Token);
        else
            await disposal.Bounded();
    }

    [Fact]
    public async Task Run_before_the_last_child_ends_is_taken_and_after_it_is_refused()
    {
        var gate = new TaskCompletionSource();
        var group = new TaskGroup();
        group.Run(_ => gate.Task);
        var disposal = group.DisposeAsync().AsTask();
        var child = group.Run(_ => Task.FromResult(1));
        Assert.Equal(1, await child.Bounded());
        gate.SetResult();
        await disposal.Bounded();

        Assert.Throws<ObjectDisposedException>(() => group.Run(_ => Task.CompletedTask));
    }

    [Fact]
    public async Task Every_run_that_races_disposal_either_runs_to_its_end_or_throws()
    {
        for (var round = 0; round < 300; round++)
        {
            var group = new TaskGroup();
            var begin = new ManualResetEventSlim();
            int taken = 0, refused = 0, ran = 0;

            void Submit()
            {
                begin.Wait();
                for (var i = 0; i < 20; i++)
                {
                    try
                    {
                        group.Run(_ => { Interlocked.Increment(ref ran); return Task.CompletedTask; });
                        Interlocked.Increment(ref taken);
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            }

            var submitters = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(Submit, TaskCreationOptions.LongRunning)).ToArray();
            begin.Set();
            await group.DisposeAsync().AsTask().Bounded();
            await Task.WhenAll(submitters).Bounded();

            Assert.Equal(60, taken + refused);
            Assert.Equal(taken, ran);
        }
    }

    [Fact]
    public async Task Faults_cancellations_and_submissions_at_once_lose_no_fault_and_no_child()
    {
        for (var round = 0; round < 200; round++)
        {
            using var caller = new CancellationTokenSource();
            var group = new TaskGroup(maxConcurrency: 3, caller.Token);
            var children = new ConcurrentBag<Task>();
            var thrown = new ConcurrentBag<string>();

            void Submit(int worker)
            {
                for (var i = 0; i < 20; i++)
                {
                    var name = $"{worker}.{i}";
                    try
                    {
                        children.Add(group.Start(async token =>
                        {
                            await Task.Yield();
                            if (name == "1.15")
                            {
                                thrown.Add(name);
                                throw new BoomException(name);
                            }

                            token.ThrowIfCancellationRequested();
                        }));
                    }
                    catch (OperationCanceledException)
                    {
                        // Refused after the fault or the cancellation.
                    }
                }
            }

            var workers = new List<Task>
            {
                Task.Run(() => Submit(0)),
                Task.Run(() => Submit(1)),
                Task.Run(() => { if (round % 2 == 0) caller.Cancel(); else group.Cancel(); }),
            };
            await Task.WhenAll(workers).Bounded();
            var disposal = group.DisposeAsync().AsTask();
            await disposal.EndedAsync();

            Assert.All(children, child => Assert.True(child.IsCompleted));
            var reported = disposal.Exception?.InnerException is AggregateException group1 ? group1.InnerExceptions.Select(error => error.Message) : [];
            Assert.Equal(thrown.Order(), reported.Order());
        }
    }

    [Fact]
    public async Task Nothing_that_a_group_does_raises_an_unobserved_fault()
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
            await FaultAndForgetAsync(name);
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

    private static async Task FaultAndForgetAsync(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            var group = new TaskGroup();
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var child = group.Start(async _ => { await gate.Task; throw new BoomException(name); });
            group.Token.Register(() => throw new BoomException(name));
            // Last: from its fault on the group takes no child, and its token runs a callback at once.
            group.Run(_ => throw new BoomException(name));
            gate.SetResult();
            await child.EndedAsync();
            await Assert.ThrowsAsync<AggregateException>(() => group.DisposeAsync().AsTask().Bounded());
            await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.RunAsync((_, _) => Task.FromException<int>(new BoomException(name))).Bounded());
        }
    }
}
