using System.Diagnostics.Metrics;
using static ConcurrencyAnalyzers.Runtime.RuntimeDiagnostics;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What a circuit breaker lets the observable instruments read; called at any time, on any thread.</summary>
internal interface IObservedBreaker
{
    /// <summary>One of the state names of <see cref="BreakerInstruments"/>.</summary>
    string StateName { get; }
}

/// <summary>The measurements of one circuit breaker. Listeners run inside these calls: never make them under a lock.</summary>
internal sealed class BreakerInstruments
{
    public const string Closed = "closed";
    public const string HalfOpen = "half_open";
    public const string Open = "open";
    public const string Isolated = "isolated";

    /// <summary>The kind of every breaker, so that its series carry the same tags as all others.</summary>
    private const string Kind = "circuit_breaker";

    private static readonly string[] States = [Closed, HalfOpen, Open, Isolated];

    private static readonly ObservedInstances<IObservedBreaker, BreakerInstruments> Breakers = new();

    private static readonly Counter<long> Calls = RuntimeMeter.CreateCounter<long>(
        Prefix + "circuit_breaker.calls", "{call}", "Calls that a breaker let through or rejected, by outcome.");

    private static readonly Counter<long> Transitions = RuntimeMeter.CreateCounter<long>(
        Prefix + "circuit_breaker.transitions", "{transition}", "Changes of a breaker's state, by the state that was entered.");

    private readonly string? _name;

    static BreakerInstruments() => RuntimeMeter.CreateObservableUpDownCounter(
        Prefix + "circuit_breaker.state",
        static () => States.SelectMany(static state => Breakers.Sum(
            (_, it) => (Kind, it._name, state),
            breaker => breaker.StateName == state ? 1 : 0)),
        "{breaker}",
        "Breakers that are in the tagged state; 0 for the states they are not in.");

    private BreakerInstruments(string? name) => _name = name;

    /// <summary>Makes a breaker visible; it is held weakly.</summary>
    public static BreakerInstruments Attach(IObservedBreaker breaker, string? name)
    {
        var instruments = new BreakerInstruments(name);
        Breakers.Add(breaker, instruments);
        return instruments;
    }

    /// <summary>A call that was let through ended.</summary>
    public void Called(OutcomeStatus status)
    {
        if (Calls.Enabled)
            Add(Calls, Tags.Outcome, Tags.Of(status));
    }

    /// <summary>A call was not let through.</summary>
    public void Rejected()
    {
        if (Calls.Enabled)
            Add(Calls, Tags.Outcome, Tags.Rejected);
    }

    /// <summary>The breaker entered a state, one of the names above.</summary>
    public void Transitioned(string state)
    {
        if (Transitions.Enabled)
            Add(Transitions, Tags.State, state);
    }

    private void Add(Counter<long> counter, string key, string value)
    {
        var tags = Tags.For(Kind, _name);
        tags.Add(key, value);
        try
        {
            counter.Add(1, in tags);
        }
        catch (Exception)
        {
            // A listener that throws must not change what the breaker does.
        }
    }
}
