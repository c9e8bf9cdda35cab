using System.Threading.Tasks.Sources;

namespace ConcurrencyAnalyzers.Runtime;

public static partial class Gather
{
    /// <summary>
    /// The tasks in the order in which they end, each once, however often it is given. The sequence yields tasks that have
    /// ended: await them for their results, or look at their status.
    /// </summary>
    /// <remarks>
    /// Costs O(1) for each task, where a loop around <see cref="Task.WhenAny(IEnumerable{Task})"/> costs O(n). Leaving the
    /// enumeration early leaves the remaining tasks alone. A token given by <c>WithCancellation</c> ends the wait, not the tasks.
    /// </remarks>
    /// <param name="tasks">The tasks; the sequence is read once, by the call itself.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tasks"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="tasks"/> holds a null.</exception>
    /// <exception cref="InvalidOperationException">The returned sequence is enumerated a second time.</exception>
    public static IAsyncEnumerable<Task<TResult>> AsCompletedAsync<TResult>(IEnumerable<Task<TResult>> tasks) =>
        new AsCompleted<Task<TResult>>(CopyOf(tasks), Timeout.InfiniteTimeSpan, TimeProvider.System);

    /// <inheritdoc cref="AsCompletedAsync{TResult}(IEnumerable{Task{TResult}})"/>
    public static IAsyncEnumerable<Task> AsCompletedAsync(IEnumerable<Task> tasks) =>
        new AsCompleted<Task>(CopyOf(tasks), Timeout.InfiniteTimeSpan, TimeProvider.System);

    /// <summary>As <see cref="AsCompletedAsync{TResult}(IEnumerable{Task{TResult}})"/>, but ends with an exception if not all of the tasks ended in time.</summary>
    /// <param name="tasks">The tasks; the sequence is read once, by the call itself.</param>
    /// <param name="timeout">The time for all tasks together, from the start of the enumeration; zero takes those that have ended already, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="timeProvider">The clock; the system's if null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite, or more than 4,294,967,294 ms.</exception>
    /// <exception cref="TimeoutException">Thrown by the enumeration: the time is up. The message says how many of how many tasks are unfinished.</exception>
    public static IAsyncEnumerable<Task<TResult>> AsCompletedAsync<TResult>(IEnumerable<Task<TResult>> tasks, TimeSpan timeout, TimeProvider? timeProvider = null) =>
        new AsCompleted<Task<TResult>>(CopyOf(tasks), Checked(timeout), timeProvider ?? TimeProvider.System);

    /// <inheritdoc cref="AsCompletedAsync{TResult}(IEnumerable{Task{TResult}}, TimeSpan, TimeProvider?)"/>
    public static IAsyncEnumerable<Task> AsCompletedAsync(IEnumerable<Task> tasks, TimeSpan timeout, TimeProvider? timeProvider = null) =>
        new AsCompleted<Task>(CopyOf(tasks), Checked(timeout), timeProvider ?? TimeProvider.System);

    private static TimeSpan Checked(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan || (timeout >= TimeSpan.Zero && timeout.TotalMilliseconds <= 0xfffffffe)
            ? timeout
            : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "timeout must be between 0 and 4,294,967,294 ms, or infinite.");

    private sealed class AsCompleted<TTask> : CompletionQueue<TTask>, IAsyncEnumerable<TTask>, IAsyncEnumerator<TTask>, IValueTaskSource<bool>
        where TTask : Task
    {
        private readonly int _total;
        private readonly TimeSpan _timeout;
        private readonly TimeProvider _timeProvider;
        private List<TTask>? _endedBefore;
        private int _takenBefore;
        private int _remaining;
        private int _enumerated;
        private CancellationToken _token;
        private CancellationTokenRegistration _registration;
        private ITimer? _timer;
        private TTask? _current;

        public AsCompleted(List<TTask> tasks, TimeSpan timeout, TimeProvider timeProvider)
        {
            _timeout = timeout;
            _timeProvider = timeProvider;
            DistinctReferences.Fold(tasks);
            _total = _remaining = tasks.Count;

            // What has ended before any other queued stays in the list, in its order: nothing need be made for it.
            var ended = 0;
            for (var i = 0; i < tasks.Count; i++)
            {
                if (IsEmpty && tasks[i].IsCompleted)
                    tasks[ended++] = tasks[i];
                else
                    Add(tasks[i]);
            }

            tasks.RemoveRange(ended, tasks.Count - ended);
            _endedBefore = tasks;
        }

        public TTask Current => _current ?? throw new InvalidOperationException("The enumeration stands at no task.");

        public IAsyncEnumerator<TTask> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref _enumerated, 1) != 0)
                throw new InvalidOperationException("The tasks can be enumerated once only: call AsCompletedAsync again.");
            _token = cancellationToken;
            if (cancellationToken.CanBeCanceled)
                _registration = cancellationToken.UnsafeRegister(static queue => ((CompletionQueue<TTask>)queue!).Interrupt(), this);
            if (_timeout != Timeout.InfiniteTimeSpan && _remaining > 0)
                StartTimer();
            return this;
        }

        public ValueTask<bool> MoveNextAsync()
        {
            if (_remaining == 0)
            {
                _current = null;
                return new(false);
            }

            if (_endedBefore is not null && TakeEndedBefore() is { } ended)
                return new(Take(ended));
            return TryTake(out var task, out var waiter) ? new(Take(task)) : new(this, waiter);
        }

        public ValueTask DisposeAsync()
        {
            _current = null;
            _endedBefore = null;
            _registration.Unregister();
            _timer?.Dispose();
            return default;
        }

        bool IValueTaskSource<bool>.GetResult(short token) => Take(GetResult(token));

        private TTask? TakeEndedBefore()
        {
            if (_takenBefore == _endedBefore!.Count)
            {
                _endedBefore = null;
                return null;
            }

            var task = _endedBefore[_takenBefore];
            _endedBefore[_takenBefore++] = null!;
            return task;
        }

        private bool Take(TTask? task)
        {
            _current = null;
            if (task is null)
            {
                _token.ThrowIfCancellationRequested();
                throw new TimeoutException($"{_remaining} of {_total} unfinished: the time of {_timeout} for all of them is up.");
            }

            _remaining--;
            _current = task;
            return true;
        }

        private void StartTimer()
        {
            if (_timeout == TimeSpan.Zero)
            {
                Interrupt();
                return;
            }

            _timer = MonotonicClock.Of(_timeProvider).CreateTimer(static self => ((AsCompleted<TTask>)self!).Interrupt(), this);
            _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        }
    }
}
