using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

public sealed class CircuitBreakerBadInputTests
{
    public static TheoryData<string, string> OutOfRange => new()
    {
        { nameof(CircuitBreakerOptions.FailureThreshold), "must be from 1 to 2147483647, but was 0." },
        { nameof(CircuitBreakerOptions.FailureRatio), "must be greater than 0 and at most 1, but was 0." },
        { nameof(CircuitBreakerOptions.MinimumThroughput), "must be from 1 to 2147483647, but was 0." },
        { nameof(CircuitBreakerOptions.SamplingWindow), "must be greater than 00:00:00 and finite, but was 00:00:00." },
        { nameof(CircuitBreakerOptions.RecoveryTimeout), "must be greater than 00:00:00 and finite, but was 00:00:00." },
        { nameof(CircuitBreakerOptions.SuccessThreshold), "must be from 1 to 1000, but was 0." },
        { nameof(CircuitBreakerOptions.ProbeLease), "must be greater than 00:00:00 and finite, but was 00:00:00." },
    };

    [Theory, MemberData(nameof(OutOfRange))]
    public void Options_out_of_range_throw_and_name_property_and_range(string property, string message)
    {
        var options = new CircuitBreakerOptions();
        var info = typeof(CircuitBreakerOptions).GetProperty(property)!;
        info.SetValue(options, Activator.CreateInstance(Nullable.GetUnderlyingType(info.PropertyType) ?? info.PropertyType));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(property, () => new CircuitBreaker(options));
        Assert.StartsWith($"{property} {message}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.PositiveInfinity)]
    public void A_ratio_that_is_no_fraction_throws(double ratio) =>
        Assert.Throws<ArgumentOutOfRangeException>("FailureRatio", () => new CircuitBreaker(new() { FailureRatio = ratio }));

    [Fact]
    public void Negative_and_infinite_times_throw()
    {
        foreach (var time in (TimeSpan[])[Timeout.InfiniteTimeSpan, TimeSpan.FromTicks(-1), TimeSpan.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>("RecoveryTimeout", () => new CircuitBreaker(new() { RecoveryTimeout = time }));
            Assert.Throws<ArgumentOutOfRangeException>("ProbeLease", () => new CircuitBreaker(new() { ProbeLease = time }));
            Assert.Throws<ArgumentOutOfRangeException>("SamplingWindow", () => new CircuitBreaker(new() { SamplingWindow = time }));
        }
        Assert.Throws<ArgumentOutOfRangeException>("SuccessThreshold", static () => new CircuitBreaker(new() { SuccessThreshold = 1_001 }));
    }

    [Fact]
    public async Task Nulls_throw()
    {
        var breaker = new CircuitBreaker();
        Assert.Throws<ArgumentNullException>("options", static () => new CircuitBreaker(null!));
        Assert.Throws<ArgumentNullException>("options.ShouldHandle", static () => new CircuitBreaker(new() { ShouldHandle = null! }));
        Assert.Throws<ArgumentNullException>("options.TimeProvider", static () => new CircuitBreaker(new() { TimeProvider = null! }));
        Assert.Throws<ArgumentNullException>("predicate", static () => new CircuitBreakerOptions().ShouldHandleResult<int>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await breaker.ExecuteAsync((Func<CancellationToken, ValueTask<int>>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await breaker.ExecuteAsync((Func<CancellationToken, ValueTask>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await breaker.ExecuteAsync<int, int>(null!, 1));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await breaker.TryExecuteAsync((Func<CancellationToken, ValueTask<int>>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>("work", async () => await breaker.TryExecuteAsync<int, int>(null!, 1));
        breaker.Succeed();
    }

    [Fact]
    public void A_permit_of_nobody_or_of_somebody_else_throws()
    {
        var (breaker, other) = (new CircuitBreaker(), new CircuitBreaker());
        Assert.Throws<ArgumentException>("permit", () => breaker.Complete(default, CircuitResult.Failure));
        Assert.Throws<ArgumentException>("permit", () => breaker.Complete(other.Acquire(), CircuitResult.Failure));
        breaker.Isolate();
        Assert.Throws<ArgumentException>("permit", () => breaker.Complete(breaker.Reject(), CircuitResult.Failure));
    }

    [Fact]
    public void A_result_that_is_none_throws_and_leaves_the_permit_as_it_was()
    {
        var breaker = new CircuitBreaker();
        var permit = breaker.Acquire();
        Assert.Throws<ArgumentOutOfRangeException>("result", () => breaker.Complete(permit, (CircuitResult)3));
        Assert.Throws<ArgumentOutOfRangeException>("result", () => breaker.Complete(permit, (CircuitResult)(-1)));
        breaker.Complete(permit, CircuitResult.Success);
    }

    [Fact]
    public void The_longest_times_saturate_instead_of_overflowing()
    {
        var time = new ManualTimeProvider();
        time.Advance(TimeSpan.FromDays(1));
        var breaker = new CircuitBreaker(new()
        {
            FailureRatio = 1,
            MinimumThroughput = 1,
            SamplingWindow = TimeSpan.MaxValue,
            RecoveryTimeout = TimeSpan.MaxValue,
            ProbeLease = TimeSpan.MaxValue,
            TimeProvider = time,
        });
        breaker.Fail();
        time.Advance(TimeSpan.FromDays(100_000));
        breaker.Reject();
        Assert.Equal(CircuitState.Open, breaker.State);
    }

    [Fact]
    public void The_defaults_are_as_documented()
    {
        var breaker = new CircuitBreaker();
        for (var i = 0; i < 4; i++)
            breaker.Fail();
        Assert.Equal(CircuitState.Closed, breaker.State);
        breaker.Fail();
        Assert.InRange(breaker.Reject().RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Options_changed_afterwards_change_nothing()
    {
        var options = Breakers.Options(new ManualTimeProvider());
        var breaker = new CircuitBreaker(options);
        options.FailureThreshold = 100;
        options.ShouldHandleResult<int>(static _ => true);
        Assert.True(breaker.ExecuteAsync(static _ => ValueTask.FromResult(1)).AsTask().IsCompletedSuccessfully);
        breaker.Open();
    }

    [Fact]
    public void Exceptions_can_be_made_by_hand()
    {
        var inner = new FormatException();
        Assert.Null(new BrokenCircuitException().RetryAfter);
        Assert.Equal("x", new BrokenCircuitException("x").Message);
        Assert.Same(inner, new BrokenCircuitException("x", inner).InnerException);
    }
}
