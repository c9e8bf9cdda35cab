namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>The surface that the executors share, so that one set of tests holds for both. Work is asynchronous; a ThreadExecutor's thread blocks on it.</summary>
public interface IExecutor : IAsyncDisposable
{
    Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default);

    void Post(Func<CancellationToken, Task> work);

    IAsyncEnumerable<T> MapAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default);

    IAsyncEnumerable<T> MapAsync<TSource, T>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default);

    IAsyncEnumerable<T> MapAsCompletedAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default);

    Task<Outcome<TSource, T>[]> SettleAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default);

    Task ShutdownAsync(bool cancelQueued = false);

    void RequestShutdown(bool cancelQueued = false);

    ExecutorSnapshot GetSnapshot();
}

internal sealed class AsyncExecutorAdapter(AsyncExecutor executor) : IExecutor
{
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default) => executor.RunAsync(work, cancellationToken);

    public void Post(Func<CancellationToken, Task> work) => executor.Post(work);

    public IAsyncEnumerable<T> MapAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsync(source, work, options, cancellationToken);

    public IAsyncEnumerable<T> MapAsync<TSource, T>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsync(source, work, options, cancellationToken);

    public IAsyncEnumerable<T> MapAsCompletedAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsCompletedAsync(source, work, options, cancellationToken);

    public Task<Outcome<TSource, T>[]> SettleAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.SettleAsync(source, work, options, cancellationToken);

    public Task ShutdownAsync(bool cancelQueued = false) => executor.ShutdownAsync(cancelQueued);

    public void RequestShutdown(bool cancelQueued = false) => executor.RequestShutdown(cancelQueued);

    public ExecutorSnapshot GetSnapshot() => executor.GetSnapshot();

    public ValueTask DisposeAsync() => executor.DisposeAsync();
}

internal sealed class ThreadExecutorAdapter(ThreadExecutor executor) : IExecutor
{
    public Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default) =>
        executor.RunAsync(token => work(token).GetAwaiter().GetResult(), cancellationToken);

    public void Post(Func<CancellationToken, Task> work) => executor.Post(token => work(token).GetAwaiter().GetResult());

    public IAsyncEnumerable<T> MapAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsync(source, (item, token) => work(item, token).GetAwaiter().GetResult(), options, cancellationToken);

    public IAsyncEnumerable<T> MapAsync<TSource, T>(IAsyncEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsync(source, (item, token) => work(item, token).GetAwaiter().GetResult(), options, cancellationToken);

    public IAsyncEnumerable<T> MapAsCompletedAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.MapAsCompletedAsync(source, (item, token) => work(item, token).GetAwaiter().GetResult(), options, cancellationToken);

    public Task<Outcome<TSource, T>[]> SettleAsync<TSource, T>(IEnumerable<TSource> source, Func<TSource, CancellationToken, Task<T>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        executor.SettleAsync(source, (item, token) => work(item, token).GetAwaiter().GetResult(), options, cancellationToken);

    public Task ShutdownAsync(bool cancelQueued = false) => executor.ShutdownAsync(cancelQueued);

    public void RequestShutdown(bool cancelQueued = false) => executor.RequestShutdown(cancelQueued);

    public ExecutorSnapshot GetSnapshot() => executor.GetSnapshot();

    public ValueTask DisposeAsync() => executor.DisposeAsync();
}

/// <summary>Both executors, for theories.</summary>
public enum ExecutorKind
{
    Async,
    Thread,
}

internal static class ExecutorKindExtensions
{
    public static IExecutor Create(this ExecutorKind kind, int places, Action<ExecutorOptions>? configure = null)
    {
        if (kind == ExecutorKind.Async)
        {
            var options = new AsyncExecutorOptions { MaxConcurrency = places };
            configure?.Invoke(options);
            return new AsyncExecutorAdapter(new AsyncExecutor(options));
        }
        else
        {
            var options = new ThreadExecutorOptions { MaxThreads = places };
            configure?.Invoke(options);
            return new ThreadExecutorAdapter(new ThreadExecutor(options));
        }
    }

    /// <summary>Work that tells that it runs, and ends when told to.</summary>
    public static Gated Gate(this IExecutor executor, CancellationToken cancellationToken = default)
    {
        var gated = new Gated();
        gated.Task = executor.RunAsync(gated.RunAsync, cancellationToken);
        return gated;
    }
}

internal sealed class Gated
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<int> Task { get; set; } = null!;

    public bool HasStarted => _started.Task.IsCompleted;

    public Task StartedAsync() => TestKit.BoundedWaits.Bounded(_started.Task);

    public void End(int result = 0) => _end.TrySetResult(result);

    public void Fail(Exception exception) => _end.TrySetException(exception);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        return await _end.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
