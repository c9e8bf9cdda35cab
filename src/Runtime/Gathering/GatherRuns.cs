namespace ConcurrencyAnalyzers.Runtime;

/// <summary>All results in the order of the source, or every fault.</summary>
internal sealed class GatherAllRun<TSource, TResult>(
    SourceReader<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken)
    : GatherRun<TSource, TResult[]>(source, maxConcurrency, work, cancellationToken)
{
    private TResult[] _results = [];
    private int _count;
    private List<Exception>? _faults;
    private OperationCanceledException? _cancellation;

    protected override void Expect(int count) => _results = new TResult[count];

    protected override void OnEnded(int index, Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            if (index >= _results.Length)
                Array.Resize(ref _results, Math.Max(index + 1, Math.Max(16, _results.Length * 2)));
            // A task without a result is asked for none: TResult is then ValueTuple.
            if (task is Task<TResult> { Result: var result })
                _results[index] = result;
            _count = Math.Max(_count, index + 1);
        }
        else if (task.IsFaulted)
        {
            (_faults ??= []).AddRange(task.Exception!.InnerExceptions);
            Stop();
        }
        else if (CallerToken.IsCancellationRequested)
        {
            StopForCaller();
        }
        else if (!IsStopping)
        {
            _cancellation = TaskFaults.CancellationOf(task);
            Stop();
        }
    }

    protected override void OnFault(Exception fault) => (_faults ??= []).Add(fault);

    protected override Task<TResult[]> GetOutput()
    {
        if (_faults is not null)
            return TaskFaults.ThrowAll<TResult[]>(_faults);
        if (CanceledByCaller)
            return Task.FromCanceled<TResult[]>(CallerToken);
        if (_cancellation is not null)
            return TaskFaults.Throw<TResult[]>(_cancellation);
        if (_results.Length != _count)
            Array.Resize(ref _results, _count);
        return Task.FromResult(_results);
    }
}

/// <summary>An outcome for each element, in the order of the source. The work makes the outcome, and throws only if it is cancelled by the caller.</summary>
internal sealed class GatherSettleRun<TSource, TResult>(
    SourceReader<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task<Outcome<TSource, TResult>>> work, CancellationToken cancellationToken)
    : GatherRun<TSource, Outcome<TSource, TResult>[]>(source, maxConcurrency, work, cancellationToken)
{
    private Outcome<TSource, TResult>[] _outcomes = [];
    private int _count;
    private List<Exception>? _faults;

    protected override void Expect(int count) => _outcomes = new Outcome<TSource, TResult>[count];

    protected override void OnEnded(int index, Task task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            if (CallerToken.IsCancellationRequested)
                StopForCaller();
            return;
        }

        if (index >= _outcomes.Length)
            Array.Resize(ref _outcomes, Math.Max(index + 1, Math.Max(16, _outcomes.Length * 2)));
        _outcomes[index] = ((Task<Outcome<TSource, TResult>>)task).Result;
        _count = Math.Max(_count, index + 1);
    }

    protected override void OnFault(Exception fault) => (_faults ??= []).Add(fault);

    protected override Task<Outcome<TSource, TResult>[]> GetOutput()
    {
        if (_faults is null && !CanceledByCaller)
        {
            if (_outcomes.Length != _count)
                Array.Resize(ref _outcomes, _count);
            return Task.FromResult(_outcomes);
        }

        // The outcomes go down with the run; the faults among them must not go unseen.
        Array.ForEach(_outcomes, TaskObservation.ReportLost);
        return _faults is not null
            ? TaskFaults.ThrowAll<Outcome<TSource, TResult>[]>(_faults)
            : Task.FromCanceled<Outcome<TSource, TResult>[]>(CallerToken);
    }
}

/// <summary>The first success; the failures only if there is none.</summary>
internal sealed class GatherFirstRun<TSource, TResult>(
    SourceReader<TSource> source, int maxConcurrency, Func<TSource, CancellationToken, Task> work, CancellationToken cancellationToken)
    : GatherRun<TSource, TResult>(source, maxConcurrency, work, cancellationToken)
{
    private readonly List<Exception> _losses = [];
    private List<Exception>? _faults;
    private Task<TResult>? _winner;

    protected override void OnEnded(int index, Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            _winner ??= task as Task<TResult> ?? Task.FromResult<TResult>(default!);
            Stop();
        }
        else if (task.IsFaulted)
        {
            _losses.AddRange(task.Exception!.InnerExceptions);
        }
        else if (CallerToken.IsCancellationRequested)
        {
            StopForCaller();
        }
        else
        {
            _losses.Add(TaskFaults.CancellationOf(task));
        }
    }

    protected override void OnFault(Exception fault) => (_faults ??= []).Add(fault);

    protected override Task<TResult> GetOutput()
    {
        if (_winner is not null)
        {
            _faults?.ForEach(TaskObservation.Report);
            return _winner;
        }

        if (_faults is not null || CanceledByCaller)
        {
            // The losses go down with the run; the faults among them must not go unseen.
            foreach (var loss in _losses)
            {
                if (loss is not OperationCanceledException)
                    TaskObservation.Report(loss);
            }

            return _faults is not null ? TaskFaults.ThrowAll<TResult>(_faults) : Task.FromCanceled<TResult>(CallerToken);
        }

        return Task.FromException<TResult>(_losses.Count == 0
            ? new InvalidOperationException("There is no contender: the source has no elements.")
            : new AggregateException("None of the contenders succeeded.", _losses));
    }
}
