using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What the executors of this process have in common. Read once, when an executor is made; later changes change nothing.</summary>
public abstract class ExecutorOptions
{
    private protected ExecutorOptions()
    {
    }

    /// <summary>The most items that wait for a place, from 0. Default: <see cref="int.MaxValue"/>, no bound.</summary>
    public int QueueCapacity { get; set; } = int.MaxValue;

    /// <summary>What a submission does that finds the queue full. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; set; } = QueueFullMode.Wait;

    /// <summary>
    /// Gates every item: once it has a place it acquires one permit, which it holds until it ends. An item the limiter
    /// refuses fails with <see cref="RateLimitRejectedException"/>. Not disposed by the executor. Default: null, no limiter.
    /// </summary>
    public RateLimiter? RateLimiter { get; set; }

    /// <summary>The clock for durations and timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    private protected void ValidateCommon()
    {
        Require(nameof(QueueCapacity), QueueCapacity, 0, int.MaxValue);
        if (!Enum.IsDefined(QueueFullMode))
            throw new ArgumentOutOfRangeException(nameof(QueueFullMode), QueueFullMode, "QueueFullMode must be Wait or Reject.");
        if (TimeProvider is null)
            throw new ArgumentNullException(nameof(TimeProvider), "TimeProvider must not be null.");
    }

    private protected static void Require(string property, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(property, value, $"{property} must be between {minimum} and {maximum}.");
    }
}
