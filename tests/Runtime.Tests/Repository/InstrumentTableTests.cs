using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;

namespace ConcurrencyAnalyzers.Runtime.Tests.Repository;

[Collection(ListensToDiagnostics.Name)]
public sealed partial class InstrumentTableTests
{
    [Fact]
    public void The_page_lists_exactly_the_instruments_that_are_published()
    {
        foreach (var type in new[] { typeof(ExecutorInstruments), typeof(LimiterInstruments), typeof(BreakerInstruments), typeof(DeadlineInstruments) })
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        using var recorder = new MeterRecorder(name: null);
        var documented = Row().Matches(RepositoryFiles.Read("docs/runtime/diagnostics.md"))
            .Select(row => (Name: row.Groups[1].Value, Type: row.Groups[2].Value, Unit: row.Groups[3].Value));
        var published = recorder.Instruments.Values
            .Select(instrument => (instrument.Name, Type: TypeOf(instrument), Unit: instrument.Unit!));

        Assert.Equal(published.Order(), documented.Order());
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => "histogram",
        ObservableUpDownCounter<long> => "observable up-down counter",
        Counter<long> => "counter",
        _ => instrument.GetType().Name,
    };

    [GeneratedRegex(@"^\| `(concurrency_analyzers\.[^`]+)` \| ([^|]+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
