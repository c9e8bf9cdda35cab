using ConcurrencyAnalyzers.Runtime.Tests.Conformance;
using ConcurrencyAnalyzers.TestKit;
using FsCheck.Fluent;

namespace ConcurrencyAnalyzers.Runtime.Tests.TaskGroups;

/// <summary>Random sequences of starts, ends and cancellations, on a group and on a sequential reference of it.</summary>
public sealed class TaskGroupModelTests
{
    private enum Verb
    {
        StartHeedful,
        StartStubborn,
        Succeed,
        Fault,
        CancelItself,
        Cancel,
        CancelCaller,
        Dispose,
    }

    private enum ChildState
    {
        Waiting,
        Running,
        Ended,
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(2)]
    [InlineData(1)]
    public void A_group_does_what_its_reference_does(int maxConcurrency)
    {
        // Starts and ends are more frequent than what ends the group.
        var command =
            from verb in Gen.Frequency(
                (4, Gen.Constant(Verb.StartHeedful)),
                (4, Gen.Constant(Verb.StartStubborn)),
                (6, Gen.Constant(Verb.Succeed)),
                (1, Gen.Constant(Verb.Fault)),
                (1, Gen.Constant(Verb.CancelItself)),
                (1, Gen.Constant(Verb.Cancel)),
                (1, Gen.Constant(Verb.CancelCaller)),
                (1, Gen.Constant(Verb.Dispose)))
            from choice in Gen.Choose(0, 7)
            select (verb, choice);

        ModelCheck.Run(command, maxLength: 30, async commands =>
        {
            using var run = new Run(maxConcurrency);
            foreach (var (verb, choice) in commands)
                await run.ApplyAsync(verb, choice);
            await run.FinishAsync();
        });
    }

    private sealed class Child
    {
        public required string Name { get; init; }

        public required bool IsHeedful { get; init; }

        public ChildState State { get; set; }

        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task? Task { get; set; }

        public async Task WorkAsync(CancellationToken token)
        {
            Started.SetResult();
            await (IsHeedful ? Gate.Task.WaitAsync(token) : Gate.Task);
        }
    }

    /// <summary>The real group beside the reference: what it should have done is waited for, what it shouldn't have is looked for.</summary>
    private sealed class Run(int maxConcurrency) : IDisposable
    {
        private readonly CancellationTokenSource _caller = new();
        private readonly List<Child> _children = [];
        private readonly List<(int Order, string Name)> _faults = [];
        private TaskGroup? _group;
        private Task? _disposal;
        private Verb? _cause;
        private bool _ended;

        private TaskGroup Group => _group ??= new TaskGroup(maxConcurrency, _caller.Token);

        private IEnumerable<Child> Running => _children.Where(child => child.State == ChildState.Running);

        public async Task ApplyAsync(Verb verb, int choice)
        {
            switch (verb)
            {
                case Verb.StartHeedful or Verb.StartStubborn:
                    await StartAsync(verb == Verb.StartHeedful);
                    break;
                case Verb.Succeed or Verb.Fault or Verb.CancelItself when Running.Any():
                    await EndAsync(Running.ElementAt(choice % Running.Count()), verb);
                    break;
                case Verb.Cancel:
                    Group.Cancel();
                    await AbortAsync(verb);
                    break;
                case Verb.CancelCaller:
                    _ = Group;
                    await _caller.CancelAsync();
                    await AbortAsync(verb);
                    break;
                case Verb.Dispose:
                    _disposal ??= Group.DisposeAsync().AsTask();
                    break;
            }

            await CheckAsync();
        }

        public async Task FinishAsync()
        {
            await ApplyAsync(Verb.Dispose, choice: 0);
            while (Running.FirstOrDefault() is { } child)
                await ApplyAsync(Verb.Succeed, _children.IndexOf(child));

            Assert.True(_ended);
            Assert.Equal(0, Group.Count);
        }

        public void Dispose() => _caller.Dispose();

        private async Task StartAsync(bool isHeedful)
        {
            var child = new Child { Name = $"child {_children.Count}", IsHeedful = isHeedful };
            if (_ended || _cause is not null)
            {
                var refusal = Record.Exception(() => Group.Run(child.WorkAsync));
                Assert.IsType(_ended ? typeof(ObjectDisposedException) : typeof(OperationCanceledException), refusal);
                return;
            }

            child.Task = Group.Start(child.WorkAsync);
            _children.Add(child);
            await AdvanceAsync();
        }

        private async Task EndAsync(Child child, Verb how)
        {
            switch (how)
            {
                case Verb.Succeed:
                    child.Gate.SetResult();
                    break;
                case Verb.Fault:
                    child.Gate.SetException(new BoomException(child.Name));
                    break;
                default:
                    child.Gate.SetException(new OperationCanceledException(child.Name));
                    break;
            }

            child.State = ChildState.Ended;
            await child.Task!.EndedAsync();
            if (how == Verb.Fault || (how == Verb.CancelItself && _cause is null))
            {
                _faults.Add((_children.IndexOf(child), child.Name));
                await AbortAsync(how);
            }

            await AdvanceAsync();
        }

        private async Task AbortAsync(Verb cause)
        {
            if (_cause is not null || _ended)
                return;
            _cause = cause;
            foreach (var child in _children.Where(child => child.State == ChildState.Waiting || (child.State == ChildState.Running && child.IsHeedful)))
            {
                child.State = ChildState.Ended;
                await child.Task!.EndedAsync();
                Assert.True(child.Task!.IsCanceled);
            }
        }

        private async Task AdvanceAsync()
        {
            foreach (var child in _children.Where(child => child.State == ChildState.Waiting).ToList())
            {
                if (Running.Count() >= maxConcurrency)
                {
                    Assert.False(child.Started.Task.IsCompleted);
                    return;
                }

                child.State = ChildState.Running;
                await child.Started.Task.Bounded();
            }
        }

        private async Task CheckAsync()
        {
            Assert.Equal(_cause is not null, Group.Token.IsCancellationRequested);
            var ends = _disposal is not null && _children.All(child => child.State == ChildState.Ended);
            if (!ends || _ended)
            {
                Assert.Equal(_ended, _disposal?.IsCompleted ?? false);
                return;
            }

            _ended = true;
            await _disposal!.EndedAsync();
            if (_faults.Count > 0)
                Assert.Equal(_faults.Order().Select(fault => fault.Name), _disposal!.Exception!.InnerExceptions.Cast<AggregateException>().Single().InnerExceptions.Select(error => error.Message));
            else
                Assert.Equal(_cause == Verb.CancelCaller, _disposal!.IsCanceled);
        }
    }
}
