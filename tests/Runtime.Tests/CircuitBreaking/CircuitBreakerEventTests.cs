using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

public sealed class CircuitBreakerEventTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Every_change_is_announced_with_both_states_and_the_breaks_in_a_row()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        var changes = new List<(CircuitState, CircuitState, int)>();
        breaker.StateChanged += (sender, change) =>
        {
            Assert.Same(breaker, sender);
            changes.Add((change.PreviousState, change.State, change.BreakCount));
        };
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Fail();
        _time.Advance(Breakers.Recovery);
        breaker.Succeed();
        breaker.Isolate();
        breaker.Isolate();
        breaker.Reset();
        breaker.Reset();
        Assert.Equal(
            [
                (CircuitState.Closed, CircuitState.Open, 1),
                (CircuitState.Open, CircuitState.HalfOpen, 1),
                (CircuitState.HalfOpen, CircuitState.Open, 2),
                (CircuitState.Open, CircuitState.HalfOpen, 2),
                (CircuitState.HalfOpen, CircuitState.Closed, 0),
                (CircuitState.Closed, CircuitState.Isolated, 0),
                (CircuitState.Isolated, CircuitState.Closed, 0),
            ],
            changes);
    }

    [Fact]
    public async Task A_handler_runs_outside_the_lock()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        var seen = new List<CircuitState>();
        breaker.StateChanged += (_, _) =>
        {
            // Another thread gets through to everything that takes the lock.
            var other = Task.Run(() =>
            {
                breaker.TryAcquire(out var _);
                breaker.Isolate();
                return breaker.State;
            });
            Assert.True(other.Wait(TimeSpan.FromSeconds(60)));
            seen.Add(other.Result);
        };
        await Task.Run(breaker.Break).Bounded();
        Assert.Equal([CircuitState.Isolated, CircuitState.Isolated], seen);
    }

    [Fact]
    public void A_handler_that_changes_the_state_is_announced_after_the_change_it_handles()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        breaker.StateChanged += (_, change) =>
        {
            if (change.State == CircuitState.Open)
                breaker.Isolate();
        };
        var states = breaker.Watch();
        breaker.Break();
        Assert.Equal([CircuitState.Open, CircuitState.Isolated], states);
    }

    [Fact]
    public void A_throwing_handler_changes_nothing_for_circuit_caller_and_other_handlers()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        breaker.StateChanged += static (_, _) => throw new InvalidOperationException();
        var states = breaker.Watch();
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Succeed();
        Assert.Equal([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed], states);
    }

    [Fact]
    public async Task A_change_made_while_another_is_announced_waits_its_turn()
    {
        var breaker = new CircuitBreaker(Breakers.Options(_time));
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        breaker.StateChanged += (_, change) =>
        {
            if (change.State != CircuitState.Open)
                return;
            entered.Set();
            Assert.True(leave.Wait(TimeSpan.FromSeconds(60)));
        };
        var states = breaker.Watch();
        var opening = Task.Run(breaker.Break);
        Assert.True(entered.Wait(TimeSpan.FromSeconds(60)));
        breaker.Isolate();
        Assert.Empty(states);
        leave.Set();
        await opening.Bounded();
        Assert.Equal([CircuitState.Open, CircuitState.Isolated], states);
    }

    [Fact]
    public async Task The_recovery_timeout_is_asked_for_outside_the_lock()
    {
        var options = Breakers.Options(_time);
        CircuitBreaker? breaker = null;
        options.RecoveryTimeoutByBreakCount = _ =>
        {
            var other = Task.Run(breaker!.Reset);
            Assert.True(other.Wait(TimeSpan.FromSeconds(60)));
            return TimeSpan.FromDays(1);
        };
        breaker = new(options);
        await Task.Run(breaker.Break).Bounded();
        // The circuit was closed meanwhile: the answer came too late, and changes nothing.
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Succeed();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_recovery_timeout_of_zero_or_less_falls_back_on_the_constant(int ticks)
    {
        var options = Breakers.Options(_time);
        options.RecoveryTimeoutByBreakCount = _ => TimeSpan.FromTicks(ticks);
        var breaker = new CircuitBreaker(options);
        breaker.Open();
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
    }

    [Fact]
    public async Task On_real_threads_the_announced_changes_form_one_chain()
    {
        var options = Breakers.Options(TimeProvider.System);
        options.FailureThreshold = 1;
        options.RecoveryTimeout = TimeSpan.FromTicks(1);
        var breaker = new CircuitBreaker(options);
        var changes = new List<CircuitStateChangedEventArgs>();
        breaker.StateChanged += (_, change) => changes.Add(change); // never two at a time: no lock
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (breaker.TryAcquire(out var permit))
                    breaker.Complete(permit, (CircuitResult)((i + worker) % 3));
                if (i % 1_000 == worker)
                    breaker.Isolate();
                if (breaker.State == CircuitState.Isolated)
                    breaker.Reset();
            }
        }))).Bounded();
        breaker.Isolate();
        breaker.Reset();
        Assert.NotEmpty(changes);
        Assert.Equal(CircuitState.Closed, changes[0].PreviousState);
        for (var i = 1; i < changes.Count; i++)
            Assert.Equal(changes[i - 1].State, changes[i].PreviousState);
        Assert.Equal(breaker.State, changes[^1].State);
    }
}
