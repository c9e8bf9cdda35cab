namespace ConcurrencyAnalyzers.Runtime;

/// <content>The ways to run work under a deadline.</content>
public sealed partial class Deadline
{
    /// <summary>Runs work that has to end within a time.</summary>
    /// <param name="work">Gets a token that is cancelled on expiry and with <paramref name="cancellationToken"/>.</param>
    /// <param name="timeout">The time allowed: at most 2³²−2 ms; zero or less doesn't start the work; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</param>
    /// <param name="cancellationToken">Cancels the work. When it is cancelled beforehand, the work isn't started.</param>
    /// <returns>Ends when the work has.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is longer than 2³²−2 ms.</exception>
    /// <exception cref="TimeoutException">The time was up and the work ended by cancellation.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled and the work ended by cancellation; or the work was cancelled by a token of its own.</exception>
    public static Task RunAsync(Func<CancellationToken, Task> work, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        RunAsync(work, timeout, DeadlineOptions.Default, cancellationToken);

    /// <inheritdoc cref="RunAsync(Func{CancellationToken, Task}, TimeSpan, CancellationToken)"/>
    /// <param name="work">Gets a token that is cancelled on expiry and with <paramref name="cancellationToken"/>.</param>
    /// <param name="timeout">The time allowed: at most 2³²−2 ms; zero or less doesn't start the work; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</param>
    /// <param name="options">The clock, and whether the call waits for work that is cancelled.</param>
    /// <param name="cancellationToken">Cancels the work. When it is cancelled beforehand, the work isn't started.</param>
    public static Task RunAsync(Func<CancellationToken, Task> work, TimeSpan timeout, DeadlineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ThrowIfTooLong(timeout);
        return SuperviseAsync(static (work, _, token) => work(token), work, Task.FromException, timeout, options ?? DeadlineOptions.Default, cancellationToken).Unwrap();
    }

    /// <summary>Runs work that has to end within a time, and returns its result.</summary>
    /// <inheritdoc cref="RunAsync(Func{CancellationToken, Task}, TimeSpan, CancellationToken)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <returns>The work's result, also one that comes late from work that doesn't heed its token.</returns>
    public static Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        RunAsync(work, timeout, DeadlineOptions.Default, cancellationToken);

    /// <summary>Runs work that has to end within a time, and returns its result.</summary>
    /// <inheritdoc cref="RunAsync(Func{CancellationToken, Task}, TimeSpan, DeadlineOptions, CancellationToken)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <returns>The work's result; with <see cref="DeadlineExpiry.Await"/> also one that comes late from work that doesn't heed its token.</returns>
    public static Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, TimeSpan timeout, DeadlineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ThrowIfTooLong(timeout);
        return SuperviseAsync(static (work, _, token) => work(token), work, Task.FromException<TResult>, timeout, options ?? DeadlineOptions.Default, cancellationToken).Unwrap();
    }

    /// <summary>Runs work that has to end within a time, and that may ask how much is left of it, or move the deadline.</summary>
    /// <inheritdoc cref="RunAsync(Func{CancellationToken, Task}, TimeSpan, DeadlineOptions, CancellationToken)"/>
    /// <param name="work">Gets the deadline, and a token that is cancelled on expiry and with <paramref name="cancellationToken"/>.</param>
    /// <param name="timeout">The time allowed: at most 2³²−2 ms; zero or less doesn't start the work; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</param>
    /// <param name="options">The clock, and whether the call waits for work that is cancelled; null takes the defaults.</param>
    /// <param name="cancellationToken">Cancels the work. When it is cancelled beforehand, the work isn't started.</param>
    public static Task RunAsync(Func<Deadline, CancellationToken, Task> work, TimeSpan timeout, DeadlineOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ThrowIfTooLong(timeout);
        return SuperviseAsync(static (work, deadline, token) => work(deadline, token), work, Task.FromException, timeout, options ?? DeadlineOptions.Default, cancellationToken).Unwrap();
    }

    /// <summary>Runs work that has to end within a time, and that may ask how much is left of it, or move the deadline; returns its result.</summary>
    /// <inheritdoc cref="RunAsync(Func{Deadline, CancellationToken, Task}, TimeSpan, DeadlineOptions, CancellationToken)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    /// <returns>The work's result; with <see cref="DeadlineExpiry.Await"/> also one that comes late from work that doesn't heed its token.</returns>
    public static Task<TResult> RunAsync<TResult>(Func<Deadline, CancellationToken, Task<TResult>> work, TimeSpan timeout, DeadlineOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        ThrowIfTooLong(timeout);
        return SuperviseAsync(static (work, deadline, token) => work(deadline, token), work, Task.FromException<TResult>, timeout, options ?? DeadlineOptions.Default, cancellationToken).Unwrap();
    }
}
