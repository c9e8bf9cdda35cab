using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

[Collection(Diagnostics.ListensToDiagnostics.Name)]
public sealed class RateLimiterAllocationTests
{
    public static TheoryData<LimiterKind> All => Limiters.All;

    [Theory, MemberData(nameof(All))]
    public void Acquiring_a_permit_that_is_there_is_synchronous_and_allocates_nothing(LimiterKind kind)
    {
        var time = new ManualTimeProvider();
        using var limiter = Limiters.Create(kind, time, limit: 1_000);
        Acquire(limiter, time, 2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Acquire(limiter, time, 2_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Acquire(RateLimiter limiter, ManualTimeProvider time, int count)
    {
        for (var i = 0; i < count; i++)
        {
            time.Advance(2 * Limiters.Period);
            var request = limiter.AcquireAsync();
            if (!request.IsCompletedSuccessfully || !request.Result.IsAcquired || !limiter.AttemptAcquire().IsAcquired)
                Assert.Fail("No permit was there.");
        }
    }
}
