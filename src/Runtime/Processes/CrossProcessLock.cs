using System.Text.Json.Serialization;

namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// A lock that processes share. Part of an argument, it reaches the worker as the same lock. The kernel gives it back when its
/// holder's process ends, however that happens, and the next holder is told.
/// </summary>
/// <remarks>
/// <para>Not reentrant, and not tied to a thread: whoever acquired it must dispose what it got, on whatever thread.</para>
/// <para>
/// A wait that can't be cancelled is the kernel's, without polling; one that can tries again every 1 to 10 ms. In what order
/// waiters get the lock is not promised. Rests on <c>flock</c> on Unix, and on locks of byte ranges on Windows.
/// </para>
/// <para>All members are safe for use by many threads and processes. Whoever made it keeps it alive, as for <see cref="SharedInt64"/>.</para>
/// </remarks>
[JsonConverter(typeof(SharedJsonConverter<CrossProcessLock>))]
public sealed class CrossProcessLock : IDisposable, IShared<CrossProcessLock>
{
    private readonly SharedMemory _memory;
    private readonly SharedMemoryLock _lock;

    /// <summary>Makes a lock that nobody holds.</summary>
    public CrossProcessLock()
        : this(SharedMemory.Create(SharedMemoryKind.Lock, 0, 0, 0))
    {
    }

    private CrossProcessLock(SharedMemory memory)
    {
        _memory = memory;
        _lock = new SharedMemoryLock(memory);
    }

    string IShared<CrossProcessLock>.Reference => _memory.Reference;

    /// <summary>Waits for the lock, blocking the thread.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The lock, held until this is disposed.</returns>
    /// <exception cref="OperationCanceledException">The <paramref name="cancellationToken"/> was cancelled; the lock isn't held.</exception>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public Hold Acquire(CancellationToken cancellationToken = default) => new(_lock, _lock.Enter(cancellationToken));

    /// <summary>Waits for the lock without blocking the thread.</summary>
    /// <inheritdoc cref="Acquire"/>
    public async Task<Hold> AcquireAsync(CancellationToken cancellationToken = default) =>
        new(_lock, await _lock.EnterAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Takes the lock if nobody holds it; null if somebody does.</summary>
    /// <exception cref="ObjectDisposedException">The instance was disposed.</exception>
    public Hold? TryAcquire() => _lock.TryEnter(out var wasAbandoned) ? new(_lock, wasAbandoned) : null;

    /// <summary>Gives the memory back, and the lock if it is held through this instance.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        _lock.Dispose();
    }

    static CrossProcessLock IShared<CrossProcessLock>.Open(string reference) => new(SharedMemory.Open(reference, SharedMemoryKind.Lock, 0));

    /// <summary>The lock, held until this is disposed.</summary>
    public sealed class Hold : IDisposable
    {
        private SharedMemoryLock? _lock;

        internal Hold(SharedMemoryLock held, bool wasAbandoned)
        {
            _lock = held;
            WasAbandoned = wasAbandoned;
        }

        /// <summary>Whether the holder before this one died while it held the lock, and may have left half done what the lock guards.</summary>
        public bool WasAbandoned { get; }

        /// <summary>Gives the lock back; once, however often it is called.</summary>
        public void Dispose() => Interlocked.Exchange(ref _lock, null)?.Exit();
    }
}
