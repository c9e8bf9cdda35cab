using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

public sealed class CircuitBreakerTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Failures_in_a_row_open_the_circuit()
    {
        var breaker = Create();
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
    }

    [Fact]
    public void A_success_in_between_starts_the_count_again()
    {
        var breaker = Create();
        breaker.Fail();
        breaker.Succeed();
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public void A_share_of_failures_opens_the_circuit_once_enough_came()
    {
        var breaker = CreateByRatio(ratio: 0.5, minimumThroughput: 4);
        breaker.Succeed();
        breaker.Fail();
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Theory]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.14, 50, 7)]
    [InlineData(0.28, 25, 7)]
    [InlineData(0.55, 100, 55)]
    [InlineData(0.57, 100, 57)]
    public void The_very_ratio_opens_whatever_its_binary_fraction(double ratio, int results, int failures)
    {
        var breaker = CreateByRatio(ratio, results);
        for (var i = 0; i < results - failures; i++)
            breaker.Succeed();
        for (var i = 1; i < failures; i++)
            breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public void A_share_below_the_ratio_leaves_the_circuit_closed()
    {
        var breaker = CreateByRatio(ratio: 0.5, minimumThroughput: 4);
        for (var i = 0; i < 100; i++)
        {
            breaker.Succeed();
            breaker.Succeed();
            breaker.Fail();
        }
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(33)]
    [InlineData(45)]
    public void Results_that_left_the_window_do_not_count(int seconds)
    {
        var breaker = CreateByRatio(ratio: 1, minimumThroughput: 3);
        breaker.Fail();
        breaker.Fail();
        _time.Advance(TimeSpan.FromSeconds(seconds));
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        _time.Advance(TimeSpan.FromSeconds(26.9));
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public void A_result_at_the_end_of_a_tenth_of_the_window_belongs_to_the_next(double created)
    {
        _time.Advance(TimeSpan.FromSeconds(created));
        var breaker = CreateByRatio(ratio: 1, minimumThroughput: 2);
        breaker.Succeed();
        _time.Advance(TimeSpan.FromSeconds(3));
        breaker.Fail();
        _time.Advance(TimeSpan.FromSeconds(27));
        breaker.Fail(); // the first tenth, with the success, has left the window
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public void The_circuit_stays_open_for_the_recovery_timeout_and_no_longer()
    {
        var breaker = Create();
        breaker.Open();
        _time.Advance(Breakers.Recovery - Breakers.Tick);
        Assert.Equal(Breakers.Tick, breaker.Reject().RetryAfter);
        _time.Advance(Breakers.Tick);
        Assert.True(breaker.Acquire().IsProbe);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
    }

    [Fact]
    public void The_recovery_timeout_may_grow_with_the_breaks_in_a_row()
    {
        var counts = new List<int>();
        var breaker = Create(options => options.RecoveryTimeoutByBreakCount = count =>
        {
            counts.Add(count);
            return Breakers.Recovery * count;
        });
        breaker.Open();
        for (var count = 1; count <= 3; count++)
        {
            Assert.Equal(Breakers.Recovery * count, breaker.Reject().RetryAfter);
            _time.Advance(Breakers.Recovery * count);
            breaker.Fail();
        }
        _time.Advance(Breakers.Recovery * 4);
        breaker.Succeed();
        breaker.Open();
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
        Assert.Equal([1, 2, 3, 4, 1], counts);
    }

    [Fact]
    public void As_many_probes_as_the_threshold_says_must_succeed()
    {
        var breaker = CreateHalfOpen(successThreshold: 3);
        breaker.Succeed();
        breaker.Succeed();
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Succeed();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void No_more_probes_than_that_are_in_flight()
    {
        var breaker = CreateHalfOpen(successThreshold: 2);
        var first = breaker.Acquire();
        _time.Advance(TimeSpan.FromSeconds(1));
        breaker.Acquire();
        Assert.Equal(Breakers.Lease - TimeSpan.FromSeconds(1), breaker.Reject().RetryAfter);
        breaker.Complete(first, CircuitResult.Success);
        breaker.Reject(); // one success, one in flight: that is all it takes
    }

    [Fact]
    public void A_probe_whose_lease_has_lapsed_makes_room_and_counts_no_more()
    {
        var breaker = CreateHalfOpen();
        var hung = breaker.Acquire();
        _time.Advance(Breakers.Lease - Breakers.Tick);
        breaker.Reject();
        _time.Advance(Breakers.Tick);
        var next = breaker.Acquire();
        breaker.Complete(hung, CircuitResult.Failure);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Reject();
        breaker.Complete(next, CircuitResult.Success);
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void A_lapsed_probe_counts_no_more_even_if_nobody_took_its_place()
    {
        var breaker = CreateHalfOpen();
        var late = breaker.Acquire();
        _time.Advance(Breakers.Lease);
        breaker.Complete(late, CircuitResult.Success);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Acquire();
    }

    [Fact]
    public void A_probe_of_an_earlier_half_open_takes_no_place()
    {
        var breaker = Create(options => (options.SuccessThreshold, options.ProbeLease) = (2, Breakers.Recovery * 3));
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Acquire();
        breaker.Fail();
        _time.Advance(Breakers.Recovery);
        breaker.Acquire();
        breaker.Acquire();
        breaker.Reject();
    }

    [Fact]
    public void A_rejection_names_no_time_while_a_probe_may_run_for_ever()
    {
        var breaker = Create(options => options.ProbeLease = TimeSpan.MaxValue);
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Acquire();
        Assert.Null(breaker.Reject().RetryAfter);
    }

    [Fact]
    public void Completing_a_probe_twice_counts_once()
    {
        var breaker = CreateHalfOpen(successThreshold: 2);
        var probe = breaker.Acquire();
        breaker.Complete(probe, CircuitResult.Success);
        breaker.Complete(probe, CircuitResult.Success);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
    }

    [Fact]
    public void A_cancelled_call_is_neutral()
    {
        var breaker = Create();
        breaker.Fail();
        breaker.Call(CircuitResult.Neutral);
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public void A_cancelled_probe_gives_its_place_back()
    {
        var breaker = CreateHalfOpen();
        var probe = breaker.Acquire();
        breaker.Reject();
        breaker.Complete(probe, CircuitResult.Neutral);
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Acquire();
    }

    [Fact]
    public void Any_failure_in_half_open_opens_again()
    {
        var breaker = CreateHalfOpen(successThreshold: 3);
        breaker.Succeed();
        breaker.Succeed();
        breaker.Fail();
        Assert.Equal(CircuitState.Open, breaker.State);
        Assert.Equal(Breakers.Recovery, breaker.Reject().RetryAfter);
    }

    [Fact]
    public void Successes_of_an_earlier_half_open_do_not_count()
    {
        var breaker = CreateHalfOpen(successThreshold: 2);
        breaker.Succeed();
        breaker.Fail();
        _time.Advance(Breakers.Recovery);
        breaker.Succeed();
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
    }

    [Fact]
    public void Rejections_are_never_counted()
    {
        var breaker = CreateByRatio(ratio: 0.5, minimumThroughput: 2);
        breaker.Fail();
        breaker.Fail();
        for (var i = 0; i < 100; i++)
            breaker.Reject();
        _time.Advance(Breakers.Recovery);
        var probe = breaker.Acquire();
        for (var i = 0; i < 100; i++)
            breaker.Reject();
        Assert.Equal(CircuitState.HalfOpen, breaker.State);
        breaker.Complete(probe, CircuitResult.Success);
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void What_was_counted_before_a_break_does_not_count_after_it()
    {
        var breaker = Create();
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        breaker.Succeed();
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void Isolated_rejects_until_the_reset()
    {
        var breaker = Create();
        breaker.Isolate();
        Assert.Equal(CircuitState.Isolated, breaker.State);
        _time.Advance(TimeSpan.FromDays(1_000));
        Assert.Null(breaker.Reject().RetryAfter);
        breaker.Reset();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Succeed();
    }

    [Fact]
    public void A_reset_closes_an_open_circuit_and_forgets_what_was_counted()
    {
        var breaker = Create();
        breaker.Open();
        breaker.Reset();
        breaker.Fail();
        breaker.Reset();
        breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    [Fact]
    public void A_reset_of_a_closed_circuit_drops_results_of_calls_in_flight()
    {
        var breaker = Create();
        var (first, second) = (breaker.Acquire(), breaker.Acquire());
        breaker.Reset();
        breaker.Complete(first, CircuitResult.Failure);
        breaker.Complete(second, CircuitResult.Failure);
        Assert.Equal(CircuitState.Closed, breaker.State);
    }

    private CircuitBreaker Create(Action<CircuitBreakerOptions>? configure = null)
    {
        var options = Breakers.Options(_time);
        configure?.Invoke(options);
        return new(options);
    }

    private CircuitBreaker CreateByRatio(double ratio, int minimumThroughput) => Create(options =>
        (options.FailureRatio, options.MinimumThroughput, options.SamplingWindow) = (ratio, minimumThroughput, TimeSpan.FromSeconds(30)));

    private CircuitBreaker CreateHalfOpen(int successThreshold = 1)
    {
        var breaker = Create(options => options.SuccessThreshold = successThreshold);
        breaker.Open();
        _time.Advance(Breakers.Recovery);
        return breaker;
    }
}
