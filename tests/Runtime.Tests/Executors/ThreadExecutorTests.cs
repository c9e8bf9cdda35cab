using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

public class ThreadExecutorTests
{
    [Fact]
    public async Task All_shapes_of_RunAsync_run()
    {
        await using var executor = new ThreadExecutor(1);
        var sum = 0;
        await executor.RunAsync(() => { sum += 1; });
        await executor.RunAsync(token => { sum += 2; });
        await executor.RunAsync(static (box, token) => { box.Value += 3; }, new StrongBox<int>());
        Assert.Equal(4, await executor.RunAsync(() => 4));
        Assert.Equal(5, await executor.RunAsync(token => 5));
        Assert.Equal(6, await executor.RunAsync(static (state, token) => state, 6));
        Assert.Equal(3, sum);
    }

    [Fact]
    public async Task Work_runs_on_background_threads_of_the_given_name_and_off_the_pool()
    {
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 1, NamePrefix = "reader" });
        Assert.Equal(("reader-1", true, false), await executor.RunAsync(() =>
            (Thread.CurrentThread.Name, Thread.CurrentThread.IsBackground, Thread.CurrentThread.IsThreadPoolThread)).Bounded());
    }

    [Fact]
    public async Task Continuations_do_not_run_on_the_executors_threads()
    {
        await using var executor = new ThreadExecutor(1);
        var onWorker = await executor.RunAsync(() => Environment.CurrentManagedThreadId).ContinueWith(
            task => task.Result == Environment.CurrentManagedThreadId, TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Bounded();
        Assert.False(onWorker);
    }

    [Fact]
    public async Task A_synchronization_context_that_work_leaves_behind_is_gone_for_the_next()
    {
        await using var executor = new ThreadExecutor(1);
        await executor.RunAsync(() => SynchronizationContext.SetSynchronizationContext(new SynchronizationContext())).Bounded();
        Assert.Null(await executor.RunAsync(() => SynchronizationContext.Current).Bounded());
    }

    [Fact]
    public async Task Each_waiter_and_each_later_submission_gets_a_BrokenExecutorException_of_its_own()
    {
        var open = new ManualResetEventSlim();
        var cause = new BoomException("no driver");
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 1,
            Initializer = () =>
            {
                open.Wait();
                throw cause;
            },
        });
        var pending = Enumerable.Range(0, 3).Select(_ => executor.RunAsync(() => 1)).ToArray();
        open.Set();
        var exceptions = new List<BrokenExecutorException>();
        foreach (var task in pending)
            exceptions.Add(await Assert.ThrowsAsync<BrokenExecutorException>(() => task.Bounded()));
        exceptions.Add(Assert.Throws<BrokenExecutorException>(() => { _ = executor.RunAsync(() => 1); }));
        exceptions.Add(Assert.Throws<BrokenExecutorException>(() => { _ = executor.RunAsync(() => 1); }));
        Assert.Equal(5, exceptions.Distinct().Count());
        Assert.All(exceptions, e => Assert.Same(cause, e.InnerException));
        await executor.ShutdownAsync().Bounded();
    }

    [Fact]
    public async Task A_later_worker_that_fails_to_initialize_lets_what_runs_finish()
    {
        var workers = 0;
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions
        {
            MaxThreads = 2,
            Initializer = () =>
            {
                if (Interlocked.Increment(ref workers) == 2)
                    throw new BoomException();
            },
        });
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new ManualResetEventSlim();
        var running = executor.RunAsync(() =>
        {
            started.SetResult();
            end.Wait();
            return 1;
        });
        await started.Task.Bounded();
        await Assert.ThrowsAsync<BrokenExecutorException>(() => executor.RunAsync(() => 2).Bounded());
        end.Set();
        Assert.Equal(1, await running.Bounded());
    }

    [Fact]
    public async Task The_initializer_runs_once_a_worker_before_any_work()
    {
        var initialized = new ThreadLocal<int>(trackAllValues: true);
        await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 2, Initializer = () => initialized.Value++ });
        var both = new Countdown(2);
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(executor.RunAsync(() => Assert.Equal(1, initialized.Value)), executor.RunAsync(() => Assert.Equal(1, initialized.Value))).Bounded();
            both.Signal();
        }

        Assert.InRange(initialized.Values.Count, 1, 2);
        Assert.All(initialized.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Threads_of_a_forgotten_executor_end_when_their_work_is_done()
    {
        var (thread, task) = Forget();
        Assert.Equal(1, await task.Bounded());
        for (var i = 0; thread.IsAlive && i < 1000; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            thread.Join(TimeSpan.FromMilliseconds(20));
        }

        Assert.False(thread.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Thread, Task<int>) Forget()
        {
            var executor = new ThreadExecutor(1);
            var thread = executor.RunAsync(() => Thread.CurrentThread).Bounded().GetAwaiter().GetResult();
            return (thread, executor.RunAsync(() => 1));
        }
    }

    [Fact]
    public async Task An_interrupt_that_comes_after_its_work_disturbs_nobody()
    {
        await using var executor = new ThreadExecutor(1);
        for (var i = 0; i < 20; i++)
        {
            var thread = await executor.RunAsync(() => Thread.CurrentThread).Bounded();
            while (i % 2 == 0 && (thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
                await Task.Yield(); // Half of them while the thread sleeps.
            thread.Interrupt();
            while (i % 2 == 0 && (thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
                await Task.Yield();
            if (i % 2 == 0)
                Assert.Same(thread, await executor.RunAsync(() => Thread.CurrentThread).Bounded());
        }
    }

    [Fact]
    public async Task Disposal_from_own_work_throws_and_the_finalizer_still_ends_the_threads()
    {
        var thread = await LeaveAsync();
        for (var i = 0; i < 100 && thread.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            thread.Join(100);
        }

        Assert.False(thread.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<Thread> LeaveAsync()
        {
            var executor = new ThreadExecutor(1);
            return await executor.RunAsync(() =>
            {
                Assert.Throws<InvalidOperationException>(() => { _ = executor.DisposeAsync().AsTask(); });
                return Thread.CurrentThread;
            }).Bounded();
        }
    }

    [Fact]
    public async Task The_threads_have_ended_with_the_shutdown()
    {
        var executor = new ThreadExecutor(3);
        var all = new CountdownEvent(3);
        var threads = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => executor.RunAsync(() =>
        {
            all.Signal();
            all.Wait();
            return Thread.CurrentThread;
        }))).Bounded();
        Assert.Equal(3, threads.Distinct().Count());
        await executor.ShutdownAsync().Bounded();
        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30))));
    }

    [Fact]
    public async Task A_submission_allocates_at_most_128_bytes()
    {
        await using var executor = new ThreadExecutor(1);
        var open = new ManualResetEventSlim();
        Func<int> work = static () => 1;
        var blocked = executor.RunAsync(() => open.Wait());
        var tasks = new Task[10_000];
        for (var i = 0; i < 1000; i++)
            tasks[i] = executor.RunAsync(work);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1000; i < 2000; i++)
            tasks[i] = executor.RunAsync(work);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0;
        open.Set();
        await blocked.Bounded();
        Assert.InRange(each, 1, 128 + 17); // The queue itself doubles once on the way: 8 bytes for each item it then has room for.
    }

    [Fact]
    public void Options_out_of_range_are_refused_with_their_name_and_range()
    {
        foreach (var bad in new[] { 0, -1, 32_768 })
        {
            var e = Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadExecutor(bad));
            Assert.Equal("MaxThreads", e.ParamName);
            Assert.Contains("from 1 to 32767", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal("MaxConcurrency", Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncExecutor(0)).ParamName);
        Assert.Equal("QueueCapacity", Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncExecutor(new AsyncExecutorOptions { QueueCapacity = -1 })).ParamName);
        Assert.Equal("QueueFullMode", Assert.Throws<ArgumentOutOfRangeException>(() => new AsyncExecutor(new AsyncExecutorOptions { QueueFullMode = (QueueFullMode)5 })).ParamName);
        Assert.Equal("TimeProvider", Assert.Throws<ArgumentNullException>(() => new AsyncExecutor(new AsyncExecutorOptions { TimeProvider = null! })).ParamName);
        Assert.Equal("NamePrefix", Assert.Throws<ArgumentNullException>(() => new ThreadExecutor(new ThreadExecutorOptions { NamePrefix = null! })).ParamName);
        Assert.Throws<ArgumentNullException>(() => new AsyncExecutor(null!));
        Assert.Throws<ArgumentNullException>(() => new ThreadExecutor(null!));
        Assert.Throws<ArgumentNullException>(() => { _ = new ThreadExecutor(1).RunAsync((Action)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = new AsyncExecutor(1).RunAsync((Func<Task>)null!); });
    }

    [Fact]
    public async Task Options_are_read_once()
    {
        var options = new ThreadExecutorOptions { MaxThreads = 1 };
        await using var executor = new ThreadExecutor(options);
        options.MaxThreads = 5;
        Assert.Equal(1, executor.MaxThreads);
    }

    [Fact]
    public async Task A_place_gets_one_thread_however_early_its_first_item_ends()
    {
        for (var round = 0; round < 500; round++)
        {
            var (threads, ended) = (0, 0);
            await using var executor = new ThreadExecutor(new ThreadExecutorOptions { MaxThreads = 1, Initializer = () => Interlocked.Increment(ref threads) });
            var second = Task.Run(async () =>
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref ended) != 0);
                for (var i = 0; i < 10; i++)
                    await executor.RunAsync(() => { });
            });
            await executor.RunAsync(() => Volatile.Write(ref ended, 1)).Bounded();
            await second.Bounded();
            await executor.ShutdownAsync().Bounded();
            Assert.Equal(1, threads);
        }
    }
}
