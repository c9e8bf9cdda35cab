namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How an <see cref="AsyncExecutor"/> works.</summary>
public sealed class AsyncExecutorOptions : ExecutorOptions
{
    /// <summary>The most items in flight at once, from 1. Default: 32.</summary>
    public int MaxConcurrency { get; set; } = 32;

    internal AsyncExecutorOptions Validated()
    {
        OptionRange.Require(MaxConcurrency, 1, int.MaxValue);
        ValidateCommon();
        return (AsyncExecutorOptions)MemberwiseClone();
    }
}
