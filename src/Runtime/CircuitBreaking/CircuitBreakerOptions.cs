namespace ConcurrencyAnalyzers.Runtime;

/// <summary>Options of a <see cref="CircuitBreaker"/>. They are copied and checked when the breaker is made.</summary>
public sealed class CircuitBreakerOptions
{
    private readonly List<Delegate> _resultPredicates = [];

    /// <summary>The name under which metrics show the breaker; null, the default, for none.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// How many failures in a row open the circuit, from 1 to <see cref="int.MaxValue"/>; 5 by default.
    /// Not used when <see cref="FailureRatio"/> is set.
    /// </summary>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>
    /// The share of failures, greater than 0 and at most 1, at which the circuit opens, counted over <see cref="SamplingWindow"/> and not
    /// before <see cref="MinimumThroughput"/> results. Null, the default, to count failures in a row instead.
    /// </summary>
    public double? FailureRatio { get; set; }

    /// <summary>The window of <see cref="FailureRatio"/>: greater than zero and finite; 30 seconds by default. It moves on in tenths.</summary>
    public TimeSpan SamplingWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The fewest results in the window for <see cref="FailureRatio"/> to open the circuit, from 1 to <see cref="int.MaxValue"/>; 10 by default.</summary>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>How long the circuit stays open before it lets probes through: greater than zero and finite; 30 seconds by default.</summary>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The recovery timeout by how often the circuit has opened without closing in between, from 1 up; null, the default, for
    /// <see cref="RecoveryTimeout"/> each time. That one also stands in when the function throws or returns nothing greater than zero.
    /// Called once a break, on the thread whose result opened the circuit, outside every lock.
    /// </summary>
    public Func<int, TimeSpan>? RecoveryTimeoutByBreakCount { get; set; }

    /// <summary>
    /// How many probes must succeed before the circuit closes, from 1 to 1000; 1 by default. No more probes are in flight at a time
    /// than successes are still missing.
    /// </summary>
    public int SuccessThreshold { get; set; } = 1;

    /// <summary>
    /// How long a probe may keep its place: greater than zero and finite; 60 seconds by default. Afterwards another call gets the place,
    /// and the late result changes nothing. Choose it longer than the calls' own timeout.
    /// </summary>
    public TimeSpan ProbeLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether an exception of the work is a failure; every exception by default, a timeout included. What isn't one counts as a success:
    /// the dependency answered. It isn't asked about a cancellation by the caller, which is neutral. When it throws, the call counts as
    /// nothing, and an <see cref="AggregateException"/> carries both exceptions.
    /// </summary>
    public Func<Exception, bool> ShouldHandle { get; set; } = static _ => true;

    /// <summary>The clock, of which only monotonic timestamps are used. <see cref="TimeProvider.System"/> by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal IReadOnlyList<Delegate> ResultPredicates => _resultPredicates;

    /// <summary>
    /// Adds a question whether a returned value is a failure; no value is by default. One failure among the answers is enough. A predicate
    /// is asked about results of calls whose result type is <typeparamref name="TResult"/>, or for reference types derives from it.
    /// When it throws, the call counts as nothing, and its exception reaches the caller. Calls without a result are not asked about.
    /// </summary>
    /// <returns>These options.</returns>
    public CircuitBreakerOptions ShouldHandleResult<TResult>(Func<TResult, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        _resultPredicates.Add(predicate);
        return this;
    }
}
