using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ConcurrencyAnalyzers.Runtime.Tests.Gathering;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.Processes;

public sealed partial class ProcessExecutorTests
{
    [Fact]
    public async Task Runs_static_methods_and_lambdas_of_every_shape_in_another_process()
    {
        await using var executor = new ProcessExecutor(1);

        Assert.Equal(49, await executor.RunAsync(Jobs.Square, 7).Bounded());
        Assert.NotEqual(Environment.ProcessId, await executor.RunAsync(Jobs.ProcessId).Bounded());
        Assert.Equal(8, await executor.RunAsync(static number => number + 1, 7).Bounded());
        Assert.Equal(9, await executor.RunAsync(number => number + 2, 7).Bounded());
        Assert.Equal("ab", await executor.RunAsync(static async (string text) => { await Task.Yield(); return text + "b"; }, "a").Bounded());
        Assert.True(await executor.RunAsync(static (int number, CancellationToken token) => number == 3 && token.CanBeCanceled, 3).Bounded());
        Assert.Equal(3, await executor.RunAsync(static async (int number, CancellationToken token) => { await Task.Yield(); return number; }, 3).Bounded());
        await executor.RunAsync(static number => Console.WriteLine(number), 3).Bounded();
        await executor.RunAsync(static () => Console.WriteLine()).Bounded();
        await executor.RunAsync(static async () => await Task.Yield()).Bounded();
        await executor.RunAsync(static async (int _) => await Task.Yield(), 1).Bounded();
        Assert.Single(executor.GetProcessIds());
    }

    [Fact]
    public async Task Sends_generic_methods_tuples_records_and_special_numbers_as_they_are()
    {
        await using var executor = new ProcessExecutor(1);

        Assert.Equal((1, "x"), await executor.RunAsync(Jobs.Echo<(int, string)>, (1, "x")).Bounded());
        Assert.Equal([1, 2, 3], await executor.RunAsync(Jobs.Echo<List<int>>, new List<int> { 1, 2, 3 }).Bounded());
        Assert.Equal(double.NaN, await executor.RunAsync(Jobs.Echo<double>, double.NaN).Bounded());
        Assert.Equal(new Person("Ada", 36), await executor.RunAsync(Jobs.Echo<Person>, new Person("Ada", 36)).Bounded());
        Assert.Null(await executor.RunAsync(Jobs.Echo<string?>, (string?)null).Bounded());
    }

