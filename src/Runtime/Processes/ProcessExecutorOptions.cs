using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>How a <see cref="ProcessExecutor"/> works. <see cref="ExecutorOptions.RateLimiter"/> and the queue count items of a map by chunks.</summary>
public sealed class ProcessExecutorOptions : ExecutorOptions
{
    internal const int LargestMessage = 1024 * 1024 * 1024;
    private const long LeastMemory = 64L * 1024 * 1024;
    private static readonly TimeSpan Shortest = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(0xfffffffe);

    /// <summary>The most worker processes, and so the most items that run at once, from 1 to 1,024. Default: the number of processors.</summary>
    public int MaxWorkers { get; set; } = Environment.ProcessorCount;

    /// <summary>After how many items a worker is replaced by a fresh one, from 1. Default: null, never.</summary>
    public int? MaxTasksPerWorker { get; set; }

    /// <summary>
    /// The most memory a worker may use, in bytes, from 64 MiB. The managed heap gets four fifths of it as a hard limit; the
    /// resident memory of the process is looked at every 50 ms while it works, and beyond the limit the process is killed.
    /// What it takes and touches in between is not prevented. Default: null, no limit.
    /// </summary>
    public long? MemoryLimit { get; set; }

    /// <summary>
    /// How long one item may run in its worker, from above zero to 4,294,967,294 ms, its wait and its worker's start not counted.
    /// Then the worker is killed with all its children, and the item fails with <see cref="TimeoutException"/>. Default: infinite.
    /// </summary>
    public TimeSpan WorkTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a worker may take to start and to run its initializer, from above zero to 4,294,967,294 ms. Default: 60 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long cancelled work that takes a token may go on before its worker is killed, from 0 to 4,294,967,294 ms. Work that
    /// takes no token is killed at once. Default: 5 s.
    /// </summary>
    public TimeSpan CancellationGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many workers that died unasked are replaced within <see cref="ReplacementWindow"/>, from 0. One more breaks the
    /// executor: what waits, and every later submission, fails with <see cref="BrokenExecutorException"/>. Default: 16.
    /// </summary>
    public int MaxReplacements { get; set; } = 16;

    /// <summary>The time within which <see cref="MaxReplacements"/> counts, above zero. Default: 1 minute.</summary>
    public TimeSpan ReplacementWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many workers may die of one item, from 1 to 100. With more than 1, an item whose worker dies unasked is tried again
    /// on another, so its work may happen more than once; at the last it fails with <see cref="WorkerProcessException"/>, as
    /// poison. Default: 1, no retry.
    /// </summary>
    public int MaxAttempts { get; set; } = 1;

    /// <summary>The most bytes of an argument or a result as JSON; the arguments of a chunk beyond it go in several messages. From 1,024 to 1 GiB. Default: 64 MiB.</summary>
    public int MaxMessageSize { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// A source-generated context for arguments and results. The worker makes another of the same type, so that what counts is
    /// its attributes, and not options handed to its constructor. Default: null, reflection.
    /// </summary>
    public JsonSerializerContext? SerializerContext { get; set; }

    /// <summary>
    /// Lets debuggers and dotnet-trace attach to workers. They then listen on a socket of the current user's, which a killed
    /// worker leaves behind in the temporary folder. Default: false.
    /// </summary>
    public bool AllowDiagnostics { get; set; }

    /// <summary>
    /// Gets each line that a worker writes to its standard output or error, cut at 4,096 characters, and the process id. Called
    /// by one thread for each worker; what it throws goes to <see cref="TaskObservation.UnhandledFault"/>. Default: null.
    /// </summary>
    public Action<int, string>? OutputReceived { get; set; }

    internal Initializer? WorkerInitializer { get; private set; }

    /// <summary>
    /// Sets what runs once in each worker before its first item. If it throws, the executor is broken: what waits, and every
    /// later submission, fails with <see cref="BrokenExecutorException"/>.
    /// </summary>
    /// <param name="initializer">A static method, or a lambda that captures nothing.</param>
    /// <exception cref="ArgumentNullException"><paramref name="initializer"/> is null.</exception>
    /// <exception cref="ArgumentException">Another process couldn't call it.</exception>
    public void SetInitializer(Action initializer)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        WorkerInitializer = new(WorkMethod.Of(initializer), null, null);
    }

    /// <inheritdoc cref="SetInitializer(Action)"/>
    /// <param name="initializer">A static method, or a lambda that captures nothing.</param>
    /// <param name="argument">Sent to each worker; read when the executor is made.</param>
    public void SetInitializer<TArgument>(Action<TArgument> initializer, TArgument argument)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        WorkerInitializer = new(WorkMethod.Of(initializer), argument, typeof(TArgument));
    }

    internal ProcessExecutorOptions Validated()
    {
        ValidateCommon();
        OptionRange.Require(MaxWorkers, 1, 1024);
        OptionRange.Require(MaxTasksPerWorker ?? 1, 1, int.MaxValue, nameof(MaxTasksPerWorker));
        OptionRange.Require(MaxReplacements, 0, int.MaxValue);
        OptionRange.Require(MaxAttempts, 1, 100);
        OptionRange.Require(MaxMessageSize, 1024, LargestMessage);
        OptionRange.Require(MemoryLimit ?? LeastMemory, LeastMemory, long.MaxValue, nameof(MemoryLimit));
        if (WorkTimeout != Timeout.InfiniteTimeSpan)
            OptionRange.Require(WorkTimeout, Shortest, Longest);
        OptionRange.Require(StartTimeout, Shortest, Longest);
        OptionRange.Require(CancellationGracePeriod, TimeSpan.Zero, Longest);
        OptionRange.Require(ReplacementWindow, Shortest, Longest);
        return (ProcessExecutorOptions)MemberwiseClone();
    }

    internal sealed record Initializer(WorkMethod Method, object? Argument, Type? ArgumentType);
}
