using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The live instances that an observable instrument reads, held weakly: one that is forgotten is collected and no
/// longer counted, one that is disposed can be taken out at once.
/// </summary>
internal sealed class ObservedInstances<TInstance, TInstruments>
    where TInstance : class
    where TInstruments : class
{
    // The values are objects since the table's own annotation would ask for a parameterless constructor.
    private readonly ConditionalWeakTable<TInstance, object> _instances = [];

    public void Add(TInstance instance, TInstruments instruments) => _instances.AddOrUpdate(instance, instruments);

    public void Remove(TInstance instance) => _instances.Remove(instance);

    /// <summary>One measurement a series: instances of the same kind and name add up.</summary>
    public IEnumerable<Measurement<long>> Sum(
        Func<TInstance, TInstruments, (string Kind, string? Name, string? State)> series,
        Func<TInstance, long> value)
    {
        var sums = new Dictionary<(string Kind, string? Name, string? State), long>();
        foreach (var (instance, instruments) in _instances)
        {
            try
            {
                var key = series(instance, (TInstruments)instruments);
                sums[key] = sums.GetValueOrDefault(key) + value(instance);
            }
            catch (ObjectDisposedException)
            {
                // An instance that is disposed while it is observed must not hide the others.
            }
        }

        return [.. sums.Select(static sum => Measure(sum.Key, sum.Value))];
    }

    private static Measurement<long> Measure((string Kind, string? Name, string? State) series, long value)
    {
        var tags = RuntimeDiagnostics.Tags.For(series.Kind, series.Name);
        if (series.State is not null)
            tags.Add(RuntimeDiagnostics.Tags.State, series.State);
        return new Measurement<long>(value, tags);
    }
}
