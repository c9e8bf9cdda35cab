using ConcurrencyAnalyzers.Runtime.Tests.Conformance;

namespace ConcurrencyAnalyzers.Runtime.Tests.Gathering;

public class OutcomeTests
{
    private static readonly Outcome<string, int> Good = Outcome.Success("a", 1, TimeSpan.FromSeconds(2));
    private static readonly Outcome<string, int> Bad = Outcome.Failure<string, int>("b", new BoomException("b"));
    private static readonly Outcome<string, int> Ended = Outcome.Canceled<string, int>("c", new OperationCanceledException("c"));

    [Fact]
    public void A_success_has_a_value_and_no_exception()
    {
        Assert.True(Good.IsSuccess);
        Assert.Equal((1, 1, 1), (Good.Value, Good.GetValueOrThrow(), Good.GetValueOrDefault(7)));
        Assert.Null(Good.Exception);
        Assert.Equal(TimeSpan.FromSeconds(2), Good.Duration);
        Assert.True(Good.TryGetValue(out var value));
        Assert.Equal(1, value);
    }

    [Fact]
    public void A_failure_throws_its_own_exception_where_a_value_is_asked_for()
    {
        Assert.Same(Bad.Exception, Assert.Throws<BoomException>(() => Bad.Value));
        Assert.Same(Bad.Exception, Assert.Throws<BoomException>(() => Bad.GetValueOrThrow()));
        Assert.Same(Ended.Exception, Assert.Throws<OperationCanceledException>(() => Ended.Value));
        Assert.Equal(7, Bad.GetValueOrDefault(7));
        Assert.Equal(0, Bad.GetValueOrDefault());
        Assert.False(Bad.TryGetValue(out _));
    }

    [Fact]
    public void An_outcome_comes_apart()
    {
        var (source, value, exception) = Good;
        Assert.Equal(("a", 1, null), (source, value, exception));
        (source, _, exception) = Bad;
        Assert.Equal(("b", Bad.Exception), (source, exception));
    }

    [Fact]
    public void Failures_successes_and_values_keep_the_order()
    {
        Outcome<string, int>[] all = [Bad, Good, Ended];
        Assert.Equal(["b", "c"], all.Failures().Select(o => o.Source));
        Assert.Equal(["a"], all.Successes().Select(o => o.Source));
        Assert.Equal([1], all.Values());
    }

    [Fact]
    public void ThrowIfAnyFailed_throws_every_failure_once_or_the_cancellation_or_nothing()
    {
        new[] { Good }.ThrowIfAnyFailed();
        Assert.Equal([Bad.Exception!], Assert.Throws<AggregateException>(() => new[] { Good, Ended, Bad }.ThrowIfAnyFailed()).InnerExceptions);
        Assert.Same(Ended.Exception, Assert.Throws<OperationCanceledException>(() => new[] { Ended, Good }.ThrowIfAnyFailed()));
    }

    [Fact]
    public void Text_tells_the_source_and_what_came_of_it() =>
        Assert.Equal(["b: BoomException: b", "a: 1", "c: canceled"], new[] { Bad, Good, Ended }.Select(o => o.ToString()));

    [Fact]
    public void Null_is_no_exception_and_no_sequence()
    {
        Assert.Throws<ArgumentNullException>(() => Outcome.Failure<int, int>(1, null!));
        Assert.Throws<ArgumentNullException>(() => Outcome.Canceled<int, int>(1, null!));
        Assert.Throws<ArgumentNullException>(() => Outcome.Failures<int, int>(null!));
        Assert.Throws<ArgumentNullException>(() => Outcome.Values<int, int>(null!));
        Assert.Throws<ArgumentNullException>(() => Outcome.ThrowIfAnyFailed<int, int>(null!));
    }
}
