using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;

/// <summary>
/// Tests that listen to the process-wide meter run alone: a listener of one would turn measurements on in another that
/// counts allocations.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ListensToDiagnostics
{
    public const string Name = "Diagnostics";
}

/// <summary>One measurement, its tags as text in the order of their keys.</summary>
public sealed record Measured(string Instrument, double Value, string Tags);

/// <summary>Listens to the runtime's meter and keeps what it says of one named instance.</summary>
public sealed class MeterRecorder : IDisposable
{
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();
    private readonly MeterListener _listener = new();
    private readonly string? _name;

    public MeterRecorder(string? name)
    {
        _name = name;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != RuntimeDiagnostics.MeterName)
                return;
            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyDictionary<string, Instrument> Instruments => _instruments;

    /// <summary>What was measured since the last call, and what the observable instruments say now.</summary>
    public IReadOnlyList<Measured> Take()
    {
        _listener.RecordObservableInstruments();
        var taken = _measured.ToArray();
        _measured.Clear();
        return taken;
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = tags.ToArray().ToDictionary(static tag => tag.Key.Replace("concurrency_analyzers.", "", StringComparison.Ordinal), static tag => $"{tag.Value}");
        if (_name is null || !text.Remove("name", out var name) || name != _name)
            return;
        _measured.Enqueue(new Measured(
            instrument.Name.Replace("concurrency_analyzers.", "", StringComparison.Ordinal),
            value,
            string.Join(' ', text.OrderBy(static tag => tag.Key, StringComparer.Ordinal).Select(static tag => $"{tag.Key}={tag.Value}"))));
    }
}
