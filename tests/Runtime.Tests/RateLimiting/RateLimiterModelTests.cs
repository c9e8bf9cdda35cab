using System.Threading.RateLimiting;
using ConcurrencyAnalyzers.TestKit;
using FsCheck.Fluent;

namespace ConcurrencyAnalyzers.Runtime.Tests.RateLimiting;

public sealed class RateLimiterModelTests
{
    public enum Verb
    {
        Attempt,
        Acquire,
        Cancel,
        Advance,
        Dispose,
    }

    public readonly record struct Command(Verb Verb, int Number);

    [Theory]
    [InlineData(1, 7, 3)]
    [InlineData(3, 10, 4)]
    [InlineData(5, 13, 40)]
    public void Sliding_window_log_behaves_as_its_model(int limit, int window, int queueLimit) => Check(
        limit,
        time => new SlidingWindowLogRateLimiter(new() { PermitLimit = limit, Window = Ticks(window), QueueLimit = queueLimit, TimeProvider = time }),
        () => RateLimiterModel.Window(limit, window, queueLimit));

    [Theory]
    [InlineData(1, 7, 3)]
    [InlineData(4, 5, 30)]
    public void Interval_limiter_behaves_as_its_model(int burst, int interval, int queueLimit) => Check(
        burst,
        time => new IntervalRateLimiter(new() { Burst = burst, Interval = Ticks(interval), QueueLimit = queueLimit, TimeProvider = time }),
        () => RateLimiterModel.Refill(burst, interval, 1, queueLimit));

    [Theory]
    [InlineData(1, 10, 3, 3)]
    [InlineData(4, 7, 3, 30)]
    [InlineData(3, 2, 5, 8)]
    public void Token_bucket_behaves_as_its_model(int limit, int period, int perPeriod, int queueLimit) => Check(
        limit,
        time => new OnDemandTokenBucketRateLimiter(new()
        {
            TokenLimit = limit,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = Ticks(period),
            QueueLimit = queueLimit,
            TimeProvider = time,
        }),
        () => RateLimiterModel.Refill(limit, period, perPeriod, queueLimit));

    private static void Check(int limit, Func<TimeProvider, QueueingRateLimiter> create, Func<RateLimiterModel> createModel)
    {
        var permits = Gen.Choose(0, limit);
        var command = Gen.Frequency(
            (6, permits.Select(static number => new Command(Verb.Attempt, number))),
            (8, permits.Select(static number => new Command(Verb.Acquire, number))),
            (3, Gen.Choose(0, 9).Select(static number => new Command(Verb.Cancel, number))),
            (8, Gen.Choose(0, 12).Select(static number => new Command(Verb.Advance, number))),
            (1, Gen.Choose(0, 9).Select(static number => new Command(number == 0 ? Verb.Dispose : Verb.Advance, 1))));
        ModelCheck.Run(command, maxLength: 40, commands =>
        {
            using var run = new Run(create, createModel());
            foreach (var step in commands)
                run.Apply(step);
            return Task.CompletedTask;
        });
    }

    private static TimeSpan Ticks(long ticks) => TimeSpan.FromTicks(ticks);

    private sealed class Run : IDisposable
    {
        private readonly ManualTimeProvider _time = new();
        private readonly QueueingRateLimiter _limiter;
        private readonly RateLimiterModel _model;
        private readonly List<Waiter> _waiters = [];
        private bool _disposed;

        public Run(Func<TimeProvider, QueueingRateLimiter> create, RateLimiterModel model)
        {
            _limiter = create(_time);
            _model = model;
        }

        private sealed record Waiter(Task<RateLimitLease> Task, CancellationTokenSource Cancellation)
        {
            public bool WasCanceled { get; set; }
        }

        public void Apply(Command command)
        {
            switch (command.Verb)
            {
                case Verb.Attempt when _disposed:
                    Assert.Throws<ObjectDisposedException>(() => _limiter.AttemptAcquire(command.Number));
                    break;
                case Verb.Attempt:
                    CheckLease(_limiter.AttemptAcquire(command.Number), _model.TryAcquire(command.Number), command.Number);
                    break;
                case Verb.Acquire when _disposed:
                    Assert.Throws<ObjectDisposedException>(() => { _ = _limiter.AcquireAsync(command.Number).AsTask(); });
                    break;
                case Verb.Acquire:
                    Acquire(command.Number);
                    break;
                case Verb.Cancel when command.Number < _waiters.Count:
                    Cancel(command.Number);
                    break;
                case Verb.Advance:
                    _time.Advance(Ticks(command.Number));
                    _model.Advance(command.Number);
                    break;
                case Verb.Dispose:
                    _limiter.Dispose();
                    _model.Dispose();
                    _disposed = true;
                    break;
            }
            CheckState();
        }

        public void Dispose()
        {
            _limiter.Dispose();
            foreach (var waiter in _waiters)
                waiter.Cancellation.Dispose();
        }

        private void Acquire(int permits)
        {
            var cancellation = new CancellationTokenSource();
            var task = _limiter.AcquireAsync(permits, cancellation.Token).AsTask();
            if (_model.TryAcquire(permits))
            {
                CheckLease(Completed(task), acquired: true, permits);
            }
            else if (_model.TryEnqueue(_waiters.Count, permits))
            {
                Assert.False(task.IsCompleted);
                _waiters.Add(new(task, cancellation));
                return;
            }
            else
            {
                CheckLease(Completed(task), acquired: false, permits);
            }
            cancellation.Dispose();
        }

        private void Cancel(int number)
        {
            var waiter = _waiters[number];
            waiter.WasCanceled |= !waiter.Task.IsCompleted;
            waiter.Cancellation.Cancel();
            _model.Cancel(number);
        }

        private void CheckLease(RateLimitLease lease, bool acquired, int permits)
        {
            Assert.Equal(acquired, lease.IsAcquired);
            if (acquired)
                return;
            Assert.Equal(Ticks(_model.RetryAfter(permits)), lease.RetryAfter());
            _model.Refuse();
        }

        private void CheckState()
        {
            for (var i = 0; i < _waiters.Count; i++)
            {
                var (task, served) = (_waiters[i].Task, _model.Served.Contains(i));
                Assert.Equal(served || _disposed || _waiters[i].WasCanceled, task.IsCompleted);
                Assert.Equal(_waiters[i].WasCanceled, task.IsCanceled);
                if (task.IsCompletedSuccessfully)
                    Assert.Equal(served, task.Result.IsAcquired);
            }
            var statistics = _limiter.GetStatistics()!;
            Assert.Equal(_model.Available, statistics.CurrentAvailablePermits);
            Assert.Equal(_model.Queued, statistics.CurrentQueuedCount);
            Assert.Equal(_model.Granted, statistics.TotalSuccessfulLeases);
            Assert.Equal(_model.Refused, statistics.TotalFailedLeases);
            Assert.Equal(_model.IdleTicks is { } idle ? Ticks(idle) : null, _limiter.IdleDuration);
            Assert.Equal(_model.Queued > 0 || Waits() ? 1 : 0, _time.ArmedTimers);
        }

        private bool Waits() => _waiters.Exists(static waiter => !waiter.Task.IsCompleted);

        private static RateLimitLease Completed(Task<RateLimitLease> task)
        {
            Assert.True(task.IsCompletedSuccessfully);
            return task.Result;
        }
    }
}
