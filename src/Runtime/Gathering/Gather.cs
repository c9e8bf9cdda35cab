namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// Runs asynchronous work for each element of a source, never more than so many at once, and gathers what comes of it.
/// </summary>
/// <remarks>
/// <para>
/// The work is started one element after another, in the order of the source: as many as are allowed by the call itself,
/// the others as places fall free, where the caller's own code would go on after an await (its synchronization context or
/// task scheduler, if it has one). Each start gets the caller's execution context; what it writes to an
/// <see cref="AsyncLocal{T}"/> reaches neither the caller nor another element. The source is enumerated by one thread at a
/// time, only as fast as places fall free, and disposed once.
/// </para>
/// <para>
/// Nothing started is left behind: a returned task ends only after everything that was started has ended. The token given
/// to the work is cancelled with the caller's, and when the run has failed or has its result. A cancellation by the caller
/// surfaces as an <see cref="OperationCanceledException"/> with the caller's token, unless work failed.
/// </para>
/// <para>All members are safe for use by many threads.</para>
/// </remarks>
public static partial class Gather
{
    private static void Check(object source, int maxConcurrency, Delegate work)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(work);
        if (maxConcurrency < 1)
            throw new ArgumentOutOfRangeException(nameof(maxConcurrency), maxConcurrency, $"maxConcurrency must be between 1 and {int.MaxValue}.");
    }
}
