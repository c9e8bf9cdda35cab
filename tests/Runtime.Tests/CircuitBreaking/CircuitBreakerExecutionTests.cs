using System.Runtime.CompilerServices;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

public sealed class CircuitBreakerExecutionTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<Exception> Timeouts => [new TimeoutException(), new TaskCanceledException("HttpClient's", new TimeoutException())];

    [Fact]
    public async Task The_result_of_the_work_comes_back()
    {
        var breaker = Create();
        Assert.Equal(42, await breaker.ExecuteAsync(static _ => ValueTask.FromResult(42)));
        Assert.Equal(42, await breaker.ExecuteAsync(static (state, _) => ValueTask.FromResult(state * 2), 21));
        var ran = false;
        await breaker.ExecuteAsync(async _ =>
        {
            await Task.Yield();
            ran = true;
        });
        Assert.True(ran);
    }

    [Fact]
    public async Task Faults_of_the_work_come_back_as_they_are_and_count()
    {
        var breaker = Create();
        var fault = new FormatException();
        Assert.Same(fault, await Assert.ThrowsAsync<FormatException>(async () => await breaker.ExecuteAsync(_ => ValueTask.FromException<int>(fault))));
        Assert.Same(fault, await Assert.ThrowsAsync<FormatException>(async () => await breaker.ExecuteAsync(ValueTask<int> (_) => throw fault)));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Theory, MemberData(nameof(Timeouts))]
    public async Task A_timeout_counts_as_failure(Exception timeout)
    {
        var breaker = Create();
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync(timeout.GetType(), async () => await breaker.ExecuteAsync(_ => ValueTask.FromException<int>(timeout)));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task A_cancellation_by_the_caller_is_neutral_and_carries_the_callers_token()
    {
        var breaker = Create();
        for (var i = 0; i < 5; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await breaker.ExecuteAsync(
                cancellationToken =>
                {
                    cancellation.Cancel();
                    return ValueTask.FromCanceled<int>(cancellationToken);
                },
                cancellation.Token));
            Assert.Equal(cancellation.Token, canceled.CancellationToken);
        }
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_calls_nothing()
    {
        var breaker = Create();
        var token = new CancellationToken(canceled: true);
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await breaker.ExecuteAsync(ValueTask<int> (_) => throw new FormatException(), token));
        Assert.Equal(token, canceled.CancellationToken);
        var outcome = await breaker.TryExecuteAsync(ValueTask<int> (_) => throw new FormatException(), token);
        Assert.Equal(CircuitOutcomeStatus.Canceled, outcome.Status);
        Assert.Equal(token, Assert.IsType<OperationCanceledException>(outcome.Exception).CancellationToken);
    }

    [Fact]
    public async Task A_fault_of_the_work_counts_although_the_caller_has_cancelled()
    {
        var breaker = Create();
        for (var i = 0; i < 2; i++)
        {
            using var cancellation = new CancellationTokenSource();
            await Assert.ThrowsAsync<FormatException>(async () => await breaker.ExecuteAsync(
                ValueTask<int> (_) =>
                {
                    cancellation.Cancel();
                    throw new FormatException();
                },
                cancellation.Token));
        }
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task Should_handle_decides_which_exceptions_are_failures()
    {
        var breaker = Create(static options => options.ShouldHandle = static exception => exception is not FormatException);
        for (var i = 0; i < 5; i++)
        {
            breaker.Fail();
            await Assert.ThrowsAsync<FormatException>(async () => await breaker.ExecuteAsync(ValueTask<int> (_) => throw new FormatException()));
        }
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        await Assert.ThrowsAsync<TimeoutException>(async () => await breaker.ExecuteAsync(ValueTask<int> (_) => throw new TimeoutException()));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task Should_handle_decides_which_results_are_failures()
    {
        var breaker = Create(static options => options
            .ShouldHandleResult<int>(static result => result < 0)
            .ShouldHandleResult<int>(static result => result > 100)
            .ShouldHandleResult<Exception>(static result => result is FormatException));
        Assert.Equal(-1, await breaker.ExecuteAsync(static _ => ValueTask.FromResult(-1)));
        Assert.Equal(1, await breaker.ExecuteAsync(static _ => ValueTask.FromResult(1)));
        Assert.Equal(-1L, await breaker.ExecuteAsync(static _ => ValueTask.FromResult(-1L)));
        Assert.Equal(101, await breaker.ExecuteAsync(static _ => ValueTask.FromResult(101)));
        Assert.Equal(CircuitState.Closed, breaker.State);
        await breaker.ExecuteAsync(static _ => ValueTask.FromResult(new FormatException()));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task A_rejection_calls_nothing_and_throws_a_fresh_exception_with_retry_after()
    {
        var breaker = Create();
        breaker.Open();
        var first = await Reject(breaker);
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = await Reject(breaker);
        Assert.NotSame(first, second);
        Assert.Equal(Breakers.Recovery, first.RetryAfter);
        Assert.Equal(Breakers.Recovery - TimeSpan.FromSeconds(1), second.RetryAfter);
        Assert.Equal("The circuit is open: the call was rejected. Retry after 00:00:10.", first.Message);
    }

    [Fact]
    public async Task A_rejection_comes_as_an_outcome_without_throwing()
    {
        var breaker = Create();
        breaker.Open();
        var outcome = await breaker.TryExecuteAsync(ValueTask<int> (_) => throw new FormatException());
        Assert.Equal(CircuitOutcomeStatus.Rejected, outcome.Status);
        Assert.Equal(Breakers.Recovery, outcome.RetryAfter);
        Assert.Null(outcome.Exception);
        var exception = Assert.Throws<BrokenCircuitException>(() => outcome.Value);
        Assert.Equal(Breakers.Recovery, exception.RetryAfter);
        Assert.NotSame(exception, Assert.Throws<BrokenCircuitException>(() => outcome.Value));
    }

    [Fact]
    public async Task Other_ends_come_as_outcomes_too_and_count_alike()
    {
        var breaker = Create();
        breaker.Fail(); // counts no more once a call has succeeded
        var succeeded = await breaker.TryExecuteAsync(static (state, _) => ValueTask.FromResult(state), 7);
        Assert.Equal((CircuitOutcomeStatus.Succeeded, 7, null, null), (succeeded.Status, succeeded.Value, succeeded.Exception, succeeded.RetryAfter));

        using var cancellation = new CancellationTokenSource();
        var canceled = await breaker.TryExecuteAsync(
            cancellationToken =>
            {
                cancellation.Cancel();
                return ValueTask.FromCanceled<int>(cancellationToken);
            },
            cancellation.Token);
        Assert.Equal(CircuitOutcomeStatus.Canceled, canceled.Status);
        Assert.ThrowsAny<OperationCanceledException>(() => canceled.Value);

        var fault = new FormatException();
        breaker.Fail();
        var failed = await breaker.TryExecuteAsync(_ => ValueTask.FromException<int>(fault));
        Assert.Equal(CircuitOutcomeStatus.Failed, failed.Status);
        Assert.Same(fault, failed.Exception);
        Assert.Same(fault, Assert.Throws<FormatException>(() => failed.Value));
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public async Task What_the_work_writes_to_an_async_local_stays_there()
    {
        var local = new AsyncLocal<int> { Value = 1 };
        var breaker = Create();
        var seen = await breaker.ExecuteAsync(_ =>
        {
            var before = local.Value;
            local.Value = 2;
            return ValueTask.FromResult(before);
        });
        Assert.Equal((1, 1), (seen, local.Value));
    }

    [Fact]
    public async Task The_callers_synchronization_context_is_not_needed()
    {
        var breaker = Create();
        var context = new CountingContext();
        await Task.Run(async () =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            var gate = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            var call = breaker.ExecuteAsync(_ => new ValueTask<int>(gate.Task)).AsTask();
            var tried = breaker.TryExecuteAsync(_ => new ValueTask<int>(gate.Task)).AsTask();
            var plain = breaker.ExecuteAsync(_ => new ValueTask(gate.Task)).AsTask();
            gate.SetResult(1);
            await Task.WhenAll(call, tried, plain).Bounded().ConfigureAwait(false);
        });
        Assert.Equal(0, context.Posts);
    }

    [Fact]
    public void Nothing_keeps_a_closure_or_a_result_after_the_call()
    {
        var breaker = Create();
        var (state, result) = Call(breaker);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(state.IsAlive);
        Assert.False(result.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference State, WeakReference Result) Call(CircuitBreaker breaker)
    {
        var state = new object();
        var result = breaker.ExecuteAsync(static (_, _) => ValueTask.FromResult(new object()), state).AsTask();
        Assert.True(result.IsCompletedSuccessfully);
        return (new(state), new(result.Result));
    }

    private static Task<BrokenCircuitException> Reject(CircuitBreaker breaker) =>
        Assert.ThrowsAsync<BrokenCircuitException>(async () => await breaker.ExecuteAsync(ValueTask<int> (_) => throw new FormatException()));

    private CircuitBreaker Create(Action<CircuitBreakerOptions>? configure = null)
    {
        var options = Breakers.Options(_time);
        configure?.Invoke(options);
        return new(options);
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => Volatile.Read(ref _posts);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posts);
            base.Post(d, state);
        }
    }

    [Fact]
    public async Task Predicates_for_results_are_not_asked_about_work_without_one()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time).ShouldHandleResult<bool>(static _ => true));
        var policy = new ResiliencePolicy(new() { CircuitBreaker = breaker });
        for (var i = 0; i < 2; i++)
        {
            await breaker.ExecuteAsync(static _ => default);
            await policy.ExecuteAsync(static _ => default);
        }

        Assert.Equal(CircuitState.Closed, breaker.State);
    }
}
