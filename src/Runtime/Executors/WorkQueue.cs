namespace ConcurrencyAnalyzers.Runtime;

/// <summary>
/// The items of an executor that wait, first in, first out. Belongs to the lock of the executor's core. A withdrawn item keeps
/// its entry until its turn comes, or until such entries outnumber the others.
/// </summary>
internal sealed class WorkQueue
{
    private const int WithdrawnAllowed = 32;

    private Queue<IWorkItem> _items = new();
    private int _withdrawn;

    /// <summary>The items that wait.</summary>
    public int Count { get; private set; }

    public void Enqueue(IWorkItem item)
    {
        _items.Enqueue(item);
        Count++;
    }

    /// <summary>Takes the first item that nobody withdrew.</summary>
    public IWorkItem? Dequeue()
    {
        if (Count == 0)
        {
            if (_withdrawn > 0)
                _items.Clear();
            _withdrawn = 0;
            return null;
        }

        while (true)
        {
            var item = _items.Dequeue();
            if (item.Submission is { } submission)
            {
                if (submission.State == SubmissionState.Withdrawn)
                {
                    _withdrawn--;
                    continue;
                }

                submission.State = SubmissionState.Started;
            }

            Count--;
            return item;
        }
    }

    /// <summary>Counts an item out that waits, and that the caller marks as withdrawn under the same lock.</summary>
    public void Withdraw(Submission submission)
    {
        submission.State = SubmissionState.Withdrawn;
        Count--;
        _withdrawn++;
        if (_withdrawn <= Count + WithdrawnAllowed)
            return;
        _items = new(_items.Where(static item => item.Submission?.State != SubmissionState.Withdrawn));
        _withdrawn = 0;
    }
}
