using System.Threading.RateLimiting;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>What the executors of this process have in common. Read once, when an executor is made; later changes change nothing.</summary>
public abstract class ExecutorOptions
{
    private protected ExecutorOptions()
    {
    }

    /// <summary>The executor's tag in metrics. Default: null, none.</summary>
    public string? Name { get; set; }

    /// <summary>The most items that wait for a place, from 0. Default: <see cref="int.MaxValue"/>, no bound.</summary>
    public int QueueCapacity { get; set; } = int.MaxValue;

    /// <summary>What a submission does that finds the queue full. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; set; } = QueueFullMode.Wait;

    /// <summary>
    /// Gates every item: once it has a place it asks the breaker, and fails with <see cref="BrokenCircuitException"/> if that
    /// rejects it; else the breaker is told how the item ended. Default: null, no breaker.
    /// </summary>
    public CircuitBreaker? CircuitBreaker { get; set; }

    /// <summary>
    /// Gates every item: once it has a place it acquires one permit, which it holds until it ends. An item the limiter
    /// refuses fails with <see cref="PermitRefusedException"/>. Not disposed by the executor. Default: null, no limiter.
    /// </summary>
    public RateLimiter? RateLimiter { get; set; }

    /// <summary>The clock for durations and timeouts. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    private protected void ValidateCommon()
    {
        OptionRange.Require(QueueCapacity, 0, int.MaxValue);
        if (!Enum.IsDefined(QueueFullMode))
            throw new ArgumentOutOfRangeException(nameof(QueueFullMode), $"QueueFullMode must be Wait or Reject, but was {QueueFullMode}.");
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
