using ConcurrencyAnalyzers.Runtime.Tests.Diagnostics;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

[Collection(ListensToDiagnostics.Name)]
public sealed class CircuitBreakerMetricsTests
{
    [Fact]
    public void Calls_rejections_and_changes_are_measured()
    {
        var time = new ManualTimeProvider();
        var options = Breakers.Options(time);
        options.Name = nameof(Calls_rejections_and_changes_are_measured);
        var breaker = new CircuitBreaker(options);
        using var recorder = new MeterRecorder(options.Name);
        breaker.Succeed();
        breaker.Call(CircuitResult.Neutral);
        breaker.Open();
        breaker.Reject();
        Assert.Equal(["succeeded", "canceled", "failed", "failed", "rejected"], Outcomes(recorder, out var measured));
        Assert.Contains(new("circuit_breaker.transitions", 1, "kind=circuit_breaker state=open"), measured);
        Assert.Equal("open", StateOf(measured));

        time.Advance(Breakers.Recovery);
        var probe = breaker.Acquire();
        breaker.Reject();
        Assert.Equal(["rejected"], Outcomes(recorder, out measured));
        Assert.Contains(new("circuit_breaker.transitions", 1, "kind=circuit_breaker state=half_open"), measured);
        Assert.Equal("half_open", StateOf(measured));

        breaker.Complete(probe, CircuitResult.Success);
        Assert.Equal(["succeeded"], Outcomes(recorder, out measured));
        Assert.Equal("closed", StateOf(measured));

        breaker.Isolate();
        Assert.Empty(Outcomes(recorder, out measured));
        Assert.Contains(new("circuit_breaker.transitions", 1, "kind=circuit_breaker state=isolated"), measured);
        Assert.Equal("isolated", StateOf(measured));
    }

    private static List<string> Outcomes(MeterRecorder recorder, out IReadOnlyList<Measured> measured)
    {
        measured = recorder.Take();
        return [.. measured.Where(static one => one.Instrument == "circuit_breaker.calls").Select(static one => one.Tags.Split('=')[^1])];
    }

    private static string StateOf(IReadOnlyList<Measured> measured) =>
        Assert.Single(measured, static one => one.Instrument == "circuit_breaker.state" && one.Value == 1).Tags.Split('=')[^1];
}
