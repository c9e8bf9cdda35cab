namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The lock of a piece of shared memory. The file's lock excludes other openings, in this process too; the semaphore the other
/// users of this one.
/// </summary>
internal sealed class SharedMemoryLock(SharedMemory memory) : IDisposable
{
    private const int LongestPause = 10;

    private readonly SemaphoreSlim _own = new(1);
    private readonly FileStream? _ranges = OperatingSystem.IsWindows() ? new FileStream(memory.File, FileAccess.ReadWrite, 0) : null;

    /// <summary>Waits for the lock. True: the holder before died with it.</summary>
    public bool Enter(CancellationToken cancellationToken)
    {
        _own.Wait(cancellationToken);
        try
        {
            if (!OperatingSystem.IsWindows() && !cancellationToken.CanBeCanceled)
            {
                UnixProcess.Lock(memory.File);
            }
            else
            {
                for (var pause = 1; !TryLock(); pause = Math.Min(2 * pause, LongestPause))
                {
                    cancellationToken.WaitHandle.WaitOne(pause);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }

            return TakeOwnership();
        }
        catch
        {
            _own.Release();
            throw;
        }
    }

    /// <inheritdoc cref="Enter"/>
    public async Task<bool> EnterAsync(CancellationToken cancellationToken)
    {
        await _own.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var pause = 1; !TryLock(); pause = Math.Min(2 * pause, LongestPause))
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            return TakeOwnership();
        }
        catch
        {
            _own.Release();
            throw;
        }
    }

    public bool TryEnter(out bool wasAbandoned)
    {
        wasAbandoned = false;
        if (!_own.Wait(0))
            return false;
        try
        {
            if (TryLock())
            {
                wasAbandoned = TakeOwnership();
                return true;
            }
        }
        catch
        {
            _own.Release();
            throw;
        }

        _own.Release();
        return false;
    }

    public void Exit()
    {
        try
        {
            using (var lease = memory.Use())
                lease.Owner = 0;
            if (OperatingSystem.IsWindows())
                _ranges!.Unlock(0, 1);
            else
                UnixProcess.Unlock(memory.File);
        }
        catch (ObjectDisposedException)
        {
            // The lock went with the file.
        }

        _own.Release();
    }

    public void Dispose() => _ranges?.Dispose();

    private bool TakeOwnership()
    {
        using var lease = memory.Use();
        var wasAbandoned = lease.Owner != 0;
        lease.Owner = Environment.ProcessId;
        return wasAbandoned;
    }

    private bool TryLock()
    {
        if (!OperatingSystem.IsWindows())
            return UnixProcess.TryLock(memory.File);
        try
        {
            _ranges!.Lock(0, 1);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
