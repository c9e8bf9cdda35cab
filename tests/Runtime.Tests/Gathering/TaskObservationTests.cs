using System.Collections.Concurrent;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

/// <summary>Keeps the faults that no handler took, of those that a test made.</summary>
public sealed class UnhandledFaults : IDisposable
{
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Exception>> _expected = new();

    public UnhandledFaults() => TaskObservation.UnhandledFault += Add;

    public IEnumerable<string> Messages => _faults.Select(fault => fault.Message);

    /// <summary>Waits for the fault with a message no other test uses.</summary>
    public Task<Exception> WaitForAsync(string message) => Expected(message).Task.Bounded();

    public void Dispose() => TaskObservation.UnhandledFault -= Add;

    private TaskCompletionSource<Exception> Expected(string message) =>
        _expected.GetOrAdd(message, static _ => new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Add(object? sender, UnhandledFaultEventArgs e)
    {
        _faults.Enqueue(e.Exception);
        Expected(e.Exception.Message).TrySetResult(e.Exception);
    }
}

public class TaskObservationTests
{
    [Fact]
    public async Task The_handler_gets_the_fault_once_it_is_there()
    {
        var fault = new TaskCompletionSource<Exception>();
        var source = new TaskCompletionSource();
        source.Task.Observe(fault.SetResult);
        Assert.False(fault.Task.IsCompleted);
        var boom = new BoomException();
        source.SetException(boom);
        Assert.Same(boom, await fault.Task.Bounded());
    }

    [Fact]
    public async Task A_task_that_faulted_before_is_handled_too()
    {
        var fault = new TaskCompletionSource<Exception>();
        Task.FromException(new BoomException("early")).Observe(fault.SetResult);
        Assert.Equal("early", (await fault.Task.Bounded()).Message);
    }

    [Fact]
    public async Task Several_faults_come_as_one_aggregate()
    {
        var fault = new TaskCompletionSource<Exception>();
        Task.WhenAll(Task.FromException(new BoomException("a")), Task.FromException(new BoomException("b"))).Observe(fault.SetResult);
        Assert.Equal(2, Assert.IsType<AggregateException>(await fault.Task.Bounded()).InnerExceptions.Count);
    }

    [Fact]
    public async Task Neither_success_nor_cancellation_is_a_fault()
    {
        var calls = 0;
        var source = new TaskCompletionSource();
        var canceled = new TaskCompletionSource();
        Task.CompletedTask.Observe(_ => calls++);
        Task.FromCanceled(new CancellationToken(true)).Observe(_ => calls++);
        source.Task.Observe(_ => calls++);
        canceled.Task.Observe(_ => calls++);
        source.SetResult();
        canceled.SetCanceled(TestContext.Current.CancellationToken);

        // A fault observed afterwards is handled: the pool has had its chance with the others.
        var last = new TaskCompletionSource();
        Task.FromException(new BoomException()).Observe(_ => last.SetResult());
        await last.Task.Bounded();
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Without_a_handler_the_fault_goes_to_the_event()
    {
        using var faults = new UnhandledFaults();
        Task.FromException(new BoomException("unhandled 1")).Observe();
        Assert.IsType<BoomException>(await faults.WaitForAsync("unhandled 1"));
    }

    [Fact]
    public async Task A_handler_that_throws_changes_nothing_and_is_reported_itself()
    {
        using var faults = new UnhandledFaults();
        Task.FromException(new BoomException()).Observe(_ => throw new BoomException("handler 1"));
        Assert.IsType<BoomException>(await faults.WaitForAsync("handler 1"));
    }

    [Fact]
    public async Task A_subscriber_that_throws_keeps_no_other_from_its_turn()
    {
        EventHandler<UnhandledFaultEventArgs> bad = static (_, e) =>
        {
            if (e.Exception.Message == "unhandled 2")
                throw new BoomException("subscriber");
        };
        TaskObservation.UnhandledFault += bad;
        using var faults = new UnhandledFaults();
        Task.FromException(new BoomException("unhandled 2")).Observe();
        await faults.WaitForAsync("unhandled 2");
        TaskObservation.UnhandledFault -= bad;
    }

    [Fact]
    public async Task The_handler_runs_with_the_callers_execution_context()
    {
        var local = new AsyncLocal<int> { Value = 5 };
        var seen = new TaskCompletionSource<int>();
        Task.FromException(new BoomException()).Observe(_ => seen.SetResult(local.Value));
        local.Value = 6;
        Assert.Equal(5, await seen.Task.Bounded());
    }

    [Fact]
    public async Task Value_tasks_are_observed()
    {
        var fault = new TaskCompletionSource<Exception>();
        var faultOfResult = new TaskCompletionSource<Exception>();
        new ValueTask(Task.FromException(new BoomException("v"))).Observe(fault.SetResult);
        new ValueTask<int>(Task.FromException<int>(new BoomException("r"))).Observe(faultOfResult.SetResult);
        default(ValueTask).Observe(_ => Assert.Fail("no fault"));
        new ValueTask<int>(1).Observe(_ => Assert.Fail("no fault"));
        Assert.Equal(("v", "r"), ((await fault.Task.Bounded()).Message, (await faultOfResult.Task.Bounded()).Message));
    }

    [Fact]
    public void A_null_task_is_refused() => Assert.Throws<ArgumentNullException>(() => ((Task)null!).Observe());
}
