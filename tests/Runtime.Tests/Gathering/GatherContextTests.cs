using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.Runtime.Tests.Executors;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

/// <summary>Where the work runs, what it sees, and what becomes of the source.</summary>
public class GatherContextTests
{
    [Fact]
    public async Task Each_element_sees_the_callers_AsyncLocals_and_none_of_another_element()
    {
        var local = new AsyncLocal<string?> { Value = "caller" };
        var seen = new ConcurrentQueue<string?>();
        var gates = GatherAllTests.Gates(6);
        var all = Gather.AllAsync(Enumerable.Range(0, 6), 2, Task (i) =>
        {
            seen.Enqueue(local.Value);
            local.Value = $"element {i}"; // Not in an async method: nothing but Gather takes this back.
            return gates[i].Task;
        });
        Assert.Equal("caller", local.Value);
        local.Value = "later";
        foreach (var gate in gates)
            gate.SetResult();
        await all.Bounded();
        Assert.Equal(Enumerable.Repeat("caller", 6), seen);
        Assert.Equal("later", local.Value);
    }

    [Fact]
    public async Task Later_elements_start_on_the_callers_synchronization_context()
    {
        using var loop = new EventLoop();
        var threads = await loop.RunAsync(async () =>
        {
            var threads = new List<int>();
            await Gather.AllAsync(Enumerable.Range(0, 10), 2, async i =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.NotNull(SynchronizationContext.Current);
                await Task.Yield();
                await Task.Run(() => { }).ConfigureAwait(false);
            });
            return threads;
        }).Bounded();
        Assert.Equal(10, threads.Count);
        Assert.Equal([loop.ThreadId], threads.Distinct());
    }

    [Fact]
    public async Task Later_elements_start_on_the_callers_task_scheduler()
    {
        var exclusive = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var seen = new ConcurrentQueue<TaskScheduler>();
        await Task.Factory.StartNew(() => Gather.AllAsync(Enumerable.Range(0, 10), 2, async i =>
        {
            seen.Enqueue(TaskScheduler.Current);
            await Task.Run(() => { }).ConfigureAwait(false);
        }), TestContext.Current.CancellationToken, TaskCreationOptions.None, exclusive).Unwrap().Bounded();
        Assert.Equal(10, seen.Count);
        Assert.All(seen, scheduler => Assert.Same(exclusive, scheduler));
    }

    [Fact]
    public async Task A_context_that_takes_no_more_posts_leaves_nobody_hanging()
    {
        var before = SynchronizationContext.Current;
        var gates = GatherAllTests.Gates(3);
        Task all;
        SynchronizationContext.SetSynchronizationContext(new ClosedContext());
        try
        {
            all = Gather.AllAsync(Enumerable.Range(0, 3), 1, i => gates[i].Task);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        foreach (var gate in gates)
            gate.SetResult();
        await all.Bounded();
    }

    [Fact]
    public async Task The_source_is_pulled_only_as_places_fall_free_by_one_thread_at_a_time_and_disposed_once()
    {
        var source = new CountingSource();
        using var cts = new CancellationTokenSource();
        var gates = GatherAllTests.Gates(3000);
        var all = Gather.AllAsync(source, 5, async (i, _) =>
        {
            if (i + 1 >= gates.Length)
                await cts.CancelAsync();
            else
                await gates[i].Task;
        }, cts.Token);
        Assert.Equal(5, source.Pulled);
        Parallel.For(0, gates.Length - 1, i => gates[i].SetResult());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.Bounded());
        Assert.False(source.WasShared);
        Assert.Equal((1, 1), (source.Enumerated, source.Disposed));
    }

    [Theory]
    [InlineData("GetEnumerator")]
    [InlineData("MoveNext")]
    [InlineData("Current")]
    [InlineData("Dispose")]
    [InlineData("Count")]
    public async Task A_source_that_throws_fails_the_run_after_what_was_started(string member)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = Gather.AllAsync(new BrokenSource(member), 2, _ => gate.Task);
        gate.SetResult();
        Assert.Equal(member, (await Assert.ThrowsAsync<BoomException>(() => all.Bounded())).Message);
    }

    [Fact]
    public async Task An_asynchronous_source_gets_a_token_that_ends_its_wait_when_work_fails()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disposed = false;
        var all = Gather.AllAsync(Source(), 2, async _ =>
        {
            await gate.Task;
            throw new BoomException();
        });
        gate.SetResult();
        await Assert.ThrowsAsync<BoomException>(() => all.Bounded());
        Assert.True(disposed);

        async IAsyncEnumerable<int> Source([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return 1;
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                disposed = true;
            }
        }
    }

    [Fact]
    public async Task What_a_callback_of_the_token_throws_is_kept()
    {
        var all = Gather.AllAsync([0, 1], 2, async (i, ct) =>
        {
            if (i == 1)
                throw new BoomException("work");
            ct.Register(() => throw new BoomException("callback"));
            await Task.Delay(Timeout.Infinite, ct);
        });
        await all.EndedAsync();
        Assert.Equal(["work", "callback"], all.Exception!.InnerExceptions.Select(e => e.Message));
    }

    private sealed class ClosedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => throw new InvalidOperationException("closed");
    }

    private sealed class BrokenSource(string member) : IEnumerable<int>, IEnumerator<int>, System.Collections.ICollection
    {
        private int _moves;

        public int Count => Try("Count", 1);

        public bool IsSynchronized => false;

        public object SyncRoot => this;

        public int Current => Try("Current", 1);

        object System.Collections.IEnumerator.Current => Current;

        public IEnumerator<int> GetEnumerator() => Try("GetEnumerator", this);

        public bool MoveNext() => Try("MoveNext", _moves++ == 0);

        public void Dispose() => Try("Dispose", 0);

        public void Reset() => throw new NotSupportedException();

        public void CopyTo(Array array, int index) => throw new NotSupportedException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private T Try<T>(string name, T value) => name == member ? throw new BoomException(name) : value;
    }

    /// <summary>A thread with a queue, such as a user interface has.</summary>
    private sealed class EventLoop : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback, object?)> _posts = [];
        private readonly Thread _thread;

        public EventLoop()
        {
            _thread = new Thread(Loop) { IsBackground = true };
            _thread.Start();
        }

        public int ThreadId => _thread.ManagedThreadId;

        public Task<T> RunAsync<T>(Func<Task<T>> work)
        {
            var result = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(_ => result.SetResult(work()), null);
            return result.Task.Unwrap();
        }

        public override void Post(SendOrPostCallback d, object? state) => _posts.Add((d, state));

        public void Dispose() => _posts.CompleteAdding();

        private void Loop()
        {
            SetSynchronizationContext(this);
            foreach (var (callback, state) in _posts.GetConsumingEnumerable())
                callback(state);
        }
    }
}
