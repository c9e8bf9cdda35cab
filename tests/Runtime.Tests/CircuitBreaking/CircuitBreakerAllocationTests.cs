using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

[Collection(Diagnostics.ListensToDiagnostics.Name)]
public sealed class CircuitBreakerAllocationTests
{
    private const int Calls = 1_000;

    [Theory]
    [InlineData(null)]
    [InlineData(0.5)]
    public void Permits_and_rejections_without_delegates_allocate_nothing(double? ratio)
    {
        var options = Breakers.Options(new ManualTimeProvider());
        options.FailureRatio = ratio;
        var breaker = new CircuitBreaker(options);
        Assert.Equal(0, Allocated(() =>
        {
            if (!breaker.TryAcquire(out var permit))
                Assert.Fail("Rejected.");
            breaker.Complete(permit, CircuitResult.Success);
        }));
        breaker.Isolate();
        Assert.Equal(0, Allocated(() =>
        {
            if (breaker.TryAcquire(out _))
                Assert.Fail("Not rejected.");
        }));
    }

    [Fact]
    public void Calls_that_end_at_once_and_rejections_as_outcome_allocate_nothing()
    {
        Assert.SkipWhen(RuntimeIsDebugBuild, "The compiler makes asynchronous methods of a debug build allocate.");
        var breaker = new CircuitBreaker(Breakers.Options(new ManualTimeProvider()));
        // Assertions that allocate themselves would be counted.
        Assert.Equal(0, Allocated(() =>
        {
            if (Ended(breaker.ExecuteAsync(static _ => ValueTask.FromResult(1))) != 1)
                Assert.Fail("Another result.");
        }));
        breaker.Isolate();
        Assert.Equal(0, Allocated(() =>
        {
            if (Ended(breaker.TryExecuteAsync(static _ => ValueTask.FromResult(1))).Status != CircuitOutcomeStatus.Rejected)
                Assert.Fail("Not rejected.");
        }));
    }

    private static bool RuntimeIsDebugBuild =>
#if DEBUG
        true;
#else
        false;
#endif

    private static T Ended<T>(ValueTask<T> call)
    {
        if (!call.IsCompletedSuccessfully)
            Assert.Fail("Not ended at once.");
        return call.Result;
    }

    private static long Allocated(Action call)
    {
        for (var i = 0; i < Calls; i++)
            call();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++)
            call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
