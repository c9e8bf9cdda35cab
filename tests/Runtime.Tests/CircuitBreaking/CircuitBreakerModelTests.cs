using ConcurrencyAnalyzers.TestKit;
using FsCheck.Fluent;

namespace ConcurrencyAnalyzers.Runtime.Tests.CircuitBreaking;

public sealed class CircuitBreakerModelTests
{
    private const int Lease = 7;

    public enum Verb
    {
        Acquire,
        Succeed,
        Fail,
        Cancel,
        Advance,
        Isolate,
        Reset,
    }

    public readonly record struct Command(Verb Verb, int Number);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(2, 3)]
    public void Breaker_by_consecutive_failures_behaves_as_its_model(int failureThreshold, int successThreshold) => Check(
        new() { FailureThreshold = failureThreshold, SuccessThreshold = successThreshold },
        results => results.Reverse().TakeWhile(static result => result.Failed).Count() >= failureThreshold);

    [Theory]
    [InlineData(0.5, 4, 20, 1)]
    [InlineData(1.0, 2, 25, 2)]
    [InlineData(0.1, 1, 3, 2)]
    public void Breaker_by_failure_ratio_behaves_as_its_model(double ratio, int minimumThroughput, int window, int successThreshold) => Check(
        new()
        {
            FailureRatio = ratio,
            MinimumThroughput = minimumThroughput,
            SamplingWindow = TimeSpan.FromTicks(window),
            SuccessThreshold = successThreshold,
        },
        results =>
        {
            var part = (window + 9) / 10;
            var counted = results.Where(result => result.Time / part > results[^1].Time / part - 10).ToList();
            return counted.Count >= minimumThroughput && counted.Count(static result => result.Failed) >= ratio * counted.Count;
        });

    private static void Check(CircuitBreakerOptions options, Func<IReadOnlyList<CircuitBreakerModel.Result>, bool> breaks)
    {
        options.ProbeLease = TimeSpan.FromTicks(Lease);
        options.RecoveryTimeoutByBreakCount = static breaks => TimeSpan.FromTicks(Recovery(breaks));
        var which = Gen.Choose(0, 5);
        var command = Gen.Frequency(
            (10, which.Select(static number => new Command(Verb.Acquire, number))),
            (5, which.Select(static number => new Command(Verb.Succeed, number))),
            (6, which.Select(static number => new Command(Verb.Fail, number))),
            (2, which.Select(static number => new Command(Verb.Cancel, number))),
            (6, Gen.Choose(0, 12).Select(static number => new Command(Verb.Advance, number))),
            (1, which.Select(static number => new Command(number < 3 ? Verb.Isolate : Verb.Reset, 0))));
        ModelCheck.Run(command, maxLength: 80, commands =>
        {
            var run = new Run(options, new(breaks, options.SuccessThreshold, Recovery, Lease));
            foreach (var step in commands)
                run.Apply(step);
            return Task.CompletedTask;
        });
    }

    private static long Recovery(int breaks) => 5 * breaks;

    private sealed class Run
    {
        private readonly ManualTimeProvider _time = new();
        private readonly CircuitBreaker _breaker;
        private readonly CircuitBreakerModel _model;
        private readonly List<CircuitState> _changes;
        private readonly List<(CircuitPermit Permit, CircuitBreakerModel.Permit Model)> _inFlight = [];

        public Run(CircuitBreakerOptions options, CircuitBreakerModel model)
        {
            options.TimeProvider = _time;
            _breaker = new(options);
            _model = model;
            _changes = _breaker.Watch();
        }

        public void Apply(Command command)
        {
            switch (command.Verb)
            {
                case Verb.Acquire:
                    Acquire();
                    break;
                case Verb.Succeed:
                    Complete(command.Number, CircuitResult.Success);
                    break;
                case Verb.Fail:
                    Complete(command.Number, CircuitResult.Failure);
                    break;
                case Verb.Cancel:
                    Complete(command.Number, CircuitResult.Neutral);
                    break;
                case Verb.Advance:
                    _time.Advance(TimeSpan.FromTicks(command.Number));
                    _model.Now += command.Number;
                    break;
                case Verb.Isolate:
                    _breaker.Isolate();
                    _model.Isolate();
                    break;
                case Verb.Reset:
                    _breaker.Reset();
                    _model.Reset();
                    break;
            }
            Assert.Equal(_model.State, _breaker.State);
            Assert.Equal(_model.Changes, _changes);
        }

        private void Acquire()
        {
            var acquired = _breaker.TryAcquire(out var permit);
            var expected = _model.Acquire(out var retryAfter);
            Assert.Equal(expected is not null, acquired);
            Assert.Equal(acquired, permit.IsAcquired);
            Assert.Equal(expected is { IsProbe: true }, permit.IsProbe);
            Assert.Equal(retryAfter is { } ticks ? TimeSpan.FromTicks(ticks) : null, permit.RetryAfter);
            if (expected is not null)
                _inFlight.Add((permit, expected));
        }

        private void Complete(int number, CircuitResult result)
        {
            if (number >= _inFlight.Count)
                return;
            var (permit, expected) = _inFlight[number];
            _inFlight.RemoveAt(number);
            _breaker.Complete(permit, result);
            _model.Complete(expected, result);
        }
    }
}
