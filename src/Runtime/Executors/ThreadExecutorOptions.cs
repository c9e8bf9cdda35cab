namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How a <see cref="ThreadExecutor"/> works.</summary>
public sealed class ThreadExecutorOptions : ExecutorOptions
{
    /// <summary>The most threads, and so the most items that run at once, from 1 to 32,767. Default: the number of processors plus 4, but at most 32.</summary>
    public int MaxThreads { get; set; } = Math.Min(32, Environment.ProcessorCount + 4);

    /// <summary>What the names of the threads begin with; a hyphen and a number follow. Default: "ThreadExecutor".</summary>
    public string NamePrefix { get; set; } = "ThreadExecutor";

    /// <summary>
    /// Runs once on each thread before its first item. If it throws, the executor is broken: what waits, and every later
    /// submission, fails with <see cref="BrokenExecutorException"/>. Default: null, nothing.
    /// </summary>
    public Action? Initializer { get; set; }

    internal ThreadExecutorOptions Validated()
    {
        OptionRange.Require(MaxThreads, 1, 32_767);
        ArgumentNullException.ThrowIfNull(NamePrefix);
        ValidateCommon();
        return (ThreadExecutorOptions)MemberwiseClone();
    }
}
