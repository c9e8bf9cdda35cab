using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;
using FsCheck.Fluent;

namespace ConcurrencyAnalyzers.Runtime.Tests.Executors;

/// <summary>Random sequences of submissions, ends, cancellations and shutdowns, on an executor and on a sequential reference of it.</summary>
public sealed class ExecutorModelTests
{
    private enum Verb
    {
        Submit,
        Succeed,
        Fail,
        CancelQueued,
        CancelRunning,
        Shutdown,
        ShutdownAndCancel,
    }

    [Theory]
    [InlineData(ExecutorKind.Async, 1, int.MaxValue)]
    [InlineData(ExecutorKind.Async, 3, 2)]
    [InlineData(ExecutorKind.Thread, 2, 3)]
    public void An_executor_does_what_its_reference_does(ExecutorKind kind, int places, int capacity)
    {
        var command =
            from verb in Gen.Frequency(
                (10, Gen.Constant(Verb.Submit)),
                (6, Gen.Constant(Verb.Succeed)),
                (2, Gen.Constant(Verb.Fail)),
                (3, Gen.Constant(Verb.CancelQueued)),
                (2, Gen.Constant(Verb.CancelRunning)),
                (1, Gen.Constant(Verb.Shutdown)),
                (1, Gen.Constant(Verb.ShutdownAndCancel)))
            from choice in Gen.Choose(0, 7)
            select (verb, choice);

        ModelCheck.Run(command, maxLength: 40, async commands =>
        {
            var run = new Run(kind, places, capacity);
            foreach (var (verb, choice) in commands)
                await run.ApplyAsync(verb, choice);
            await run.FinishAsync();
        });
    }

    private sealed class Run(ExecutorKind kind, int places, int capacity)
    {
        private readonly IExecutor _executor = kind.Create(places, options => (options.QueueCapacity, options.QueueFullMode) = (capacity, QueueFullMode.Reject));
        private readonly List<Item> _running = [];
        private readonly List<Item> _queued = [];
        private ExecutorSnapshot _expected;
        private Task? _shutdown;

        public async Task ApplyAsync(Verb verb, int choice)
        {
            switch (verb)
            {
                case Verb.Submit:
                    Submit();
                    break;
                case Verb.Succeed when _running.Count > 0:
                    await EndAsync(choice, OutcomeStatus.Succeeded);
                    break;
                case Verb.Fail when _running.Count > 0:
                    await EndAsync(choice, OutcomeStatus.Failed);
                    break;
                case Verb.CancelRunning when _running.Count > 0:
                    await EndAsync(choice, OutcomeStatus.Canceled);
                    break;
                case Verb.CancelQueued when _queued.Count > 0:
                    var withdrawn = _queued[choice % _queued.Count];
                    _queued.Remove(withdrawn);
                    await withdrawn.Source.CancelAsync();
                    await AssertEndedAsync(withdrawn, OutcomeStatus.Canceled);
                    break;
                case Verb.Shutdown:
                    _shutdown = _executor.ShutdownAsync();
                    break;
                case Verb.ShutdownAndCancel:
                    _shutdown = _executor.ShutdownAsync(cancelQueued: true);
                    foreach (var item in _queued)
                        await AssertEndedAsync(item, OutcomeStatus.Canceled);
                    _queued.Clear();
                    break;
            }

            await CheckAsync();
        }

        public async Task FinishAsync()
        {
            while (_running.Count > 0)
            {
                await EndAsync(0, OutcomeStatus.Succeeded);
                await CheckAsync();
            }

            await (_shutdown ?? _executor.ShutdownAsync()).Bounded();
        }

        private void Submit()
        {
            var source = new CancellationTokenSource();
            if (_shutdown is not null)
            {
                Assert.Throws<ObjectDisposedException>(() => { _executor.Gate(source.Token); });
            }
            else if (_running.Count == places && _queued.Count >= capacity)
            {
                Assert.Throws<QueueFullException>(() => { _executor.Gate(source.Token); });
                _expected = _expected with { Rejected = _expected.Rejected + 1 };
            }
            else
            {
                var item = new Item(_executor.Gate(source.Token), source);
                (_running.Count < places ? _running : _queued).Add(item);
            }
        }

        private async Task EndAsync(int choice, OutcomeStatus status)
        {
            var item = _running[choice % _running.Count];
            _running.Remove(item);
            if (_queued.Count > 0)
            {
                _running.Add(_queued[0]);
                _queued.RemoveAt(0);
            }

            if (status == OutcomeStatus.Succeeded)
                item.Gated.End();
            else if (status == OutcomeStatus.Failed)
                item.Gated.Fail(new BoomException());
            else
                await item.Source.CancelAsync();
            await AssertEndedAsync(item, status);
        }

        private async Task AssertEndedAsync(Item item, OutcomeStatus status)
        {
            await item.Gated.Task.EndedAsync();
            Assert.Equal(status, item.Gated.Task.OutcomeStatus());
            _expected = status switch
            {
                OutcomeStatus.Succeeded => _expected with { Completed = _expected.Completed + 1 },
                OutcomeStatus.Failed => _expected with { Failed = _expected.Failed + 1 },
                _ => _expected with { Canceled = _expected.Canceled + 1 },
            };
        }

        private async Task CheckAsync()
        {
            foreach (var item in _running)
                await item.Gated.StartedAsync();
            Assert.All(_queued, item => Assert.False(item.Gated.HasStarted));
            _expected = _expected with { Running = _running.Count, Queued = _queued.Count, PeakRunning = Math.Max(_expected.PeakRunning, _running.Count) };
            Assert.Equal(_expected, _executor.GetSnapshot());
            if (_shutdown is not null && _running.Count == 0)
                await _shutdown.Bounded();
            else if (_shutdown is not null)
                Assert.False(_shutdown.IsCompleted);
        }
    }

    private sealed record Item(Gated Gated, CancellationTokenSource Source);
}