    [Fact]
    public async Task Uses_a_serializer_context_in_place_of_reflection()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, SerializerContext = PersonContext.Default });

        Assert.Equal(new Person("Ada", 36), await executor.RunAsync(Jobs.Echo<Person>, new Person("Ada", 36)).Bounded());
        TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(Jobs.Echo<Order>, new Order(null!)); });
    }

    [Fact]
    public async Task Rejects_what_its_queue_has_no_room_for()
    {
        var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        using var started = new SharedInt64();
        var running = executor.RunAsync(Jobs.HangOn, started);
        var waiting = executor.RunAsync(Jobs.Square, 2);

        TheCall.Throws<QueueFullException>(() => { executor.RunAsync(Jobs.Square, 2); });

        await executor.TerminateAsync().Bounded();
        await running.EndedAsync();
        await waiting.EndedAsync();
    }

    [Fact]
    public async Task Reports_progress_and_what_is_unfinished_by_chunks()
    {
        var executor = new ProcessExecutor(2);
        var progress = new LastProgress();

        await executor.SettleAsync(Enumerable.Range(0, 10), Jobs.Square, chunkSize: 5, new MapOptions { Progress = progress }).Bounded();
        Assert.Equal(new ExecutorProgress { Completed = 2, Total = 2 }, progress.Last);

        var expired = await Assert.ThrowsAsync<TimeoutException>(
            () => ToListAsync(executor.MapAsync(Enumerable.Range(0, 10), Jobs.Square, chunkSize: 5, new MapOptions { Timeout = TimeSpan.Zero })).Bounded());
        Assert.Contains("unfinished", expired.Message, StringComparison.Ordinal);
        await executor.ShutdownAsync().Bounded();
    }

    [Fact]
    public async Task Refuses_on_the_caller_what_a_worker_could_not_call()
    {
        await using var executor = new ProcessExecutor(1);
        var captured = 3;

        TheCall.Throws<ArgumentException>(() => { executor.RunAsync(number => number + captured, 7); });
        TheCall.Throws<ArgumentException>(() => { executor.RunAsync(new Person("Ada", 36).OlderBy, 7); });
        Func<int, int> two = Jobs.Square;
        two += Jobs.Square;
        TheCall.Throws<ArgumentException>(() => { executor.RunAsync(two, 7); });
        TheCall.Throws<ArgumentNullException>(() => { executor.RunAsync((Func<int, int>)null!, 7); });
        Assert.Empty(executor.GetProcessIds());
    }

    [Fact]
    public async Task Refuses_on_the_caller_what_can_not_be_sent_and_names_the_member()
    {
        await using var executor = new ProcessExecutor(1);
        var cycle = Jobs.ReturnCycle();

        Assert.Equal("$.Order.Callback", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(static (WithDelegate it) => 1, new(new(null!))); }).Path);
        Assert.Equal("$.Shape", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(static (WithAbstract it) => 1, new(null!)); }).Path);
        Assert.Equal("$[]", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(static (object[] it) => 1, Array.Empty<object>()); }).Path);
        Assert.Equal("$", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(static (Hidden it) => 1, new()); }).Path);
        Assert.Equal("$", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(static () => new Hidden()); }).Path);
        Assert.StartsWith("$.Next.Next", TheCall.Throws<WorkSerializationException>(() => { executor.RunAsync(Jobs.Echo<Jobs.Node>, cycle); }).Path);
        Assert.Equal(0, executor.GetSnapshot().Failed);
        Assert.Empty(executor.GetProcessIds());
    }

    [Fact]
    public async Task Reuses_an_idle_worker()
    {
        await using var executor = new ProcessExecutor(2);

        Assert.Equal(1, await executor.RunAsync(Jobs.CountCalls).Bounded());
        Assert.Equal(2, await executor.RunAsync(Jobs.CountCalls).Bounded());
        Assert.Equal(3, await executor.RunAsync(Jobs.CountCalls).Bounded());
    }

    [Fact]
    public async Task Initializes_each_worker_before_its_first_item()
    {
        var options = new ProcessExecutorOptions { MaxWorkers = 1, MaxTasksPerWorker = 1 };
        options.SetInitializer(Jobs.Initialize, "ready");
        await using var executor = new ProcessExecutor(options);

        Assert.Equal("ready", await executor.RunAsync(Jobs.Initialized).Bounded());
        Assert.Equal("ready", await executor.RunAsync(Jobs.Initialized).Bounded());
    }

    [Fact]
    public async Task Replaces_a_worker_after_its_number_of_items_also_within_a_chunk()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxTasksPerWorker = 3 });

        List<int> ids = [];
        await foreach (var id in executor.MapAsync(Enumerable.Range(0, 8), Jobs.ProcessIdOf, chunkSize: 4))
            ids.Add(id);

        Assert.Equal([3, 3, 2], ids.GroupBy(id => id).Select(group => group.Count()));
    }

    [Fact]
    public async Task Gives_work_the_environment_of_the_parent()
    {
        await using var executor = new ProcessExecutor(1);

        Assert.Equal(Environment.GetEnvironmentVariable("DOTNET_STARTUP_HOOKS") ?? "(none)", await executor.RunAsync(Jobs.ReadEnvironment, "DOTNET_STARTUP_HOOKS").Bounded());
        Assert.Equal("(none)", await executor.RunAsync(Jobs.ReadEnvironment, WorkerLaunch.WorkerVariable).Bounded());
    }

    [Fact]
    public async Task Maps_in_order_by_chunks_from_sources_of_both_kinds()
    {
        await using var executor = new ProcessExecutor(2);
        var expected = Enumerable.Range(0, 25).Select(Jobs.Square).ToList();

        foreach (var chunkSize in new[] { 1, 4, 100 })
        {
            Assert.Equal(expected, await ToListAsync(executor.MapAsync(Enumerable.Range(0, 25), Jobs.Square, chunkSize)).Bounded());
            Assert.Equal(expected, await ToListAsync(executor.MapAsync(Numbers(25), Jobs.Square, chunkSize)).Bounded());
            Assert.Equal(expected, (await ToListAsync(executor.MapAsCompletedAsync(Enumerable.Range(0, 25), Jobs.Square, chunkSize)).Bounded()).Order());
        }
    }

    [Fact]
    public async Task A_map_stops_at_the_first_failure_and_the_executor_goes_on()
    {
        await using var executor = new ProcessExecutor(1);

        var failure = await Assert.ThrowsAsync<RemoteException>(() => ToListAsync(executor.MapAsync([1, 2, -3, 4], Jobs.SquareUnlessNegative, chunkSize: 4)).Bounded());

        Assert.Equal(typeof(ArgumentOutOfRangeException).FullName, failure.RemoteType);
        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Settling_gives_each_item_its_own_outcome_whatever_becomes_of_the_workers(int chunkSize)
    {
        await using var executor = new ProcessExecutor(2);

        var outcomes = await executor.SettleAsync([1, 2, -3, 4, -5, 6, 7], Jobs.SquareOrDie, chunkSize).Bounded();

        Assert.Equal([1, 2, -3, 4, -5, 6, 7], outcomes.Select(outcome => outcome.Source));
        Assert.Equal([1, 4, 16, 36, 49], outcomes.Values());
        Assert.All(outcomes.Failures(), outcome => Assert.Equal(9, Assert.IsType<WorkerProcessException>(outcome.Exception).Signal));
    }

    /// <summary>Both items go to the same worker, the last that was free.</summary>
    [Fact]
    public async Task A_result_that_takes_long_to_be_read_holds_up_no_other_item()
    {
        await using var executor = new ProcessExecutor(2);
        var worker = await executor.RunAsync(Jobs.ProcessId).Bounded();
        var slow = executor.RunAsync(static () => new SlowResult());
        await SlowResult.Begun.Task.Bounded();

        Assert.Equal(worker, await executor.RunAsync(Jobs.ProcessId).Bounded());

        Assert.False(slow.IsCompleted);
        SlowResult.Gate.Set();
        await slow.Bounded();
    }

    /// <summary>The reply may be here before the submitting call has come to wait for it.</summary>
    [Fact]
    public async Task A_result_is_never_read_within_the_call_that_submits()
    {
        await using var executor = new ProcessExecutor(1);
        for (var i = 0; i < 2_000; i++)
        {
            SubmissionWatch.IsWithinCall = true;
            var task = executor.RunAsync(static () => new SubmissionWatch());
            SubmissionWatch.IsWithinCall = false;

            Assert.False((await task.Bounded()).WasReadWithinCall);
        }
    }

    [Fact]
    public async Task Counts_what_it_does()
    {
        await using var executor = new ProcessExecutor(1);

        await executor.RunAsync(Jobs.Square, 1).Bounded();
        await executor.RunAsync(Jobs.Throw, "x").EndedAsync();

        Assert.Equal(new ExecutorSnapshot { Completed = 1, Failed = 1, PeakRunning = 1 }, executor.GetSnapshot());
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        foreach (var (property, options) in new (string, ProcessExecutorOptions)[]
        {
            ("MaxWorkers", new() { MaxWorkers = 0 }),
            ("MaxWorkers", new() { MaxWorkers = 1025 }),
            ("MaxTasksPerWorker", new() { MaxTasksPerWorker = 0 }),
            ("MaxReplacements", new() { MaxReplacements = -1 }),
            ("MaxAttempts", new() { MaxAttempts = 0 }),
            ("MaxMessageSize", new() { MaxMessageSize = 10 }),
            ("MemoryLimit", new() { MemoryLimit = 1 }),
            ("WorkTimeout", new() { WorkTimeout = TimeSpan.Zero }),
            ("StartTimeout", new() { StartTimeout = Timeout.InfiniteTimeSpan }),
            ("CancellationGracePeriod", new() { CancellationGracePeriod = TimeSpan.FromTicks(-2) }),
            ("ReplacementWindow", new() { ReplacementWindow = TimeSpan.Zero }),
            ("QueueCapacity", new() { QueueCapacity = -1 }),
        })
        {
            Assert.Equal(property, Assert.Throws<ArgumentOutOfRangeException>(() => new ProcessExecutor(options)).ParamName);
        }
    }

    private static async IAsyncEnumerable<int> Numbers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    private static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> source)
    {
        List<T> list = [];
        await foreach (var item in source)
            list.Add(item);
        return list;
    }

    internal sealed record Person(string Name, int Age)
    {
        public int OlderBy(int years) => Age + years;
    }

    [JsonSerializable(typeof(Person))]
    internal sealed partial class PersonContext : JsonSerializerContext;

    [JsonConverter(typeof(SlowConverter))]
    internal sealed class SlowResult
    {
        public static TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static ManualResetEventSlim Gate { get; } = new();
    }

    [JsonConverter(typeof(WatchConverter))]
    internal sealed class SubmissionWatch
    {
        [field: ThreadStatic]
        public static bool IsWithinCall { get; set; }

        public bool WasReadWithinCall { get; init; }
    }

    private sealed class WatchConverter : JsonConverter<SubmissionWatch>
    {
        public override SubmissionWatch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return new SubmissionWatch { WasReadWithinCall = SubmissionWatch.IsWithinCall };
        }

        public override void Write(Utf8JsonWriter writer, SubmissionWatch value, JsonSerializerOptions options) => writer.WriteBooleanValue(true);
    }

    private sealed class SlowConverter : JsonConverter<SlowResult>
    {
        public override SlowResult Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            SlowResult.Begun.SetResult();
            SlowResult.Gate.Wait();
            reader.Skip();
            return new SlowResult();
        }

        public override void Write(Utf8JsonWriter writer, SlowResult value, JsonSerializerOptions options) => writer.WriteBooleanValue(true);
    }

    private sealed class LastProgress : IProgress<ExecutorProgress>
    {
        public ExecutorProgress Last { get; private set; }

        public void Report(ExecutorProgress value) => Last = value;
    }

    private sealed record WithDelegate(Order Order);

    private sealed record Order(Action Callback);

    private sealed record WithAbstract(Shape Shape);

    private abstract record Shape;

    private sealed class Hidden
    {
        private readonly int _value = 3;

        public override string ToString() => $"{_value}";
    }

    [Fact]
    public async Task An_item_that_can_not_be_sent_fails_alone_in_its_chunk()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, MaxMessageSize = 1024 });

        var outcomes = await executor.SettleAsync([[1], new byte[2000], [1, 2]], Jobs.LengthOf, chunkSize: 3).Bounded();

        Assert.Equal([OutcomeStatus.Succeeded, OutcomeStatus.Failed, OutcomeStatus.Succeeded], outcomes.Select(static outcome => outcome.Status));
        Assert.IsType<WorkSerializationException>(outcomes[1].Exception);
        Assert.Equal((1, 2), (outcomes[0].Value, outcomes[2].Value));
    }

    [Fact]
    public async Task An_item_that_never_started_took_no_time()
    {
        await using var executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, StartTimeout = TimeSpan.FromTicks(1) });

        var outcomes = await executor.SettleAsync([1, 2], Jobs.Square, chunkSize: 2).Bounded();

        Assert.All(outcomes, static outcome => Assert.Equal((WorkerExitReason.NotStarted, TimeSpan.Zero), (Assert.IsType<WorkerProcessException>(outcome.Exception).Reason, outcome.Duration)));
    }

    [Fact]
    public async Task Failures_of_items_that_are_lost_to_a_cancellation_are_reported()
    {
        using var faults = new UnhandledFaults();
        using var caller = new CancellationTokenSource();
        using var second = new SharedInt64();
        await using var executor = new ProcessExecutor(1);

        var settling = executor.SettleAsync([null, second], Jobs.FailWithoutOrHangOn, cancellationToken: caller.Token);
        await LinuxProcesses.UntilAsync(() => second.Value != 0);
        await caller.CancelAsync();

        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => settling.Bounded())).CancellationToken);
        await faults.WaitForAsync("failed before the cancellation");
    }

    [Fact]
    public async Task A_worker_does_not_keep_the_execution_context_of_who_had_it_started()
    {
        await using var executor = new ProcessExecutor(1);
        var dead = await StartAsync(executor);
        await Task.Yield();
        for (var i = 0; i < 20 && dead.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(dead.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> StartAsync(ProcessExecutor executor)
        {
            var local = new AsyncLocal<object?> { Value = new object() };
            var dead = new WeakReference(local.Value);
            await executor.RunAsync(Jobs.Square, 2).Bounded();
            local.Value = null;
            return dead;
        }
    }

    [Fact]
    public async Task A_shutdown_asked_for_from_within_an_item_ends_all_the_same()
    {
        ProcessExecutor? executor = null;
        var breaker = new CircuitBreaker(new CircuitBreakerOptions().ShouldHandleResult<int>(_ =>
        {
            executor!.RequestShutdown();
            return false;
        }));
        executor = new ProcessExecutor(new ProcessExecutorOptions { MaxWorkers = 1, CircuitBreaker = breaker });

        Assert.Equal(4, await executor.RunAsync(Jobs.Square, 2).Bounded());

        await executor.DisposeAsync().AsTask().Bounded();
        Assert.Empty(executor.GetProcessIds());
    }
}
